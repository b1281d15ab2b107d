/* The set of services: those compiled in, and the user's own in their place. */
#include "vault/provider.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/builtin.h"
#include "vault/doc.h"
#include "vault/secret.h"

#define DEFINITION_MAX (256 * 1024)

struct tv_providers {
	struct tv_provider **at;
	size_t count;
};

void tv_providers_free(struct tv_providers *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++)
		tv_provider_free(p->at[i]);
	free(p->at);
	free(p);
}

void tv_providers_cleanup(struct tv_providers **p)
{
	tv_providers_free(*p);
	*p = NULL;
}

size_t tv_providers_count(const struct tv_providers *p)
{
	return p->count;
}

const struct tv_provider *tv_providers_at(const struct tv_providers *p, size_t i)
{
	return p->at[i];
}

static struct tv_provider **find(const struct tv_providers *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (!strcmp(p->at[i]->name, name))
			return &p->at[i];
	return NULL;
}

const struct tv_provider *tv_providers_find(const struct tv_providers *p, const char *name)
{
	struct tv_provider **found = find(p, name);

	return found ? *found : NULL;
}

/* Takes one over, in the place of one with the same name. */
static enum tv_status add(struct tv_providers *p, struct tv_provider *one, struct tv_error *err)
{
	struct tv_provider **old = find(p, one->name);
	struct tv_provider **more;

	if (old) {
		tv_provider_free(*old);
		*old = one;
		return TV_OK;
	}
	more = reallocarray(p->at, p->count + 1, sizeof(struct tv_provider *));
	if (!more) {
		tv_provider_free(one);
		return tv_fail(err, TV_NO_MEMORY, "services can't be loaded");
	}
	p->at = more;
	p->at[p->count++] = one;
	return TV_OK;
}

static enum tv_status add_builtin(struct tv_providers *p, const struct tv_builtin *b,
				  struct tv_error *err)
{
	struct tv_provider *one = NULL;
	enum tv_status status = tv_provider_parse(&one, b->text, b->len, b->file, err);

	if (status)
		return status;
	one->builtin = true;
	return add(p, one, err);
}

static enum tv_status load_builtins(struct tv_providers *p, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (const struct tv_builtin *b = tv_builtins; b->file && !status; b++)
		status = add_builtin(p, b, err);
	return status;
}

/* Reads DIR/NAME.json. A pipe or device under such a name must not hold anybody up. */
static enum tv_status load_file(struct tv_provider **out, const char *path, struct tv_error *err)
{
	tv_auto_secret text = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum tv_status status;
	struct stat st;

	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		status = tv_fail(err, TV_BAD_DEFINITION, "%s: no regular file", path);
	else
		status = tv_secret_read(&text, fd, DEFINITION_MAX, path, err);
	close(fd);
	return status ? status : tv_provider_parse(out, tv_secret_text(&text), text.len, path, err);
}

/* Adds one file of the user's; a wrong one is told in skipped, unless another one was before. */
static enum tv_status add_file(struct tv_providers *p, const char *path, struct tv_error *skipped,
			       struct tv_error *err)
{
	struct tv_provider *one = NULL;
	struct tv_error why = {0};
	enum tv_status status = load_file(&one, path, &why);

	if (status == TV_NO_MEMORY)
		return tv_fail(err, status, "%s", why.detail);
	if (!status)
		return add(p, one, err);
	if (!*skipped->detail)
		*skipped = why;
	return TV_OK;
}

static int is_definition(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return d->d_name[0] != '.' && dot && !strcmp(dot, ".json");
}

/* By bytes: the order must not hang on the language. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static enum tv_status load_dir(struct tv_providers *p, const char *dir, struct tv_error *skipped,
			       struct tv_error *err)
{
	struct dirent **names = NULL;
	enum tv_status status = TV_OK;
	int n = scandir(dir, &names, is_definition, by_bytes);

	if (n < 0 && errno != ENOENT)
		tv_fail(skipped, TV_IO, "%s: %s", dir, strerror(errno));
	for (int i = 0; i < n; i++) {
		char path[4096];
		const int len = snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);

		if (!status && len > 0 && (size_t)len < sizeof path)
			status = add_file(p, path, skipped, err);
		free(names[i]);
	}
	free(names);
	return status;
}

static enum tv_status load_builtin(struct tv_providers *p, const char *name, struct tv_error *err)
{
	const size_t len = strlen(name);

	for (const struct tv_builtin *b = tv_builtins; b->file; b++)
		if (!strncmp(b->file, name, len) && !strcmp(b->file + len, ".json"))
			return add_builtin(p, b, err);
	return TV_OK;
}

/* The user's own goes before the one that is built in; a wrong one is told, and left out, as always. */
enum tv_status tv_providers_load_one(struct tv_providers **out, const char *dir, const char *name,
				     struct tv_error *skipped, struct tv_error *err)
{
	tv_auto_providers *p = calloc(1, sizeof *p);
	struct tv_error first = {0};
	enum tv_status status = p ? TV_OK : tv_fail(err, TV_NO_MEMORY, "services can't be loaded");
	char path[4096];

	if (status || !tv_provider_name_is_valid(name) ||
	    snprintf(path, sizeof path, "%s/%s.json", dir ? dir : "", name) >= (int)sizeof path)
		return status ? status : tv_providers_load(out, dir, skipped, err);
	if (dir && !access(path, F_OK))
		status = add_file(p, path, &first, err);
	if (!status && !p->count && !*first.detail)
		status = load_builtin(p, name, err);
	if (status)
		return status;
	if (!p->count)
		return tv_providers_load(out, dir, skipped, err);
	*out = p;
	p = NULL;
	return TV_OK;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct tv_provider *const *)a)->name,
		      (*(struct tv_provider *const *)b)->name);
}

enum tv_status tv_providers_load(struct tv_providers **out, const char *dir,
				 struct tv_error *skipped, struct tv_error *err)
{
	tv_auto_providers *p = calloc(1, sizeof *p);
	struct tv_error first = {0};
	enum tv_status status;

	if (!p)
		return tv_fail(err, TV_NO_MEMORY, "services can't be loaded");
	status = load_builtins(p, err);
	if (!status && dir)
		status = load_dir(p, dir, &first, err);
	if (status)
		return status;
	qsort(p->at, p->count, sizeof(struct tv_provider *), by_name);
	if (skipped)
		*skipped = first;
	*out = p;
	p = NULL;
	return TV_OK;
}

static const char *name_at(const void *arg, size_t i)
{
	const struct tv_providers *p = arg;

	return i < p->count ? p->at[i]->name : NULL;
}

enum tv_status tv_providers_require(const struct tv_provider **out, const struct tv_providers *p,
				    const char *name, struct tv_error *err)
{
	const struct tv_provider *found = tv_providers_find(p, name);
	const char *nearest = found ? NULL : tv_nearest(name, name_at, p);
	char known[256] = "";
	size_t len = 0;

	if (found) {
		*out = found;
		return TV_OK;
	}
	if (nearest)
		return tv_fail(err, TV_NO_PROVIDER, "%.64s; did you mean %s?", name, nearest);
	for (size_t i = 0; i < p->count && len + 48 < sizeof known; i++)
		len += (size_t)snprintf(known + len, sizeof known - len, "%s%s", i ? ", " : "",
					p->at[i]->name);
	return tv_fail(err, TV_NO_PROVIDER, "%.64s; there are %s", name, known);
}

const struct tv_file *tv_file_by_name(const struct tv_provider *p, const char *name)
{
	for (size_t i = 0; p && i < p->n_files; i++)
		if (!strcmp(p->files[i].name, name))
			return &p->files[i];
	return NULL;
}
