/* What the doctor shows a tool: the service's files, rendered for an entry that is made up. */
#include <stdio.h>
#include <string.h>

#include "cli/call.h"
#include "cli/doctor/doctor.h"

/* Of nobody, for nothing: {"alg":"none","typ":"JWT"}, {"sub":"made-up","exp":4102444800}, unsigned. */
#define MADE_UP_JWT                                                                                \
	"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJtYWRlLXVwIiwiZXhwIjo0MTAyNDQ0ODAwfQ."
#define MADE_UP_TOKEN "madeUpByTokenvaultDoctor0000000000000000"

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "made-up files");
}

static enum tv_status put_made_up_fields(struct tv_json *entry, const struct tv_provider *p,
					 struct tv_error *err)
{
	struct tv_json *fields = tv_json_get(entry, "fields");

	if (!fields) {
		fields = tv_json_object();
		if (!tv_json_put(entry, "fields", fields))
			return no_memory(err);
	}
	for (size_t i = 0; i < p->n_fields; i++) {
		const struct tv_provider_field *f = &p->fields[i];
		char value[80];

		if (!f->required || (f->value && *f->value) || tv_json_get(fields, f->name))
			continue;
		snprintf(value, sizeof(value), "made-up-%s", f->name);
		if (!tv_json_put_text(fields, f->name, value))
			return no_memory(err);
	}
	return TV_OK;
}

static enum tv_status put_entry(struct tv_json *list, struct tv_cli *cli,
				const struct tv_provider *p, struct tv_error *err)
{
	tv_auto_json *entry = tv_json_object();
	const char *label = tv_args_value(cli->args, "label");
	bool is_jwt = p->token_shape && !strcmp(p->token_shape, "jwt");
	struct tv_json *done;
	enum tv_status status;

	if (label && !tv_label_is_valid(label))
		return tv_fail(err, TV_BAD_VALUE, "%s is no label", label);
	status = tv_call_put_fields(entry, cli, p, err);
	if (!status)
		status = put_made_up_fields(entry, p, err);
	if (status)
		return status;
	if (!tv_json_put_text(entry, "id", "00000000000000000000000000000001") ||
	    !tv_json_put_text(entry, "provider", p->name) ||
	    !tv_json_put_text(entry, "label", label ? label : "default") ||
	    !tv_json_put_text(entry, "token", is_jwt ? MADE_UP_JWT : MADE_UP_TOKEN) ||
	    !tv_json_put_text(entry, "account", "made-up@example.com") ||
	    !tv_json_put_int(entry, "created", 1) || !tv_json_put_int(entry, "updated", 1) ||
	    !tv_json_put_bool(entry, "in_use", true))
		return no_memory(err);
	done = entry;
	entry = NULL;
	return tv_json_put(list, NULL, done) ? TV_OK : no_memory(err);
}

/* Files that are off are switched on by --file. */
static enum tv_status put_switches(struct tv_json *list, const struct tv_cli *cli,
				   const struct tv_provider *p, struct tv_error *err)
{
	for (size_t i = 0; i < cli->args->n_given; i++) {
		const struct tv_given *given = &cli->args->given[i];
		struct tv_json *view;

		if (strcmp(given->option->name, "file") != 0)
			continue;
		if (!tv_file_by_name(p, given->value))
			return tv_fail(err, TV_BAD_VALUE, "%s has no file %s", p->name,
				       given->value);
		view = tv_json_object();
		if (!tv_json_put(list, NULL, view) ||
		    !tv_json_put_text(view, "provider", p->name) ||
		    !tv_json_put_text(view, "file", given->value) ||
		    !tv_json_put_bool(view, "on", true))
			return no_memory(err);
	}
	return TV_OK;
}

/* A document as a vault would hold it, with that one entry. */
static enum tv_status make_document(struct tv_doc **out, struct tv_cli *cli,
				    const struct tv_provider *p, struct tv_error *err)
{
	tv_auto_json *j = tv_json_object();
	tv_auto_secret text = {0};
	struct tv_json *entries = tv_json_array();
	struct tv_json *views = tv_json_array();
	enum tv_status status;

	if (!tv_json_put(j, "entries", entries) || !tv_json_put(j, "views", views) ||
	    !tv_json_put(j, "keys", tv_json_array()) ||
	    !tv_json_put(j, "lineage", tv_json_array()) || !tv_json_put_int(j, "version", 1))
		return no_memory(err);
	status = put_entry(entries, cli, p, err);
	if (!status)
		status = put_switches(views, cli, p, err);
	if (!status)
		status = tv_json_print(&text, j, err);
	return status ? status : tv_doc_parse(out, text.data, text.len, err);
}

static enum tv_status put_file(struct tv_json *files, const struct tv_view *view,
			       const struct tv_doc *doc, const struct tv_cli *cli,
			       struct tv_error *err)
{
	tv_auto_secret text = {0};
	struct tv_json *file = tv_json_object();
	enum tv_status status;

	if (!tv_json_put(files, NULL, file))
		return no_memory(err);
	status = tv_view_render(&text, view, doc, cli->providers, 0, err);
	if (status)
		return status;
	if (!tv_json_put_text(file, "path", view->path) ||
	    !tv_json_put_int(file, "mode", view->mode) ||
	    !tv_json_put_text(file, "text", tv_secret_text(&text)))
		return no_memory(err);
	return TV_OK;
}

static enum tv_status put_files(struct tv_json *files, const struct tv_doc *doc,
				const struct tv_cli *cli, struct tv_error *err)
{
	struct tv_views views = {0};
	enum tv_status status = tv_views_list(&views, doc, cli->providers, err);

	for (size_t i = 0; i < views.count && !status; i++) {
		if (views.at[i].in_place && !views.at[i].clashes)
			status = put_file(files, &views.at[i], doc, cli, err);
	}
	tv_views_free(&views);
	if (!status && !tv_json_count(files))
		status = tv_fail(err, TV_BAD_VALUE, "none of its files is on; --file names one");
	return status;
}

enum tv_status tv_doctor_job(struct tv_json **out, struct tv_cli *cli,
			     const struct tv_provider *provider, struct tv_error *err)
{
	tv_auto_json *job = tv_json_object();
	struct tv_json *files = tv_json_array();
	struct tv_doc *doc = NULL;
	enum tv_status status;

	if (!tv_json_put(job, "files", files))
		return no_memory(err);
	status = make_document(&doc, cli, provider, err);
	if (!status)
		status = put_files(files, doc, cli, err);
	tv_doc_free(doc);
	if (status)
		return status;
	*out = job;
	job = NULL;
	return TV_OK;
}
