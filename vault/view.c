/* One file that a vault shows: its names, its place. */
#include "vault/view.h"

#include <stdlib.h>
#include <string.h>

#include "vault/path.h"

void tv_view_free(struct tv_view *v)
{
	free(v->path);
	free(v->other);
	free(v->sources);
	*v = (struct tv_view){0};
}

bool tv_view_set_names(struct tv_view *v, const char *path, const char *provider, const char *label,
		       const char *file)
{
	const char *const texts[] = {path, provider, label, file};
	char **const to[] = {&v->path, &v->provider, &v->label, &v->file};
	size_t size = 0;
	char *at;

	for (size_t i = 0; i < 4; i++)
		size += strlen(texts[i]) + 1;
	at = malloc(size);
	for (size_t i = 0; at && i < 4; i++) {
		const size_t len = strlen(texts[i]) + 1;

		*to[i] = memcpy(at, texts[i], len);
		at += len;
	}
	return at;
}

const char *tv_view_expiring(const struct tv_view *v)
{
	return v->expires == TV_NEVER ? "" : v->other ? v->other : v->label;
}

bool tv_view_set_expiring(struct tv_view *v, const char *label)
{
	free(v->other);
	v->other = strcmp(label, v->label) != 0 ? strdup(label) : NULL;
	return v->other || !strcmp(label, v->label);
}

/* Tries what stands in the path where the definition has its first label. */
static bool is_place_of(const char *path, const struct tv_file *file)
{
	const char *mark = strstr(file->path, "{{label}}");
	size_t front = mark ? (size_t)(mark - file->path) : strlen(file->path);
	char expanded[TV_PATH_MAX];
	char label[TV_LABEL_MAX + 1];

	if (!mark || strncmp(path, file->path, front))
		return !mark && !strcmp(path, file->path);
	for (size_t len = 1; len <= TV_LABEL_MAX && path[front + len - 1]; len++) {
		memcpy(label, path + front, len);
		label[len] = '\0';
		if (tv_label_is_valid(label) && tv_path_expand(expanded, file->path, label) &&
		    !strcmp(expanded, path))
			return true;
	}
	return false;
}

bool tv_view_is_place(const char *path, const struct tv_providers *providers)
{
	for (size_t i = 0; i < tv_providers_count(providers); i++) {
		const struct tv_provider *p = tv_providers_at(providers, i);

		for (size_t f = 0; f < p->n_files; f++)
			if (is_place_of(path, &p->files[f]))
				return true;
	}
	return false;
}

bool tv_view_path_is_own(const char *path)
{
	return tv_path_is_own(path);
}

void tv_views_free(struct tv_views *v)
{
	for (size_t i = 0; i < v->count; i++)
		tv_view_free(&v->at[i]);
	free(v->at);
	*v = (struct tv_views){0};
}

int tv_view_order(const struct tv_view *a, const struct tv_view *b)
{
	return a->in_place != b->in_place ? b->in_place - a->in_place : strcmp(a->path, b->path);
}
