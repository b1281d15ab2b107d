/* Plaintext copies beside the vault's files: what editors and people leave there. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/checkup/copies.h"
#include "cli/checkup/look.h"

static void say(struct tv_checkup *c, const struct tv_copy *copy)
{
	const struct tv_finding *f = copy->finding;
	const char *provider = f->place->provider->name;
	char path[PATH_MAX], original[PATH_MAX];

	tv_look_tilde(path, c, f->place->path);
	tv_look_tilde(original, c, copy->original);
	if (!f->count) {
		tv_remark_wrong(
			c,
			"%s is an editor's copy of %s, and may hold its token; look into it, "
			"then shred -u it, and tokenvault rotate %s",
			path, original, provider);
		return;
	}
	tv_remark_wrong(
		c,
		"%s has a token of %s in plain text, beside %s; --fix removes it where the "
		"vault's file says all that it says, else shred -u it and tokenvault rotate "
		"%s",
		path, provider, original, provider);
	if (c->entries)
		tv_remark_can_mend(c);
}

static bool say_each(struct tv_checkup *c, struct tv_copy *copy, void *arg)
{
	(void)arg;
	say(c, copy);
	return true;
}

static void look(struct tv_checkup *c)
{
	struct tv_error why = {""};

	if (tv_copies_visit(c, say_each, NULL, &why))
		tv_remark_unknown(c, "%s; then look again", why.detail);
}

struct removal {
	enum tv_status status;
	struct tv_error *err;
};

static bool remove_each(struct tv_checkup *c, struct tv_copy *copy, void *arg)
{
	struct removal *r = arg;
	struct tv_error why = {""};
	enum tv_status status = copy->finding->count ? tv_copy_remove(c, copy, &why) : TV_OK;

	if (status)
		tv_complain(status, &why);
	if (status == TV_NO_MEMORY)
		r->status = tv_fail(r->err, status, "%s", why.detail);
	return !r->status;
}

static enum tv_status mend(struct tv_checkup *c, struct tv_error *err)
{
	struct removal r = {.err = err};
	enum tv_status status = tv_copies_visit(c, remove_each, &r, err);

	return r.status ? r.status : status;
}

const struct tv_check tv_check_copies = {
	.name = "copies",
	.fine = "no plaintext copy lies beside the vault's files",
	.look = look,
	.mend = mend,
};
