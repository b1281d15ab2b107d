/*
 * A vault in memory that is never written: what the real one would be after changes that are not made
 * yet, or what it is, where only its entries can be asked for. Its files can be rendered here.
 */
#ifndef TV_SCRATCH_H
#define TV_SCRATCH_H

#include "cli/cli.h"

struct tv_scratch;

/* An empty one. */
enum tv_status tv_scratch_new(struct tv_scratch **out, struct tv_error *err) TV_MUST_CHECK;
void tv_scratch_free(struct tv_scratch *s);
void tv_scratch_cleanup(struct tv_scratch **s);
#define tv_auto_scratch __attribute__((cleanup(tv_scratch_cleanup))) struct tv_scratch

/* Copies the entries of a service (NULL: of all), tokens included, and what was chosen about files. */
enum tv_status tv_scratch_copy(struct tv_scratch *s, struct tv_cli *cli, const char *provider,
			       struct tv_error *err) TV_MUST_CHECK;
/* Copies one entry, and what was chosen about its files. */
enum tv_status tv_scratch_copy_entry(struct tv_scratch *s, struct tv_cli *cli,
				     const struct tv_json *entry,
				     struct tv_error *err) TV_MUST_CHECK;
/* Any READ or EDIT message of agent.def. After an EDIT that failed it must not be used any more. reply
 * may be NULL. */
enum tv_status tv_scratch_call(struct tv_json **reply, struct tv_scratch *s,
			       enum tv_agent_message message, const struct tv_json *request,
			       struct tv_error *err) TV_MUST_CHECK;
/* An entry as `show` has it. */
enum tv_status tv_scratch_show(struct tv_json **out, struct tv_scratch *s, const char *provider,
			       const char *label, struct tv_error *err) TV_MUST_CHECK;
/* The bytes of a vault file that holds all of it, and the key that opens them: for a server of its own. */
enum tv_status tv_scratch_seal(struct tv_bytes *file, struct tv_slot_key *key, struct tv_scratch *s,
			       struct tv_error *err) TV_MUST_CHECK;
/* For tv_views_list and tv_view_render. */
const struct tv_doc *tv_scratch_doc(const struct tv_scratch *s);

/* Warns of each file of an entry's (provider and label, as in a reply) that can't be written with the values
 * that it has now; nothing else of it is a failure. */
void tv_scratch_warn(struct tv_cli *cli, const struct tv_json *entry);
/* The same of one that was just added: by what was asked for, so that nobody need be shown it. */
void tv_scratch_warn_added(struct tv_cli *cli, const struct tv_json *request,
			   const struct tv_json *reply);

#endif
