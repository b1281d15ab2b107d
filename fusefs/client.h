/*
 * Clients: connections on the socket. None is waited for: bytes are taken as they come and given as
 * there is room, so that a slow, silent or broken client costs the others nothing.
 */
#ifndef TV_CLIENT_H
#define TV_CLIENT_H

#include <sys/types.h>

#include "fusefs/loop.h"
#include "vault/agent.h"

struct tv_server;
struct tv_asking;

enum tv_awaits { TV_AWAITS_NOTHING, TV_AWAITS_UNLOCKED, TV_AWAITS_LOCKED };

struct tv_client {
	struct tv_source source;
	struct tv_server *server;
	pid_t pid;	       /* who connected */
	struct tv_secret in;   /* header and object as far as they came; may hold secrets */
	struct tv_frame frame; /* of the request, once its header is there */
	struct tv_bytes data;  /* the vault file's bytes behind it */
	struct tv_secret out;  /* what is still to be sent */
	struct tv_secret made; /* of an edit that is being served, the vault file's bytes */
	struct tv_bytes next;  /* what is left of them to be sent behind that: they are encrypted */
	size_t sent;
	bool is_ahead; /* the edit's answer is being sent while it is made */
	bool is_gone;  /* and the client went meanwhile */

	/* A request that waits: for the keeper, for the invalidation, for the end. Then later() gives
	 * the reply. */
	enum tv_status (*later)(struct tv_json **reply, struct tv_client *client,
				struct tv_error *err);
	uint32_t sync_number;
	uint32_t inval_number;
	bool until_cleared;
	enum tv_awaits awaits;
	bool is_asking;		  /* who a caller is, or for a line to be written */
	bool is_noting;		  /* the line of its edit is not written yet */
	struct tv_caller *caller; /* who it is */
	struct tv_json *shows;	  /* of `show`, the request: it is served once that is in the log */
	unsigned shows_message;
	size_t n_asked; /* of `mount`: the services asked for; SIZE_MAX: all */
	char **asked;

	struct tv_client *next_client;
	struct tv_client **link;
};

/* One that connected on a descriptor, which it takes over; NULL: no memory, and then it does not. */
struct tv_client *tv_client_new(struct tv_server *server, int fd, pid_t pid);
void tv_client_free(struct tv_client *client);
/* Where the answer to a client's edit goes while it is made, if it is a long one. */
struct tv_outlet tv_client_outlet(struct tv_client *client);
/* Whether some client has not all yet of what it is to save. */
bool tv_clients_are_saving(const struct tv_server *server);
/* Answers those whose wait is over. */
void tv_clients_progress(struct tv_server *server);
/* An asking's answered(): the line that the client's reply waited for is written. */
void tv_client_noted(struct tv_asking *asking, const struct tv_caller *caller);
/* That of its edit is, for which the next reply that waits at all waits as well: the edit's own is not to. */
void tv_client_edit_noted(struct tv_asking *asking, const struct tv_caller *caller);
/* Wipes what clients have sent or not yet taken: those in the middle of something are cut off, but not who only has to
 * take an edit's bytes. */
void tv_clients_wipe(struct tv_server *server);

#endif
