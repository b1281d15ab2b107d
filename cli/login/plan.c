/* Puts plans together. */
#include "cli/login/plan.h"

#include <stdlib.h>
#include <string.h>

static char *join(const char *directory, const char *name)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

static void add(struct tv_plan *p, char *path, char *text, bool is_link)
{
	if (!path || !text || p->count == TV_PLANNED_MAX) {
		free(path);
		free(text);
		p->failed = true;
		return;
	}
	p->files[p->count++] = (struct tv_planned){path, text, is_link};
}

void tv_plan_file(struct tv_plan *p, const char *directory, const char *name,
		  void (*write)(FILE *to, const struct tv_start *start),
		  const struct tv_start *start)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	if (to) {
		write(to, start);
		if (fclose(to)) {
			free(text);
			text = NULL;
		}
	}
	add(p, join(directory, name), text, false);
}

void tv_plan_link(struct tv_plan *p, const char *directory, const char *name, const char *to)
{
	add(p, join(directory, name), strdup(to), true);
}

void tv_plan_directory(struct tv_plan *p, const char *directory, const char *name)
{
	char *path = join(directory, name);

	if (!path || p->n_directories == TV_PLANNED_MAX) {
		free(path);
		p->failed = true;
		return;
	}
	p->directories[p->n_directories++] = path;
}

enum tv_status tv_plan_make(struct tv_plan *out, enum tv_plan_kind kind,
			    const struct tv_paths *paths, const struct tv_start *start,
			    struct tv_error *err)
{
	struct tv_plan p = {.kind = kind, .name = start->name};
	/* Beside our own directory are those of others. */
	char *config =
		strndup(paths->config, (size_t)(strrchr(paths->config, '/') - paths->config));

	if (!config)
		p.failed = true;
	else if (kind == TV_PLAN_SYSTEMD)
		tv_plan_units(&p, config, start);
	else if (kind == TV_PLAN_AUTOSTART)
		tv_plan_autostart(&p, config, start);
	else
		tv_plan_profile(&p, paths->home, start);
	free(config);
	if (p.failed) {
		tv_plan_free(&p);
		return tv_fail(err, TV_NO_MEMORY, "a plan");
	}
	*out = p;
	return TV_OK;
}

void tv_plan_free(struct tv_plan *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->files[i].path);
		free(p->files[i].text);
	}
	for (size_t i = 0; i < p->n_directories; i++)
		free(p->directories[i]);
	*p = (struct tv_plan){0};
}
