/*
 * Who asks: FUSE requests, and clients, that wait for the keeper to say who a caller is, or to write a line into
 * the audit log. Nothing else waits with them, and they do not wait for long: a keeper that is stopped costs a
 * refusal where it has to be known who asks, and a reader that is killed meanwhile gets its answer at once.
 */
#ifndef TV_WHO_H
#define TV_WHO_H

#include "fusefs/ask.h"
#include "fusefs/fuse.h"
#include "fusefs/lane.h"
#include "fusefs/loop.h"
#include "fusefs/openers.h"
#include "vault/vault.h"

struct tv_server;
struct tv_surface;
struct tv_client;
struct tv_handle;

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
	uint32_t flags;		     /* TV_ASK_… */
	uint64_t faults;	     /* of the caller's before it was asked about; 0: unknown */
	struct tv_bytes event;	     /* of the line; whoever waits has it */
	struct tv_audit_epoch epoch; /* that begins with it */
	struct tv_handle *handle;    /* what the open gets, once the line is written */
	int err;		     /* or the errno that it gets */
	int64_t deadline;	     /* in ms of CLOCK_MONOTONIC */
	bool is_sent;
	bool is_interrupted;
	struct tv_asking *next;
	struct tv_asking **link;
};

struct tv_who {
	struct tv_lane lane;
	struct tv_source source; /* of answers */
	struct tv_source room;	 /* for questions */
	struct tv_asking *first; /* oldest first */
	struct tv_asking **end;
	uint32_t last_number;
	/* Of the last line but opens' that the keeper is to write; 0: none. */
	uint32_t last_line;
	bool is_last_silent;
	uint32_t last_answered;
	int64_t next_deadline; /* 0: none */
	int64_t send_at; /* when what is not sent yet is, if nothing else is before; 0: there is nothing */
	bool any_interrupted;
	bool is_late; /* a line was waited for in vain: until the keeper says something, none is */
	size_t n_silent; /* lines that nobody waits for, and that are not sent yet */
	uint32_t lost;	 /* lines that there was no memory for */
	int stat_file; /* came with the answer that is being served, −1: nothing; who takes it sets that */
	struct tv_openers openers;
};

void tv_who_start(struct tv_server *server, const struct tv_lane *lane);
/* Has the loop listen. */
bool tv_who_listen(struct tv_server *server);
/* Asks about question.task with a copy of the asking; false when memory is out. */
bool tv_who_ask(struct tv_server *server, const struct tv_asking *asking);
/* Has the asking's event written, and answers once it is; after a while all the same, since what is allowed does
 * not depend on the log. The event is taken over, and so is the handle. With TV_ASK_SILENT nobody is answered. */
void tv_who_record(struct tv_server *server, struct tv_asking *asking);
/* Whether the keeper may have lines to write still, but opens': what is written here now would come before those. */
bool tv_who_is_behind(const struct tv_who *who);
/* Sends what waits to be sent. */
void tv_who_flush(struct tv_server *server);
/* The same; whether all of it is on its way. */
bool tv_who_is_told(struct tv_server *server);
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
