/*
 * The least that a FUSE file can cost: floor PATH OPTIONS SIZE [LOG] mounts over PATH, a file or a
 * directory, and answers each message at once with constant bytes. A directory has a file at any
 * path of three parts. It ends when it is unmounted. With LOG it looks before each open and each
 * read whether who asks has had page faults, and before an open is answered it writes a line about
 * it, and the state of a key, under a lock. With -e before PATH it waits with epoll(7), as who
 * serves many mounts has to. floor OPTIONS PATH… with -m before it only mounts, over all the paths
 * at once, and serves nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEPTH_OF_FILE 3
#define PATHS_MAX     32
#define BUFFER	      ((size_t)FUSE_MIN_READ_BUFFER + (1 << 20))
#define KNOWN	      64 /* who opens */
#define LINE	      600

static unsigned long size;
static int is_tree;
static int device;
static int log_file = -1, key_file;

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

struct helper {
	pid_t pid;
	int socket;
};

/* As fusermount3 wants it: the descriptor comes over a socket whose number is in the environment. */
static struct helper start_helper(const char *path, const char *options)
{
	const char *words[] = {"fusermount3", "-o", options, "--", path, NULL};
	posix_spawn_file_actions_t actions;
	char number[16];
	struct helper h;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		exit(1);
	snprintf(number, sizeof number, "%d", ends[1]);
	setenv("_FUSE_COMMFD", number, 1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	if (posix_spawnp(&h.pid, words[0], &actions, NULL, (char *const *)words, environ))
		exit(1);
	close(ends[1]);
	h.socket = ends[0];
	return h;
}

static int finish_helper(struct helper h)
{
	int fd = receive_fd(h.socket), how;

	while (waitpid(h.pid, &how, 0) < 0)
		;
	return how ? -1 : fd;
}

static int mount_all(const char *options, char **paths, int n)
{
	struct helper helpers[PATHS_MAX];
	int good = n <= PATHS_MAX;

	for (int i = 0; good && i < n; i++)
		helpers[i] = start_helper(paths[i], options);
	for (int i = 0; good && i < n; i++)
		good = finish_helper(helpers[i]) >= 0;
	return good ? 0 : 1;
}

/* What tells of the page faults of who asks, kept open. */
static int stat_of(pid_t pid)
{
	static struct {
		pid_t pid;
		int fd;
	} known[KNOWN];
	char path[32];

	if (known[pid % KNOWN].pid != pid) {
		if (known[pid % KNOWN].pid)
			close(known[pid % KNOWN].fd);
		snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
		known[pid % KNOWN].fd = open(path, O_RDONLY);
		known[pid % KNOWN].pid = pid;
	}
	return known[pid % KNOWN].fd;
}

static void start_log(const char *path)
{
	log_file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	key_file = openat(AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600);
	if (log_file < 0 || key_file < 0)
		exit(1);
}

static void look_at(pid_t pid)
{
	char text[1024];

	if (pread(stat_of(pid), text, sizeof text, 0) <= 0)
		exit(1);
}

/* As long as ours, and the state of a key that comes after it, for others write there, too. */
static void write_line(void)
{
	static char line[LINE];

	if (flock(key_file, LOCK_EX) || write(log_file, line, sizeof line) < 0 ||
	    pwrite(key_file, line, 256, 0) < 0 || flock(key_file, LOCK_UN))
		exit(1);
}

static void reply(uint64_t unique, int error, const void *data, size_t len)
{
	struct fuse_out_header out = {
		.len = (uint32_t)(sizeof out + len), .error = error, .unique = unique};
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

static void reply_read(uint64_t unique, const struct fuse_read_in *r)
{
	static char bytes[1 << 16];
	uint64_t left = r->offset < size ? size - r->offset : 0;

	reply(unique, 0, bytes, left < r->size ? left : r->size);
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

	reply(in->unique, 0, &out, sizeof out);
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
		reply(in->unique, 0, &entry, sizeof entry);
		break;
	case FUSE_GETATTR:
		reply(in->unique, 0, &attr, sizeof attr);
		break;
	case FUSE_OPEN:
		if (log_file >= 0) {
			look_at((pid_t)in->pid);
			write_line();
		}
		reply(in->unique, 0, &open_out, sizeof open_out);
		break;
	case FUSE_OPENDIR:
		reply(in->unique, 0, &open_out, sizeof open_out);
		break;
	case FUSE_READ:
		if (log_file >= 0)
			look_at((pid_t)in->pid);
		reply_read(in->unique, (const void *)(in + 1));
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		reply(in->unique, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		reply(in->unique, -ENOSYS, NULL, 0);
	}
}

/* What tells when there is a request. */
static int wait_with(void)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = device};
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0 || fcntl(device, F_SETFL, O_RDWR | O_NONBLOCK) ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, device, &event))
		exit(1);
	return epoll;
}

/* Serves one request; 0 when there was none, −1 at the end. */
static int serve_next(struct fuse_in_header *request)
{
	if (read(device, request, BUFFER) > 0) {
		serve(request);
		return 1;
	}
	return errno == EINTR || errno == ENOENT || errno == EAGAIN ? 0 : -1;
}

/* Without an epoll the read waits. */
static void serve_all(int epoll, struct fuse_in_header *request)
{
	struct epoll_event event;

	do {
		if (epoll >= 0 && epoll_wait(epoll, &event, 1, -1) < 1)
			continue;
	} while (serve_next(request) >= 0);
}

/* Mounts, and says so. */
static int start(char **argv, int argc)
{
	struct stat st;

	if (argc < 3 || argc > 4 || stat(argv[0], &st))
		return 2;
	if (argc == 4)
		start_log(argv[3]);
	is_tree = S_ISDIR(st.st_mode);
	size = strtoul(argv[2], NULL, 10);
	device = finish_helper(start_helper(argv[0], argv[1]));
	/* Whoever started it may go on now. */
	return device < 0 || puts("mounted") < 0 || fflush(stdout);
}

int main(int argc, char **argv)
{
	struct fuse_in_header *request = malloc(BUFFER);
	int failed, waits;

	if (argc > 3 && !strcmp(argv[1], "-m"))
		return mount_all(argv[2], argv + 3, argc - 3);
	waits = argc > 1 && !strcmp(argv[1], "-e");
	failed = request ? start(argv + 1 + waits, argc - 1 - waits) : 1;
	if (!failed)
		serve_all(waits ? wait_with() : -1, request);
	return failed;
}
