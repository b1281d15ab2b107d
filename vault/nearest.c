/* What somebody may have meant who mistyped a name. */
#include <string.h>

#include "vault/provider.h"

#define NAME_MAX_LEN 63
#define DISTANCE_MAX 2

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, where two neighbours that changed places count as one mistake, as they are
 * the commonest of all; row by row. DISTANCE_MAX + 1 for what is too long to be a name. */
static size_t distance(const char *a, const char *b)
{
	const size_t len = strlen(b);
	size_t rows[3][NAME_MAX_LEN + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	if (len > NAME_MAX_LEN || strlen(a) > NAME_MAX_LEN)
		return DISTANCE_MAX + 1;
	for (size_t k = 0; k <= len; k++)
		row[k] = before[k] = k;
	for (size_t i = 0; a[i]; i++) {
		size_t *free_row = before;

		before = above;
		above = row;
		row = free_row;
		row[0] = i + 1;
		for (size_t k = 0; k < len; k++) {
			row[k + 1] =
				least(above[k] + (a[i] != b[k]), 1 + least(above[k + 1], row[k]));
			if (i && k && a[i] == b[k - 1] && a[i - 1] == b[k])
				row[k + 1] = least(row[k + 1], before[k - 1] + 1);
		}
	}
	return row[len];
}

/* Whether the letters of a stand in b in their order: b was abbreviated, or lost some. */
static bool is_within(const char *a, const char *b)
{
	for (; *a && *b; b++)
		a += *a == *b;
	return !*a;
}

/* 0 for the beginning of a name; else mistakes counted twice, less one where letters only fell out. */
static size_t unlikeliness(const char *typed, const char *name)
{
	const size_t len = strlen(typed);
	const size_t d = distance(typed, name);

	if (len > 2 && !strncmp(typed, name, len))
		return 0;
	/* Two of two letters wrong is another word. */
	if (d > DISTANCE_MAX || d >= len || d >= strlen(name))
		return 2 * (DISTANCE_MAX + 1);
	return 2 * d - (d && is_within(typed, name));
}

const char *tv_nearest(const char *typed, const char *(*next)(const void *arg, size_t i),
		       const void *arg)
{
	size_t best = 2 * (DISTANCE_MAX + 1);
	const char *nearest = NULL;
	const char *name;

	for (size_t i = 0; (name = next(arg, i)); i++) {
		const size_t unlikely = unlikeliness(typed, name);

		if (unlikely < best) {
			best = unlikely;
			nearest = name;
		}
	}
	return nearest;
}
