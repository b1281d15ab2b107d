/* Makes a provider out of a definition's text, and refuses every text that is not to the letter. */
#include <stdlib.h>
#include <string.h>

#include "vault/definition.h"
#include "vault/doc.h"

#define SIZE_LIMIT (256 * 1024)

static const struct tv_member of_provider[] = {
	{"name", TV_SCHEMA_TEXT, true},		 {"title", TV_SCHEMA_TEXT, true},
	{"console", TV_SCHEMA_TEXT, false},	 {"token", TV_SCHEMA_OBJECT, false},
	{"fields", TV_SCHEMA_OBJECT, false},	 {"files", TV_SCHEMA_ARRAY, true},
	{"environment", TV_SCHEMA_TEXTS, false}, {"verify", TV_SCHEMA_ARRAY, false},
	{"mint", TV_SCHEMA_OBJECT, false},	 {"tokens", TV_SCHEMA_OBJECT, false},
	{"revoke", TV_SCHEMA_OBJECT, false},	 {0},
};

static const struct tv_member of_token[] = {
	{"shape", TV_SCHEMA_TEXT, false},
	{0},
};

static const struct tv_member of_field[] = {
	{"about", TV_SCHEMA_TEXT, true},
	{"value", TV_SCHEMA_TEXT, false},
	{"required", TV_SCHEMA_BOOL, false},
	{0},
};

const char *tv_reading_copy(struct tv_reading *r, const char *text)
{
	char *copied = text ? strdup(text) : NULL;

	if (text && !copied)
		r->out_of_memory = true;
	return copied;
}

void tv_reading_copy_list(struct tv_reading *r, const char ***out, size_t *n,
			  const struct tv_place *list)
{
	*out = calloc(tv_json_count(list->at) + 1, sizeof **out);
	if (!*out) {
		r->out_of_memory = true;
		return;
	}
	for (const struct tv_json *c = tv_json_first(list->at); c; c = tv_json_next(c))
		(*out)[(*n)++] = tv_reading_copy(r, tv_json_text(c));
}

void tv_list_free(const char **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((char *)list[i]);
	free(list);
}

struct tv_place tv_member_of(const struct tv_place *of, const char *name)
{
	return (struct tv_place){of, tv_json_get(of->at, name)};
}

static enum tv_status check_name(struct tv_reading *r, const struct tv_place *root)
{
	const struct tv_place place = tv_member_of(root, "name");
	const char *name = tv_json_text(place.at);
	const char *slash = strrchr(r->source.file, '/');
	const char *base = slash ? slash + 1 : r->source.file;
	const size_t len = strlen(name);

	if (!tv_provider_name_is_valid(name))
		return tv_schema_wrong(&r->source, &place,
				       "1 to 32 of a-z, 0-9 and - expected, - not in front");
	if (strncmp(base, name, len) != 0 || strcmp(base + len, ".json") != 0)
		return tv_schema_wrong(&r->source, &place,
				       "the file's name without .json expected");
	return TV_OK;
}

static enum tv_status read_token(struct tv_reading *r, const struct tv_place *root)
{
	const struct tv_place token = tv_member_of(root, "token");
	struct tv_place shape;
	enum tv_status status;

	if (!token.at)
		return TV_OK;
	status = tv_schema_check(&r->source, &token, of_token);
	if (status)
		return status;
	shape = tv_member_of(&token, "shape");
	if (shape.at && strcmp(tv_json_text(shape.at), "jwt") != 0)
		return tv_schema_wrong(&r->source, &shape, "\"jwt\" expected");
	r->provider->token_shape = tv_reading_copy(r, tv_json_text(shape.at));
	return TV_OK;
}

bool tv_is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

bool tv_reading_has_field(const struct tv_reading *r, const char *name)
{
	for (size_t i = 0; i < r->provider->n_fields; i++)
		if (r->provider->fields[i].name && !strcmp(r->provider->fields[i].name, name))
			return true;
	return false;
}

static enum tv_status read_field(struct tv_reading *r, const struct tv_place *place)
{
	static const char *const taken[] = {"label",   "token",	 "account", "note",
					    "entries", "in_use", "first",   "last",
					    "base64",  "uri",	 NULL};
	const char *name = tv_json_key(place->at);
	enum tv_status status;

	if (!tv_field_name_is_valid(name) || tv_is_one_of(name, taken))
		return tv_schema_wrong(&r->source, place,
				       "a name of a-z, 0-9 and _ that is not built in expected");
	status = tv_schema_check(&r->source, place, of_field);
	if (status)
		return status;
	if (strlen(tv_json_get_text(place->at, "about")) > TV_NOTE_MAX)
		return tv_schema_wrong(&r->source, place, "at most %d bytes expected", TV_NOTE_MAX);
	r->provider->fields[r->provider->n_fields++] = (struct tv_provider_field){
		tv_reading_copy(r, name),
		tv_reading_copy(r, tv_json_get_text(place->at, "value")),
		tv_reading_copy(r, tv_json_get_text(place->at, "about")),
		tv_json_get_true(place->at, "required"),
	};
	return TV_OK;
}

static enum tv_status read_fields(struct tv_reading *r, const struct tv_place *root)
{
	const struct tv_place fields = tv_member_of(root, "fields");
	const struct tv_json *child = tv_json_first(fields.at);
	enum tv_status status = TV_OK;

	if (tv_json_count(fields.at) > TV_FIELDS_MAX)
		return tv_schema_wrong(&r->source, &fields, "at most %d fields expected",
				       TV_FIELDS_MAX);
	r->provider->fields = calloc(tv_json_count(fields.at) + 1, sizeof *r->provider->fields);
	if (!r->provider->fields)
		return tv_fail(r->source.err, TV_NO_MEMORY, "%s", r->source.file);
	for (; child && !status; child = tv_json_next(child))
		status = read_field(r, &(struct tv_place){&fields, child});
	return status;
}

static enum tv_status read_environment(struct tv_reading *r, const struct tv_place *root)
{
	const struct tv_place list = tv_member_of(root, "environment");

	for (const struct tv_json *c = tv_json_first(list.at); c; c = tv_json_next(c)) {
		const char *name = tv_json_text(c);

		if (!*name || strchr("0123456789", *name) ||
		    name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_")])
			return tv_schema_wrong(&r->source, &(struct tv_place){&list, c},
					       "a variable's name expected");
	}
	tv_reading_copy_list(r, &r->provider->environment, &r->provider->n_environment, &list);
	return TV_OK;
}

static enum tv_status read_provider(struct tv_reading *r, const struct tv_json *json)
{
	const struct tv_place root = {NULL, json};
	struct tv_provider *p = r->provider;
	enum tv_status status = tv_schema_check(&r->source, &root, of_provider);

	if (!status)
		status = check_name(r, &root);
	if (status)
		return status;
	p->name = tv_reading_copy(r, tv_json_get_text(json, "name"));
	p->title = tv_reading_copy(r, tv_json_get_text(json, "title"));
	p->console = tv_reading_copy(r, tv_json_get_text(json, "console"));
	status = read_token(r, &root);
	if (!status)
		status = read_fields(r, &root);
	if (!status)
		status = tv_reading_files(r, &root);
	if (!status)
		status = read_environment(r, &root);
	if (!status)
		status = tv_reading_requests(r, &root);
	/* What seemed wrong may have been what there was no memory for. */
	if (r->out_of_memory)
		status = tv_fail(r->source.err, TV_NO_MEMORY, "%s", r->source.file);
	return status;
}

static void cleanup(struct tv_provider **p)
{
	tv_provider_free(*p);
}

/* FILE:LINE: as with all that is wrong with a definition. */
static enum tv_status no_json(const char *file, const struct tv_error *why, struct tv_error *err)
{
	static const char begins[] = "line ";
	const char *number = why->detail + strlen(begins);
	const size_t digits = strspn(number, "0123456789");

	if (strncmp(why->detail, begins, strlen(begins)) || number[digits] != ':')
		return tv_fail(err, TV_BAD_DEFINITION, "%s: %s", file, why->detail);
	return tv_fail(err, TV_BAD_DEFINITION, "%s:%s", file, number);
}

enum tv_status tv_provider_parse(struct tv_provider **out, const char *text, size_t len,
				 const char *file, struct tv_error *err)
{
	__attribute__((cleanup(cleanup))) struct tv_provider *p = calloc(1, sizeof *p);
	struct tv_reading r = {{file, text, len, err}, p, false};
	struct tv_error why = {0};
	tv_auto_json *json = NULL;
	enum tv_status status;

	if (!p)
		return tv_fail(err, TV_NO_MEMORY, "%s", file);
	if (len > SIZE_LIMIT)
		return tv_fail(err, TV_BAD_DEFINITION, "%s: over %d bytes", file, SIZE_LIMIT);
	p->source = strndup(text, len);
	if (!p->source)
		return tv_fail(err, TV_NO_MEMORY, "%s", file);
	status = tv_json_parse(&json, text, len, &why);
	if (status == TV_NO_MEMORY)
		return tv_fail(err, status, "%s", file);
	if (status)
		return no_json(file, &why, err);
	status = read_provider(&r, json);
	if (status || !out)
		return status;
	*out = p;
	p = NULL;
	return TV_OK;
}

void tv_provider_free(struct tv_provider *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_fields; i++) {
		free((char *)p->fields[i].name);
		free((char *)p->fields[i].value);
		free((char *)p->fields[i].about);
	}
	tv_files_free(p);
	tv_requests_free(p);
	tv_list_free(p->environment, p->n_environment);
	free((char *)p->name);
	free((char *)p->title);
	free((char *)p->console);
	free((char *)p->token_shape);
	free((char *)p->source);
	free(p->fields);
	free(p);
}
