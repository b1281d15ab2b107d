/* Calls about entries: names, fields, notes, times and tokens on their way to the vault. */
#ifndef TV_CALL_H
#define TV_CALL_H

#include "cli/cli.h"

/* A new request with the members provider and, where it is there, label, of PROVIDER[/LABEL]; an empty
 * one for a NULL word. TV_BAD_VALUE for what can't be a name. */
enum tv_status tv_call_new(struct tv_json **out, const char *word,
			   struct tv_error *err) TV_MUST_CHECK;
/* The same for commands that want the label to be said: TV_USAGE where it isn't. */
enum tv_status tv_call_new_exact(struct tv_json **out, const char *word,
				 struct tv_error *err) TV_MUST_CHECK;

/* Each puts what its options say into the request, and nothing when they are not given. */

/* --field, whose names the definition has to declare and whose value is asked for where there is no
 * equals sign, and --unset-field, as null. provider is the
 * definition, or NULL when there is none. */
enum tv_status tv_call_put_fields(struct tv_json *request, struct tv_cli *cli,
				  const struct tv_provider *provider,
				  struct tv_error *err) TV_MUST_CHECK;
/* --note; an empty one as null. */
enum tv_status tv_call_put_note(struct tv_json *request, const struct tv_cli *cli,
				struct tv_error *err) TV_MUST_CHECK;
/* --expires; never as null. */
enum tv_status tv_call_put_expires(struct tv_json *request, const struct tv_cli *cli,
				   struct tv_error *err) TV_MUST_CHECK;
/* A token that is read or asked for now. Warns when it has not the definition's shape, if there is a
 * definition. Its expiry, where it says one, is the vault's to find. */
enum tv_status tv_call_put_token(struct tv_json *request, struct tv_cli *cli,
				 const struct tv_provider *provider,
				 struct tv_error *err) TV_MUST_CHECK;
/* The tail of a command that changes an entry: sends the request, then with --json prints the reply,
 * else says "WHAT provider/label", unless what is NULL. reply may be NULL. */
enum tv_status tv_call_send(struct tv_json **reply, struct tv_cli *cli,
			    enum tv_agent_message message, const struct tv_json *request,
			    const char *what, struct tv_error *err) TV_MUST_CHECK;

#endif
