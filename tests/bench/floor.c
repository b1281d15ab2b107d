/*
 * The least that a FUSE file can cost: floor PATH OPTIONS SIZE mounts over PATH, a file or a directory, and answers
 * each message at once with constant bytes. A directory has a file at any path of three parts. It ends when it is
 * unmounted.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEPTH_OF_FILE 3
#define BUFFER	      ((size_t)FUSE_MIN_READ_BUFFER + (1 << 20))

static unsigned long size;
static int is_tree;
static int device;

static int receive_fd(int from)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof control};
	int fd = -1;

	if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) > 0 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
	return fd;
}

/* As fusermount3 wants it: the descriptor comes over a socket whose number is in the environment. */
static int mount_over(const char *path, const char *options)
{
	const char *words[] = {"fusermount3", "-o", options, "--", path, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], fd, how;
	char number[16];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return -1;
	snprintf(number, sizeof number, "%d", ends[1]);
	setenv("_FUSE_COMMFD", number, 1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	if (posix_spawnp(&pid, words[0], &actions, NULL, (char *const *)words, environ))
		return -1;
	close(ends[1]);
	fd = receive_fd(ends[0]);
	while (waitpid(pid, &how, 0) < 0)
		;
	return how ? -1 : fd;
}

static void reply(const struct fuse_in_header *in, int error, const void *data, size_t len)
{
	struct fuse_out_header out = {
		.len = (uint32_t)(sizeof out + len), .error = error, .unique = in->unique};
	struct iovec iov[] = {{&out, sizeof out}, {(void *)(uintptr_t)data, len}};

	if (writev(device, iov, len ? 2 : 1) < 0 && errno != ENOENT)
		exit(1);
}

static struct fuse_attr attr_of(uint64_t node)
{
	const int is_file = !is_tree || node > DEPTH_OF_FILE;

	return (struct fuse_attr){.ino = node,
				  .size = is_file ? size : 0,
				  .mode = is_file ? S_IFREG | 0400 : S_IFDIR | 0500,
				  .nlink = 1,
				  .uid = getuid(),
				  .gid = getgid(),
				  .blksize = 4096};
}

static void reply_read(const struct fuse_in_header *in, const struct fuse_read_in *r)
{
	static char bytes[1 << 16];
	uint64_t left = r->offset < size ? size - r->offset : 0;

	reply(in, 0, bytes, left < r->size ? left : r->size);
}

static void reply_init(const struct fuse_in_header *in, const struct fuse_init_in *from)
{
	const struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION,
					  .minor = FUSE_KERNEL_MINOR_VERSION,
					  .max_readahead = from->max_readahead,
					  .max_background = 12,
					  .congestion_threshold = 9,
					  .max_write = 1 << 17,
					  .time_gran = 1};

	reply(in, 0, &out, sizeof out);
}

static void serve(const struct fuse_in_header *in)
{
	const struct fuse_open_out open_out = {.open_flags = FOPEN_DIRECT_IO};
	const struct fuse_attr_out attr = {.attr = attr_of(in->nodeid)};
	const struct fuse_entry_out entry = {.nodeid = in->nodeid + 1,
					     .attr = attr_of(in->nodeid + 1)};

	switch (in->opcode) {
	case FUSE_INIT:
		reply_init(in, (const void *)(in + 1));
		break;
	case FUSE_LOOKUP:
		reply(in, 0, &entry, sizeof entry);
		break;
	case FUSE_GETATTR:
		reply(in, 0, &attr, sizeof attr);
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		reply(in, 0, &open_out, sizeof open_out);
		break;
	case FUSE_READ:
		reply_read(in, (const void *)(in + 1));
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		reply(in, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		reply(in, -ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	struct fuse_in_header *request = malloc(BUFFER);
	struct stat st;

	if (argc != 4 || !request || stat(argv[1], &st))
		return 2;
	is_tree = S_ISDIR(st.st_mode);
	size = strtoul(argv[3], NULL, 10);
	device = mount_over(argv[1], argv[2]);
	if (device < 0)
		return 1;
	/* Whoever started it may go on now. */
	if (puts("mounted") < 0 || fflush(stdout))
		return 1;
	while (read(device, request, BUFFER) > 0 || errno == EINTR || errno == ENOENT)
		serve(request);
	return 0;
}
