/* Spans of time as people write them: "90s", "15m", "12h", "7d", "2w". */
#include "cli/span.h"

#include <stdio.h>
#include <string.h>

#define COUNT_MAX 1000000000

static const struct {
	char unit;
	int64_t seconds;
} units[] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

#define UNITS (sizeof(units) / sizeof(*units))

enum tv_status tv_span_parse(int64_t *out, const char *text, struct tv_error *err)
{
	const char *at = text;
	int64_t count = 0;

	for (; *at >= '0' && *at <= '9' && count < COUNT_MAX; at++)
		count = count * 10 + (*at - '0');
	for (size_t i = 0; i < UNITS; i++) {
		if (at == text || *at != units[i].unit || at[1])
			continue;
		*out = count * units[i].seconds;
		return TV_OK;
	}
	if (strcmp(text, "never") != 0)
		return tv_fail(err, TV_BAD_VALUE,
			       "`%.40s`: 90s, 15m, 12h, 7d, 2w or never expected", text);
	*out = 0;
	return TV_OK;
}

void tv_span_print(char out[static TV_SPAN_CHARS], int64_t seconds)
{
	size_t i = 0;

	while (i + 1 < UNITS && seconds % units[i].seconds)
		i++;
	snprintf(out, TV_SPAN_CHARS, "%lld%c", (long long)(seconds / units[i].seconds),
		 units[i].unit);
}

void tv_span_say(char out[static TV_SPAN_WORDS], int64_t seconds)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} words[] = {{"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}};
	size_t i = 0;
	int64_t count;

	/* Two of a unit are more to the point than one of the next. */
	while (i + 1 < sizeof(words) / sizeof(*words) && seconds < 2 * words[i].seconds)
		i++;
	count = (seconds + words[i].seconds / 2) / words[i].seconds;
	snprintf(out, TV_SPAN_WORDS, "%lld %s%s", (long long)count, words[i].name,
		 count == 1 ? "" : "s");
}
