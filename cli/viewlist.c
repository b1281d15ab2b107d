/* Prints the list of files: each with its state, then what was chosen for single entries, then own paths. */
#include "cli/viewlist.h"

#include <stdio.h>
#include <string.h>

#include "cli/report.h"

/* What was chosen for a file, or for one entry in it; NULL: nothing. */
static const struct tv_json *chosen_for(const struct tv_json *views, const struct tv_provider *p,
					const struct tv_file *f)
{
	for (const struct tv_json *j = tv_json_first(views); j; j = tv_json_next(j)) {
		if (!tv_json_get(j, "label") && !strcmp(tv_json_get_text(j, "provider"), p->name) &&
		    !strcmp(tv_json_get_text(j, "file"), f->name))
			return j;
	}
	return NULL;
}

/* A list that is being made, for people and for programs. */
struct listing {
	struct tv_table table;
	struct tv_json *list;
	bool put;
};

struct row {
	const char *provider;
	const char *file;
	const char *path;
	const char *label; /* NULL: all, or the one in use */
	const char *versions;
	bool on;
	bool is_own;
};

static void add_row(struct listing *l, const struct row *r)
{
	struct tv_json *j = tv_json_object();
	char name[512];

	snprintf(name, sizeof(name), "%s/%s", r->provider, r->file);
	tv_table_cell(&l->table, name);
	tv_table_cell(&l->table, r->on ? "on" : "off");
	tv_table_cell(&l->table, r->path);
	tv_table_cell(&l->table, r->label);
	tv_table_cell(&l->table, r->is_own ? "(your own path)" : r->versions);
	l->put = tv_json_put(l->list, NULL, j) && l->put &&
		 tv_json_put_text(j, "provider", r->provider) &&
		 tv_json_put_text(j, "file", r->file) && tv_json_put_text(j, "path", r->path) &&
		 tv_json_put_text(j, "label", r->label) && tv_json_put_bool(j, "on", r->on) &&
		 tv_json_put_bool(j, "own", r->is_own) &&
		 tv_json_put_text(j, "versions", r->versions);
}

/* A file's row, then what was chosen for single entries, then the own paths it has. */
static void add_file(struct listing *l, const struct tv_json *reply, const struct tv_provider *p,
		     const struct tv_file *f)
{
	const struct tv_json *views = tv_json_get(reply, "views");
	const struct tv_json *chosen = chosen_for(views, p, f);
	struct row row = {.provider = p->name,
			  .file = f->name,
			  .path = f->path,
			  .versions = f->versions,
			  .on = chosen ? tv_json_get_true(chosen, "on") : f->on};

	add_row(l, &row);
	for (size_t own = 0; own < 2; own++) {
		row.is_own = own;
		for (const struct tv_json *j =
			     tv_json_first(own ? tv_json_get(reply, "paths") : views);
		     j; j = tv_json_next(j)) {
			row.label = tv_json_get_text(j, "label");
			row.path = own ? tv_json_get_text(j, "path") : f->path;
			row.on = own || tv_json_get_true(j, "on");
			if ((own || row.label) &&
			    !strcmp(tv_json_get_text(j, "provider"), p->name) &&
			    !strcmp(tv_json_get_text(j, "file"), f->name))
				add_row(l, &row);
		}
	}
}

enum tv_status tv_viewlist_print(const struct tv_cli *cli, const struct tv_json *reply,
				 const struct tv_provider *asked, struct tv_error *err)
{
	static const char *const heads[] = {"FILE", "STATE", "PATH", "ENTRY", "READ BY", NULL};
	tv_auto_json *list = tv_json_array();
	struct listing l = {.table = {.heads = heads}, .list = list, .put = true};
	enum tv_status status;

	for (size_t i = 0; i < tv_providers_count(cli->providers); i++) {
		const struct tv_provider *p = tv_providers_at(cli->providers, i);

		for (size_t f = 0; f < p->n_files && (!asked || p == asked); f++)
			add_file(&l, reply, p, &p->files[f]);
	}
	if (!l.put)
		status = tv_fail(err, TV_NO_MEMORY, "a report");
	else
		status = cli->is_json ? tv_report_json(list, err) : tv_table_print(&l.table, err);
	tv_table_free(&l.table);
	return status;
}
