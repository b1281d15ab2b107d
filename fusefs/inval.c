/* Invalidates inodes from a thread of its own. */
#include "fusefs/inval.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fusefs/server.h"
#include "fusefs/surface.h"

static void nudge(int fd)
{
	while (write(fd, "", 1) < 0 && errno == EINTR)
		;
}

/* Waits for the other side. */
static bool hear(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 1;
}

/* The bytes that go to and fro order what both sides do to the list. */
static void *work(void *arg)
{
	struct tv_inval *inval = arg;

	nudge(inval->theirs);
	while (hear(inval->theirs)) {
		for (size_t i = 0; i < inval->count; i++)
			fuse_lowlevel_notify_inval_inode(inval->items[i].session,
							 inval->items[i].ino, 0, 0);
		nudge(inval->theirs);
	}
	return NULL;
}

enum tv_status tv_inval_start(struct tv_inval *inval, struct tv_error *err)
{
	sigset_t all, old;
	pthread_t thread;
	int pair[2];
	int failed;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return tv_fail(err, TV_FAILED, "socketpair: %s", strerror(errno));
	inval->ours = pair[0];
	inval->theirs = pair[1];
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	failed = pthread_create(&thread, NULL, work, inval);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed)
		return tv_fail(err, TV_FAILED, "thread: %s", strerror(failed));
	pthread_detach(thread);
	/* A thread's first steps are calls that the filter to come does not allow. */
	if (!hear(inval->ours))
		return tv_fail(err, TV_FAILED, "the thread does not start");
	return TV_OK;
}

/* Pages come of an open that was allowed, so that what nobody opened since the last time has none. */
static void fill(struct tv_inval *inval, const struct tv_server *server)
{
	size_t most = 1;
	struct tv_surface *s;

	for (s = server->surfaces; s; s = s->next)
		most += s->n_opened;
	free(inval->items);
	inval->count = 0;
	inval->items = calloc(most, sizeof *inval->items);
	/* A lock that left pages behind would be none. Without a server there is nothing to read. */
	if (!inval->items)
		_exit(tv_status_exit(TV_NO_MEMORY));
	for (s = server->surfaces; s; s = s->next) {
		for (size_t i = 0; !s->dead && i < s->n_opened; i++)
			inval->items[inval->count++] =
				(struct tv_inval_item){s->session, s->opened[i]};
		s->n_opened = 0;
	}
}

static void begin(struct tv_server *server)
{
	struct tv_inval *inval = &server->inval;

	fill(inval, server);
	inval->running = inval->asked;
	inval->busy = true;
	inval->again = false;
	nudge(inval->ours);
}

uint32_t tv_inval_all(struct tv_server *server)
{
	server->inval.asked++;
	if (server->inval.busy)
		server->inval.again = true;
	else
		begin(server);
	return server->inval.asked;
}

bool tv_inval_is_busy(const struct tv_inval *inval)
{
	return inval->busy;
}

void tv_inval_finish(struct tv_server *server)
{
	struct tv_inval *inval = &server->inval;

	if (!hear(inval->ours))
		return;
	inval->busy = false;
	inval->finished = inval->running;
	tv_surfaces_bury(server);
	if (inval->again)
		begin(server);
}
