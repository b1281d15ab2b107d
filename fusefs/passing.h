/* A descriptor that goes with a packet: sendmsg(2), recvmsg(2). */
#ifndef TV_PASSING_H
#define TV_PASSING_H

#include <sys/socket.h>

struct tv_passing {
	_Alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof(int))];
};

/* Has fd go with a message, whose control it fills; −1: none. */
void tv_passing_put(struct msghdr *message, struct tv_passing *control, int fd);
/* Has the message go without it. */
void tv_passing_omit(struct msghdr *message);
/* Makes room for one. */
void tv_passing_expect(struct msghdr *message, struct tv_passing *control);
/* What came, the caller's from then on; −1: none. Of more than one the others are closed. */
int tv_passing_take(struct msghdr *message);

#endif
