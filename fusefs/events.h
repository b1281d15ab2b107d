/* What the keeper waits for while it does its duty. */
#ifndef TV_EVENTS_H
#define TV_EVENTS_H

#include "fusefs/duty.h"

enum tv_event {
	TV_EVENT_SERVER, /* has ended */
	TV_EVENT_LINK,	 /* the server says something */
	TV_EVENT_SIGNALS,
	TV_EVENT_WATCH, /* something in the vault's directory was touched; told of once */
	TV_EVENT_WHO,	/* the server asks who a caller is */
	TV_EVENT_ADDRESS,
	TV_EVENT_WATCHER, /* the session's bus says something */
	TV_EVENT_STAYS,	  /* how many are there from begin to end */
	TV_EVENT_GROUND = TV_EVENT_STAYS,
	TV_EVENT_PROMPTER, /* has ended */
	TV_EVENT_TIMER,	   /* the prompter's time is over */
};

/* Once there is a server. */
enum tv_status tv_events_begin(struct tv_duty *duty, struct tv_error *err) TV_MUST_CHECK;
/* Starts the watcher of the session's bus, and waits for it, too, from now on. */
void tv_events_listen(struct tv_duty *duty);
/* Has TV_EVENT_WATCH told of once more; or not until then. */
void tv_events_watch_again(const struct tv_duty *duty);
void tv_events_watch_not(const struct tv_duty *duty);
/* Waits up to so many ms, −1 for ever. How many are ready, and which; below zero: errno says why. */
int tv_events_wait(unsigned *ready, const struct tv_duty *duty, int wait_ms);
bool tv_events_have(unsigned ready, enum tv_event event);

#endif
