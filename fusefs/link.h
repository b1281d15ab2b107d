/*
 * The link between keeper and server: a SOCK_SEQPACKET pair, one message a packet, a descriptor with
 * some. Neither ever sends a secret over it: the keeper must not see one.
 */
#ifndef TV_LINK_H
#define TV_LINK_H

#include <limits.h>
#include <stdint.h>

#include "vault/vault.h"

enum tv_link_kind {
	/* From the server. */
	TV_LINK_READY = 1, /* locked in its sandbox; or status and text why not */
	TV_LINK_MOUNT,	   /* view, text: its path below the home directory; view 0: the tree */
	TV_LINK_UNMOUNT,   /* view */
	TV_LINK_CHECK,	   /* tell where everything is: LOST and MOVED follow */
	TV_LINK_CLEAR,	   /* unmount all, leave nothing behind */
	TV_LINK_CHANGED, /* view: its bytes are others now; whoever watches the file is to hear of it */
	TV_LINK_PROMPT,	 /* view: a thread that waits; number; text: seconds, entry, file: lines */
	TV_LINK_CONFIRM, /* the same, whether it may read */
	TV_LINK_LEAVE_PROMPT, /* number; view: the thread, the last that waited, which has a signal */
	TV_LINK_LIMIT_PROMPT, /* number; view: it may go on for so many ms */
	TV_LINK_LOCKED,	      /* number: nothing can be read since that LOCK */
	TV_LINK_SHOWN,	  /* text: a piece of what is to be remembered; number: where it belongs */
	TV_LINK_REMEMBER, /* number: so long are the pieces together; they are to be written down */
	TV_LINK_LEND,	  /* the server would write to the audit log by itself for a second */
	/* From the keeper. */
	TV_LINK_MOUNTED,  /* view, descriptor */
	TV_LINK_FAILED,	  /* view, status, text */
	TV_LINK_LOST,	  /* view: it is no longer mounted */
	TV_LINK_MOVED,	  /* view, text: its path now */
	TV_LINK_VAULT,	  /* descriptor: the file's bytes; or status and text why there are none */
	TV_LINK_LOCK,	  /* text: "", sleep or screen; LOCKED comes back unless number is 0 */
	TV_LINK_STAYS,	  /* number: of a prompt that goes on for a while after LEAVE */
	TV_LINK_PROMPTED, /* number; status: how PROMPT or CONFIRM ended */
	TV_LINK_REMEMBERED, /* status and text: what came of REMEMBER */
	TV_LINK_LOG, /* status and text: why the audit log can't be written, or that it can */
	TV_LINK_LENT, /* view, descriptor: which of a tv_audit_lent it is, in their order; for LEND */
	TV_LINK_WATCHED, /* number: TV_BUS_SLEEP, TV_BUS_SCREEN: of what the keeper would hear */
	TV_LINK_STOP,
	/* Both: that the server is there, and comes back at once. */
	TV_LINK_PULSE,
	/* Both: whatever was sent before the number came is done when it comes back. */
	TV_LINK_SYNC,
};

#define TV_LINK_TEXT (PATH_MAX + 400)
#define TV_VIEW_TREE 0 /* the number of the directory view */

struct tv_link_message {
	uint32_t kind;
	uint32_t view;
	uint32_t status;
	uint32_t number;
	char text[TV_LINK_TEXT]; /* NUL-terminated; only as much as there is travels */
};

/* *fd goes with it where it is ≥ 0. errno is EAGAIN when a non-blocking link is full. */
bool tv_link_send(int link, const struct tv_link_message *message, int fd);
/* *fd is −1 when none came, else the caller's; with a NULL fd none is taken. false at the end, and with EAGAIN. */
bool tv_link_receive(struct tv_link_message *message, int *fd, int link);
/* The kind of the message that waits, 0: none does. */
uint32_t tv_link_peek(int link);

#endif
