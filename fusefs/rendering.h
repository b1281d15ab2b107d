/*
 * Renderings: a file's bytes, made once for all who have it open. They are wiped by a lock, or when the last of these has
 * closed it; of the file that was closed last, only when it has other bytes or another one is closed.
 */
#ifndef TV_RENDERING_H
#define TV_RENDERING_H

#include "vault/vault.h"

struct tv_rendering {
	struct tv_secret bytes;
	unsigned holders;
	bool wiped;		    /* by a lock: these bytes will never be read again */
	struct tv_rendering **home; /* the pointer that names it to the next open, or NULL */
	struct tv_rendering *next;
	struct tv_rendering **link;
};

/* Takes the bytes over. *home is where it is to be found by later opens, until it is detached or
 * gone. One holder. NULL when memory is out; bytes are the caller's still. */
struct tv_rendering *tv_rendering_new(struct tv_secret *bytes, struct tv_rendering **home);
/* Later opens shall make a new one; those who hold it keep it. */
void tv_rendering_detach(struct tv_rendering *r);
void tv_rendering_hold(struct tv_rendering *r);
void tv_rendering_release(struct tv_rendering *r);
/* Wipes the bytes of all there are. */
void tv_renderings_wipe(void);

#endif
