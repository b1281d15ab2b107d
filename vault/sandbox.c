/* Capabilities, prctl(2), Landlock and seccomp. */
#include "vault/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where root started this it needs none of root's powers, which would open what modes close. */
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

enum tv_status tv_sandbox_process(struct tv_error *err)
{
	const struct rlimit none = {0, 0};

	if (!drop_capabilities() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    setrlimit(RLIMIT_CORE, &none))
		return tv_fail(err, TV_FAILED, "prctl: %s", strerror(errno));
	return TV_OK;
}

/* landlock_create_ruleset(2), of kernels newer than the headers that we are built with. */
struct ruleset {
	uint64_t files;
	uint64_t net;	/* ABI 4 */
	uint64_t scope; /* ABI 6 */
};

#define NET_BIND    UINT64_C(1)
#define NET_CONNECT UINT64_C(2)
#define SCOPE_ALL   UINT64_C(3) /* abstract sockets, signals */

/* Rights of each ABI: all there are. */
static uint64_t file_rights(int abi)
{
	static const int bits[] = {0, 13, 14, 15, 15, 16};

	return (UINT64_C(1) << bits[abi < 5 ? abi : 5]) - 1;
}

/* What isn't there needs no rule. */
static bool allow_reading(int rules, const char *path)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};
	struct stat st;
	long failed;

	if (rule.parent_fd < 0)
		return true;
	if (!fstat(rule.parent_fd, &st) && S_ISDIR(st.st_mode))
		rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
	failed = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
	return !failed;
}

enum tv_status tv_sandbox_files(const char *const *readable, bool connects, struct tv_error *err)
{
	int abi =
		(int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset rules = {
		.net = NET_BIND | (connects ? 0 : NET_CONNECT),
		.scope = SCOPE_ALL,
	};
	size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
	bool good;
	int fd;

	if (abi < 1)
		return TV_OK;
	rules.files = file_rights(abi);
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	good = fd >= 0;
#ifdef TV_SANITIZED
	/* A sanitizer's runtime looks for threads and maps when it ends. */
	good = good && allow_reading(fd, "/proc");
#endif
	for (; good && *readable; readable++)
		good = allow_reading(fd, *readable);
	good = good && !syscall(SYS_landlock_restrict_self, fd, 0);
	if (!good)
		tv_fail(err, TV_FAILED, "Landlock: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return good ? TV_OK : TV_FAILED;
}

#ifdef TV_SANITIZED
/* The calls that a sanitizer's runtime makes differ between compilers and kernels. */
static uint32_t action_of(enum tv_sandbox_otherwise otherwise)
{
	(void)otherwise;
	return SCMP_ACT_LOG;
}
#else
static uint32_t action_of(enum tv_sandbox_otherwise otherwise)
{
	return otherwise == TV_OTHERWISE_KILLED ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(ENOSYS);
}
#endif

static int add_row(scmp_filter_ctx filter, const struct tv_syscall *c, uint32_t otherwise)
{
	int number = seccomp_syscall_resolve_name(c->name);
	struct scmp_arg_cmp when = {
		.arg = c->argument,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = c->value,
		.datum_b = c->rule == TV_SYSCALL_WITHOUT ? 0 : c->value,
	};
	uint32_t action = SCMP_ACT_ALLOW;

	if (number == __NR_SCMP_ERROR)
		return 0;
	if (c->rule == TV_SYSCALL_DEADLY)
		action = SCMP_ACT_KILL_PROCESS;
	if (c->rule == TV_SYSCALL_UNKNOWN)
		action = SCMP_ACT_ERRNO(EAFNOSUPPORT);
	/* What comes to the same without a row must have none. */
	if (action == otherwise)
		return 0;
	if (c->rule == TV_SYSCALL_ALWAYS || c->rule == TV_SYSCALL_DEADLY)
		return seccomp_rule_add(filter, action, number, 0);
	/* Whose value is an int has anything in the upper half. */
	if (c->rule == TV_SYSCALL_EQUAL || c->rule == TV_SYSCALL_UNKNOWN)
		when.datum_a = c->value > UINT32_MAX ? UINT64_MAX : UINT32_MAX;
	return seccomp_rule_add_array(filter, action, number, 1, &when);
}

enum tv_status tv_sandbox_calls(const struct tv_syscall *calls, enum tv_sandbox_otherwise otherwise,
				struct tv_error *err)
{
	const uint32_t action = action_of(otherwise);
	scmp_filter_ctx filter = seccomp_init(action);
	int failed = filter ? seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) : -ENOMEM;

	for (; calls->name && !failed; calls++)
		failed = add_row(filter, calls, action);
	if (!failed)
		failed = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return failed ? tv_fail(err, TV_FAILED, "seccomp: %s", strerror(-failed)) : TV_OK;
}
