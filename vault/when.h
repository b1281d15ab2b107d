/* Times: what people write, what the document stores, what a token says of itself. */
#ifndef TV_WHEN_H
#define TV_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "vault/secret.h"
#include "vault/status.h"

/* "30d", "12h", "8w", "never", "2027-08-19" (its end, UTC) or RFC 3339, as seconds since 1970; never
 * is TV_NEVER. TV_BAD_VALUE for anything else and for what is not after now. */
enum tv_status tv_when_parse(int64_t *out, const char *text, int64_t now,
			     struct tv_error *err) TV_MUST_CHECK;
/* RFC 3339, or a date as its end in UTC, past or not; false for anything else. */
bool tv_when_read(int64_t *out, const char *text);
#define TV_WHEN_LAST 253402300799 /* 9999-12-31T23:59:59Z: later ones don't fit the form */
/* RFC 3339 in UTC, "2027-08-19T00:18:59Z". */
#define TV_WHEN_CHARS 21
void tv_when_print(char out[static TV_WHEN_CHARS], int64_t when);
/* Milliseconds of CLOCK_MONOTONIC, for what is waited for. */
int64_t tv_now_ms(void);
/* The claim exp of a JSON Web Token (RFC 7519), or TV_NEVER when the token is none or has none. */
int64_t tv_jwt_expiry(const struct tv_secret *token);
/* Whether it has a JWT's shape: three base64url segments, the first two JSON objects. */
bool tv_token_is_jwt(const struct tv_secret *token);

#endif
