/* SCM_RIGHTS of unix(7). */
#include "fusefs/passing.h"

#include <string.h>
#include <unistd.h>

void tv_passing_put(struct msghdr *message, struct tv_passing *control, int fd)
{
	struct cmsghdr *head;

	if (fd < 0)
		return;
	memset(control, 0, sizeof *control);
	tv_passing_expect(message, control);
	head = CMSG_FIRSTHDR(message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(head), &fd, sizeof fd);
}

void tv_passing_omit(struct msghdr *message)
{
	message->msg_control = NULL;
	message->msg_controllen = 0;
}

void tv_passing_expect(struct msghdr *message, struct tv_passing *control)
{
	message->msg_control = control;
	message->msg_controllen = sizeof *control;
}

int tv_passing_take(struct msghdr *message)
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
