/* Reads and writes times, and finds the expiry inside a JSON Web Token. */
#include "vault/when.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vault/arena.h"
#include "vault/doc.h"
#include "vault/json.h"

#define LAST TV_WHEN_LAST
#define DAY  86400

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly n digits; false leaves *at where it was. */
static bool take_number(int *out, const char **at, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (!is_digit((*at)[i]))
			return false;
		value = value * 10 + ((*at)[i] - '0');
	}
	*at += n;
	*out = value;
	return true;
}

static bool take_char(const char **at, const char *any)
{
	if (!**at || !strchr(any, **at))
		return false;
	(*at)++;
	return true;
}

/* "30d": a count and a unit, from now. */
static bool parse_span(int64_t *out, const char *text, int64_t now)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'h', 3600}, {'d', DAY}, {'w', 7 * DAY}};
	int64_t count = 0;
	const char *at = text;

	for (; is_digit(*at); at++) {
		count = count * 10 + (*at - '0');
		if (count > LAST)
			return false;
	}
	if (at == text || !at[0] || at[1])
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (*at == units[i].unit && count <= (LAST - now) / units[i].seconds) {
			*out = now + count * units[i].seconds;
			return true;
		}
	return false;
}

/* "2027-08-19"; refuses days that no calendar has. */
static bool take_date(struct tm *tm, const char **at)
{
	struct tm normal;

	if (!take_number(&tm->tm_year, at, 4) || !take_char(at, "-") ||
	    !take_number(&tm->tm_mon, at, 2) || !take_char(at, "-") ||
	    !take_number(&tm->tm_mday, at, 2))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon -= 1;
	normal = *tm;
	timegm(&normal);
	return normal.tm_mon == tm->tm_mon;
}

/* "00:18:59", with a fraction that is left out; 60 is RFC 3339's leap second. */
static bool take_clock(struct tm *tm, const char **at)
{
	if (!take_number(&tm->tm_hour, at, 2) || tm->tm_hour > 23 || !take_char(at, ":") ||
	    !take_number(&tm->tm_min, at, 2) || tm->tm_min > 59 || !take_char(at, ":") ||
	    !take_number(&tm->tm_sec, at, 2) || tm->tm_sec > 60)
		return false;
	if (!take_char(at, "."))
		return true;
	if (!is_digit(**at))
		return false;
	while (is_digit(**at))
		(*at)++;
	return true;
}

/* "Z" or "+02:00", as seconds east of Greenwich. */
static bool take_zone(int64_t *out, const char **at)
{
	int sign = **at == '-' ? -1 : 1;
	int hours, minutes;

	*out = 0;
	if (take_char(at, "Zz"))
		return true;
	if (!take_char(at, "+-") || !take_number(&hours, at, 2) || hours > 23 ||
	    !take_char(at, ":") || !take_number(&minutes, at, 2) || minutes > 59)
		return false;
	*out = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool tv_when_read(int64_t *out, const char *text)
{
	struct tm tm = {.tm_hour = 23, .tm_min = 59, .tm_sec = 59};
	int64_t east = 0;

	if (!take_date(&tm, &text))
		return false;
	if (*text && (!take_char(&text, "Tt ") || !take_clock(&tm, &text) ||
		      !take_zone(&east, &text) || *text))
		return false;
	*out = (int64_t)timegm(&tm) - east;
	return true;
}

enum tv_status tv_when_parse(int64_t *out, const char *text, int64_t now, struct tv_error *err)
{
	int64_t when;

	if (!strcmp(text, "never")) {
		*out = TV_NEVER;
		return TV_OK;
	}
	if (!parse_span(&when, text, now) && !tv_when_read(&when, text))
		return tv_fail(err, TV_BAD_VALUE,
			       "a time like 30d, 12h, 8w, 2027-08-19, 2027-08-19T12:00:00Z or "
			       "never expected");
	if (when <= now)
		return tv_fail(err, TV_BAD_VALUE,
			       "%.40s has passed already; a time in the future expected", text);
	if (when > LAST)
		return tv_fail(err, TV_BAD_VALUE, "%.40s is after the year 9999", text);
	*out = when;
	return TV_OK;
}

/* The server prints dates too, and gmtime_r would want /etc/localtime, for which it has no file system. Years
 * that begin in March end with their leap day (Howard Hinnant, chrono-compatible date algorithms). */
static void date_of(int *year, int *month, int *day, int64_t days)
{
	const int64_t since_0000 = days + 719468;
	const int64_t era = since_0000 / 146097;
	const int64_t day_of_era = since_0000 % 146097;
	const int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	const int day_of_year =
		(int)(day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100));
	const int month_from_march = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
	*month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
	*year = (int)(year_of_era + era * 400) + (*month <= 2);
}

/* A number's last digits, and what stands behind them; where to go on. A list prints twenty thousand times. */
static char *put_digits(char *at, int number, int n, char behind)
{
	for (int i = n; i-- > 0; number /= 10)
		at[i] = (char)('0' + number % 10);
	at[n] = behind;
	return at + n + 1;
}

void tv_when_print(char out[static TV_WHEN_CHARS], int64_t when)
{
	const int64_t t = when < 0 ? 0 : when > LAST ? LAST : when;
	const int second = (int)(t % DAY);
	int year, month, day;

	date_of(&year, &month, &day, t / DAY);
	out = put_digits(out, year, 4, '-');
	out = put_digits(out, month, 2, '-');
	out = put_digits(out, day, 2, 'T');
	out = put_digits(out, second / 3600, 2, ':');
	out = put_digits(out, second / 60 % 60, 2, ':');
	out = put_digits(out, second % 60, 2, 'Z');
	*out = '\0';
}

static bool is_base64url(const char *text, size_t len)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			    "0123456789-_") >= len;
}

/* The object in a segment, or NULL. Its claims are the user's business: arena only. */
static struct tv_json *parse_segment(const char *text, size_t len)
{
	unsigned char *plain = tv_arena_alloc(len + 1);
	struct tv_json *object = NULL;
	size_t plain_len;

	if (plain && !sodium_base642bin(plain, len, text, len, NULL, &plain_len, NULL,
					sodium_base64_VARIANT_URLSAFE_NO_PADDING))
		if (tv_json_parse(&object, plain, plain_len, NULL) != TV_OK)
			object = NULL;
	tv_arena_free(plain);
	if (tv_json_is_object(object))
		return object;
	tv_json_free(object);
	return NULL;
}

/* The claims of a token with a JWT's shape, else NULL. Nobody here looks at the signature: its
 * alphabet is all that is asked of it. */
static struct tv_json *parse_claims(const struct tv_secret *token)
{
	const char *head = tv_secret_text(token);
	const char *body = strchr(head, '.');
	const char *tail = body ? strchr(body + 1, '.') : NULL;
	struct tv_json *claims = NULL;
	tv_auto_json *header = NULL;

	if (!tail || strlen(head) != token->len || !is_base64url(tail + 1, strlen(tail + 1)))
		return NULL;
	header = parse_segment(head, (size_t)(body - head));
	if (header)
		claims = parse_segment(body + 1, (size_t)(tail - body - 1));
	return claims;
}

int64_t tv_jwt_expiry(const struct tv_secret *token)
{
	tv_auto_json *claims = parse_claims(token);
	const struct tv_json *exp = tv_json_get(claims, "exp");
	tv_auto_secret text = {0};
	double when;
	char *end;

	/* A NumericDate may have a fraction, so it is read from its text; a string has quotes. */
	if (!exp || tv_json_print(&text, exp, NULL) != TV_OK)
		return TV_NEVER;
	when = strtod(tv_secret_text(&text), &end);
	if (end == tv_secret_text(&text))
		return TV_NEVER;
	/* 0 means never to everybody else, and this token says that it has expired long ago. */
	return when < 1 ? 1 : when > (double)LAST ? LAST : (int64_t)when;
}

bool tv_token_is_jwt(const struct tv_secret *token)
{
	tv_auto_json *claims = parse_claims(token);

	return claims != NULL;
}

int64_t tv_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
