/* Packs and unpacks the link's messages. */
#include "fusefs/link.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "fusefs/passing.h"

bool tv_link_send(int link, const struct tv_link_message *m, int fd)
{
	size_t len =
		offsetof(struct tv_link_message, text) + strnlen(m->text, TV_LINK_TEXT - 1) + 1;
	struct iovec iov = {(void *)(uintptr_t)m, len};
	struct tv_passing control;
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	tv_passing_put(&message, &control, fd);
	do {
		n = sendmsg(link, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)len;
}

bool tv_link_receive(struct tv_link_message *m, int *fd, int link)
{
	struct iovec iov = {m, sizeof *m};
	struct tv_passing control;
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	/* Without room for it the kernel drops a descriptor itself. */
	if (fd)
		tv_passing_expect(&message, &control);
	do {
		n = recvmsg(link, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	if (fd)
		*fd = tv_passing_take(&message);
	if ((size_t)n < offsetof(struct tv_link_message, text) + 1)
		m->kind = 0;
	/* What the other end did not send is none of its text. */
	if ((size_t)n < sizeof *m)
		((char *)m)[n] = 0;
	m->text[TV_LINK_TEXT - 1] = 0;
	return true;
}

uint32_t tv_link_peek(int link)
{
	uint32_t kind;

	return recv(link, &kind, sizeof kind, MSG_PEEK | MSG_DONTWAIT) == sizeof kind ? kind : 0;
}
