/* That an unprivileged process can have namespaces of its own, for `run`: it is tried. */
#include <string.h>

#include "cli/checkup/look.h"
#include "cli/checkup/trial.h"

#define ALTERNATIVES                                                                               \
	"tokenvault run can't make files that only its command sees; run --env and --stdin, and "  \
	"tokenvault mount, do without"

#define OVERLAY "leaves an empty file, while it runs, where there was none"

/* Which switch it is, of those that the kernels and distributions have. */
static void say_closed(struct tv_checkup *c)
{
	static const struct {
		const char *path;
		long open; /* what it has to be; −1: more than 0 */
		const char *name;
	} switches[] = {
		{"/proc/sys/user/max_user_namespaces", -1, "user.max_user_namespaces=10000"},
		{"/proc/sys/user/max_mnt_namespaces", -1, "user.max_mnt_namespaces=10000"},
		{"/proc/sys/kernel/unprivileged_userns_clone", 1,
		 "kernel.unprivileged_userns_clone=1"},
		{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0,
		 "kernel.apparmor_restrict_unprivileged_userns=0"},
	};
	long value;

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (!tv_look_number(&value, c, switches[i].path) || value == switches[i].open ||
		    (switches[i].open < 0 && value > 0))
			continue;
		tv_remark_note(c,
			       "user namespaces are switched off for you (as root: sysctl -w %s), "
			       "so that " ALTERNATIVES,
			       switches[i].name);
		return;
	}
	tv_remark_note(c, "user namespaces are forbidden here, by a container or a security "
			  "module, so that " ALTERNATIVES);
}

static void look(struct tv_checkup *c)
{
	tv_auto_secret said = {0};
	struct tv_error why = {""};
	const char *step;

	if (tv_trial_make(&said, c, "namespaces", &why)) {
		tv_remark_unknown(c, "no namespace could be tried: %s; then look again",
				  why.detail);
		return;
	}
	if (!said.len)
		return;
	step = tv_secret_text(&said);
	if (strcmp(step, "overlay") != 0)
		say_closed(c);
	else if (!tv_look_has_word(c, "/proc/filesystems", "overlay"))
		tv_remark_note(c, "the kernel has no overlayfs, so that tokenvault run " OVERLAY
				  "; as root: modprobe overlay");
	else
		tv_remark_note(c, "overlayfs can't be mounted in a user namespace (Linux 5.11 and "
				  "later can), so that tokenvault run " OVERLAY "; make an empty "
				  "file there yourself");
}

const struct tv_check tv_check_namespaces = {
	.name = "namespaces",
	.fine = "user and mount namespaces and overlayfs work for you (tried)",
	.look = look,
};
