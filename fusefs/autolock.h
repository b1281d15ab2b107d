/*
 * Locks that nobody asks for: after a time without use, some time after the unlock whatever happens, and
 * when the keeper hears that the machine goes to sleep or the screen is locked. The settings are the open
 * vault's, so that they follow it; what counts as use is reading and editing, not asking how things are.
 */
#ifndef TV_AUTOLOCK_H
#define TV_AUTOLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct tv_json;
struct tv_link_message;
struct tv_server;

enum tv_lock_cause {
	TV_LOCK_NONE, /* unlocked, or never unlocked yet */
	TV_LOCK_COMMAND,
	TV_LOCK_IDLE,
	TV_LOCK_AFTER,
	TV_LOCK_SLEEP,
	TV_LOCK_SCREEN,
	TV_LOCK_KEY, /* the vault's key was changed */
};

/* Times are milliseconds that go on while the machine sleeps. */
struct tv_autolock {
	int64_t unlocked;
	int64_t used;
	bool is_set; /* the vault wants to be locked at some time */
	enum tv_lock_cause cause;
	uint32_t watched; /* TV_BUS_SLEEP, TV_BUS_SCREEN: what there is to hear of */
	uint32_t owed;	  /* the keeper waits for this number; 0: for nothing */
	uint32_t inval;	  /* and gets it when the invalidation has come so far */
};

/* It is in use; it was unlocked now. */
void tv_autolock_use(struct tv_server *server);
void tv_autolock_unlocked(struct tv_server *server);
/* The vault is another one, or locked. */
void tv_autolock_follow(struct tv_server *server);
/* Locks, and remembers why; as tv_custody_lock. */
uint32_t tv_autolock_lock(struct tv_server *server, enum tv_lock_cause cause);
/* How many milliseconds the loop may wait; −1: for ever. */
int tv_autolock_wait(const struct tv_server *server);
/* Locks when it is time, and says whether it did: whatever the loop was about to call may be gone. */
bool tv_autolock_run(struct tv_server *server);
/* The keeper says LOCK. */
void tv_autolock_heard(struct tv_server *server, const struct tv_link_message *message);
/* Tells the keeper that nothing can be read any more, once it is so. */
void tv_autolock_progress(struct tv_server *server);
/* The members of status: locked_by, locks_at, locks_by, locks_on. */
bool tv_autolock_report(struct tv_json *object, const struct tv_server *server);

#endif
