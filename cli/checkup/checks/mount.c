/* That a file can be mounted: it is tried. */
#include "cli/checkup/trial.h"

static void look(struct tv_checkup *c)
{
	tv_auto_secret said = {0};
	struct tv_error why = {""};

	if (tv_trial_make(&said, c, "mount", &why))
		tv_remark_unknown(c, "no mount could be tried: %s; then look again", why.detail);
	else if (said.len)
		tv_remark_wrong(c, "a file can't be mounted (tried): %s", tv_secret_text(&said));
}

const struct tv_check tv_check_mount = {
	.name = "mount",
	.fine = "a file can be mounted and unmounted (tried)",
	.look = look,
};
