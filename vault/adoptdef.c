/* Reads how values are found: the pointers of definitions, and the rules of `adopt`. */
#include <stdlib.h>
#include <string.h>

#include "vault/definition.h"
#include "vault/pointer.h"

static const struct tv_member of_adopt[] = {
	{"format", TV_SCHEMA_TEXT, true},    {"each", TV_SCHEMA_TEXT, false},
	{"label", TV_SCHEMA_TEXT, false},    {"token", TV_SCHEMA_TEXT, false},
	{"in_use", TV_SCHEMA_TEXT, false},   {"fields", TV_SCHEMA_OBJECT, false},
	{"ignored", TV_SCHEMA_TEXTS, false}, {0},
};

#define A_POINTER "a JSON pointer like /a/b expected"

enum tv_status tv_reading_pointer(struct tv_reading *r, const char **out, const struct tv_place *of,
				  const char *name)
{
	const struct tv_place place = tv_member_of(of, name);

	if (!place.at)
		return TV_OK;
	if (!tv_pointer_is_valid(tv_json_text(place.at), false))
		return tv_schema_wrong(&r->source, &place, A_POINTER);
	*out = tv_reading_copy(r, tv_json_text(place.at));
	return TV_OK;
}

void tv_taken_free(struct tv_taken *taken, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free((char *)taken[i].field);
		free((char *)taken[i].pointer);
	}
	free(taken);
}

static enum tv_status take(struct tv_reading *r, struct tv_taken *to, const char *field,
			   const struct tv_place *place)
{
	const char *pointer = tv_json_text(place->at);

	if (!pointer || !tv_pointer_is_valid(pointer, false))
		return tv_schema_wrong(&r->source, place, A_POINTER);
	*to = (struct tv_taken){tv_reading_copy(r, field), tv_reading_copy(r, pointer)};
	return TV_OK;
}

/* One pointer, or a list of them. */
static enum tv_status take_each(struct tv_reading *r, struct tv_taken *taken, size_t *n,
				const struct tv_place *place)
{
	const char *field = tv_json_key(place->at);
	enum tv_status status = TV_OK;

	if (!tv_reading_has_field(r, field))
		return tv_schema_wrong(&r->source, place, "a declared field expected");
	if (!tv_json_is_array(place->at))
		return take(r, &taken[(*n)++], field, place);
	for (const struct tv_json *c = tv_json_first(place->at); c && !status; c = tv_json_next(c))
		status = take(r, &taken[(*n)++], field, &(struct tv_place){place, c});
	return status;
}

enum tv_status tv_reading_taken(struct tv_reading *r, struct tv_taken **out, size_t *n,
				const struct tv_place *of)
{
	const struct tv_place fields = tv_member_of(of, "fields");
	enum tv_status status = TV_OK;
	size_t count = 1;

	if (!fields.at)
		return TV_OK;
	for (const struct tv_json *c = tv_json_first(fields.at); c; c = tv_json_next(c))
		count += 1 + tv_json_count(c);
	*out = calloc(count, sizeof **out);
	if (!*out)
		return tv_fail(r->source.err, TV_NO_MEMORY, "%s", r->source.file);
	for (const struct tv_json *c = tv_json_first(fields.at); c && !status; c = tv_json_next(c))
		status = take_each(r, *out, n, &(struct tv_place){&fields, c});
	return status;
}

static size_t count_stars(const char *pointer)
{
	size_t n = 0;

	for (; *pointer; pointer++)
		n += *pointer == '*';
	return n;
}

static enum tv_status check_wild(struct tv_reading *r, const struct tv_place *adopt)
{
	const struct tv_place each = tv_member_of(adopt, "each");
	const struct tv_place ignored = tv_member_of(adopt, "ignored");

	if (each.at &&
	    (*tv_json_text(each.at) != '/' || !tv_pointer_is_valid(tv_json_text(each.at), true) ||
	     count_stars(tv_json_text(each.at)) != 1))
		return tv_schema_wrong(&r->source, &each,
				       "a JSON pointer with one * expected, like /a/*");
	for (const struct tv_json *c = tv_json_first(ignored.at); c; c = tv_json_next(c)) {
		const struct tv_place place = {&ignored, c};
		const char *pointer = tv_json_text(c);

		if (*pointer != '/' || !tv_pointer_is_valid(pointer, true))
			return tv_schema_wrong(&r->source, &place, A_POINTER);
	}
	return TV_OK;
}

static enum tv_status check_format(struct tv_reading *r, const struct tv_place *adopt)
{
	static const char *const formats[] = {"yaml", "toml",  "json",	"ini",
					      "env",  "npmrc", "netrc", "git-credentials",
					      "raw",  NULL};
	const struct tv_place format = tv_member_of(adopt, "format");

	if (tv_is_one_of(tv_json_text(format.at), formats))
		return TV_OK;
	return tv_schema_wrong(
		&r->source, &format,
		"yaml, toml, json, ini, env, npmrc, netrc, git-credentials or raw expected");
}

/* A file without tokens may still say which entry is in use. */
static enum tv_status check_token(struct tv_reading *r, const struct tv_place *adopt)
{
	const bool has_token = tv_json_get(adopt->at, "token") != NULL;

	if (!has_token && (!tv_json_get(adopt->at, "in_use") || tv_json_get(adopt->at, "each")))
		return tv_schema_wrong(&r->source, adopt, "member \"token\" expected");
	return TV_OK;
}

static enum tv_status read_pointers(struct tv_reading *r, struct tv_adopt *a,
				    const struct tv_place *adopt)
{
	enum tv_status status = tv_reading_pointer(r, &a->label, adopt, "label");

	if (!status)
		status = tv_reading_pointer(r, &a->token, adopt, "token");
	if (!status)
		status = tv_reading_pointer(r, &a->in_use, adopt, "in_use");
	if (!status)
		status = tv_reading_taken(r, &a->fields, &a->n_fields, adopt);
	return status;
}

enum tv_status tv_reading_adopt(struct tv_reading *r, struct tv_file *f,
				const struct tv_place *file)
{
	const struct tv_place adopt = tv_member_of(file, "adopt");
	const struct tv_place ignored = tv_member_of(&adopt, "ignored");
	enum tv_status status;

	if (!adopt.at)
		return TV_OK;
	status = tv_schema_check(&r->source, &adopt, of_adopt);
	if (!status)
		status = check_format(r, &adopt);
	if (!status)
		status = check_wild(r, &adopt);
	if (!status)
		status = check_token(r, &adopt);
	if (!status)
		status = read_pointers(r, &f->adopt, &adopt);
	if (status)
		return status;
	f->adopt.format = tv_reading_copy(r, tv_json_get_text(adopt.at, "format"));
	f->adopt.each = tv_reading_copy(r, tv_json_get_text(adopt.at, "each"));
	tv_reading_copy_list(r, &f->adopt.ignored, &f->adopt.n_ignored, &ignored);
	return TV_OK;
}

void tv_adopt_free(struct tv_adopt *a)
{
	free((char *)a->format);
	free((char *)a->each);
	free((char *)a->label);
	free((char *)a->token);
	free((char *)a->in_use);
	tv_taken_free(a->fields, a->n_fields);
	tv_list_free(a->ignored, a->n_ignored);
}
