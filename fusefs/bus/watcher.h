/* The keeper's side of tokenvault-bus: starting it, hearing it, ending it. */
#ifndef TV_WATCHER_H
#define TV_WATCHER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fusefs/bus/bus.h"

struct tv_watcher {
	int fd; /* −1: there is none, and nothing is heard */
	pid_t pid;
};

/* Without the program, or when it can't be started, there is simply none. */
void tv_watcher_start(struct tv_watcher *watcher);
/* false when nothing was said. One that is gone is put away, and has said that it watches nothing. */
bool tv_watcher_hear(struct tv_bus_message *out, struct tv_watcher *watcher);
/* What it asked for under this number is done. */
void tv_watcher_tell(const struct tv_watcher *watcher, uint32_t number);
void tv_watcher_stop(struct tv_watcher *watcher);

#endif
