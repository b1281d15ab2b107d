/* SCM_RIGHTS. */
#include "vault/pass.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

union control {
	struct cmsghdr head;
	char space[CMSG_SPACE(sizeof(int))];
};

ssize_t tv_pass_send(int socket, const void *bytes, size_t len, int fd, int flags)
{
	struct iovec iov = {(void *)(uintptr_t)bytes, len};
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
		n = sendmsg(socket, &message, flags);
	} while (n < 0 && errno == EINTR);
	return n;
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

ssize_t tv_pass_receive(int *fd, int socket, void *bytes, size_t len, int flags)
{
	struct iovec iov = {bytes, len};
	union control control;
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (fd) {
		*fd = -1;
		message.msg_control = &control;
		message.msg_controllen = sizeof control;
	}
	do {
		n = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n > 0 && fd)
		*fd = take_fd(&message);
	return n;
}
