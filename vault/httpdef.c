/* Reads the requests of a definition: what is sent to verify, make, list and end tokens. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vault/definition.h"
#include "vault/pointer.h"

#define REQUESTS_LIMIT 8

/* What every request may have. */
#define OF_REQUEST                                                                                 \
	{"base", TV_SCHEMA_TEXT, true}, {"path", TV_SCHEMA_TEXT, true},                            \
		{"method", TV_SCHEMA_TEXT, false}, {"headers", TV_SCHEMA_TEXTS, false},            \
		{"body", TV_SCHEMA_LINES, false}, {"accepted", TV_SCHEMA_OBJECT, false},           \
	{                                                                                          \
		"refused", TV_SCHEMA_OBJECT, false                                                 \
	}

static const struct tv_member of_verify[] = {
	OF_REQUEST,
	{"needs", TV_SCHEMA_TEXT, false},
	{"account", TV_SCHEMA_TEXT, false},
	{"expires", TV_SCHEMA_TEXT, false},
	{"fields", TV_SCHEMA_OBJECT, false},
	{0},
};

static const struct tv_member of_mint[] = {
	OF_REQUEST,
	{"token", TV_SCHEMA_TEXT, true},
	{"id", TV_SCHEMA_TEXT, false},
	{"expires", TV_SCHEMA_TEXT, false},
	{0},
};

static const struct tv_member of_tokens[] = {
	OF_REQUEST,
	{"items", TV_SCHEMA_TEXT, true},
	{"id", TV_SCHEMA_TEXT, true},
	{"name", TV_SCHEMA_TEXT, false},
	{"expires", TV_SCHEMA_TEXT, false},
	{"next", TV_SCHEMA_TEXT, false},
	{0},
};

static const struct tv_member of_revoke[] = {
	OF_REQUEST,
	{"id_field", TV_SCHEMA_TEXT, true},
	{0},
};

static const struct tv_member of_match[] = {
	{"status", TV_SCHEMA_ARRAY, false},
	{"values", TV_SCHEMA_OBJECT, false},
	{0},
};

static const char *const of_an_entry[] = {"label", "token", "account", "note", NULL};
static const char *const of_minting[] = {"name", "expires_at", "description", NULL};
static const char *const of_revoking[] = {"id", NULL};

/* A kind of request: its members, and the names its templates know besides an entry's. */
struct kind {
	const struct tv_member *members;
	const char *const *names;
};

static const struct kind verifying = {of_verify, NULL};
static const struct kind minting = {of_mint, of_minting};
static const struct kind listing = {of_tokens, NULL};
static const struct kind revoking = {of_revoke, of_revoking};

/* The host is stored with the token, so that only fields may make it. */
static enum tv_status read_base(struct tv_reading *r, struct tv_http *h, const struct tv_place *of)
{
	const struct tv_place base = tv_member_of(of, "base");
	const char *text = tv_json_text(base.at);
	struct tv_error why = {0};
	char host[TV_HOST_MAX];

	if (!strstr(text, "{{") && tv_http_host(host, text, &why))
		return tv_schema_wrong(&r->source, &base, "%.200s", why.detail);
	if (strncmp(text, "https://", 8) != 0 && strncmp(text, "{{", 2) != 0)
		return tv_schema_wrong(&r->source, &base,
				       "an address that begins with https:// or a field expected");
	if (strpbrk(text, "?"))
		return tv_schema_wrong(&r->source, &base, "an address without a query expected");
	return tv_reading_template(r, &h->base, &base, &(struct tv_names){NULL, NULL});
}

static enum tv_status read_path(struct tv_reading *r, struct tv_http *h, const struct tv_place *of,
				const struct tv_names *names)
{
	const struct tv_place path = tv_member_of(of, "path");
	const char *text = tv_json_text(path.at);

	if (*text != '/' || strpbrk(text, " \\"))
		return tv_schema_wrong(&r->source, &path,
				       "a path that begins with / and has no spaces expected");
	return tv_reading_template(r, &h->path, &path, names);
}

static enum tv_status read_method(struct tv_reading *r, struct tv_http *h,
				  const struct tv_place *of)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", NULL};
	const struct tv_place method = tv_member_of(of, "method");

	if (method.at && !tv_is_one_of(tv_json_text(method.at), methods))
		return tv_schema_wrong(&r->source, &method,
				       "GET, POST, PUT, PATCH or DELETE expected");
	h->method = tv_reading_copy(r, method.at ? tv_json_text(method.at) : "GET");
	return TV_OK;
}

/* Whoever sends a request says itself where it goes and how long it is. */
static bool is_header(const char *text)
{
	static const char *const ours[] = {"host",    "content-length",	     "transfer-encoding",
					   "expect",  "connection",	     "upgrade",
					   "trailer", "proxy-authorization", NULL};
	const size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					"0123456789-_");
	if (!len || strncmp(text + len, ": ", 2) != 0 || !text[len + 2])
		return false;
	for (const char *const *name = ours; *name; name++)
		if (strlen(*name) == len && !strncasecmp(*name, text, len))
			return false;
	return true;
}

static enum tv_status read_headers(struct tv_reading *r, struct tv_http *h,
				   const struct tv_place *of, const struct tv_names *names)
{
	const struct tv_place headers = tv_member_of(of, "headers");

	h->headers = calloc(tv_json_count(headers.at) + 1, sizeof *h->headers);
	if (!h->headers)
		return tv_fail(r->source.err, TV_NO_MEMORY, "%s", r->source.file);
	for (const struct tv_json *c = tv_json_first(headers.at); c; c = tv_json_next(c)) {
		const struct tv_place place = {&headers, c};
		enum tv_status status;

		if (!is_header(tv_json_text(c)))
			return tv_schema_wrong(&r->source, &place,
					       "\"Name: value\" expected, with a name that is not "
					       "the transport's own");
		status = tv_reading_template(r, &h->headers[h->n_headers++], &place, names);
		if (status)
			return status;
	}
	return TV_OK;
}

static enum tv_status read_statuses(struct tv_reading *r, struct tv_http_match *m,
				    const struct tv_place *of)
{
	const struct tv_place list = tv_member_of(of, "status");

	if (!list.at)
		return TV_OK;
	m->n_statuses = 0;
	free(m->statuses);
	m->statuses = calloc(tv_json_count(list.at) + 1, sizeof *m->statuses);
	if (!m->statuses)
		return tv_fail(r->source.err, TV_NO_MEMORY, "%s", r->source.file);
	for (const struct tv_json *c = tv_json_first(list.at); c; c = tv_json_next(c)) {
		int64_t number = 0;

		if (!tv_json_int(c, &number) || number < 200 || number > 599)
			return tv_schema_wrong(&r->source, &(struct tv_place){&list, c},
					       "a status from 200 to 599 expected");
		m->statuses[m->n_statuses++] = (int)number;
	}
	return m->n_statuses ? TV_OK
			     : tv_schema_wrong(&r->source, &list, "a status or more expected");
}

static enum tv_status read_values(struct tv_reading *r, struct tv_http_match *m,
				  const struct tv_place *of)
{
	const struct tv_place values = tv_member_of(of, "values");

	m->values = calloc(tv_json_count(values.at) + 1, sizeof *m->values);
	if (!m->values)
		return tv_fail(r->source.err, TV_NO_MEMORY, "%s", r->source.file);
	for (const struct tv_json *c = tv_json_first(values.at); c; c = tv_json_next(c)) {
		const struct tv_place place = {&values, c};

		if (*tv_json_key(c) != '/' || !tv_pointer_is_valid(tv_json_key(c), false) ||
		    !tv_json_text(c))
			return tv_schema_wrong(&r->source, &place,
					       "a JSON pointer and the text there expected");
		m->values[m->n_values++] =
			(struct tv_taken){.field = tv_reading_copy(r, tv_json_text(c)),
					  .pointer = tv_reading_copy(r, tv_json_key(c))};
	}
	return TV_OK;
}

/* What there is none of is as the defaults, a list that 0 ends, have it. */
static enum tv_status read_match(struct tv_reading *r, struct tv_http_match *m,
				 const struct tv_place *of, const char *name, const int *defaults)
{
	const struct tv_place place = tv_member_of(of, name);
	enum tv_status status = TV_OK;

	m->statuses = calloc(2, sizeof *m->statuses);
	if (!m->statuses)
		return tv_fail(r->source.err, TV_NO_MEMORY, "%s", r->source.file);
	for (; *defaults; defaults++)
		m->statuses[m->n_statuses++] = *defaults;
	if (!place.at)
		return TV_OK;
	status = tv_schema_check(&r->source, &place, of_match);
	if (!status)
		status = read_statuses(r, m, &place);
	return status ? status : read_values(r, m, &place);
}

static enum tv_status read_matches(struct tv_reading *r, struct tv_http *h,
				   const struct tv_place *of)
{
	const struct tv_place refused = tv_member_of(of, "refused");
	enum tv_status status = read_match(r, &h->accepted, of, "accepted", (const int[]){200, 0});

	if (!status)
		status = read_match(r, &h->refused, of, "refused", (const int[]){401, 403, 0});
	for (size_t i = 0; i < h->refused.n_statuses && !status; i++)
		for (size_t k = 0; k < h->accepted.n_statuses && !status; k++)
			if (h->refused.statuses[i] == h->accepted.statuses[k])
				status = tv_schema_wrong(&r->source, refused.at ? &refused : of,
							 "%d is both accepted and refused",
							 h->refused.statuses[i]);
	return status;
}

static enum tv_status read_pointers(struct tv_reading *r, struct tv_http *h,
				    const struct tv_place *of)
{
	const struct {
		const char *name;
		const char **to;
	} rows[] = {{"account", &h->account}, {"expires", &h->expires}, {"token", &h->token},
		    {"id", &h->id},	      {"items", &h->items},	{"name", &h->name},
		    {"next", &h->next}};
	enum tv_status status = TV_OK;

	for (size_t i = 0; i < sizeof rows / sizeof *rows && !status; i++)
		status = tv_reading_pointer(r, rows[i].to, of, rows[i].name);
	return status ? status : tv_reading_taken(r, &h->fields, &h->n_fields, of);
}

static enum tv_status read_needs(struct tv_reading *r, struct tv_http *h, const struct tv_place *of)
{
	const struct tv_place needs = tv_member_of(of, "needs");

	if (needs.at && !tv_reading_has_field(r, tv_json_text(needs.at)))
		return tv_schema_wrong(&r->source, &needs, "a declared field expected");
	h->needs = tv_reading_copy(r, tv_json_text(needs.at));
	return TV_OK;
}

static enum tv_status read_request(struct tv_reading *r, struct tv_http *h,
				   const struct tv_place *place, const struct kind *kind)
{
	const struct tv_names names = {of_an_entry, kind->names};
	const struct tv_place body = tv_member_of(place, "body");
	enum tv_status status = tv_schema_check(&r->source, place, kind->members);

	if (!status)
		status = read_base(r, h, place);
	if (!status)
		status = read_path(r, h, place, &names);
	if (!status)
		status = read_method(r, h, place);
	if (!status)
		status = read_headers(r, h, place, &names);
	if (!status && body.at)
		status = tv_reading_template(r, &h->body, &body, &names);
	if (!status)
		status = read_needs(r, h, place);
	if (!status)
		status = read_matches(r, h, place);
	return status ? status : read_pointers(r, h, place);
}

static enum tv_status read_single(struct tv_reading *r, struct tv_http **out,
				  const struct tv_place *root, const char *name,
				  const struct kind *kind)
{
	const struct tv_place place = tv_member_of(root, name);

	if (!place.at)
		return TV_OK;
	*out = calloc(1, sizeof **out);
	if (!*out)
		return tv_fail(r->source.err, TV_NO_MEMORY, "%s", r->source.file);
	return read_request(r, *out, &place, kind);
}

static enum tv_status read_verify(struct tv_reading *r, const struct tv_place *root)
{
	const struct tv_place list = tv_member_of(root, "verify");
	struct tv_provider *p = r->provider;
	enum tv_status status = TV_OK;

	if (!list.at)
		return TV_OK;
	if (!tv_json_first(list.at) || tv_json_count(list.at) > REQUESTS_LIMIT)
		return tv_schema_wrong(&r->source, &list, "1 to %d requests expected",
				       REQUESTS_LIMIT);
	if (tv_json_get(tv_json_first(list.at), "needs"))
		return tv_schema_wrong(
			&r->source, &(struct tv_place){&list, tv_json_first(list.at)},
			"a first request without \"needs\" expected, since it decides");
	p->verify = calloc(tv_json_count(list.at), sizeof *p->verify);
	if (!p->verify)
		return tv_fail(r->source.err, TV_NO_MEMORY, "%s", r->source.file);
	for (const struct tv_json *c = tv_json_first(list.at); c && !status; c = tv_json_next(c))
		status = read_request(r, &p->verify[p->n_verify++], &(struct tv_place){&list, c},
				      &verifying);
	return status;
}

static enum tv_status read_id_field(struct tv_reading *r, const struct tv_place *root)
{
	const struct tv_place revoke = tv_member_of(root, "revoke");
	const struct tv_place field = tv_member_of(&revoke, "id_field");

	if (!field.at)
		return TV_OK;
	if (!tv_reading_has_field(r, tv_json_text(field.at)))
		return tv_schema_wrong(&r->source, &field, "a declared field expected");
	r->provider->id_field = tv_reading_copy(r, tv_json_text(field.at));
	return TV_OK;
}

enum tv_status tv_reading_requests(struct tv_reading *r, const struct tv_place *root)
{
	struct tv_provider *p = r->provider;
	enum tv_status status = read_verify(r, root);

	if (!status)
		status = read_single(r, &p->mint, root, "mint", &minting);
	if (!status)
		status = read_single(r, &p->tokens, root, "tokens", &listing);
	if (!status)
		status = read_single(r, &p->revoke, root, "revoke", &revoking);
	return status ? status : read_id_field(r, root);
}

static void free_request(struct tv_http *h)
{
	const char *const texts[] = {h->method,	 h->base,  h->path, h->body,  h->needs, h->account,
				     h->expires, h->token, h->id,   h->items, h->name,	h->next};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free((char *)texts[i]);
	tv_list_free(h->headers, h->n_headers);
	free(h->accepted.statuses);
	free(h->refused.statuses);
	tv_taken_free(h->accepted.values, h->accepted.n_values);
	tv_taken_free(h->refused.values, h->refused.n_values);
	tv_taken_free(h->fields, h->n_fields);
}

void tv_requests_free(struct tv_provider *p)
{
	struct tv_http *const single[] = {p->mint, p->tokens, p->revoke};

	for (size_t i = 0; i < p->n_verify; i++)
		free_request(&p->verify[i]);
	free(p->verify);
	for (size_t i = 0; i < sizeof single / sizeof *single; i++)
		if (single[i]) {
			free_request(single[i]);
			free(single[i]);
		}
	free((char *)p->id_field);
}
