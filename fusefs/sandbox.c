/* Descriptors, prctl(2), Landlock and seccomp, in this order. */
#include "fusefs/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fusefs/calls.h"

static int order(const void *a, const void *b)
{
	return **(int *const *)a - **(int *const *)b;
}

/* Closes everything between what is kept. */
static void close_others(int *const *sorted, size_t count)
{
	unsigned from = 3;

	for (size_t i = 0; i < count; i++) {
		if ((unsigned)*sorted[i] > from)
			close_range(from, (unsigned)*sorted[i] - 1, 0);
		from = (unsigned)*sorted[i] + 1;
	}
	close_range(from, ~0U, 0);
}

/* Something has to stand at 0 to 2, or the next socket would, and a library's last words would go out
 * through it. A socket without a peer takes nothing and tells nobody. */
static bool silence(void)
{
	int nowhere = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool good = nowhere >= 0;

	for (int std = 0; good && std <= 2; std++) {
#ifdef TV_SANITIZED
		/* A sanitizer's report is to be read. */
		if (std == 2)
			break;
#endif
		good = dup3(nowhere, std, O_CLOEXEC) == std;
	}
	if (nowhere > 2)
		close(nowhere);
	return good;
}

enum tv_status tv_sandbox_descriptors(int *const *keep, size_t count, struct tv_error *err)
{
	int *sorted[8];

	if (count > 8)
		return tv_fail(err, TV_FAILED, "too many descriptors");
	for (size_t i = 0; i < count; i++) {
		if (*keep[i] <= 2)
			*keep[i] = fcntl(*keep[i], F_DUPFD_CLOEXEC, 3);
		sorted[i] = keep[i];
	}
	qsort(sorted, count, sizeof *sorted, order);
	close_others(sorted, count);
	return silence() ? TV_OK : tv_fail(err, TV_FAILED, "socket: %s", strerror(errno));
}

/* landlock_create_ruleset(2), of kernels newer than the headers that we are built with. */
struct ruleset {
	uint64_t files;
	uint64_t net;	/* ABI 4 */
	uint64_t scope; /* ABI 6 */
};

/* Rights of each ABI: all there are. */
static uint64_t file_rights(int abi)
{
	static const int bits[] = {0, 13, 14, 15, 15, 16};

	return (UINT64_C(1) << bits[abi < 5 ? abi : 5]) - 1;
}

/* A domain in which nothing is allowed. A kernel without Landlock gives none: seccomp does not let
 * the server open anything either. */
static enum tv_status no_files(struct tv_error *err)
{
	int abi =
		(int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset rules = {0};
	size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
	int fd;

	if (abi < 1)
		return TV_OK;
	rules.files = file_rights(abi);
	rules.net = 3;	 /* bind, connect */
	rules.scope = 3; /* abstract sockets, signals */
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0)) {
		int why = errno;

		if (fd >= 0)
			close(fd);
		return tv_fail(err, TV_FAILED, "Landlock: %s", strerror(why));
	}
	close(fd);
	return TV_OK;
}

/* A server that root started needs none of root's powers. */
static bool drop_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	/* Only who has capabilities may drop them from the bounding set, and only they need to. */
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	return !syscall(SYS_capset, &head, none);
}

enum tv_status tv_sandbox_process(pid_t keeper, struct tv_error *err)
{
	const struct rlimit none = {0, 0};

	if (!drop_capabilities() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    setrlimit(RLIMIT_CORE, &none))
		return tv_fail(err, TV_FAILED, "prctl: %s", strerror(errno));
	/* It may have died before we asked to be told. */
	if (getppid() != keeper)
		_exit(1);
	return no_files(err);
}

static int allow(scmp_filter_ctx filter)
{
	int failed = 0;

	for (const struct tv_call *c = tv_calls; c->name && !failed; c++) {
		int number = seccomp_syscall_resolve_name(c->name);

		/* Not every architecture has each of them. */
		if (number == __NR_SCMP_ERROR)
			continue;
		if (c->no_exec)
			failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
						  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
		else
			failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	}
	return failed;
}

#ifdef TV_SANITIZED
/* The sanitizers' runtime makes calls of its own, which differ between compilers and kernels: there the
 * filter is in force, but lets through, and logs, what is not in the table. */
#define OTHERWISE SCMP_ACT_LOG
#else
#define OTHERWISE SCMP_ACT_KILL_PROCESS
#endif

enum tv_status tv_sandbox_calls(struct tv_error *err)
{
	scmp_filter_ctx filter = seccomp_init(OTHERWISE);
	int failed = filter ? 0 : -ENOMEM;

	if (!failed)
		failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!failed)
		failed = allow(filter);
	if (!failed)
		failed = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return failed ? tv_fail(err, TV_FAILED, "seccomp: %s", strerror(-failed)) : TV_OK;
}
