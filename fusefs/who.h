/*
 * Who asks: FUSE requests, and clients, that wait for the keeper to say who a caller is. Nothing else
 * waits with them, and they do not wait for long: a keeper that is stopped costs a refusal, and a reader
 * that is killed meanwhile gets its answer at once.
 */
#ifndef TV_WHO_H
#define TV_WHO_H

#include "fusefs/fuse.h"
#include "fusefs/loop.h"
#include "vault/vault.h"

struct tv_server;
struct tv_surface;
struct tv_client;

struct tv_asking {
	struct tv_caller_question question;
	struct tv_server *server;
	fuse_req_t req;		  /* NULL: a client's */
	struct tv_client *client; /* NULL: a request's */
	/* Replies; the caller may be in trouble. */
	void (*answered)(struct tv_asking *asking, const struct tv_caller *caller);
	struct tv_shown *(*find)(fuse_req_t req, fuse_ino_t ino); /* what is opened, then */
	fuse_ino_t ino;
	struct fuse_file_info fi;
	size_t size;
	off_t offset;
	int64_t deadline; /* in ms of CLOCK_MONOTONIC */
	bool is_sent;
	bool is_interrupted;
	struct tv_asking *next;
	struct tv_asking **link;
};

struct tv_who {
	struct tv_source source;
	struct tv_asking *first; /* oldest first */
	struct tv_asking **end;
	uint32_t last_number;
	int64_t next_deadline; /* 0: none */
	bool any_interrupted;
};

void tv_who_start(struct tv_server *server, int fd);
/* Asks about question.task with a copy of the asking; false when memory is out. */
bool tv_who_ask(struct tv_server *server, const struct tv_asking *asking);
/* How long until tv_who_hurry has something to do, in ms; −1: for ever. */
int tv_who_timeout(const struct tv_server *server);
/* Answers those whose time is over. */
void tv_who_hurry(struct tv_server *server);
/* A surface, or a client, is going away. */
void tv_who_drop_surface(struct tv_server *server, const struct tv_surface *surface);
void tv_who_drop_client(struct tv_server *server, const struct tv_client *client);
/* Replies to all requests that wait: the vault is locked. */
void tv_who_lock(struct tv_server *server);

#endif
