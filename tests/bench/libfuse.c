/*
 * The least that a file costs that libfuse's low-level interface serves from an epoll(7) loop: libfuse [-g] PATH OPTIONS SIZE
 * mounts over PATH, a file, and answers with constant bytes, until it is unmounted. -g: guarded as tokenvault's server is,
 * by the same filter of system calls, beside a second thread, with the bytes in hidden memory, and with the C library's free
 * replaced by one that wipes.
 */
#define FUSE_USE_VERSION 314
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fusefs/calls.h"
#include "vault/hidden.h"
#include "vault/vault.h"

static size_t size;
static uid_t uid;
static gid_t gid;
static unsigned char *hidden; /* the bytes, where it is guarded */

static void get_attributes(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	const struct stat st = {.st_ino = ino,
				.st_mode = S_IFREG | 0400,
				.st_nlink = 1,
				.st_uid = uid,
				.st_gid = gid,
				.st_size = (off_t)size,
				.st_blksize = 4096};

	(void)fi;
	fuse_reply_attr(req, &st, 0);
}

static void open_file(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	fi->direct_io = 1;
	fuse_reply_open(req, fi);
}

static void read_file(fuse_req_t req, fuse_ino_t ino, size_t most, off_t offset,
		      struct fuse_file_info *fi)
{
	static char bytes[1 << 16];
	const size_t left = (size_t)offset < size ? size - (size_t)offset : 0;

	(void)ino;
	(void)fi;
	if (!hidden) {
		fuse_reply_buf(req, bytes, left < most ? left : most);
		return;
	}
	if (left)
		fuse_reply_buf(req, tv_window_show(hidden + offset, left < most ? left : most),
			       left < most ? left : most);
	else
		fuse_reply_buf(req, NULL, 0);
	tv_window_close();
}

static struct fuse_session *mount_over(const char *path, struct fuse_args *args)
{
	static const struct fuse_lowlevel_ops operations = {
		.getattr = get_attributes, .open = open_file, .read = read_file};
	struct fuse_session *session = fuse_session_new(args, &operations, sizeof operations, NULL);

	return session && !fuse_session_mount(session, path) ? session : NULL;
}

/* What tells when there is a request; -1: nothing does. */
static int wait_with(int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		return -1;
	return epoll;
}

static void serve_all(struct fuse_session *session, int epoll)
{
	struct fuse_buf buffer = {0};
	struct epoll_event event;

	while (!fuse_session_exited(session)) {
		int n;

		epoll_wait(epoll, &event, 1, -1);
		n = fuse_session_receive_buf(session, &buffer);
		if (n > 0)
			fuse_session_process_buf(session, &buffer);
		else if (n != -EINTR && n != -EAGAIN)
			return;
	}
}

/* As that of the invalidation: it has started, and waits. */
static void *wait_for_ever(void *end)
{
	char byte = 0;

	if (write(*(int *)end, &byte, 1) == 1)
		(void)!read(*(int *)end, &byte, 1);
	return NULL;
}

static bool start_thread(void)
{
	static int ends[2];
	pthread_t thread;
	char byte;

	return !socketpair(AF_UNIX, SOCK_STREAM, 0, ends) &&
	       !pthread_create(&thread, NULL, wait_for_ever, &ends[1]) &&
	       read(ends[0], &byte, 1) == 1;
}

static bool guard(void)
{
	struct tv_error err = {""};

	if (tv_init(&err) || tv_sandbox_process(&err) || !start_thread())
		return false;
	tv_arena_hide();
	hidden = tv_arena_alloc(size + 1);
	return hidden && !tv_sandbox_calls(tv_server_calls, TV_OTHERWISE_KILLED, &err);
}

int main(int argc, char **argv)
{
	const bool is_guarded = argc > 1 && !strcmp(argv[1], "-g");
	char **given = argv + is_guarded;
	char *words[] = {argv[0], (char[]){"-o"}, argc == 4 + is_guarded ? given[2] : NULL};
	struct fuse_args args = FUSE_ARGS_INIT(3, words);
	struct fuse_session *session;
	int epoll;

	if (!words[2])
		return 2;
	size = strtoul(given[3], NULL, 10);
	uid = getuid();
	gid = getgid();
	session = mount_over(given[1], &args);
	epoll = session ? wait_with(fuse_session_fd(session)) : -1;
	/* Whoever started it may go on now. */
	if (epoll < 0 || puts("mounted") < 0 || fflush(stdout) || (is_guarded && !guard()))
		return 1;
	serve_all(session, epoll);
	_exit(0);
}
