/* The tokens that an account has at its service: finding those of a name, ending one. */
#ifndef TV_TOKENS_H
#define TV_TOKENS_H

#include "cli/cli.h"

/* The ids of the account's tokens that have exactly this name: an array of texts. All pages of the list
 * are read, as long as they are on the host that the first was on. TV_NO_API where the definition has no
 * list; else what tv_service_ask returns. entry, here and below, is one as `show` has it. */
enum tv_status tv_tokens_named(struct tv_json **ids, struct tv_cli *cli,
			       const struct tv_provider *provider, const struct tv_json *entry,
			       const char *name, struct tv_error *err) TV_MUST_CHECK;
/* Ends a token at the service, with the entry's token as the credential. Whether one that is not there any
 * more counts as ended is the definition's to say; *was_there, which may be NULL, tells that the service did not
 * answer so. TV_NO_API where it has no way. */
enum tv_status tv_token_end(bool *was_there, struct tv_cli *cli, const struct tv_provider *provider,
			    const struct tv_json *entry, const char *id,
			    struct tv_error *err) TV_MUST_CHECK;
/* The id of the entry's token at the service, or NULL where it is not known. */
const char *tv_token_id(const struct tv_provider *provider, const struct tv_json *entry);
/* Another entry of this service that has the same token, or one of this id (each may be NULL): its label
 * is appended to *label, which stays empty where there is none. */
enum tv_status tv_token_shared(struct tv_secret *label, struct tv_cli *cli,
			       const struct tv_provider *provider, const struct tv_json *entry,
			       const char *token, const char *id,
			       struct tv_error *err) TV_MUST_CHECK;

#endif
