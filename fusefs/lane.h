/*
 * Packets between the server and the keeper, which readers wait for: by pipes that keep packets apart, for those take two thirds of
 * the time of a socket. What is longer than a pipe takes at once, or brings a descriptor, goes by a socket beside them, and
 * a byte in the pipe says that it is its turn.
 */
#ifndef TV_LANE_H
#define TV_LANE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct msghdr;

#define TV_LANE_ROOM ((size_t)PIPE_BUF) /* bytes of a packet that takes the pipe */

/* One end. */
struct tv_lane {
	int in;	   /* to be polled for packets */
	int out;   /* to be polled for room */
	int side;  /* the socket, which need not be polled */
	bool owes; /* a packet is on its side, and the byte that says so is not in the pipe yet */
};

#define TV_LANE_NONE ((struct tv_lane){-1, -1, -1, false})

/* Makes both ends; false with errno. */
bool tv_lane_make(struct tv_lane ends[static 2]);
void tv_lane_close(struct tv_lane *lane);

/* Sends a packet of two bytes or more, whole or not at all, and does not wait. false with errno: EAGAIN where the pipe has no
 * room for it, ENOBUFS where the socket has none. */
bool tv_lane_send(struct tv_lane *lane, const struct msghdr *packet);
/* Says whose turn it is, if that is not said yet; false: there is no room. */
bool tv_lane_pay(struct tv_lane *lane);
/* The next packet, and the descriptor that came with it, the caller's, or −1; where fd is NULL none is taken. 0 when the other
 * end is gone, −1 with errno, EAGAIN where there is none. */
ssize_t tv_lane_receive(const struct tv_lane *lane, void *to, size_t size, int *fd);

#endif
