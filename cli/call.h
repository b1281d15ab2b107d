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

/* Puts the members provider and label, which name an entry as `list` and `show` do too. false when memory is
 * out. */
bool tv_call_put_name(struct tv_json *to, const struct tv_json *entry);
/* The entry that is named so, as `show` has it, with its token. */
enum tv_status tv_call_show(struct tv_json **out, struct tv_cli *cli, const struct tv_json *entry,
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
/* A new token: every request that brings one gets it here, once the fields are in it. The field that holds the
 * old one's id at the service is taken away, unless the request sets it: another token must never be ended
 * for this one. provider may be NULL. */
enum tv_status tv_call_put_new_token(struct tv_json *request, const char *token,
				     const struct tv_provider *provider,
				     struct tv_error *err) TV_MUST_CHECK;
/* The same with a token that is read or asked for now. Warns when it has not the definition's shape, if there is a
 * definition. Its expiry, where it says one, is the vault's to find. */
enum tv_status tv_call_put_token(struct tv_json *request, struct tv_cli *cli,
				 const struct tv_provider *provider,
				 struct tv_error *err) TV_MUST_CHECK;
/* The hosts that a token may be sent to, by the definition and the entry's fields. Where a field makes
 * no host that can be asked, that is said, and there are none; TV_BAD_VALUE where the service is about to be
 * asked. */
enum tv_status tv_call_hosts(struct tv_json **out, const struct tv_cli *cli,
			     const struct tv_provider *provider, const struct tv_json *fields,
			     bool is_asked, struct tv_error *err) TV_MUST_CHECK;
/* TV_USAGE when the request lacks a field that the definition can't do without. */
enum tv_status tv_call_check_fields(const struct tv_json *request,
				    const struct tv_provider *provider,
				    struct tv_error *err) TV_MUST_CHECK;
/* Whether the service is to be asked about a token that is to be stored. */
bool tv_call_asks_service(const struct tv_cli *cli, const struct tv_provider *provider);
/* Asks the service about a token that is to be stored, unless --no-verify was given or there is no way
 * to ask, and puts the answer into the request. entry is what it will be, as `show` has it.
 * TV_TOKEN_REFUSED: it must not be stored. Anything else that keeps the service from answering is
 * said, and no failure. */
enum tv_status tv_call_put_checked(struct tv_json *request, struct tv_cli *cli,
				   const struct tv_provider *provider, const struct tv_json *entry,
				   struct tv_error *err) TV_MUST_CHECK;
/* Says what became of the token and its expiry, once the reply to such a request is there. */
void tv_call_say_stored(const struct tv_cli *cli, const struct tv_provider *provider,
			const struct tv_json *request, const struct tv_json *reply);
/* The tail of a command that changes an entry: sends the request, then with --json prints the reply,
 * else says "WHAT provider/label", unless what is NULL. reply may be NULL. */
enum tv_status tv_call_send(struct tv_json **reply, struct tv_cli *cli,
			    enum tv_agent_message message, const struct tv_json *request,
			    const char *what, struct tv_error *err) TV_MUST_CHECK;

#endif
