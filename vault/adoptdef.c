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
/* The second rule of a list, and those after it. */
static const struct tv_member of_rule[] = {
	{"each", TV_SCHEMA_TEXT, false},
	{"label", TV_SCHEMA_TEXT, false},
	{"token", TV_SCHEMA_TEXT, true},
	{"fields", TV_SCHEMA_OBJECT, false},
	{0},
};

#define RULES_LIMIT 8
#define A_POINTER   "a JSON pointer like /a/b expected"

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

static enum tv_status check_each(struct tv_reading *r, const struct tv_place *rule)
{
	const struct tv_place each = tv_member_of(rule, "each");

	if (each.at &&
	    (*tv_json_text(each.at) != '/' || !tv_pointer_is_valid(tv_json_text(each.at), true) ||
	     count_stars(tv_json_text(each.at)) != 1))
		return tv_schema_wrong(&r->source, &each,
				       "a JSON pointer with one * expected, like /a/*");
	return TV_OK;
}

static enum tv_status check_ignored(struct tv_reading *r, const struct tv_place *ignored)
{
	for (const struct tv_json *c = tv_json_first(ignored->at); c; c = tv_json_next(c)) {
		const struct tv_place place = {ignored, c};
		const char *pointer = tv_json_text(c);

		if (*pointer != '/' || !tv_pointer_is_valid(pointer, true))
			return tv_schema_wrong(&r->source, &place, A_POINTER);
	}
	return TV_OK;
}

static enum tv_status check_format(struct tv_reading *r, const struct tv_place *adopt)
{
	static const char *const formats[] = {
		"yaml", "toml",		 "json",       "ini",
		"env",	"npmrc",	 "netrc",      "git-credentials",
		"raw",	"docker-config", "kubeconfig", NULL,
	};
	const struct tv_place format = tv_member_of(adopt, "format");

	if (tv_is_one_of(tv_json_text(format.at), formats))
		return TV_OK;
	return tv_schema_wrong(
		&r->source, &format,
		"yaml, toml, json, ini, env, npmrc, netrc, git-credentials, docker-config, "
		"kubeconfig or raw expected");
}

/* A file without tokens may still say which entry is in use. */
static enum tv_status check_token(struct tv_reading *r, const struct tv_place *adopt)
{
	const bool has_token = tv_json_get(adopt->at, "token") != NULL;

	if (!has_token && (!tv_json_get(adopt->at, "in_use") || tv_json_get(adopt->at, "each")))
		return tv_schema_wrong(&r->source, adopt, "member \"token\" expected");
	return TV_OK;
}

static enum tv_status read_rule(struct tv_reading *r, struct tv_rule *rule,
				const struct tv_place *place)
{
	enum tv_status status = check_each(r, place);

	if (!status)
		status = tv_reading_pointer(r, &rule->label, place, "label");
	if (!status)
		status = tv_reading_pointer(r, &rule->token, place, "token");
	if (!status)
		status = tv_reading_taken(r, &rule->fields, &rule->n_fields, place);
	if (!status)
		rule->each = tv_reading_copy(r, tv_json_get_text(place->at, "each"));
	return status;
}

/* A rule that stands alone, or the first of a list: it also says what goes for the whole file. */
static enum tv_status read_first(struct tv_reading *r, struct tv_adopt *a,
				 const struct tv_place *place)
{
	const struct tv_place ignored = tv_member_of(place, "ignored");
	enum tv_status status = tv_schema_check(&r->source, place, of_adopt);

	if (!status)
		status = check_format(r, place);
	if (!status)
		status = check_ignored(r, &ignored);
	if (!status)
		status = check_token(r, place);
	if (!status)
		status = tv_reading_pointer(r, &a->in_use, place, "in_use");
	if (!status)
		status = read_rule(r, &a->rules[a->n_rules++], place);
	if (status)
		return status;
	a->format = tv_reading_copy(r, tv_json_get_text(place->at, "format"));
	tv_reading_copy_list(r, &a->ignored, &a->n_ignored, &ignored);
	return TV_OK;
}

static enum tv_status read_list(struct tv_reading *r, struct tv_adopt *a,
				const struct tv_place *list)
{
	const struct tv_json *c = tv_json_first(list->at);
	enum tv_status status = read_first(r, a, &(struct tv_place){list, c});

	while (!status && (c = tv_json_next(c))) {
		const struct tv_place place = {list, c};

		status = tv_schema_check(&r->source, &place, of_rule);
		if (!status)
			status = read_rule(r, &a->rules[a->n_rules++], &place);
	}
	return status;
}

enum tv_status tv_reading_adopt(struct tv_reading *r, struct tv_file *f,
				const struct tv_place *file)
{
	const struct tv_place adopt = tv_member_of(file, "adopt");
	const bool is_list = tv_json_is_array(adopt.at);
	const size_t count = is_list ? tv_json_count(adopt.at) : 1;

	if (!adopt.at)
		return TV_OK;
	if (!count || count > RULES_LIMIT)
		return tv_schema_wrong(&r->source, &adopt, "1 to %d rules expected", RULES_LIMIT);
	f->adopt.rules = calloc(count, sizeof *f->adopt.rules);
	if (!f->adopt.rules)
		return tv_fail(r->source.err, TV_NO_MEMORY, "%s", r->source.file);
	return is_list ? read_list(r, &f->adopt, &adopt) : read_first(r, &f->adopt, &adopt);
}

void tv_adopt_free(struct tv_adopt *a)
{
	for (size_t i = 0; i < a->n_rules; i++) {
		free((char *)a->rules[i].each);
		free((char *)a->rules[i].label);
		free((char *)a->rules[i].token);
		tv_taken_free(a->rules[i].fields, a->rules[i].n_fields);
	}
	free(a->rules);
	free((char *)a->format);
	free((char *)a->in_use);
	tv_list_free(a->ignored, a->n_ignored);
}
