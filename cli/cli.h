/* What a command works with: the arguments, the paths, the session, the definitions. */
#ifndef TV_CLI_H
#define TV_CLI_H

#include <stdbool.h>

#include "cli/ask.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "vault/agent.h"
#include "vault/vault.h"

struct tv_cli {
	const struct tv_args *args;
	struct tv_paths paths;
	struct tv_ask ask;
	bool is_json;
	bool is_quiet;
	bool asks_nobody;	  /* what needs a credential fails instead: TV_LOCKED */
	bool told_expiring;	  /* the command itself told what expires soon */
	struct tv_json *expiring; /* what is to be told of that; NULL: not asked for yet */
	int exit_code;		  /* of a command that ends well */
	struct tv_session *session;
	struct tv_providers *providers;
	struct tv_json *settings; /* the vault's; NULL: not asked for yet */
};

/* Makes the process fit to hold secrets: descriptors 0 to 2 are open, a closed pipe is an error and
 * no end, and the library is ready. */
enum tv_status tv_cli_start(struct tv_error *err) TV_MUST_CHECK;
/* Back to what the process was started with, for another program in its place. */
void tv_cli_restore_signals(void);
/* Runs the command that the arguments name, or shows help. *exit_code is set when all went well. */
enum tv_status tv_cli_run(int *exit_code, const struct tv_args *args,
			  struct tv_error *err) TV_MUST_CHECK;

/* Prints an error as this program does. In main.c, which alone does that. */
void tv_complain(enum tv_status status, const struct tv_error *err);
/* Talk for people on stderr; --quiet silences it. */
void tv_say(const struct tv_cli *cli, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Opens the session if it isn't yet. */
enum tv_status tv_cli_open(struct tv_cli *cli, struct tv_error *err) TV_MUST_CHECK;
/* tv_session_call; request may be NULL: an empty one. Where there is no such entry because there is no such service, it says that. */
enum tv_status tv_cli_call(struct tv_json **reply, struct tv_cli *cli,
			   enum tv_agent_message message, const struct tv_json *request,
			   struct tv_error *err) TV_MUST_CHECK;
/* tv_session_list. */
enum tv_status tv_cli_list(struct tv_listing *out, struct tv_cli *cli,
			   const struct tv_json *request, struct tv_error *err) TV_MUST_CHECK;
/* Loads the definitions if they aren't yet; a wrong one of the user's is said and left out. */
enum tv_status tv_cli_load_providers(struct tv_cli *cli, struct tv_error *err) TV_MUST_CHECK;
/* The same for a command about one service: where that is defined, the others are not loaded. */
enum tv_status tv_cli_load_provider(struct tv_cli *cli, const char *name,
				    struct tv_error *err) TV_MUST_CHECK;

#endif
