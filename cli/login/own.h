/*
 * Files of others' directories that we wrote, and may replace and remove: each begins with a line that says so,
 * and what the rest was. A file without that line is somebody else's, one whose rest is another was changed by
 * hand; both stay as they are. In ~/.profile, which is the user's, the same goes for a block of lines.
 */
#ifndef TV_OWN_H
#define TV_OWN_H

#include "cli/login/plan.h"

enum tv_own_state {
	TV_OWN_ABSENT,
	TV_OWN_CURRENT, /* as planned */
	TV_OWN_EARLIER, /* ours, of other words */
	TV_OWN_CHANGED, /* ours, changed by hand since */
	TV_OWN_FOREIGN,
};

/* What is there. TV_IO. */
enum tv_status tv_own_look(enum tv_own_state *out, const struct tv_plan *plan, size_t i,
			   struct tv_error *err) TV_MUST_CHECK;
/* Whether the i-th file of a plan can be put there: TV_EXISTS where a foreign or changed one is. */
enum tv_status tv_own_check(const struct tv_plan *plan, size_t i,
			    struct tv_error *err) TV_MUST_CHECK;
/* Writes it, and the directories on its way; not where a foreign or changed one is, TV_EXISTS. */
enum tv_status tv_own_put(const struct tv_plan *plan, size_t i, struct tv_error *err) TV_MUST_CHECK;
/* Removes it, where it is ours and unchanged; what is not is left alone. */
enum tv_status tv_own_remove(const struct tv_plan *plan, size_t i,
			     struct tv_error *err) TV_MUST_CHECK;

#endif
