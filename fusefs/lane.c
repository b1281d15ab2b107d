/* pipe(2) with O_DIRECT, and unix(7). */
#include "fusefs/lane.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fusefs/passing.h"

#define PACKETS 128 /* that a pipe has room for */

bool tv_lane_make(struct tv_lane ends[static 2])
{
	int there[2] = {-1, -1}, back[2] = {-1, -1}, side[2] = {-1, -1};
	const bool is_made = !pipe2(there, O_DIRECT | O_NONBLOCK | O_CLOEXEC) &&
			     !pipe2(back, O_DIRECT | O_NONBLOCK | O_CLOEXEC) &&
			     !socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, side);

	/* Who has too many pipes has less room, and waits for it more often. */
	if (is_made) {
		fcntl(there[1], F_SETPIPE_SZ, PACKETS * PIPE_BUF);
		fcntl(back[1], F_SETPIPE_SZ, PACKETS * PIPE_BUF);
	}

	ends[0] = (struct tv_lane){.in = back[0], .out = there[1], .side = side[0]};
	ends[1] = (struct tv_lane){.in = there[0], .out = back[1], .side = side[1]};
	if (!is_made) {
		tv_lane_close(&ends[0]);
		tv_lane_close(&ends[1]);
	}
	return is_made;
}

void tv_lane_close(struct tv_lane *l)
{
	const int all[] = {l->in, l->out, l->side};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i] >= 0)
			close(all[i]);
	*l = TV_LANE_NONE;
}

static size_t length_of(const struct msghdr *packet)
{
	size_t len = 0;

	for (size_t i = 0; i < packet->msg_iovlen; i++)
		len += packet->msg_iov[i].iov_len;
	return len;
}

bool tv_lane_pay(struct tv_lane *l)
{
	static char turn;

	if (l->owes)
		l->owes = writev(l->out, &(struct iovec){&turn, 1}, 1) != 1;
	return !l->owes;
}

bool tv_lane_send(struct tv_lane *l, const struct msghdr *packet)
{
	if (!tv_lane_pay(l))
		return false;
	if (!packet->msg_controllen && length_of(packet) <= TV_LANE_ROOM)
		return writev(l->out, packet->msg_iov, (int)packet->msg_iovlen) > 0;
	if (sendmsg(l->side, packet, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		errno = errno == EAGAIN ? ENOBUFS : errno;
		return false;
	}
	l->owes = true;
	/* It is on its way, and said to be so as soon as there is room. */
	tv_lane_pay(l);
	return true;
}

/* Without room for control messages the kernel itself drops descriptors that came along. */
static ssize_t receive_aside(const struct tv_lane *l, void *to, size_t size, int *fd)
{
	struct iovec iov = {to, size};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	struct tv_passing control;
	ssize_t n;

	if (fd)
		tv_passing_expect(&message, &control);
	n = recvmsg(l->side, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (fd && n >= 0)
		*fd = tv_passing_take(&message);
	/* A byte that nothing goes with is only that. */
	return n > 0 ? n : 1;
}

ssize_t tv_lane_receive(const struct tv_lane *l, void *to, size_t size, int *fd)
{
	const ssize_t n = read(l->in, to, size);

	if (fd)
		*fd = -1;
	return n == 1 ? receive_aside(l, to, size, fd) : n;
}
