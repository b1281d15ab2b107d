/* Waits with epoll(7) for what stays from begin to end, and beside it with poll(2) for what comes and goes. */
#include "fusefs/events.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>

#include "fusefs/run/ground.h"

bool tv_events_have(unsigned ready, enum tv_event event)
{
	return ready & 1u << event;
}

static bool watch(const struct tv_duty *k, int fd, uint32_t what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = what};

	/* Who saves goes on before the keeper looks, and is not to be held up by each thing that it does. */
	if (what == TV_EVENT_WATCH)
		event.events |= EPOLLONESHOT;
	return fd < 0 || !epoll_ctl(k->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void watch_for(const struct tv_duty *k, uint32_t events)
{
	struct epoll_event event = {.events = events | EPOLLONESHOT, .data.u32 = TV_EVENT_WATCH};

	epoll_ctl(k->epoll, EPOLL_CTL_MOD, k->watch.fd, &event);
}

void tv_events_watch_again(const struct tv_duty *k)
{
	watch_for(k, EPOLLIN);
}

void tv_events_watch_not(const struct tv_duty *k)
{
	watch_for(k, 0);
}

enum tv_status tv_events_begin(struct tv_duty *k, struct tv_error *err)
{
	k->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (k->epoll < 0 || !watch(k, k->pidfd, TV_EVENT_SERVER) ||
	    !watch(k, k->link, TV_EVENT_LINK) || !watch(k, k->signals, TV_EVENT_SIGNALS) ||
	    !watch(k, k->watch.fd, TV_EVENT_WATCH) || !watch(k, k->who.in, TV_EVENT_WHO) ||
	    !watch(k, k->address, TV_EVENT_ADDRESS))
		return tv_fail(err, TV_FAILED, "epoll: %s", strerror(errno));
	return TV_OK;
}

void tv_events_listen(struct tv_duty *k)
{
	tv_watcher_start(&k->watcher);
	/* One that can't be heard is as none. */
	if (!watch(k, k->watcher.fd, TV_EVENT_WATCHER))
		tv_watcher_stop(&k->watcher);
}

/* Those of what stays that are ready; below zero as with epoll_wait. */
static int wait_for_those(unsigned *ready, const struct tv_duty *k, int wait_ms)
{
	struct epoll_event events[TV_EVENT_STAYS];
	const int n = epoll_wait(k->epoll, events, TV_EVENT_STAYS, wait_ms);

	for (int i = 0; i < n; i++)
		*ready |= 1u << events[i].data.u32;
	return n;
}

/* Mostly there is nothing but what stays, which readers wait for. */
int tv_events_wait(unsigned *ready, const struct tv_duty *k, int wait_ms)
{
	struct pollfd wait[] = {{.fd = tv_ground_watch(k->mounts.ground), .events = POLLIN},
				{.fd = k->prompter.pidfd, .events = POLLIN},
				{.fd = k->prompter.timer, .events = POLLIN},
				{.fd = k->epoll, .events = POLLIN}};
	const size_t n_more = sizeof wait / sizeof *wait - 1;
	bool any = false;
	int n;

	*ready = 0;
	for (size_t i = 0; i < n_more; i++)
		any = any || wait[i].fd >= 0;
	if (!any)
		return wait_for_those(ready, k, wait_ms);
	n = poll(wait, n_more + 1, wait_ms);
	for (size_t i = 0; n > 0 && i < n_more; i++)
		if (wait[i].revents)
			*ready |= 1u << (TV_EVENT_GROUND + i);
	if (n > 0 && wait[n_more].revents && wait_for_those(ready, k, 0) < 0)
		return -1;
	return n;
}
