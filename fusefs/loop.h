/* The server's one epoll loop: each descriptor has a source, which is called when it is ready. */
#ifndef TV_LOOP_H
#define TV_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct tv_source {
	int fd;
	void (*ready)(struct tv_source *source, uint32_t events); /* may free the source */
	uint32_t events;
};

/* Waits for EPOLLIN; false when the kernel will not. */
bool tv_loop_add(int epoll, struct tv_source *source);
void tv_loop_want(int epoll, struct tv_source *source, uint32_t events);
void tv_loop_remove(int epoll, struct tv_source *source);
/* Waits for one source that is to be called, with what is ready of it: NULL when none was in wait_ms
 * (−1: for ever). One at a time, so that none is called which another freed; epoll takes turns among
 * those that are ready, and one that is not called is ready the next time. */
struct tv_source *tv_loop_wait(uint32_t *events, int epoll, int wait_ms);

/* The object that a source is the member `source` of. */
#define TV_SOURCE_OF(type, pointer)                                                                \
	((type *)(void *)((char *)(pointer) - __builtin_offsetof(type, source)))

#endif
