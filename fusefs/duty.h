/* The keeper's duty while there is a server: mount and unmount for it, pass signals and saves on. */
#ifndef TV_DUTY_H
#define TV_DUTY_H

#include "fusefs/auditor.h"
#include "fusefs/bus/watcher.h"
#include "fusefs/changes.h"
#include "fusefs/claim.h"
#include "fusefs/mount.h"
#include "fusefs/prompter.h"
#include "fusefs/pulse.h"
#include "fusefs/watch.h"

struct tv_duty {
	struct tv_fs_config *config;
	struct tv_providers *providers; /* whose files may be mounted */
	struct tv_claim claim;
	struct tv_mounts mounts;
	struct tv_changes changes;
	struct tv_auditor auditor;
	struct tv_watch watch;
	struct tv_watcher watcher;
	struct tv_prompter prompter;
	struct tv_pulse pulse;
	struct tv_bytes shown; /* what is to be remembered, as far as the server has told it */
	int listener;
	int link;
	struct tv_lane who; /* where the server asks who its callers are */
	int signals;
	int address; /* where it is heard that the socket has gone; −1: nowhere */
	int pidfd;
	int epoll;
	pid_t server;
	bool stopping; /* the server was asked to stop */
	bool cleared;  /* nothing of ours is left: another keeper may be in our place already */
};

/* Until the server has ended, for whatever reason, or is to be: it does not end though it was asked to, or it
 * hangs. */
void tv_duty_run(struct tv_duty *duty);
/* Takes everything away and lets the next keeper in. */
void tv_duty_clear(struct tv_duty *duty);

#endif
