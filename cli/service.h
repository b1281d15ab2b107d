/* Asking a service: the definition's request, sent only where the token may go, and what came of it. */
#ifndef TV_SERVICE_H
#define TV_SERVICE_H

#include "cli/cli.h"

/* Sends one of the definition's requests for an entry (as `show` has it, with its `hosts`) and judges
 * the answer. more: see tv_http_render. *answer, which may be NULL, is the body where it is JSON.
 * TV_OK, TV_TOKEN_REFUSED, TV_UNREACHABLE, TV_CERTIFICATE, TV_ODD_REPLY; TV_REFUSED for a host that is
 * not among the entry's; nothing is sent then. */
enum tv_status tv_service_ask(struct tv_json **answer, struct tv_cli *cli,
			      const struct tv_provider *provider, const struct tv_http *http,
			      const struct tv_json *entry, const struct tv_json *more,
			      struct tv_error *err) TV_MUST_CHECK;

/* The same, with the answer's HTTP status where there was one; else *http_status stays as it is. */
enum tv_status tv_service_ask_status(struct tv_json **answer, int *http_status, struct tv_cli *cli,
				     const struct tv_provider *provider, const struct tv_http *http,
				     const struct tv_json *entry, const struct tv_json *more,
				     struct tv_error *err) TV_MUST_CHECK;

/* Where an answer says that a list of tokens goes on, or NULL at its end. */
const char *tv_service_next(const struct tv_http *http, const struct tv_json *answer);

/* Verifies an entry's token. *checked is made in each of the four answers and for TV_OK: an object with
 * `at`, `answer` (a status' name) and, where the service told, `account`, `expires`, `fields`; as the
 * messages add, set and checked take it. Returns the answer: TV_OK, TV_TOKEN_REFUSED, TV_UNREACHABLE,
 * TV_CERTIFICATE, TV_ODD_REPLY; without *checked: TV_NO_API when the definition has no way, TV_REFUSED,
 * or another failure. */
enum tv_status tv_service_verify(struct tv_json **checked, struct tv_cli *cli,
				 const struct tv_provider *provider, const struct tv_json *entry,
				 struct tv_error *err) TV_MUST_CHECK;
/* Stores what tv_service_verify made for an entry; the entry tells which version of it was checked. */
enum tv_status tv_service_store(struct tv_cli *cli, const struct tv_json *entry,
				const struct tv_json *checked, struct tv_error *err) TV_MUST_CHECK;
/* The same for many at once: adds a result to an array that tv_service_store_results then takes over.
 * false when memory is out. */
bool tv_service_put_result(struct tv_json *results, const struct tv_json *entry,
			   const struct tv_json *checked);
enum tv_status tv_service_store_results(struct tv_cli *cli, struct tv_json *results,
					struct tv_error *err) TV_MUST_CHECK;
/* Says what came of it, on stderr: "API7 Cloud: you@example.com, expires in 29 days". */
void tv_service_say(const struct tv_cli *cli, const struct tv_provider *provider,
		    const struct tv_json *checked);

#endif
