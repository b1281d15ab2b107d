/*
 * The least that it can cost to have a token from, and to save a vault for, a process apart: apart serve SOCKET LOG is a
 * server that has a second process look at who asks, and write a line, before it answers. apart show SOCKET asks it for
 * a token. apart add SOCKET FILE has it make the next FILE, of the same size, saves that as save.c does, reads it back,
 * and has the server know that it is there. Linked as tokenvault is.
 */
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TOKEN  600	   /* bytes of an entry as it is shown */
#define LINE   600	   /* of a line of the log */
#define KEY    256	   /* of the state of its key */
#define HEADER 340	   /* of a vault, which is enough for the server that made it */
#define MOST   (16u << 20) /* of a vault */

/* What is asked for, and how many bytes come with it. The answer is that many bytes, or those of a token. */
struct request {
	char what; /* 's'how, 'a'dd, or 'd'one: it is saved */
	unsigned len;
};

static char bytes[MOST];

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

static void look_apart(int from, const char *log_path)
{
	const int log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	const int key = openat(AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600);
	static char line[LINE];
	pid_t pid;

	while (recv(from, &pid, sizeof pid, 0) == sizeof pid)
		if (look_at(pid) || write(log, line, LINE) < 0 || pwrite(key, line, KEY, 0) < 0 ||
		    send(from, &pid, sizeof pid, 0) < 0)
			break;
	_exit(1);
}

static int start_looking(const char *log_path)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends))
		exit(1);
	if (!fork()) {
		close(ends[0]);
		look_apart(ends[1], log_path);
	}
	close(ends[1]);
	return ends[0];
}

static int ask(int apart, pid_t pid)
{
	return send(apart, &pid, sizeof pid, 0) < 0 || recv(apart, &pid, sizeof pid, 0) < 0;
}

static void serve(int client, int apart)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	struct request r;

	if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &len) || peer.uid != getuid())
		return;
	while (!receive_all(client, &r, sizeof r) && r.len <= MOST &&
	       !receive_all(client, bytes, r.len)) {
		if (r.what != 'd' && ask(apart, peer.pid))
			exit(1);
		r.len = r.what == 's' ? TOKEN : r.what == 'a' ? r.len : 0;
		if (send_all(client, &r, sizeof r) || send_all(client, bytes, r.len))
			return;
	}
}

static int serve_all(const char *path, const char *log_path)
{
	const struct sockaddr_un address = address_of(path);
	const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	const int apart = start_looking(log_path);

	unlink(path);
	if (bind(listener, (const struct sockaddr *)&address, sizeof address) ||
	    listen(listener, 8) || puts("serves") < 0 || fflush(stdout))
		return 1;
	for (;;) {
		const int client = accept(listener, NULL, NULL);

		serve(client, apart);
		close(client);
	}
}

/* The answer's length goes to *len, and its bytes to `bytes`. */
static int call(unsigned *len, int server, char what, unsigned give)
{
	struct request r = {what, give};

	if (send_all(server, &r, sizeof r) || send_all(server, bytes, give) ||
	    receive_all(server, &r, sizeof r) || r.len > MOST || receive_all(server, bytes, r.len))
		return -1;
	*len = r.len;
	return 0;
}

static int save(const char *path, size_t len)
{
	static char again[MOST];
	char fresh[4096], parent[4096];
	int fd, dir;

	snprintf(parent, sizeof parent, "%s", path);
	snprintf(fresh, sizeof fresh, "%s.new", path);
	fd = open(fresh, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || fsync(fd) ||
	    pread(fd, again, len, 0) != (ssize_t)len || memcmp(bytes, again, len) != 0 ||
	    rename(fresh, path))
		return -1;
	dir = open(dirname(parent), O_RDONLY | O_DIRECTORY);
	return dir < 0 ? -1 : fsync(dir);
}

static int add(int server, const char *path)
{
	const int fd = open(path, O_RDONLY);
	const ssize_t len = read(fd, bytes, MOST);
	unsigned got;

	return len < HEADER || call(&got, server, 'a', (unsigned)len) || save(path, got) ||
	       call(&got, server, 'd', HEADER);
}

int main(int argc, char **argv)
{
	const char *what = argc >= 3 ? argv[1] : "";
	struct sockaddr_un address;
	unsigned len;
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
	return call(&len, server, 's', 0) || write(1, bytes, 200) < 0;
}
