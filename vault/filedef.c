/* Reads the files of a definition: where each lies, what it shows, and its template. */
#include <stdlib.h>
#include <string.h>

#include "vault/definition.h"
#include "vault/doc.h"
#include "vault/path.h"
#include "vault/tags.h"
#include "vault/template.h"

#define FILES_LIMIT 64

static const struct tv_member of_file[] = {
	{"name", TV_SCHEMA_TEXT, true},
	{"path", TV_SCHEMA_TEXT, true},
	{"shows", TV_SCHEMA_TEXT, true},
	{"escape", TV_SCHEMA_TEXT, true},
	{"template", TV_SCHEMA_LINES, true},
	{"mode", TV_SCHEMA_TEXT, false},
	{"on", TV_SCHEMA_BOOL, false},
	{"versions", TV_SCHEMA_TEXT, false},
	{0},
};

static enum tv_status read_shows(struct tv_reading *r, struct tv_file *f,
				 const struct tv_place *file)
{
	static const char *const words[] = {
		[TV_SHOWS_EACH] = "each", [TV_SHOWS_IN_USE] = "in-use", [TV_SHOWS_ALL] = "all"};
	const struct tv_place shows = tv_member_of(file, "shows");

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(tv_json_text(shows.at), words[i])) {
			f->shows = (enum tv_shows)i;
			return TV_OK;
		}
	return tv_schema_wrong(&r->source, &shows, "\"each\", \"in-use\" or \"all\" expected");
}

static enum tv_status read_mode(struct tv_reading *r, struct tv_file *f,
				const struct tv_place *file)
{
	const struct tv_place mode = tv_member_of(file, "mode");
	const char *text = mode.at ? tv_json_text(mode.at) : "0400";

	if (strcmp(text, "0400") != 0 && strcmp(text, "0600") != 0)
		return tv_schema_wrong(&r->source, &mode, "\"0400\" or \"0600\" expected");
	f->mode = strcmp(text, "0600") ? 0400 : 0600;
	return TV_OK;
}

static enum tv_status read_path(struct tv_reading *r, struct tv_file *f,
				const struct tv_place *file)
{
	const struct tv_place path = tv_member_of(file, "path");
	char expanded[TV_PATH_MAX];

	f->path = tv_reading_copy(r, tv_json_text(path.at));
	if (!f->path)
		return TV_OK;
	if (!tv_path_expand(expanded, f->path, "label"))
		return tv_schema_wrong(&r->source, &path,
				       "a path below the home directory expected, without empty "
				       "parts, . or .., and with no braces but {{label}}");
	if (tv_path_has_label(f->path) != (f->shows == TV_SHOWS_EACH))
		return tv_schema_wrong(&r->source, &path,
				       f->shows == TV_SHOWS_EACH
					       ? "{{label}} expected in a path that shows each"
					       : "no {{label}} expected in a path that does not "
						 "show each");
	return TV_OK;
}

/* Where a template's line is written. */
static struct tv_place place_of_line(const struct tv_place *template, size_t line)
{
	const struct tv_json *child = tv_json_first(template->at);

	if (!tv_json_is_array(template->at))
		return *template;
	while (child && --line)
		child = tv_json_next(child);
	return child ? (struct tv_place){template, child} : *template;
}

struct names_check {
	const struct tv_provider *provider;
	const struct tv_file *file;
	char unknown[TV_NAME_MAX];
	size_t line; /* 0: all are known */
};

static bool is_known(const struct names_check *c, const char *name)
{
	static const char *const always[] = {".", "label", "token", "account", "note", NULL};
	static const char *const with_all[] = {"entries", "in_use", NULL};

	if (tv_is_one_of(name, always) ||
	    (c->file->shows == TV_SHOWS_ALL && tv_is_one_of(name, with_all)))
		return true;
	for (size_t i = 0; i < c->provider->n_fields; i++)
		if (c->provider->fields[i].name && !strcmp(c->provider->fields[i].name, name))
			return true;
	return false;
}

static void check_variable(const char *name, size_t line, void *arg)
{
	struct names_check *c = arg;

	if (c->line || is_known(c, name))
		return;
	c->line = line;
	strncpy(c->unknown, name, sizeof c->unknown - 1);
}

static enum tv_status check_template(struct tv_reading *r, const struct tv_file *f,
				     const struct tv_place *template)
{
	struct names_check names = {.provider = r->provider, .file = f};
	struct tv_error why = {0};
	struct tv_place place;
	size_t line = 0;

	if (!*f->text)
		return tv_schema_wrong(&r->source, template,
				       "a template that is not empty expected");
	if (tv_template_check(f->text, &line, &why)) {
		place = place_of_line(template, line);
		return tv_schema_wrong(&r->source, &place, "%.200s", why.detail);
	}
	tv_template_names(f->text, check_variable, &names);
	if (!names.line)
		return TV_OK;
	place = place_of_line(template, names.line);
	return tv_schema_wrong(&r->source, &place,
			       "line %zu: %s: a built-in name or a declared field expected",
			       names.line, names.unknown);
}

static enum tv_status read_template(struct tv_reading *r, struct tv_file *f,
				    const struct tv_place *file)
{
	const struct tv_place template = tv_member_of(file, "template");
	tv_auto_bytes text = {0};

	if (tv_json_text(template.at)) {
		f->text = tv_reading_copy(r, tv_json_text(template.at));
		return f->text ? check_template(r, f, &template) : TV_OK;
	}
	for (const struct tv_json *c = tv_json_first(template.at); c; c = tv_json_next(c)) {
		tv_bytes_append(&text, tv_json_text(c), strlen(tv_json_text(c)));
		tv_bytes_append(&text, "\n", 1);
	}
	tv_bytes_append(&text, "", 1);
	f->text = text.failed ? NULL : tv_reading_copy(r, (const char *)text.data);
	r->out_of_memory |= text.failed;
	return f->text ? check_template(r, f, &template) : TV_OK;
}

static enum tv_status check_unique(struct tv_reading *r, const struct tv_file *f,
				   const struct tv_place *file)
{
	for (const struct tv_file *other = r->provider->files; other < f; other++) {
		struct tv_place place;

		if (!other->name || !other->path || !f->name || !f->path)
			continue;
		place = tv_member_of(file, strcmp(other->name, f->name) ? "path" : "name");
		if (!strcmp(other->name, f->name) || !strcmp(other->path, f->path))
			return tv_schema_wrong(&r->source, &place,
					       "one that no other file has expected");
	}
	return TV_OK;
}

static enum tv_status read_file(struct tv_reading *r, const struct tv_place *place)
{
	struct tv_file *f = &r->provider->files[r->provider->n_files];
	const struct tv_place name = tv_member_of(place, "name");
	const struct tv_place escape = tv_member_of(place, "escape");
	enum tv_status status = tv_schema_check(&r->source, place, of_file);

	if (status)
		return status;
	r->provider->n_files++;
	if (!tv_label_is_valid(tv_json_text(name.at)))
		return tv_schema_wrong(&r->source, &name,
				       "1 to 64 of A-Z, a-z, 0-9, . _ and - "
				       "expected");
	f->name = tv_reading_copy(r, tv_json_text(name.at));
	f->versions = tv_reading_copy(r, tv_json_get_text(place->at, "versions"));
	f->on = !tv_json_get(place->at, "on") || tv_json_get_true(place->at, "on");
	f->escape = tv_escape_by_name(tv_json_text(escape.at));
	if (!f->escape)
		return tv_schema_wrong(&r->source, &escape,
				       "yaml, toml, toml-basic, json, ini, "
				       "netrc, shell or none expected");
	status = read_shows(r, f, place);
	if (!status)
		status = read_mode(r, f, place);
	if (!status)
		status = read_path(r, f, place);
	if (!status)
		status = check_unique(r, f, place);
	return status ? status : read_template(r, f, place);
}

enum tv_status tv_reading_files(struct tv_reading *r, const struct tv_place *root)
{
	const struct tv_place files = tv_member_of(root, "files");
	const struct tv_json *child = tv_json_first(files.at);
	const size_t count = tv_json_count(files.at);
	enum tv_status status = TV_OK;

	if (!count || count > FILES_LIMIT)
		return tv_schema_wrong(&r->source, &files, "1 to %d files expected", FILES_LIMIT);
	r->provider->files = calloc(count, sizeof *r->provider->files);
	if (!r->provider->files)
		return tv_fail(r->source.err, TV_NO_MEMORY, "%s", r->source.file);
	for (; child && !status; child = tv_json_next(child))
		status = read_file(r, &(struct tv_place){&files, child});
	return status;
}
