/* Marks text as ours, and finds it again. */
#include "cli/login/mark.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FILE_FRONT  "# tokenvault service ("
#define FILE_BACK   "): written by service install; once changed by hand it is left alone\n"
#define BLOCK_FRONT "\n# >>> tokenvault service "
#define NEW	    " new"
#define BLOCK_END   ") >>>\n"

/* FNV-1a: it notices changes, and is not there to withstand anybody. */
static uint64_t hash(const char *text, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
	return h;
}

static void put(struct tv_bytes *out, const char *text)
{
	tv_bytes_append(out, text, strlen(text));
}

static void put_hash(struct tv_bytes *out, const char *text)
{
	char hex[17];

	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)hash(text, strlen(text)));
	put(out, hex);
}

void tv_mark_file(struct tv_bytes *out, const char *text)
{
	put(out, FILE_FRONT);
	put_hash(out, text);
	put(out, FILE_BACK);
	put(out, text);
}

/* A line of its own begins it, so that what stood before is the same again without it, whether or not that
 * ended in a line end. */
void tv_mark_block(struct tv_bytes *out, const char *name, const char *text, bool makes_file)
{
	put(out, BLOCK_FRONT);
	put(out, name);
	put(out, " (");
	put_hash(out, text);
	put(out, makes_file ? NEW BLOCK_END : BLOCK_END);
	put(out, text);
	put(out, "# <<< tokenvault service ");
	put(out, name);
	put(out, " <<<\n");
}

static bool is_hash_of(const char *hex, const char *text, size_t len)
{
	char is[17];

	snprintf(is, sizeof(is), "%016llx", (unsigned long long)hash(text, len));
	return !strncmp(hex, is, 16);
}

struct tv_marked tv_mark_find_file(const struct tv_bytes *file)
{
	static const size_t front = sizeof(FILE_FRONT) - 1;
	const char *text = (const char *)file->data;
	const char *end = file->len ? memchr(text, '\n', file->len) : NULL;
	struct tv_marked m = {.to = file->len};
	size_t body;

	if (!end || (size_t)(end - text) < front + 16 || memcmp(text, FILE_FRONT, front) != 0)
		return m;
	body = (size_t)(end - text) + 1;
	m.is_there = true;
	m.is_unchanged = is_hash_of(text + front, text + body, file->len - body);
	return m;
}

/* The end of what is found, or NULL. */
static const char *behind(const char *text, const char *end, const char *what)
{
	const char *at = text < end ? memmem(text, (size_t)(end - text), what, strlen(what)) : NULL;

	return at ? at + strlen(what) : NULL;
}

bool tv_mark_made(const struct tv_bytes *file)
{
	const char *text = (const char *)file->data, *end = text + file->len;
	const char *name = file->len ? behind(text, end, BLOCK_FRONT) : NULL;
	const char *last = name ? behind(name, end, "\n") : NULL;

	return last && name == text + strlen(BLOCK_FRONT) &&
	       last - name > (ptrdiff_t)strlen(NEW BLOCK_END) &&
	       !strncmp(last - strlen(NEW BLOCK_END), NEW BLOCK_END, strlen(NEW BLOCK_END));
}

struct tv_marked tv_mark_find_block(const struct tv_bytes *file, const char *name)
{
	const char *text = (const char *)file->data, *end = text + file->len;
	const char *hex, *body, *last;
	struct tv_marked m = {0};
	char front[160], back[160];

	snprintf(front, sizeof(front), BLOCK_FRONT "%s (", name);
	snprintf(back, sizeof(back), "# <<< tokenvault service %s <<<\n", name);
	hex = file->len ? behind(text, end, front) : NULL;
	if (!hex)
		return m;
	m.is_there = true;
	body = behind(hex, end, "\n");
	last = body ? behind(body, end, back) : NULL;
	/* Without its end nobody knows what is ours. */
	if (!last || body - hex < 16)
		return m;
	m.from = (size_t)(hex - text) - strlen(front);
	m.to = (size_t)(last - text);
	m.made_file = !strncmp(hex + 16, NEW, strlen(NEW));
	m.is_unchanged = is_hash_of(hex, body, (size_t)(last - body) - strlen(back));
	return m;
}
