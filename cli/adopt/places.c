/* Places: where the definitions' files may lie, as paths that exist below the home directory. */
#include "cli/adopt/places.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "{{label}}"

struct listing {
	struct tv_places places;
	const struct tv_provider *provider;
	const struct tv_file *file;
	bool is_named;
	struct tv_error *err;
};

static enum tv_status add(struct listing *l, const char *path, const char *label)
{
	struct tv_places *p = &l->places;
	struct tv_place *grown;

	for (size_t i = 0; i < p->count; i++) {
		if (!strcmp(p->at[i].path, path))
			return TV_OK;
	}
	grown = reallocarray(p->at, p->count + 1, sizeof(*grown));
	if (!grown)
		return tv_fail(l->err, TV_NO_MEMORY, "the list of files");
	p->at = grown;
	grown[p->count] = (struct tv_place){
		.provider = l->provider, .file = l->file, .is_named = l->is_named};
	snprintf(grown[p->count].label, sizeof(grown[0].label), "%s", label);
	grown[p->count].path = strdup(path);
	if (!grown[p->count].path)
		return tv_fail(l->err, TV_NO_MEMORY, "the list of files");
	p->count++;
	return TV_OK;
}

/* What a name has in the place of the pattern's mark; both are one component. */
static bool match(char label[static TV_LABEL_MAX + 1], const char *name, const char *pattern,
		  size_t len)
{
	const char *mark = strstr(pattern, MARK);
	size_t front = (size_t)(mark - pattern), back = len - front - strlen(MARK);
	size_t whole = strlen(name);

	if (whole <= front + back || whole - front - back > TV_LABEL_MAX ||
	    strncmp(name, pattern, front) ||
	    strncmp(name + whole - back, mark + strlen(MARK), back))
		return false;
	snprintf(label, TV_LABEL_MAX + 1, "%.*s", (int)(whole - front - back), name + front);
	return tv_label_is_valid(label);
}

static enum tv_status walk(struct listing *l, const char *at, const char *rest, const char *label);

/* Looks through a directory for what a component with a mark stands for. */
static enum tv_status look_through(struct listing *l, const char *at, const char *rest, size_t len)
{
	DIR *dir = opendir(at);
	enum tv_status status = TV_OK;
	char label[TV_LABEL_MAX + 1];
	char path[PATH_MAX];
	struct dirent *member;

	while (dir && !status && (member = readdir(dir))) {
		if (!match(label, member->d_name, rest, len))
			continue;
		snprintf(path, sizeof(path), "%s/%s", at, member->d_name);
		status = rest[len] ? walk(l, path, rest + len + 1, label) : add(l, path, label);
	}
	if (dir)
		closedir(dir);
	return status;
}

/* One component after the other. A mark after the first one stands for the same label. */
static enum tv_status walk(struct listing *l, const char *at, const char *rest, const char *label)
{
	size_t len = strcspn(rest, "/");
	const char *mark = strstr(rest, MARK);
	char path[PATH_MAX];

	if (!mark || mark >= rest + len)
		snprintf(path, sizeof(path), "%s/%.*s", at, (int)len, rest);
	else if (!*label)
		return look_through(l, at, rest, len);
	else
		snprintf(path, sizeof(path), "%s/%.*s%s%.*s", at, (int)(mark - rest), rest, label,
			 (int)(rest + len - mark) - (int)strlen(MARK), mark + strlen(MARK));
	return rest[len] ? walk(l, path, rest + len + 1, label) : add(l, path, label);
}

static enum tv_status list_provider(struct listing *l, const struct tv_cli *cli,
				    const struct tv_provider *p)
{
	enum tv_status status = TV_OK;

	l->provider = p;
	for (size_t i = 0; i < p->n_files && !status; i++) {
		l->file = &p->files[i];
		status = walk(l, cli->paths.home, l->file->path, "");
	}
	return status;
}

static enum tv_status list_all(struct listing *l, const struct tv_cli *cli, bool builtin)
{
	enum tv_status status = TV_OK;

	for (size_t i = 0; i < tv_providers_count(cli->providers) && !status; i++) {
		const struct tv_provider *p = tv_providers_at(cli->providers, i);

		if (p->builtin == builtin)
			status = list_provider(l, cli, p);
	}
	return status;
}

static int by_path(const void *a, const void *b)
{
	const struct tv_place *x = a, *y = b;
	int order = strcmp(x->provider->name, y->provider->name);

	return order ? order : strcmp(x->path, y->path);
}

enum tv_status tv_places_list(struct tv_places *out, struct tv_cli *cli, const char *const *names,
			      size_t n_names, struct tv_error *err)
{
	struct listing l = {.is_named = n_names, .err = err};
	const struct tv_provider *provider;
	enum tv_status status = tv_cli_load_providers(cli, err);

	for (size_t i = 0; i < n_names && !status; i++) {
		status = tv_providers_require(&provider, cli->providers, names[i], err);
		if (!status)
			status = list_provider(&l, cli, provider);
	}
	/* The first to name a path has it. No definition from elsewhere takes one of a built-in's. */
	if (!status && !n_names)
		status = list_all(&l, cli, true);
	if (!status && !n_names)
		status = list_all(&l, cli, false);
	if (status) {
		tv_places_free(&l.places);
		return status;
	}
	if (l.places.count)
		qsort(l.places.at, l.places.count, sizeof(*l.places.at), by_path);
	*out = l.places;
	return TV_OK;
}

/* Whether a service is among those named; all are when none is. */
static bool is_named(const char *const *names, size_t n_names, const char *provider)
{
	for (size_t i = 0; i < n_names; i++) {
		if (!strcmp(names[i], provider))
			return true;
	}
	return !n_names;
}

static const struct tv_file *find_file(const struct tv_provider *p, const char *name)
{
	for (size_t i = 0; p && name && i < p->n_files; i++) {
		if (!strcmp(p->files[i].name, name))
			return &p->files[i];
	}
	return NULL;
}

enum tv_status tv_places_add_own(struct tv_places *p, const struct tv_cli *cli,
				 const struct tv_json *paths, struct tv_error *err)
{
	struct listing l = {.places = *p, .is_named = cli->args->n_words, .err = err};
	enum tv_status status = TV_OK;

	for (const struct tv_json *j = tv_json_first(paths); j && !status; j = tv_json_next(j)) {
		const char *label = tv_json_get_text(j, "label");
		char path[PATH_MAX];
		size_t before = l.places.count;

		l.provider = tv_providers_find(cli->providers, tv_json_get_text(j, "provider"));
		l.file = find_file(l.provider, tv_json_get_text(j, "file"));
		if (!l.file || !is_named(cli->args->words, cli->args->n_words, l.provider->name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", cli->paths.home, tv_json_get_text(j, "path"));
		status = add(&l, path, label ? label : "");
		if (!status && l.places.count > before)
			l.places.at[before].is_own = true;
	}
	*p = l.places;
	return status;
}

void tv_places_free(struct tv_places *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->at[i].path);
	free(p->at);
	*p = (struct tv_places){0};
}
