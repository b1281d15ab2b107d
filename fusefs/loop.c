/* epoll(7), level-triggered. */
#include "fusefs/loop.h"

#include <stddef.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

bool tv_loop_add(int epoll, struct tv_source *source)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

	source->events = EPOLLIN;
	return !epoll_ctl(epoll, EPOLL_CTL_ADD, source->fd, &event);
}

void tv_loop_want(int epoll, struct tv_source *source, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = source};

	if (source->events == events)
		return;
	source->events = events;
	epoll_ctl(epoll, EPOLL_CTL_MOD, source->fd, &event);
}

void tv_loop_remove(int epoll, struct tv_source *source)
{
	epoll_ctl(epoll, EPOLL_CTL_DEL, source->fd, NULL);
}

/* As epoll_wait(2), but without the C library's preparations to be cancelled, which it makes where there are threads. */
static long wait_for_event(int epoll, struct epoll_event *event, int wait_ms)
{
#ifdef SYS_epoll_wait
	return syscall(SYS_epoll_wait, epoll, event, 1, wait_ms);
#else
	return epoll_wait(epoll, event, 1, wait_ms);
#endif
}

struct tv_source *tv_loop_wait(uint32_t *events, int epoll, int wait_ms)
{
	struct epoll_event event;

	if (wait_for_event(epoll, &event, wait_ms) != 1)
		return NULL;
	*events = event.events;
	return event.data.ptr;
}
