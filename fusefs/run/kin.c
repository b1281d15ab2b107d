/* Follows the parents in /proc. */
#include "fusefs/run/kin.h"

#include <unistd.h>

#include "vault/vault.h"

static pid_t head;
static uint64_t head_start;

static bool look(struct tv_proc_stat *out, pid_t pid)
{
	int proc = tv_proc_open(pid);
	bool good = proc >= 0 && tv_proc_stat(out, proc);

	if (proc >= 0)
		close(proc);
	return good;
}

bool tv_kin_begin(void)
{
	struct tv_proc_stat st;

	head = getppid();
	if (head <= 0 || !look(&st, head))
		return false;
	head_start = st.start;
	return true;
}

/* A parent is older than its child; one that seems younger has taken the number of one that ended, and the
 * child has another parent by now. */
static pid_t parent_of(pid_t child, uint64_t *start)
{
	struct tv_proc_stat st;

	for (int tries = 0; tries < 3; tries++) {
		struct tv_proc_stat above;

		if (!look(&st, child) || st.parent <= 0 || !look(&above, st.parent))
			continue;
		if (above.start > st.start)
			continue;
		*start = above.start;
		return st.parent;
	}
	return 0;
}

bool tv_kin_has(pid_t task)
{
	uint64_t start;

	for (pid_t pid = task; (pid = parent_of(pid, &start)) > 0;)
		if (pid == head)
			return start == head_start;
	return false;
}
