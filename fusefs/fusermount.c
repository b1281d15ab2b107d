/* Runs fusermount3: never through a shell, and with an environment of our own. */
#include "fusefs/fusermount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELPER	 "fusermount3"
#define PATIENCE 10000 /* ms for one mount */

/* The descriptor of the helper's end of the socket, in the helper. */
#define COMM_FD 3

static const char *search_path(void)
{
	const char *path = getenv("PATH");

	return path && *path ? path : "/usr/local/bin:/usr/bin:/bin";
}

/* Where it is: looked for here, since a vain execve(2) in each directory before costs each mount more. */
static bool find_helper(char file[static PATH_MAX])
{
	const char *path = search_path();
	size_t len;

	for (;; path += len + 1) {
		len = strcspn(path, ":");
		if (snprintf(file, PATH_MAX, "%.*s/" HELPER, (int)len, path) < PATH_MAX &&
		    !access(file, X_OK))
			return true;
		if (!path[len])
			return false;
	}
}

enum tv_status tv_fusermount_check(struct tv_error *err)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char file[PATH_MAX];

	if (fd < 0)
		return tv_fail(err, TV_NO_FUSE,
			       "/dev/fuse: %s; load the kernel's module fuse, or allow this user "
			       "to open it",
			       strerror(errno));
	close(fd);
	if (!find_helper(file))
		return tv_fail(err, TV_NO_FUSE,
			       HELPER " is not in PATH; install the package fuse3");
	return TV_OK;
}

/* Starts the helper; stderr_fd and comm_fd may be −1. */
static int spawn_helper(pid_t *pid, const char *const *argv, int stderr_fd, int comm_fd)
{
	char path[PATH_MAX + 8], file[PATH_MAX];
	char comm[32];
	char *env[] = {path, comm, NULL};
	posix_spawn_file_actions_t actions;
	int err;

	snprintf(path, sizeof path, "PATH=%.*s", PATH_MAX, search_path());
	snprintf(comm, sizeof comm, "_FUSE_COMMFD=%d", COMM_FD);
	if (posix_spawn_file_actions_init(&actions))
		return ENOMEM;
	err = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, 0, 1);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, stderr_fd < 0 ? 0 : stderr_fd, 2);
	if (!err && comm_fd >= 0)
		err = posix_spawn_file_actions_adddup2(&actions, comm_fd, COMM_FD);
	if (!err)
		err = find_helper(file)
			      ? posix_spawn(pid, file, &actions, NULL, (char *const *)argv, env)
			      : ENOENT;
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/* Whether the helper ended well. */
static bool reap(pid_t pid)
{
	int how;

	while (waitpid(pid, &how, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(how) && !WEXITSTATUS(how);
}

/* The descriptor that the helper sends, or −1. */
static int receive_fd(int socket)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct pollfd wait = {.fd = socket, .events = POLLIN};
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof control};
	const struct cmsghdr *c;
	int fd = -1;

	if (poll(&wait, 1, PATIENCE) < 1 || recvmsg(socket, &message, MSG_CMSG_CLOEXEC) < 1)
		return -1;
	c = CMSG_FIRSTHDR(&message);
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

/* The first line of what the helper said. */
static void first_line(char *out, size_t size, int fd)
{
	ssize_t n;

	n = read(fd, out, size - 1);
	out[n < 0 ? 0 : n] = 0;
	out[strcspn(out, "\n")] = 0;
}

static bool channel_open(int socket[2], int talk[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socket))
		return false;
	if (!pipe2(talk, O_CLOEXEC | O_NONBLOCK))
		return true;
	close(socket[0]);
	close(socket[1]);
	return false;
}

enum tv_status tv_fusermount_start(struct tv_fusermount *out, const char *options, const char *path,
				   struct tv_error *err)
{
	const char *argv[] = {HELPER, "-o", options, "--", path, NULL};
	int socket[2], talk[2];
	int failure;

	if (!channel_open(socket, talk))
		return tv_fail(err, TV_NO_FUSE, "%s", strerror(errno));
	failure = spawn_helper(&out->pid, argv, talk[1], socket[1]);
	close(socket[1]);
	close(talk[1]);
	if (failure) {
		close(socket[0]);
		close(talk[0]);
		return tv_fail(err, TV_NO_FUSE, "%s: %s", path, strerror(failure));
	}
	out->socket = socket[0];
	out->talk = talk[0];
	return TV_OK;
}

enum tv_status tv_fusermount_finish(int *fd, struct tv_fusermount *f, const char *path,
				    struct tv_error *err)
{
	int got = receive_fd(f->socket);
	char said[200] = "";
	bool good;

	/* One that is slow to send it has nobody to send it to any more. */
	close(f->socket);
	good = reap(f->pid);
	first_line(said, sizeof said, f->talk);
	close(f->talk);
	if (got >= 0 && good) {
		*fd = got;
		return TV_OK;
	}
	if (got >= 0)
		close(got);
	return tv_fail(err, TV_NO_FUSE, "%s: %s", path, *said ? said : HELPER " failed");
}

enum tv_status tv_fusermount_mount(int *fd, const char *options, const char *path,
				   struct tv_error *err)
{
	struct tv_fusermount helper;
	enum tv_status status = tv_fusermount_start(&helper, options, path, err);

	return status ? status : tv_fusermount_finish(fd, &helper, path, err);
}

/* Unmounts a batch; failed[i] says whether path i stayed. */
static void unmount_batch(const char *const *paths, bool *failed, size_t count, bool lazy)
{
	pid_t pids[64];

	for (size_t i = 0; i < count; i++) {
		const char *argv[] = {HELPER, "-u", lazy ? "-qz" : "-q", "--", paths[i], NULL};

		if (spawn_helper(&pids[i], argv, -1, -1))
			pids[i] = -1;
	}
	for (size_t i = 0; i < count; i++)
		failed[i] = pids[i] < 0 || !reap(pids[i]);
}

void tv_fusermount_unmount(const char *const *paths, size_t count, bool lazy)
{
	bool failed[64];

	while (count) {
		size_t n = count < 64 ? count : 64;

		unmount_batch(paths, failed, n, lazy);
		for (size_t i = 0; !lazy && i < n; i++)
			if (failed[i])
				tv_fusermount_unmount(paths + i, 1, true);
		paths += n;
		count -= n;
	}
}
