/*
 * The least that it can cost to have a token from, and to save a vault for, a process apart: apart serve SOCKET LOG is a
 * server that has a second process look at who asks, and write a line, before it answers. apart show SOCKET asks it for
 * a token. apart add SOCKET FILE tells it the header of FILE, and has it encrypt the next one, of the same size; what has come of that is written at once. It is saved as save.c does, read back, and the server told, which
 * answers once the line is written. Linked as tokenvault is.
 */
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <sodium.h>

#define TOKEN  600	    /* bytes of an entry as it is shown */
#define LINE   600	    /* of a line of the log */
#define KEY    256	    /* of the state of its key */
#define HEADER 340	    /* of a vault, which is enough for the server that made it */
#define PART   (128u << 10) /* is encrypted at once */
#define WRITE  (1u << 20)   /* is written at once */
#define READ   (32u << 10)  /* is read at once */
#define LARGE  (128u << 10) /* is a vault that large pages are for */
#define MOST   (16u << 20)  /* of a vault */

/* What is asked for, how many bytes come with it, and how many are wanted. */
struct request {
	char what; /* 's'how, 'a'dd, or 'd'one: it is in its place */
	unsigned len;
	unsigned want;
};

/* Those of a large vault lie in large pages, where the system has them. */
static char bytes[MOST] __attribute__((aligned(2u << 20)));

static int send_all(int fd, const void *data, size_t len)
{
	for (size_t sent = 0; sent < len;) {
		const ssize_t n = send(fd, (const char *)data + sent, len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			return -1;
		sent += (size_t)n;
	}
	return 0;
}

static int receive_all(int fd, void *data, size_t len)
{
	return len && recv(fd, data, len, MSG_WAITALL) != (ssize_t)len ? -1 : 0;
}

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof a.sun_path)
		exit(2);
	memcpy(a.sun_path, path, strlen(path));
	return a;
}

/* Since when it runs, what, and in which namespaces. */
static int look_at(pid_t pid)
{
	static const char *const links[] = {"exe", "ns/mnt", "ns/user"};
	char text[1024];
	struct statx st;
	int failed, fd, process;

	snprintf(text, sizeof text, "/proc/%d", (int)pid);
	process = open(text, O_PATH | O_DIRECTORY);
	fd = openat(process, "stat", O_RDONLY);
	failed = read(fd, text, sizeof text) <= 0 ||
		 statx(process, "exe", AT_STATX_DONT_SYNC, STATX_INO, &st);
	for (int i = 0; i < 3; i++)
		failed |= readlinkat(process, links[i], text, sizeof text) < 0;
	close(fd);
	close(process);
	return failed;
}

/* By pipes that keep packets apart. */
struct ends {
	int in, out;
};

static void look_apart(const struct ends *e, const char *log_path)
{
	const int log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	const int key = openat(AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600);
	static char line[LINE];
	pid_t pid;

	while (read(e->in, &pid, sizeof pid) == sizeof pid)
		if (look_at(pid) || write(log, line, LINE) < 0 || pwrite(key, line, KEY, 0) < 0 ||
		    write(e->out, &pid, sizeof pid) < 0)
			break;
	_exit(1);
}

static struct ends start_looking(const char *log_path)
{
	int there[2], back[2];

	if (pipe2(there, O_DIRECT) || pipe2(back, O_DIRECT))
		exit(1);
	if (!fork()) {
		close(there[1]);
		look_apart(&(struct ends){there[0], back[1]}, log_path);
	}
	close(there[0]);
	close(back[1]);
	return (struct ends){back[0], there[1]};
}

/* Encrypts so many bytes, and sends each part when it is ready. */
static int send_encrypted(int client, size_t len)
{
	static unsigned char made[PART];
	unsigned char key[32], nonce[24], tag_key[64], tag[16];
	crypto_onetimeauth_state state;
	size_t n;

	randombytes_buf(key, sizeof key);
	randombytes_buf(nonce, sizeof nonce);
	crypto_stream_xchacha20(tag_key, sizeof tag_key, nonce, key);
	crypto_onetimeauth_init(&state, tag_key);
	for (size_t at = 0; at < len; at += n) {
		n = len - at < PART ? len - at : PART;
		crypto_stream_xchacha20_xor_ic(made, (unsigned char *)bytes + at, n, nonce,
					       1 + at / 64, key);
		crypto_onetimeauth_update(&state, made, n);
		if (send_all(client, made, n))
			return -1;
	}
	crypto_onetimeauth_final(&state, tag);
	return send_all(client, tag, sizeof tag);
}

/* Who shows waits for the line, and who adds only when all is done. */
static int answer(int client, const struct ends *apart, pid_t pid, const struct request *r)
{
	const struct request head = {.what = r->what, .len = r->what == 's' ? TOKEN : r->want};

	if (r->what != 'd' && write(apart->out, &pid, sizeof pid) < 0)
		exit(1);
	if (r->what != 'a' && read(apart->in, &pid, sizeof pid) < 0)
		exit(1);
	if (send_all(client, &head, sizeof head))
		return -1;
	return r->what == 'a' ? send_encrypted(client, head.len - 16)
			      : send_all(client, bytes, head.len);
}

static void serve(int client, const struct ends *apart)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	struct request r;

	if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &len) || peer.uid != getuid())
		return;
	while (!receive_all(client, &r, sizeof r) && r.len <= MOST && r.want <= MOST &&
	       !receive_all(client, bytes, r.len) && !answer(client, apart, peer.pid, &r))
		;
}

static int serve_all(const char *path, const char *log_path)
{
	const struct sockaddr_un address = address_of(path);
	const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	const struct ends apart = start_looking(log_path);

	if (sodium_init() < 0)
		return 1;
	unlink(path);
	if (bind(listener, (const struct sockaddr *)&address, sizeof address) ||
	    listen(listener, 8) || puts("serves") < 0 || fflush(stdout))
		return 1;
	for (;;) {
		const int client = accept(listener, NULL, NULL);

		serve(client, &apart);
		close(client);
	}
}

static int ask(int server, char what, unsigned give, unsigned want)
{
	const struct request r = {what, give, want};

	return send_all(server, &r, sizeof r) || send_all(server, bytes, give);
}

/* The bytes of the answer go to `bytes`. */
static int take(int server)
{
	struct request r;

	return receive_all(server, &r, sizeof r) || r.len > MOST ||
	       receive_all(server, bytes, r.len);
}

/* The same, and writes them as they come. */
static int take_into(int fd, int server)
{
	struct request r;
	size_t have = 0, done = 0;

	if (receive_all(server, &r, sizeof r) || r.len > MOST)
		return -1;
	while (done < r.len) {
		const ssize_t n = have < r.len ? recv(server, bytes + have, r.len - have, 0) : 0;
		size_t to;

		if (n < 0 || (!n && have < r.len))
			return -1;
		have += (size_t)n;
		to = have < r.len ? have / WRITE * WRITE : have;
		if (to > done && write(fd, bytes + done, to - done) < 0)
			return -1;
		if (to > done && have < r.len)
			sync_file_range(fd, (off_t)done, (off_t)(to - done), SYNC_FILE_RANGE_WRITE);
		done = to;
	}
	return 0;
}

/* Whether the file has them, read a part at a time, which stays in the caches. */
static int is_saved(int fd, size_t len)
{
	static char again[READ];
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		n = len - at < READ ? len - at : READ;
		if (pread(fd, again, n, (off_t)at) != (ssize_t)n ||
		    memcmp(bytes + at, again, n) != 0)
			return 0;
	}
	return 1;
}

static int add(int server, const char *path)
{
	char fresh[4096], parent[4096];
	const int old = open(path, O_RDONLY | O_NOATIME);
	const off_t len = lseek(old, 0, SEEK_END);
	int fd, dir;

	snprintf(parent, sizeof parent, "%s", path);
	snprintf(fresh, sizeof fresh, "%s.new", path);
	if (len < HEADER || len > MOST || pread(old, bytes, HEADER, 0) != HEADER ||
	    ask(server, 'a', HEADER, (unsigned)len))
		return -1;
	if (len > LARGE)
		madvise(bytes, sizeof bytes, MADV_HUGEPAGE);
	fd = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_NOATIME, 0600);
	if (fd < 0 || take_into(fd, server) || fsync(fd) || !is_saved(fd, (size_t)len) ||
	    rename(fresh, path) || ask(server, 'd', HEADER, 0))
		return -1;
	dir = open(dirname(parent), O_RDONLY | O_DIRECTORY);
	return dir < 0 || fsync(dir) || take(server) ? -1 : 0;
}

int main(int argc, char **argv)
{
	const char *what = argc >= 3 ? argv[1] : "";
	struct sockaddr_un address;
	int server;

	if (argc == 4 && !strcmp(what, "serve"))
		return serve_all(argv[2], argv[3]);
	if (argc != (strcmp(what, "add") ? 3 : 4))
		return 2;
	address = address_of(argv[2]);
	server = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(server, (const struct sockaddr *)&address, sizeof address))
		return 1;
	if (argc == 4)
		return add(server, argv[3]) != 0;
	return ask(server, 's', 0, TOKEN) || take(server) || write(1, bytes, 200) < 0;
}
