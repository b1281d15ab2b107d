/* How long a token lasts, in words: one way of saying it wherever it is said. */
#include "cli/days.h"

#include <stdio.h>

#define HOUR 3600
#define DAY  86400

int64_t tv_days_left(int64_t expires, int64_t now)
{
	int64_t left = expires - now;

	return left >= 0 ? left / DAY : -((-left + DAY - 1) / DAY);
}

/* In the unit that people would choose: days from two of them on. */
static void print_span(char *out, size_t size, int64_t seconds)
{
	int64_t days = seconds / DAY, hours = seconds / HOUR;

	if (days >= 2)
		snprintf(out, size, "%lld days", (long long)days);
	else if (hours >= 1)
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
