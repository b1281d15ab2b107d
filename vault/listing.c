/* Reads a list's reply: {"entries":[{…},…]}, as the library writes it and in no other spelling. */
#include "vault/listing.h"

#include <string.h>

#include "vault/utf8.h"

#define HEAD	   "{\"entries\":["
#define DIGITS_MAX 18

void tv_listing_begin(struct tv_listing *out, struct tv_secret *text)
{
	const size_t head = strlen(HEAD);

	*out = (struct tv_listing){.next = head};
	tv_secret_move(&out->text, text);
	out->failed = out->text.len < head || memcmp(out->text.data, HEAD, head) != 0 ||
		      !tv_utf8_is_valid(tv_secret_text(&out->text), out->text.len);
}

void tv_listing_free(struct tv_listing *l)
{
	tv_secret_free(&l->text);
}

enum tv_status tv_listing_check(const struct tv_listing *l, struct tv_error *err)
{
	return l->failed ? tv_fail(err, TV_SERVER, "its list can't be understood") : TV_OK;
}

/* The text ends in a NUL, which nothing here goes past. */
static bool take(char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

/* Over a string; *escaped tells whether it has escapes. */
static bool take_string(char **at, bool *escaped)
{
	char *c = *at;

	*escaped = false;
	if (*c++ != '"')
		return false;
	for (; *c != '"'; c++) {
		if ((unsigned char)*c < ' ')
			return false;
		if (*c != '\\')
			continue;
		*escaped = true;
		if ((unsigned char)*++c < ' ')
			return false;
	}
	*at = c + 1;
	return true;
}

/* A value: one of these is set, or it is null. */
struct value {
	char *string; /* with its quotation marks */
	char *end;
	bool escaped;
	bool is_true;
	int64_t number;
};

static bool take_word(char **at, const char *word)
{
	const size_t len = strlen(word);

	if (strncmp(*at, word, len) != 0)
		return false;
	*at += len;
	return true;
}

static bool take_number(char **at, int64_t *out)
{
	const bool is_negative = take(at, '-');
	const char *start = *at;
	int64_t number = 0;

	for (; **at >= '0' && **at <= '9' && *at - start < DIGITS_MAX; (*at)++)
		number = number * 10 + (**at - '0');
	*out = is_negative ? -number : number;
	return *at > start;
}

static bool take_value(struct value *out, char **at)
{
	*out = (struct value){.string = NULL};
	switch (**at) {
	case '"':
		out->string = *at;
		if (!take_string(at, &out->escaped))
			return false;
		out->end = *at;
		return true;
	case 't':
		out->is_true = true;
		return take_word(at, "true");
	case 'f':
		return take_word(at, "false");
	case 'n':
		return take_word(at, "null");
	default:
		return take_number(at, &out->number);
	}
}

/* The string's text, in its own place: what an escape stands for is never longer than the escape. */
static bool text_of(const char **out, const struct value *v)
{
	tv_auto_json *string = NULL;
	const char *text;

	*out = v->string ? v->string + 1 : NULL;
	if (!v->string)
		return true;
	if (!v->escaped) {
		v->end[-1] = '\0';
		return true;
	}
	if (tv_json_parse(&string, v->string, (size_t)(v->end - v->string), NULL))
		return false;
	text = tv_json_text(string);
	memcpy(v->string + 1, text, strlen(text) + 1);
	return true;
}

enum kind { TEXT, TIME, TRUTH };

#define WANTED(kind, member)                                                                       \
	{                                                                                          \
#member, sizeof #member - 1, kind, offsetof(struct tv_listed, member)              \
	}

static const struct wanted {
	const char *name;
	size_t len;
	enum kind kind;
	size_t at;
} wanted[] = {
	WANTED(TEXT, provider), WANTED(TEXT, label),   WANTED(TEXT, account),
	WANTED(TEXT, answer),	WANTED(TIME, expires), WANTED(TIME, verified),
	WANTED(TIME, tried),	WANTED(TIME, updated), WANTED(TRUTH, in_use),
};

static bool keep(struct tv_listed *out, const struct wanted *w, const struct value *v)
{
	void *at = (char *)out + w->at;

	switch (w->kind) {
	case TEXT:
		return text_of(at, v);
	case TIME:
		*(int64_t *)at = v->number;
		return true;
	case TRUTH:
		*(bool *)at = v->is_true;
		return true;
	}
	return false;
}

/* What else an entry says is left out. */
static const struct wanted *find_wanted(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (wanted[i].len == len && !memcmp(wanted[i].name, name, len))
			return &wanted[i];
	return NULL;
}

static bool take_entry(struct tv_listed *out, char **at)
{
	*out = (struct tv_listed){.in_use = false};
	if (!take(at, '{'))
		return false;
	do {
		const char *name = *at + 1;
		const struct wanted *w;
		struct value value;
		bool escaped;

		if (!take_string(at, &escaped) || escaped)
			return false;
		w = find_wanted(name, (size_t)(*at - name) - 1);
		if (!take(at, ':') || !take_value(&value, at) || (w && !keep(out, w, &value)))
			return false;
	} while (take(at, ','));
	return take(at, '}') && out->provider && out->label;
}

bool tv_listing_next(struct tv_listed *out, struct tv_listing *l)
{
	char *start = (char *)l->text.data, *at = start + l->next;

	if (l->failed)
		return false;
	if (*at == ']') {
		l->failed = strcmp(at, "]}") != 0 || l->next + 2 != l->text.len;
		return false;
	}
	l->failed = (l->count && !take(&at, ',')) || !take_entry(out, &at);
	l->next = (size_t)(at - start);
	l->count++;
	return !l->failed;
}

static int64_t time_of(const struct tv_json *entry, const char *name)
{
	int64_t time;

	return tv_json_get_int(entry, name, &time) ? time : 0;
}

void tv_listed_of(struct tv_listed *out, const struct tv_json *entry)
{
	*out = (struct tv_listed){
		.provider = tv_json_get_text(entry, "provider"),
		.label = tv_json_get_text(entry, "label"),
		.account = tv_json_get_text(entry, "account"),
		.answer = tv_json_get_text(entry, "answer"),
		.expires = time_of(entry, "expires"),
		.verified = time_of(entry, "verified"),
		.tried = time_of(entry, "tried"),
		.updated = time_of(entry, "updated"),
		.in_use = tv_json_get_true(entry, "in_use"),
	};
}
