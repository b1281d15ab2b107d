/* Accepts connections, so many a second. */
#include "fusefs/door.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fusefs/client.h"
#include "fusefs/server.h"

/* One that connects as often as it can must not have the server's whole time, nor a processor of its readers':
 * so many at once, and from then on one each millisecond. The others wait in the kernel. */
#define CREDIT 200

/* In ms, beyond the credit; what is below 0 is left of that. */
static int64_t debt(const struct tv_server *s)
{
	return s->paid_until - tv_now_ms() - CREDIT;
}

int tv_door_wait(const struct tv_server *s)
{
	const int64_t owed = s->is_resting ? debt(s) : 0;

	return owed > 0 ? (int)owed : s->is_resting - 1;
}

void tv_door_hurry(struct tv_server *s)
{
	if (!s->is_resting || debt(s) > 0)
		return;
	s->is_resting = false;
	tv_loop_want(s->epoll, &s->listener, EPOLLIN);
}

static void pay(struct tv_server *s)
{
	const int64_t now = tv_now_ms();

	s->paid_until = (s->paid_until > now ? s->paid_until : now) + 1;
	s->is_resting = debt(s) > 0;
	if (s->is_resting)
		tv_loop_want(s->epoll, &s->listener, 0);
}

static bool get_peer(struct ucred *out, int fd)
{
	socklen_t len = sizeof *out;

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, out, &len) && len == sizeof *out;
}

/* One of the user's own, where there is room for it. */
static struct tv_client *let_in(struct tv_server *s, int fd)
{
	struct ucred peer;

	if (s->n_clients >= s->most_clients || !get_peer(&peer, fd) || peer.uid != s->uid)
		return NULL;
	return tv_client_new(s, fd, peer.pid);
}

void tv_door_ready(struct tv_source *source, uint32_t events)
{
	struct tv_server *s =
		(struct tv_server *)(void *)((char *)source - offsetof(struct tv_server, listener));
	int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct tv_client *c;

	(void)events;
	/* Out of descriptors: whoever leaves lets the next one in. */
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM) && s->n_clients)
		tv_loop_want(s->epoll, &s->listener, 0);
	if (fd < 0)
		return;
	pay(s);
	c = let_in(s, fd);
	if (!c)
		close(fd);
	else if (!tv_loop_add(s->epoll, &c->source))
		tv_client_free(c);
}

bool tv_door_take_only(struct tv_server *s)
{
	struct ucred peer = {0};
	struct tv_client *c = NULL;

	if (get_peer(&peer, s->listener.fd))
		c = tv_client_new(s, s->listener.fd, peer.pid);
	s->listener.fd = -1;
	return c && !fcntl(c->source.fd, F_SETFL, O_RDWR | O_NONBLOCK) &&
	       tv_loop_add(s->epoll, &c->source);
}
