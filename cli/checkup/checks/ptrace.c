/* Whether programs of this user may look into each other's memory. */
#include "cli/checkup/look.h"

static void look(struct tv_checkup *c)
{
	long scope = 0;

	if (tv_look_number(&scope, c, "/proc/sys/kernel/yama/ptrace_scope") && scope > 0)
		return;
	tv_remark_note(c, "any program of yours may look into the memory of a tool that reads a "
			  "token (not of tokenvault's server); as root: sysctl -w "
			  "kernel.yama.ptrace_scope=1");
}

const struct tv_check tv_check_ptrace = {
	.name = "ptrace",
	.fine = "programs can't look into the memory of others that they did not start",
	.look = look,
};
