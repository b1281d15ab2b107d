/* Descriptors, prctl(2), Landlock and seccomp, in this order. */
#include "cli/fetch/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/fetch/calls.h"

/* Where root started this: none of root's powers, which would open what modes close. */
static bool drop_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};

	return !syscall(SYS_capset, &head, none);
}

enum tv_status tv_fetch_shut_in(struct tv_error *err)
{
	const struct rlimit none = {0, 0};

	close_range(3, ~0U, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || !drop_capabilities() ||
	    prctl(PR_SET_DUMPABLE, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    setrlimit(RLIMIT_CORE, &none))
		return tv_fail(err, TV_FAILED, "prctl: %s", strerror(errno));
	return TV_OK;
}

/* Where libraries, certificates and what the resolver wants are. Homes and runtime directories are
 * not among them. */
static const char *const system_files[] = {
	"/etc",
	"/usr",
	"/lib",
	"/lib32",
	"/lib64",
	"/nix/store",
	"/gnu/store",
	"/var/lib/ca-certificates",
	"/run/systemd/resolve",
	"/run/NetworkManager",
	"/run/resolvconf",
	"/dev/null",
	"/dev/random",
	"/dev/urandom",
	"/sys/devices/system/cpu",
	"/etc/resolv.conf", /* where it leads to, which on some systems is elsewhere */
	NULL,
};

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

/* A kernel without Landlock has to do with seccomp, which leaves reading. */
static enum tv_status only_read(const char *const *readable, struct tv_error *err)
{
	int abi =
		(int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset rules = {
		.net = 1,   /* bind */
		.scope = 3, /* abstract sockets, signals */
	};
	bool good;
	int fd;

	if (abi < 1)
		return TV_OK;
	rules.files = file_rights(abi);
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules,
			  abi >= 6   ? 24
			  : abi >= 4 ? 16
				     : 8,
			  0);
	good = fd >= 0;
	for (const char *const *path = system_files; good && *path; path++)
		good = allow_reading(fd, *path);
	for (; good && *readable; readable++)
		good = allow_reading(fd, *readable);
	good = good && !syscall(SYS_landlock_restrict_self, fd, 0);
	if (!good)
		return tv_fail(err, TV_FAILED, "Landlock: %s", strerror(errno));
	close(fd);
	return TV_OK;
}

#ifdef TV_SANITIZED
/* The sanitizers' runtime makes calls of its own, which differ between compilers and kernels: there the
 * filter is in force, but lets through, and logs, what is not in the table. */
#define OTHERWISE SCMP_ACT_LOG
#else
#define OTHERWISE SCMP_ACT_ERRNO(ENOSYS)
#endif

static int add_row(scmp_filter_ctx filter, const struct tv_fetch_call *c)
{
	int number = seccomp_syscall_resolve_name(c->name);
	struct scmp_arg_cmp when = {.arg = c->argument, .op = SCMP_CMP_MASKED_EQ};

	/* Not every architecture has each of them. */
	if (number == __NR_SCMP_ERROR)
		return 0;
	switch (c->rule) {
	case TV_CALL_ALWAYS:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	case TV_CALL_DEADLY:
		return seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, number, 0);
	case TV_CALL_EQUAL:
		when.datum_a = UINT32_MAX; /* these are ints */
		when.datum_b = c->value;
		break;
	default:
		when.datum_a = c->value;
		when.datum_b = c->rule == TV_CALL_WITH ? c->value : 0;
	}
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1, &when);
}

/* A Unix socket is told apart from a kernel too old, so that a resolver's module gives up on it. */
static int add_rows(scmp_filter_ctx filter)
{
	int failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
				      SCMP_A0(SCMP_CMP_EQ, AF_UNIX));

	for (const struct tv_fetch_call *c = tv_fetch_calls; c->name && !failed; c++)
		failed = add_row(filter, c);
	return failed;
}

enum tv_status tv_fetch_shut_off(const char *const *readable, struct tv_error *err)
{
	enum tv_status status = only_read(readable, err);
	scmp_filter_ctx filter;
	int failed;

	if (status)
		return status;
	filter = seccomp_init(OTHERWISE);
	failed = filter ? add_rows(filter) : -ENOMEM;
	if (!failed)
		failed = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return failed ? tv_fail(err, TV_FAILED, "seccomp: %s", strerror(-failed)) : TV_OK;
}
