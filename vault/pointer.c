/* JSON pointers (RFC 6901): finding values in trees that definitions know the shape of. */
#include "vault/pointer.h"

#include <string.h>
#include <strings.h>

#define PATTERN_MAX 128

static size_t count_stars(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '*';
	return n;
}

bool tv_pointer_is_valid(const char *pointer, bool wild)
{
	size_t stars = 0;

	if (*pointer == '#')
		return !pointer[1] || count_stars(pointer) == 1;
	if (*pointer && *pointer != '/')
		return false;
	for (const char *at = pointer; *at; at++) {
		stars = *at == '/' ? 0 : stars + (*at == '*');
		if (*at == '~' && at[1] != '0' && at[1] != '1')
			return false;
		if (stars > (wild ? 1 : 0))
			return false;
	}
	return true;
}

/* Whether a name is what the part says, ~0 and ~1 undone. */
static bool is_part(const char *part, size_t len, const char *name, bool any_case)
{
	for (size_t i = 0; i < len; i++, name++) {
		char c = part[i];

		if (c == '~' && i + 1 < len)
			c = part[++i] == '1' ? '/' : '~';
		if (*name != c && (!any_case || !*name || strncasecmp(name, &c, 1) != 0))
			return false;
	}
	return !*name;
}

static const struct tv_json *find_member(const struct tv_json *object, const char *part, size_t len,
					 bool any_case)
{
	for (const struct tv_json *c = tv_json_first(object); c; c = tv_json_next(c))
		if (is_part(part, len, tv_json_key(c), any_case))
			return c;
	return NULL;
}

static const struct tv_json *find_item(const struct tv_json *array, const char *part, size_t len)
{
	const struct tv_json *c = tv_json_first(array);
	size_t index = 0;

	if (!len || (*part == '0' && len > 1))
		return NULL;
	for (size_t i = 0; i < len; i++) {
		if (part[i] < '0' || part[i] > '9' || index > 1000000)
			return NULL;
		index = 10 * index + (size_t)(part[i] - '0');
	}
	while (c && index--)
		c = tv_json_next(c);
	return c;
}

/* One part down. Some formats' readers don't tell upper from lower case: an exact name goes first. */
static const struct tv_json *step(const struct tv_json *at, const char *part, size_t len)
{
	const struct tv_json *found;

	if (tv_json_is_array(at))
		return find_item(at, part, len);
	if (!tv_json_is_object(at))
		return NULL;
	found = find_member(at, part, len, false);
	return found ? found : find_member(at, part, len, true);
}

struct tv_json *tv_pointer_get(const struct tv_json *root, const char *pointer)
{
	if (*pointer && *pointer != '/')
		return NULL;
	while (root && *pointer) {
		const size_t len = strcspn(pointer + 1, "/");

		root = step(root, pointer + 1, len);
		pointer += 1 + len;
	}
	return (struct tv_json *)(uintptr_t)root;
}

/* The part of a name that a pattern's star stands for; NULL where the name is not of the pattern. */
static const char *find_starred(size_t *len, const char *name, const char *pattern)
{
	const char *star = strchr(pattern, '*');
	const size_t front = (size_t)(star - pattern);
	const size_t end = strlen(star + 1);
	const size_t all = strlen(name);

	if (all <= front + end || strncmp(name, pattern, front) != 0 ||
	    strcmp(name + all - end, star + 1) != 0)
		return NULL;
	*len = all - front - end;
	return name + front;
}

static bool append_name(struct tv_secret *out, const struct tv_json *at, const char *pattern)
{
	const char *name = tv_json_key(at);
	size_t len = name ? strlen(name) : 0;

	if (name && *pattern)
		name = find_starred(&len, name, pattern);
	if (!name)
		return false;
	tv_secret_append(out, name, len);
	return !out->failed;
}

bool tv_pointer_text(struct tv_secret *out, const struct tv_json *root, const char *pointer)
{
	const struct tv_json *at = tv_pointer_get(root, pointer);
	const char *text = tv_json_text(at);

	if (*pointer == '#')
		return append_name(out, root, pointer + 1);
	if (text) {
		tv_secret_puts(out, text);
		return !out->failed;
	}
	if (!at || tv_json_is_null(at) || tv_json_is_object(at) || tv_json_is_array(at))
		return false;
	/* A longer number is another one by now: as an id it would be somebody else's. */
	if (!tv_json_is_bool(at) && !tv_json_is_exact(at))
		return false;
	return tv_json_print(out, at, NULL) == TV_OK;
}

/* Whether a part with a star in it stands for the child. */
static bool is_starred(const struct tv_json *child, const char *part, size_t len)
{
	char pattern[PATTERN_MAX];
	size_t n = 0;

	if (len == 1)
		return true;
	for (size_t i = 0; i < len && n + 1 < sizeof pattern; i++)
		pattern[n++] = part[i] != '~' ? part[i] : part[++i] == '1' ? '/' : '~';
	pattern[n] = '\0';
	return n + 1 < sizeof pattern && tv_json_key(child) &&
	       find_starred(&n, tv_json_key(child), pattern);
}

/* False once visit has. */
static bool each(struct tv_json *at, const char *pointer,
		 bool (*visit)(struct tv_json *at, void *arg), void *arg)
{
	const size_t len = *pointer ? strcspn(pointer + 1, "/") : 0;
	const char *rest = *pointer ? pointer + 1 + len : pointer;

	if (!at)
		return true;
	if (!*pointer)
		return visit(at, arg);
	if (!memchr(pointer + 1, '*', len))
		return each((struct tv_json *)(uintptr_t)step(at, pointer + 1, len), rest, visit,
			    arg);
	if (!tv_json_is_object(at) && !tv_json_is_array(at))
		return true;
	for (struct tv_json *c = tv_json_first(at), *next; c; c = next) {
		next = tv_json_next(c);
		if (is_starred(c, pointer + 1, len) && !each(c, rest, visit, arg))
			return false;
	}
	return true;
}

void tv_pointer_each(struct tv_json *root, const char *pointer,
		     bool (*visit)(struct tv_json *at, void *arg), void *arg)
{
	if (!*pointer || *pointer == '/')
		each(root, pointer, visit, arg);
}
