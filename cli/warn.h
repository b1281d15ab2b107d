/* What expires soon or is due: asked of the vault where that needs nobody's help, and said after commands. */
#ifndef TV_WARN_H
#define TV_WARN_H

#include "cli/cli.h"

#define TV_WARN_DAYS 14 /* how long before the end people are told */

/* The entries that expire before a time, expired ones too: an array of {provider, label, expires,
 * days}, and each entry's other members as `list` has them. Asks for no passphrase: TV_LOCKED. */
enum tv_status tv_warn_find(struct tv_json **out, struct tv_cli *cli, int64_t before,
			    struct tv_error *err) TV_MUST_CHECK;
/* Has a request for `show` ask for what tv_warn tells, which is taken out of its reply: one exchange less. */
enum tv_status tv_warn_ask_along(struct tv_json *request, const struct tv_cli *cli,
				 struct tv_error *err) TV_MUST_CHECK;
void tv_warn_take(struct tv_cli *cli, struct tv_json *reply);
/* After a command that opened the vault: a line on stderr for each that expires within
 * TV_WARN_DAYS, and one when a rotation's old token is due to be ended. */
void tv_warn(struct tv_cli *cli);

#endif
