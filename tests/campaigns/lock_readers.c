/* Locks a vault again and again under eight readers, and counts the locks after whose acknowledgement a read began that got
 * bytes: lock_readers SOCKET KEYFILE LOCKS SECONDS FILE FILE. The second file is one of the directory view. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READERS	   8
#define AFTERWARDS 5	/* reads that each reader begins after the acknowledgement, at least */
#define PATIENCE   5000 /* ms */

extern char **environ;

struct reader {
	const char *path;
	_Atomic unsigned round; /* for which it has the file open */
	_Atomic unsigned long tries;
	_Atomic unsigned long got;
	_Atomic int64_t last; /* when the last read that got bytes began */
};

struct world {
	_Atomic unsigned round; /* counts the unlocks */
	_Atomic bool locking;
	struct reader readers[READERS];
};

/* A way to read; what it has open or mapped is in the process that uses it. */
struct way {
	const char *name;
	bool (*read)(const char *path);
	bool (*hold)(const char *path);
	bool waits; /* its first read is one that begins while the lock is on its way */
};

static struct world *world;
static int held = -1;
static volatile const char *map;
static sigjmp_buf bus;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void nap_us(long us)
{
	nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL);
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static void on_bus(int signal)
{
	(void)signal;
	siglongjmp(bus, 1);
}

static bool read_opened(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char bytes[64];
	bool got = fd >= 0 && pread(fd, bytes, sizeof bytes, 0) > 0;

	if (fd >= 0)
		close(fd);
	return got;
}

static bool hold_nothing(const char *path)
{
	(void)path;
	return true;
}

static bool hold_open(const char *path)
{
	if (held >= 0)
		close(held);
	held = open(path, O_RDONLY | O_CLOEXEC);
	return held >= 0;
}

static bool read_held(const char *path)
{
	char bytes[64];

	(void)path;
	return pread(held, bytes, sizeof bytes, 0) > 0;
}

static bool hold_map(const char *path)
{
	void *pages;

	if (!hold_open(path))
		return false;
	if (map)
		munmap((void *)(uintptr_t)map, 4096);
	pages = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, held, 0);
	map = pages == MAP_FAILED ? NULL : pages;
	return map != NULL;
}

static bool read_map(const char *path)
{
	(void)path;
	return !sigsetjmp(bus, 1) && map[0];
}

static const struct way ways[READERS] = {
	{"open", read_opened, hold_nothing, false},
	{"open, directory view", read_opened, hold_nothing, false},
	{"held", read_held, hold_open, false},
	{"held, directory view", read_held, hold_open, false},
	{"held and not read yet", read_held, hold_open, true},
	{"mapped", read_map, hold_map, false},
	{"mapped, directory view", read_map, hold_map, false},
	{"mapped and not touched yet", read_map, hold_map, true},
};

static void read_once(struct reader *r, const struct way *w)
{
	int64_t start = now_ns();
	bool got = w->read(r->path);

	if (got) {
		r->last = start;
		r->got++;
	}
	r->tries++;
	nap_us(got ? 20 : 200);
}

static _Noreturn void read_on(struct reader *r, const struct way *w)
{
	struct sigaction action = {.sa_handler = on_bus};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGBUS, &action, NULL);
	for (;;) {
		const unsigned round = world->round;

		/* Before the first one there is nothing to hold. */
		if (round && r->round != round && w->hold(r->path))
			r->round = round;
		if (round && r->round == round && (!w->waits || world->locking))
			read_once(r, w);
		else
			nap_us(200);
	}
}

static bool is_at_work(int i, unsigned long before)
{
	const struct reader *r = &world->readers[i];

	return r->round == world->round && (ways[i].waits || r->got > before);
}

/* One of the tries may have begun before. */
static bool has_tried(int i, unsigned long before)
{
	return world->readers[i].tries > before + AFTERWARDS;
}

static void wait_until(bool (*is_so)(int reader, unsigned long before), const unsigned long *before,
		       const char *what)
{
	const int64_t end = now_ns() + (int64_t)PATIENCE * 1000000;

	for (int i = 0; i < READERS; i++)
		while (!is_so(i, before[i])) {
			if (now_ns() > end) {
				fprintf(stderr, "the reader '%s' %s\n", ways[i].name, what);
				exit(1);
			}
			nap_us(200);
		}
}

static void unlock(const char *keyfile)
{
	const char *const argv[] = {"tokenvault", "--quiet", "--keyfile", keyfile, "unlock", NULL};
	int state = 0;
	pid_t pid;

	errno = posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ);
	if (errno || waitpid(pid, &state, 0) != pid || state)
		die("unlock");
}

/* Returns when the acknowledgement was there. */
static int64_t lock(const char *socket_path)
{
	/* A frame of vault/agent.h: version 1, message 16, an object of two bytes. */
	static const unsigned char frame[] = {'T', 'V', 1, 0, 16, 0, 0, 0,   2,
					      0,   0,	0, 0, 0,  0, 0, '{', '}'};
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	unsigned char reply[64];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int64_t at;

	strncpy(to.sun_path, socket_path, sizeof to.sun_path - 1);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to))
		die("connect");
	if (send(fd, frame, sizeof frame, 0) != sizeof frame ||
	    recv(fd, reply, sizeof reply, 0) < 16)
		die("lock");
	at = now_ns();
	if (reply[6] || reply[7])
		die("lock is refused");
	close(fd);
	return at;
}

static void counts(unsigned long *out, bool tries)
{
	for (int i = 0; i < READERS; i++)
		out[i] = tries ? world->readers[i].tries : world->readers[i].got;
}

/* Whether a read that began after the acknowledgement got bytes. */
static bool lock_once(unsigned *by_way, const char *socket_path, const char *keyfile,
		      unsigned number)
{
	unsigned long before[READERS];
	bool found = false;
	int64_t at;

	unlock(keyfile);
	counts(before, false);
	world->locking = false;
	world->round++;
	wait_until(is_at_work, before, "comes to no read");
	nap_us(number * 977 % 5000);
	world->locking = true;
	at = lock(socket_path);
	counts(before, true);
	wait_until(has_tried, before, "hangs");
	for (int i = 0; i < READERS; i++)
		if (world->readers[i].last > at) {
			by_way[i]++;
			found = true;
		}
	return found;
}

static void report(unsigned locks, unsigned found, const unsigned *by_way)
{
	unsigned long got = 0, tries = 0;

	for (int i = 0; i < READERS; i++) {
		got += world->readers[i].got;
		tries += world->readers[i].tries;
		if (by_way[i])
			printf("# after %u acknowledgements: %s\n", by_way[i], ways[i].name);
	}
	printf("# %lu reads got bytes before, %lu were refused\n", got, tries - got);
	printf("%u %u\n", locks, found);
}

int main(int argc, char **argv)
{
	unsigned by_way[READERS] = {0};
	unsigned locks = 0, found = 0;
	int64_t end;

	if (argc != 7)
		return 2;
	world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (world == MAP_FAILED)
		die("mmap");
	for (int i = 0; i < READERS; i++) {
		world->readers[i].path = argv[strstr(ways[i].name, "view") ? 6 : 5];
		if (!fork())
			read_on(&world->readers[i], &ways[i]);
	}
	end = now_ns() + atoll(argv[4]) * 1000000000;
	while (locks < (unsigned)atoi(argv[3]) && now_ns() < end)
		found += lock_once(by_way, argv[1], argv[2], locks++);
	report(locks, found, by_way);
	return 0;
}
