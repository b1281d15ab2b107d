/* Reads the files of a definition: where each lies, what it shows, and its template. */
#include <stdlib.h>
#include <string.h>

#include "vault/definition.h"
#include "vault/doc.h"
#include "vault/path.h"

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
	{"unique", TV_SCHEMA_TEXT, false},
	{"adopt", TV_SCHEMA_OBJECTS, false},
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

/* tokenvault's own directories, where a file would be an approval, a definition or a vault. */
static bool is_ours(const char *path)
{
	static const char *const ours[] = {".config/tokenvault/", ".local/share/tokenvault/",
					   ".local/state/tokenvault/", NULL};

	for (const char *const *o = ours; *o; o++)
		if (!strncmp(path, *o, strlen(*o)))
			return true;
	return false;
}

static enum tv_status read_path(struct tv_reading *r, struct tv_file *f,
				const struct tv_place *file)
{
	const struct tv_place path = tv_member_of(file, "path");
	char expanded[TV_PATH_MAX];

	f->path = tv_reading_copy(r, tv_json_text(path.at));
	if (!f->path)
		return TV_OK;
	if (!tv_path_expand(expanded, f->path, "tokenvault"))
		return tv_schema_wrong(&r->source, &path,
				       "a path below the home directory expected, without empty "
				       "parts, . or .., and with no braces but {{label}}");
	if (is_ours(f->path) || is_ours(expanded))
		return tv_schema_wrong(&r->source, &path,
				       "a path outside tokenvault's own directories expected");
	if (tv_path_has_label(f->path) != (f->shows == TV_SHOWS_EACH))
		return tv_schema_wrong(&r->source, &path,
				       f->shows == TV_SHOWS_EACH
					       ? "{{label}} expected in a path that shows each"
					       : "no {{label}} expected in a path that does not "
						 "show each");
	return TV_OK;
}

static enum tv_status read_template(struct tv_reading *r, struct tv_file *f,
				    const struct tv_place *file)
{
	static const char *const always[] = {"label", "token", "account", "note", NULL};
	static const char *const with_all[] = {"entries", "in_use", "first", "last", NULL};
	const struct tv_place template = tv_member_of(file, "template");
	const struct tv_names names = {always, f->shows == TV_SHOWS_ALL ? with_all : NULL};

	return tv_reading_template(r, &f->text, &template, &names);
}

static enum tv_status check_alone(struct tv_reading *r, const struct tv_file *f,
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

static enum tv_status read_unique(struct tv_reading *r, struct tv_file *f,
				  const struct tv_place *file)
{
	const struct tv_place unique = tv_member_of(file, "unique");

	if (!unique.at)
		return TV_OK;
	if (f->shows != TV_SHOWS_ALL)
		return tv_schema_wrong(&r->source, &unique,
				       "only a file that shows all has something to choose from");
	if (!tv_reading_has_field(r, tv_json_text(unique.at)))
		return tv_schema_wrong(&r->source, &unique, "a declared field expected");
	f->unique = tv_reading_copy(r, tv_json_text(unique.at));
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
				       "netrc, shell, uri or none expected");
	status = read_shows(r, f, place);
	if (!status)
		status = read_mode(r, f, place);
	if (!status)
		status = read_path(r, f, place);
	if (!status)
		status = check_alone(r, f, place);
	if (!status)
		status = read_unique(r, f, place);
	if (!status)
		status = tv_reading_adopt(r, f, place);
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

void tv_files_free(struct tv_provider *p)
{
	for (size_t i = 0; i < p->n_files; i++) {
		struct tv_file *f = &p->files[i];

		free((char *)f->name);
		free((char *)f->path);
		free((char *)f->text);
		free((char *)f->versions);
		free((char *)f->unique);
		tv_adopt_free(&f->adopt);
	}
	free(p->files);
}
