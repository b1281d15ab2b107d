/* unshare(2), and the numbers of users and groups. */
#include "fusefs/run/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool has_user_namespace;

static enum tv_status no_namespace(int why, struct tv_error *err)
{
	const char *words = "";

	if (why == ENOSPC)
		words = "; user namespaces are switched off or used up (user.max_user_namespaces)";
	else if (why == EPERM || why == EACCES)
		words = "; user namespaces are closed to this user "
			"(kernel.unprivileged_userns_clone, "
			"kernel.apparmor_restrict_unprivileged_userns, or a container's seccomp "
			"filter)";
	else if (why == EINVAL || why == ENOSYS)
		words = "; this kernel has no user namespaces";
	return tv_fail(err, TV_NO_FUSE, "no namespace for the command: %s%s", strerror(why), words);
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	int why = errno;

	if (fd >= 0)
		close(fd);
	errno = why;
	return good;
}

/* Everybody keeps their number. Only the own ones can be mapped: all others show as nobody's. */
static bool map_ids(uid_t uid, gid_t gid)
{
	char users[64], groups[64];

	snprintf(users, sizeof users, "%u %u 1\n", uid, uid);
	snprintf(groups, sizeof groups, "%u %u 1\n", gid, gid);
	return write_file("/proc/self/setgroups", "deny") &&
	       write_file("/proc/self/uid_map", users) && write_file("/proc/self/gid_map", groups);
}

/* These files are closed to who can't be looked at. There is no secret in this process, and never will be. */
static bool enter_user_namespace(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	bool mapped;
	int why;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return false;
	has_user_namespace = true;
	prctl(PR_SET_DUMPABLE, 1);
	mapped = map_ids(uid, gid);
	why = errno;
	prctl(PR_SET_DUMPABLE, 0);
	errno = why;
	return mapped;
}

enum tv_status tv_namespace_enter(struct tv_error *err)
{
	if (unshare(CLONE_NEWNS) && !enter_user_namespace())
		return no_namespace(errno, err);
	/* What is unmounted outside goes here too; what is mounted here shows nowhere else. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL))
		return no_namespace(errno, err);
	return TV_OK;
}

static bool send_both(int socket, const int fds[static 2], size_t n)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = {0};
	char byte = 0;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = CMSG_SPACE(n * sizeof(int))};

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(&control.head), fds, n * sizeof(int));
	return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

enum tv_status tv_namespace_send(int socket, struct tv_error *err)
{
	int fds[2] = {open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), -1};
	bool sent;
	int why;

	if (has_user_namespace)
		fds[1] = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	sent = fds[0] >= 0 && (fds[1] >= 0 || !has_user_namespace) &&
	       send_both(socket, fds, has_user_namespace ? 2 : 1);
	why = errno;
	for (size_t i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return sent ? TV_OK : tv_fail(err, TV_NO_FUSE, "namespaces: %s", strerror(why));
}
