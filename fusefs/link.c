/* Packs and unpacks the link's messages. */
#include "fusefs/link.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

union control {
	struct cmsghdr head;
	char space[CMSG_SPACE(sizeof(int))];
};

bool tv_link_send(int link, const struct tv_link_message *m, int fd)
{
	size_t len =
		offsetof(struct tv_link_message, text) + strnlen(m->text, TV_LINK_TEXT - 1) + 1;
	struct iovec iov = {(void *)(uintptr_t)m, len};
	union control control = {0};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control;
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	}
	do {
		n = sendmsg(link, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)len;
}

/* The first descriptor that came along, or −1; any other is closed. */
static int take_fd(struct msghdr *message)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(message);
	int first = -1;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return -1;
	for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
		int fd;

		memcpy(&fd, (const unsigned char *)c + at, sizeof fd);
		if (first < 0)
			first = fd;
		else
			close(fd);
	}
	return first;
}

bool tv_link_receive(struct tv_link_message *m, int *fd, int link)
{
	struct iovec iov = {m, sizeof *m};
	union control control;
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	/* Without room for it the kernel drops a descriptor itself. */
	if (fd) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control;
	}
	do {
		n = recvmsg(link, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	if (fd)
		*fd = take_fd(&message);
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
