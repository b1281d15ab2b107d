/* Errands: what the server has the keeper do, and what the keeper tells the server. */
#ifndef TV_ERRAND_H
#define TV_ERRAND_H

#include "fusefs/server.h"

struct tv_surface;

/* Sends what still waits, where it can be sent. */
void tv_errand_go_on(struct tv_server *server);
void tv_errand_started(struct tv_server *server, enum tv_status status, const char *detail);
/* Mounts what is wanted and is not mounted, and has that remembered. Each gives the number
 * that sync_done reaches when the keeper has done it. */
uint32_t tv_errand_mount(struct tv_server *server);
void tv_errand_unmount(struct tv_server *server, uint32_t view);
/* Asks for what tv_pen_take takes. */
void tv_errand_lend(struct tv_server *server);
/* Has the keeper tell where every mount is now. */
uint32_t tv_errand_check(struct tv_server *server);
/* Has everything taken away. */
uint32_t tv_errand_clear(struct tv_server *server);

/* Has those who watch files hear which have other bytes than before. */
void tv_errand_changed(struct tv_server *server);
/* Has this text written down for the next server. */
void tv_errand_remember(struct tv_server *server, const struct tv_bytes *text);

/* Has a person asked, about a thread that waits: for the passphrase, or whether it may read. */
void tv_errand_prompt(struct tv_server *server, bool confirms, pid_t task, uint32_t number,
		      const char *text);
/* It may go on for so long. */
void tv_errand_limit_prompt(struct tv_server *server, uint32_t number, int ms);
/* The last that waited has a signal. */
void tv_errand_leave_prompt(struct tv_server *server, uint32_t number, pid_t task);

/* What the keeper asked for under this number has been locked. */
void tv_errand_locked(struct tv_server *server, uint32_t number);

/* A surface's mount is gone, by our doing or another's. */
void tv_errand_lost(struct tv_server *server, struct tv_surface *surface);

/* Whether a service's files are to be mounted. */
bool tv_provider_is_mounted(const struct tv_server *server, const char *provider);

/* The link's source. */
void tv_errand_ready(struct tv_source *source, uint32_t events);

#endif
