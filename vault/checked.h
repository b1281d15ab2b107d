/* What came of asking a service about a token, as messages carry it. Only for the library itself. */
#ifndef TV_CHECKED_H
#define TV_CHECKED_H

#include "vault/entry.h"

/* Takes {at, answer, account?, expires?, fields?} over into the entry. A good answer brings its account,
 * expiry and fields; any other leaves the last good state as it is. TV_BAD_VALUE. */
enum tv_status tv_checked_apply(struct tv_entry *e, const struct tv_json *checked, int64_t now,
				struct tv_error *err) TV_MUST_CHECK;

#endif
