/*
 * The least that a FUSE file can cost: floor PATH OPTIONS SIZE [LOG] mounts over PATH, a file or a directory, and answers
 * each message at once with constant bytes. A directory has a file at any path of three parts. It ends when it is
 * unmounted. With LOG each read is answered when a process apart has looked at who asks and has written a line about the
 * open, which is answered as long as who opens runs in the memory that it ran in when it opened first. With -e before PATH
 * it waits with epoll(7), as who serves many mounts has to, and with LOG serves others meanwhile, and asks about all at
 * once. floor OPTIONS PATH… with -m before it only mounts, over all the paths at once, and serves nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEPTH_OF_FILE 3
#define PATHS_MAX     32
#define BUFFER	      ((size_t)FUSE_MIN_READ_BUFFER + (1 << 20))
#define KNOWN	      64 /* who opens */
#define AT_ONCE	      16 /* questions */
#define LINE	      600

static unsigned long size;
static int is_tree;
static int device;
static int apart = -1; /* where a process apart answers, and where it is asked */
static int to_apart;
static int waits;

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

/* Who asks, and the request. */
struct question {
	pid_t pid;
	uint64_t unique;
	uint64_t offset;
	uint32_t size;
};

/* What has to be looked at anew each time: the program, and the namespaces that it sees files in. */
static int look_at(int process)
{
	struct statx st;
	char text[64];

	return statx(process, "exe", AT_STATX_DONT_SYNC, STATX_INO, &st) ||
	       readlinkat(process, "ns/mnt", text, sizeof text) < 0 ||
	       readlinkat(process, "ns/user", text, sizeof text) < 0;
}

/* A file of who opens, kept open: in each of our processes another one. */
static int file_of(pid_t pid, const char *name, int flags)
{
	static struct {
		pid_t pid;
		int fd;
	} known[KNOWN];
	char path[32];

	if (known[pid % KNOWN].pid != pid) {
		if (known[pid % KNOWN].pid)
			close(known[pid % KNOWN].fd);
		snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
		known[pid % KNOWN].fd = open(path, flags);
		known[pid % KNOWN].pid = pid;
	}
	return known[pid % KNOWN].fd;
}

/* Lines as long as ours, and the state of a key that comes after them. */
static int write_lines(int log, int key, int n)
{
	static char lines[AT_ONCE * LINE];

	return write(log, lines, (size_t)n * LINE) < 0 || pwrite(key, lines, 256, 0) < 0;
}

/* What is asked comes by a pipe that keeps packets apart, and so goes what is answered. */
static void look_apart(int from, int to, const char *log_path)
{
	int log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	int key = openat(AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600);
	struct question questions[AT_ONCE];
	ssize_t len;
	int failed = 0;

	/* What is asked at once is one packet, and so is the answer. */
	while (!failed && (len = read(from, questions, sizeof questions)) > 0) {
		const int n = (int)((size_t)len / sizeof *questions);

		for (int i = 0; i < n; i++)
			failed |= look_at(file_of(questions[i].pid, "", O_PATH | O_DIRECTORY));
		failed |= write_lines(log, key, n) || write(to, questions, (size_t)len) != len;
	}
	_exit(1);
}

static void start_looking(const char *log_path)
{
	int there[2], back[2];

	if (pipe2(there, O_DIRECT) || pipe2(back, O_DIRECT))
		exit(1);
	if (!fork()) {
		close(there[1]);
		look_apart(there[0], back[1], log_path);
	}
	close(there[0]);
	close(back[1]);
	to_apart = there[1];
	apart = back[0];
}

/* Whether it runs in the memory that it ran in when it opened first. */
static int is_known(pid_t pid)
{
	char part;

	return pread(file_of(pid, "pagemap", O_RDONLY), &part, 1, 0) < 0 && errno == EINVAL;
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

static void reply_read(const struct question *q)
{
	static char bytes[1 << 16];
	uint64_t left = q->offset < size ? size - q->offset : 0;

	reply(q->unique, 0, bytes, left < q->size ? left : q->size);
}

/* What the process apart is to be asked. */
static struct question asked[AT_ONCE];
static int n_asked;

static void send_questions(void)
{
	if (n_asked && write(to_apart, asked, (size_t)n_asked * sizeof *asked) < 0)
		exit(1);
	n_asked = 0;
}

static void take_answers(void)
{
	struct question back[AT_ONCE];
	const ssize_t len = read(apart, back, sizeof back);

	if (len <= 0)
		exit(1);
	for (size_t i = 0; i < (size_t)len / sizeof *back; i++)
		reply_read(&back[i]);
}

static void read_for(const struct fuse_in_header *in, const struct fuse_read_in *r)
{
	const struct question q = {(pid_t)in->pid, in->unique, r->offset, r->size};

	if (apart < 0) {
		reply_read(&q);
		return;
	}
	asked[n_asked++] = q;
	if (!waits || n_asked == AT_ONCE)
		send_questions();
	if (!waits)
		take_answers();
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
		if (apart >= 0 && !is_known((pid_t)in->pid))
			exit(1);
		reply(in->unique, 0, &open_out, sizeof open_out);
		break;
	case FUSE_OPENDIR:
		reply(in->unique, 0, &open_out, sizeof open_out);
		break;
	case FUSE_READ:
		read_for(in, (const void *)(in + 1));
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

/* What tells when there is a request, or an answer. */
static int wait_with(void)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = device};
	struct epoll_event answer = {.events = EPOLLIN, .data.fd = apart};
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0 || fcntl(device, F_SETFL, O_RDWR | O_NONBLOCK) ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, device, &event) ||
	    (apart >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, apart, &answer)))
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

/* With a process apart all that there is, before it is asked; else the next one may take its time. */
static int serve_some(struct fuse_in_header *request)
{
	int served;

	do {
		served = serve_next(request);
	} while (served > 0 && apart >= 0);
	send_questions();
	return served;
}

/* Without an epoll the read waits. */
static void serve_all(int epoll, struct fuse_in_header *request)
{
	struct epoll_event event = {.data.fd = device};
	int served = 0;

	while (served >= 0) {
		if (epoll >= 0 && epoll_wait(epoll, &event, 1, -1) < 1)
			continue;
		if (event.data.fd == apart)
			take_answers();
		else
			served = epoll >= 0 ? serve_some(request) : serve_next(request);
	}
}

/* Mounts, and says so. */
static int start(char **argv, int argc)
{
	struct stat st;

	if (argc < 3 || argc > 4 || stat(argv[0], &st))
		return 2;
	if (argc == 4)
		start_looking(argv[3]);
	is_tree = S_ISDIR(st.st_mode);
	size = strtoul(argv[2], NULL, 10);
	device = finish_helper(start_helper(argv[0], argv[1]));
	/* Whoever started it may go on now. */
	return device < 0 || puts("mounted") < 0 || fflush(stdout);
}

int main(int argc, char **argv)
{
	struct fuse_in_header *request = malloc(BUFFER);
	int failed;

	if (argc > 3 && !strcmp(argv[1], "-m"))
		return mount_all(argv[2], argv + 3, argc - 3);
	waits = argc > 1 && !strcmp(argv[1], "-e");
	failed = request ? start(argv + 1 + waits, argc - 1 - waits) : 1;
	if (!failed)
		serve_all(waits ? wait_with() : -1, request);
	return failed;
}
