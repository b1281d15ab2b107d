/* Packs and unpacks the link's messages. */
#include "fusefs/link.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

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

bool tv_link_receive(struct tv_link_message *m, int *fd, int link)
{
	struct iovec iov = {m, sizeof *m};
	union control control;
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof control};
	const struct cmsghdr *c;
	ssize_t n;

	do {
		n = recvmsg(link, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	*fd = -1;
	c = CMSG_FIRSTHDR(&message);
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof *fd))
		memcpy(fd, CMSG_DATA(c), sizeof *fd);
	if ((size_t)n < offsetof(struct tv_link_message, text) + 1)
		m->kind = 0;
	m->text[TV_LINK_TEXT - 1] = 0;
	return true;
}
