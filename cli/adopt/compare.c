/* Whether a file that would be rendered still says all that a plaintext file says. */
#include "cli/adopt/compare.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define POINTER_MAX 512

struct comparison {
	struct tv_secret *out; /* NULL: only counting */
	const struct tv_allowed *allowed;
	size_t n_allowed;
	char at[POINTER_MAX];
};

static size_t missing(struct comparison *c, const struct tv_json *want, const struct tv_json *have);

static bool is_scalar(const struct tv_json *j)
{
	return j && !tv_json_is_object(j) && !tv_json_is_array(j) && !tv_json_is_null(j);
}

static bool has_text(const struct tv_json *j, const char *text)
{
	tv_auto_secret own = {0}, wanted = {0};

	tv_secret_puts(&wanted, text);
	return tv_pointer_text(&own, j, "") && !own.failed && !wanted.failed &&
	       tv_secret_equals(&own, &wanted);
}

/* The same text, and both quoted or both not. */
static bool are_equal(const struct tv_json *a, const struct tv_json *b)
{
	tv_auto_secret text = {0};

	return !tv_json_text(a) == !tv_json_text(b) && tv_pointer_text(&text, a, "") &&
	       has_text(b, tv_secret_text(&text));
}

static bool is_allowed(const struct comparison *c, const struct tv_json *want,
		       const struct tv_json *have)
{
	for (size_t i = 0; i < c->n_allowed; i++) {
		const struct tv_allowed *a = &c->allowed[i];

		if (a->at == want && !a->is_name &&
		    (!a->text || (is_scalar(have) && has_text(have, a->text))))
			return true;
	}
	return false;
}

static bool is_nothing(const struct tv_json *j)
{
	const char *text = tv_json_text(j);

	return tv_json_is_null(j) || (text && !*text);
}

static size_t leaves(const struct comparison *c, const struct tv_json *j)
{
	size_t n = 0;

	if (is_allowed(c, j, NULL))
		return 0;
	if (!tv_json_is_object(j) && !tv_json_is_array(j))
		return !is_nothing(j);
	for (const struct tv_json *child = tv_json_first(j); child; child = tv_json_next(child))
		n += leaves(c, child);
	return n;
}

static size_t lost(struct comparison *c, size_t n)
{
	if (n && c->out) {
		tv_secret_puts(c->out, *c->at ? c->at : "(all)");
		tv_secret_putc(c->out, '\n');
	}
	return n;
}

/* Goes down one step: the pointer so far, and back afterwards. */
static size_t step(struct comparison *c, const char *name, const struct tv_json *want,
		   const struct tv_json *have)
{
	size_t len = strlen(c->at), n = len, count;

	if (n + 1 < sizeof(c->at))
		c->at[n++] = '/';
	for (; *name && n + 2 < sizeof(c->at); name++) {
		if (*name == '~' || *name == '/') {
			c->at[n++] = '~';
			c->at[n++] = *name == '~' ? '0' : '1';
		} else {
			c->at[n++] = *name;
		}
	}
	c->at[n] = '\0';
	count = missing(c, want, have);
	c->at[len] = '\0';
	return count;
}

/* In any case: some formats' readers don't tell upper from lower, and the definitions name theirs. */
static const struct tv_json *find_name(const struct tv_json *object, const char *name)
{
	const struct tv_json *found = tv_json_get(object, name);

	for (const struct tv_json *j = tv_json_first(object); j && !found; j = tv_json_next(j)) {
		if (!strcasecmp(tv_json_key(j), name))
			found = j;
	}
	return found;
}

/* The member of the same name, or of one that it may have now. */
static const struct tv_json *find_member(const struct comparison *c, const struct tv_json *want,
					 const struct tv_json *have)
{
	for (size_t i = 0; i < c->n_allowed; i++) {
		if (c->allowed[i].at == want && c->allowed[i].is_name &&
		    tv_json_get(have, c->allowed[i].text))
			return tv_json_get(have, c->allowed[i].text);
	}
	return find_name(have, tv_json_key(want));
}

static size_t missing_members(struct comparison *c, const struct tv_json *want,
			      const struct tv_json *have)
{
	size_t n = 0;

	for (const struct tv_json *j = tv_json_first(want); j; j = tv_json_next(j))
		n += step(c, tv_json_key(j), j, find_member(c, j, have));
	return n;
}

static bool is_used(const struct tv_json *const *used, size_t n, const struct tv_json *j)
{
	for (size_t i = 0; i < n; i++) {
		if (used[i] == j)
			return true;
	}
	return false;
}

/* The element that lacks least, of those that stand for no other yet. */
static const struct tv_json *nearest(size_t *lacks, const struct comparison *c,
				     const struct tv_json *want, const struct tv_json *have,
				     const struct tv_json *const *used, size_t n_used)
{
	const struct tv_json *best = NULL;

	for (const struct tv_json *j = tv_json_first(have); j; j = tv_json_next(j)) {
		struct comparison only = {.allowed = c->allowed, .n_allowed = c->n_allowed};
		size_t n;

		if (is_used(used, n_used, j))
			continue;
		n = missing(&only, want, j);
		if (best && n >= *lacks)
			continue;
		best = j;
		*lacks = n;
		if (!n)
			break;
	}
	return best;
}

/* Twice through: those that are there whole come first, the others take what is left. */
static size_t missing_elements(struct comparison *c, const struct tv_json *want,
			       const struct tv_json *have)
{
	const struct tv_json **used = tv_arena_alloc((tv_json_count(want) + 1) * sizeof(*used));
	size_t n = 0;

	for (int whole = 1; used && whole >= 0; whole--) {
		size_t i = 0;

		for (const struct tv_json *j = tv_json_first(want); j; j = tv_json_next(j), i++) {
			const struct tv_json *match;
			size_t lacks = 0;
			char name[24];

			if (used[i])
				continue;
			match = nearest(&lacks, c, j, have, used, tv_json_count(want));
			if (match && (!lacks || !whole))
				used[i] = match;
			if (whole || (match && !lacks))
				continue;
			snprintf(name, sizeof(name), "%zu", i);
			n += step(c, name, j, match);
		}
	}
	if (!used)
		n = lost(c, 1);
	tv_arena_free(used);
	return n;
}

static size_t missing(struct comparison *c, const struct tv_json *want, const struct tv_json *have)
{
	if (is_nothing(want) || is_allowed(c, want, have))
		return 0;
	if (!have)
		return lost(c, leaves(c, want));
	if (tv_json_is_object(want) && tv_json_is_object(have))
		return missing_members(c, want, have);
	if (tv_json_is_array(want) && tv_json_is_array(have))
		return missing_elements(c, want, have);
	if (is_scalar(want) && is_scalar(have) && are_equal(want, have))
		return 0;
	if (tv_json_is_object(want) || tv_json_is_array(want))
		return lost(c, leaves(c, want));
	return lost(c, 1);
}

void tv_tree_missing(struct tv_secret *out, const struct tv_json *want, const struct tv_json *have,
		     const struct tv_allowed *allowed, size_t n_allowed)
{
	struct comparison c = {.out = out, .allowed = allowed, .n_allowed = n_allowed};

	missing(&c, want, have);
}
