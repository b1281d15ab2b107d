/* That the vault's file is whole and the user's alone, and its backup too. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/checkup/look.h"

static const char *base_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void say_missing(struct tv_checkup *c)
{
	char backup[PATH_MAX];

	snprintf(backup, sizeof(backup), "%.4000s.bak", c->cli->paths.vault);
	if (errno != ENOENT)
		tv_remark_wrong(c, "%s: %s; see to it that you may read it", c->cli->paths.vault,
				strerror(errno));
	else if (!access(backup, F_OK))
		tv_remark_wrong(c,
				"%s is missing, but %s is there, the state before its last change; "
				"cp %s %s, then: tokenvault --accept-rollback list",
				c->cli->paths.vault, base_of(backup), backup, c->cli->paths.vault);
	else
		tv_remark_note(c, "there is no vault at %s; tokenvault init makes one",
			       c->cli->paths.vault);
}

static void look_at_mode(struct tv_checkup *c, const char *path)
{
	char shown[PATH_MAX];
	struct stat st;

	if (stat(path, &st))
		return;
	tv_look_tilde(shown, c, path);
	if (st.st_uid != geteuid()) {
		tv_remark_wrong(c, "%s belongs to another user; chown it to yourself", shown);
	} else if (st.st_mode & 022) {
		tv_remark_wrong(c, "others can change %s (mode %04o); chmod 600 %s", shown,
				(unsigned)st.st_mode & 07777, shown);
		tv_remark_can_mend(c);
	} else if (st.st_mode & 077) {
		tv_remark_note(c,
			       "others can read %s (mode %04o), and try passphrases on it; chmod "
			       "600 %s",
			       shown, (unsigned)st.st_mode & 07777, shown);
		tv_remark_can_mend(c);
	}
}

static void look_into(struct tv_checkup *c)
{
	tv_auto_store *store = NULL;
	tv_auto_bytes file = {0};
	struct tv_header header = {0};
	struct tv_error why = {""};
	enum tv_status status = tv_store_open(&store, c->cli->paths.vault, &why);

	if (!status)
		status = tv_store_read(&file, store, &why);
	if (!status)
		status = tv_header_parse(&header, file.data, file.len, &why);
	tv_header_free(&header);
	if (status)
		tv_remark_wrong(
			c,
			"%s: %s: %s; %s.bak may be whole, and has the state before the last "
			"change",
			c->cli->paths.vault, tv_status_sentence(status), why.detail,
			c->cli->paths.vault);
}

static void look(struct tv_checkup *c)
{
	char backup[PATH_MAX];
	struct stat st;

	if (stat(c->cli->paths.vault, &st)) {
		say_missing(c);
		return;
	}
	look_into(c);
	look_at_mode(c, c->cli->paths.vault);
	snprintf(backup, sizeof(backup), "%.4000s.bak", c->cli->paths.vault);
	look_at_mode(c, backup);
	if (!access(backup, F_OK))
		tv_remark_fine(c, "%s.bak is the vault before its last change",
			       base_of(c->cli->paths.vault));
}

static enum tv_status close_to_others(const char *path, struct tv_error *err)
{
	struct stat st;

	if (stat(path, &st) || !(st.st_mode & 077))
		return TV_OK;
	return chmod(path, 0600) ? tv_fail(err, TV_IO, "%s: %s", path, strerror(errno)) : TV_OK;
}

static enum tv_status mend(struct tv_checkup *c, struct tv_error *err)
{
	char backup[PATH_MAX];
	enum tv_status status = close_to_others(c->cli->paths.vault, err);

	snprintf(backup, sizeof(backup), "%.4000s.bak", c->cli->paths.vault);
	return status ? status : close_to_others(backup, err);
}

const struct tv_check tv_check_vault = {
	.name = "vault",
	.fine = "the vault's file is whole, and yours alone",
	.look = look,
	.mend = mend,
};
