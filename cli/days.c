/* How long a token lasts, in words: one way of saying it wherever it is said. */
#include "cli/days.h"

#include <stdio.h>

#define HOUR  3600
#define HOURS 24 /* of a day */
#define DAY   86400

static int64_t nearest(int64_t seconds, int64_t unit)
{
	return (seconds + unit / 2) / unit;
}

int64_t tv_days_left(int64_t expires, int64_t now)
{
	int64_t left = expires - now;

	if (left < 0)
		return -((-left + DAY - 1) / DAY);
	return nearest(left, HOUR) >= 2 * HOURS ? nearest(left, DAY) : left / DAY;
}

/* In the unit that people would choose: days from two of them on. To the nearest: a token for 29 days is one
 * for 29 days in its first minute, too. */
static void print_span(char *out, size_t size, int64_t seconds)
{
	int64_t days = nearest(seconds, DAY), hours = nearest(seconds, HOUR);

	if (hours >= 2 * HOURS)
		snprintf(out, size, "%lld days", (long long)days);
	else if (seconds >= HOUR)
		snprintf(out, size, "%lld hour%s", (long long)hours, hours == 1 ? "" : "s");
	else
		snprintf(out, size, "less than an hour");
}

void tv_days_print(char out[static TV_DAYS_CHARS], int64_t expires, int64_t now)
{
	char span[32];

	if (expires > now) {
		print_span(span, sizeof(span), expires - now);
		snprintf(out, TV_DAYS_CHARS, "expires in %s", span);
	} else {
		print_span(span, sizeof(span), now - expires);
		snprintf(out, TV_DAYS_CHARS, "expired %s ago", span);
	}
}
