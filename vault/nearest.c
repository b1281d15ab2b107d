/* What somebody may have meant who mistyped a name. */
#include <string.h>

#include "vault/provider.h"

#define NAME_MAX_LEN 63
#define DISTANCE_MAX 2

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, row by row; DISTANCE_MAX + 1 for what is too long to be a name. */
static size_t distance(const char *a, const char *b)
{
	const size_t len = strlen(b);
	size_t row[NAME_MAX_LEN + 1];

	if (len > NAME_MAX_LEN || strlen(a) > NAME_MAX_LEN)
		return DISTANCE_MAX + 1;
	for (size_t i = 0; i <= len; i++)
		row[i] = i;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t k = 0; k < len; k++) {
			const size_t above = row[k + 1];

			row[k + 1] = least(diagonal + (a[i] != b[k]), 1 + least(above, row[k]));
			diagonal = above;
		}
	}
	return row[len];
}

const char *tv_nearest(const char *typed, const char *(*next)(const void *arg, size_t i),
		       const void *arg)
{
	size_t best = DISTANCE_MAX + 1;
	const char *nearest = NULL;
	const char *name;

	for (size_t i = 0; (name = next(arg, i)); i++) {
		const size_t d = distance(typed, name);

		/* Two of two letters wrong is another word. */
		if (d < best && d < strlen(typed) && d < strlen(name)) {
			best = d;
			nearest = name;
		}
	}
	return nearest;
}
