/*
 * What was shown last, as the state directory remembers it, so that the files can be mounted before the vault
 * is unlocked. Names and sizes, and nothing secret. The file is JSON in lines: first
 *
 *     {"tokenvault": "shown", "version": 1, "vault": ID, "providers": [NAME] or null, "unlock_on_open",
 *      "prompt_wait", "audit", "views": COUNT}
 *
 * (null: those of every service are mounted; the three settings count while locked), then one line for each view, sorted as tv_views_list does:
 *
 *     {"path", "in_place", "is_own", "is_alone", "clashes", "provider", "label", "file", "entry", "mode",
 *      "mtime", "expires", "expiring", "denies", "size"}
 */
#ifndef TV_REMEMBERED_H
#define TV_REMEMBERED_H

#include <stdint.h>

#include "vault/agent.h"
#include "vault/vault.h"

#define TV_REMEMBERED_VERSION 1
#define TV_REMEMBERED_MAX     ((size_t)32 << 20) /* bytes of the file */

/* The settings that count while the vault is locked as well, as they were when it was open last. */
struct tv_kept_settings {
	bool unlock_on_open;
	int64_t prompt_wait; /* seconds */
	bool unaudited;
};

struct tv_remembered {
	unsigned char vault_id[TV_ID_BYTES];
	bool all_providers; /* every service's files are to be mounted */
	char **providers;   /* else these services' */
	size_t n_providers;
	struct tv_kept_settings kept;
	struct tv_views views;
	uint64_t *sizes; /* of each view */
};

/* Reads the file and believes nothing of it: whatever a view of ours could not say is refused, with the
 * line. TV_LOCKED whatever is wrong, for nothing can be mounted then; the detail says why. */
enum tv_status tv_remembered_load(struct tv_remembered *out, const char *path,
				  struct tv_error *err) TV_MUST_CHECK;
void tv_remembered_free(struct tv_remembered *r);

#endif
