/*
 * The server: holds the unlocked vault, serves the files and answers clients. It can do nothing else:
 * no file system, no network, no exec, no descriptor but those that serve.
 */
#ifndef TV_SERVER_H
#define TV_SERVER_H

#include <stdint.h>
#include <sys/types.h>

#include "fusefs/autolock.h"
#include "fusefs/config.h"
#include "fusefs/directory.h"
#include "fusefs/inval.h"
#include "fusefs/loop.h"
#include "fusefs/pen.h"
#include "fusefs/prompt.h"
#include "fusefs/remembered.h"
#include "fusefs/shown.h"
#include "fusefs/who.h"

struct tv_client;
struct tv_errand;

struct tv_server {
	const struct tv_fs_config *config;
	const struct tv_providers *providers;
	pid_t pid;
	uid_t uid;
	gid_t gid;
	int epoll;
	struct tv_source link;
	struct tv_source listener;
	struct tv_source inval_done;
	struct tv_who who;
	struct tv_prompt prompt;

	struct tv_vault *vault;	 /* NULL while locked */
	struct tv_vault *edited; /* until its bytes are on the disk; a new key is nowhere else */
	int64_t since;		 /* when it was locked or unlocked last */
	struct tv_error trouble; /* what is wrong with the vault's file, or "" */

	struct tv_remembered *remembered; /* from before; NULL: nothing is */
	enum tv_status forgot;		  /* why not */
	struct tv_error why_forgot;
	unsigned char told[TV_HASH_BYTES]; /* of what the keeper was told to remember last */
	bool has_told;
	int64_t tell_at;	/* when it is to be told what has changed since; 0: nothing has */
	int64_t follow_at;	/* when the directory view is to follow, before that; 0: with it */
	struct tv_error untold; /* why that could not be written down, or "" */

	struct tv_shown_list shown; /* in place */
	struct tv_directory directory;
	struct tv_kept_settings kept;
	bool all_providers; /* every service is to be mounted */
	char **mounted;	    /* else these */
	size_t n_mounted;
	enum tv_shown_state tree_state;
	struct tv_error tree_detail;
	struct tv_surface *surfaces;
	struct tv_inval inval;
	struct tv_autolock autolock;

	struct tv_client *actor; /* whose request is being served; NULL: nobody's */
	bool has_epoch;		 /* the audit log's lines have a key of this unlock's */
	struct tv_pen pen;
	struct tv_error unlogged; /* why the log can't be written, or "" */

	struct tv_rule_uses uses; /* of rules of so many opens; what a person said */

	struct tv_errand *errands; /* what the link has no room for yet */
	struct tv_errand **errands_end;
	uint32_t sync_asked;
	uint32_t sync_done;
	bool is_unsettled; /* something is to be mounted or unmounted that no number stands for yet */
	uint32_t settled; /* once sync_done is here, what is to be mounted is, or can't be */

	struct tv_client *clients;
	size_t n_clients;
	size_t most_clients;
	int64_t paid_until;  /* ms of CLOCK_MONOTONIC: each connection costs one */
	bool is_resting;     /* for who connects too often: nobody is let in */
	size_t held_secrets; /* bytes of requests that are not all there */
	size_t held_data;
	bool stopping; /* locked for good; the keeper clears away when nothing can be read any more */
	bool clearing; /* it was asked to */
	uint32_t clear_number;
	bool cleared;
	int64_t leaves_at; /* ms of CLOCK_MONOTONIC: the latest time to end, once all is cleared */
};

/* What a server is born with. */
struct tv_server_birth {
	const struct tv_fs_config *config;
	const struct tv_providers *providers;
	struct tv_remembered *remembered; /* what was shown last; NULL: nothing is remembered */
	enum tv_status forgot;		  /* why not */
	const char *why_forgot;
	int link, listener;
	struct tv_lane who;
	pid_t keeper;
};

/* Runs the server in a fresh fork of the keeper. */
_Noreturn void tv_server_main(const struct tv_server_birth *birth);

/* Locks, then has everything taken away, then ends. */
void tv_server_stop(struct tv_server *server);
/* Something that clients may be waiting for has come about. */
void tv_server_progress(struct tv_server *server);

#endif
