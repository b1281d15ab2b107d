/* Credentials: from the keyfile, a descriptor, this machine, or the person at the terminal. */
#ifndef TV_ASK_H
#define TV_ASK_H

#include "vault/vault.h"

struct tv_prompt;

#define TV_PASSPHRASE_MAX 4096

struct tv_ask {
	struct tv_prompt *prompt; /* asks elsewhere than at the terminal; NULL: nothing does */
	const char *keyfile;	  /* NULL: none was named */
	const char *device;	  /* where this machine's own key would be; NULL: it is not used */
	int passphrase_fd;	  /* −1: none was named */
	bool has_read_ahead;	  /* passphrase holds a line that was read but not used yet */
	bool has_read;		  /* the passphrase's line of the descriptor was read */
	struct tv_secret passphrase;
};

/* Whether the opening credential was named, and comes without talking to a person. */
bool tv_ask_is_automatic(const struct tv_ask *ask);
/* What can be got to open a vault with: with a keyfile, the ways that take it; where nothing was named, this
 * machine's own key first. The caller sets ask and ask_arg. */
struct tv_ways tv_ask_ways(const struct tv_ask *ask);
/* A part of what opens the vault. TV_NO_ENTRY: this machine has no key of its own, or, where err says so, none
 * that is fit to be used. */
enum tv_status tv_ask_part(struct tv_secret *out, enum tv_part part, struct tv_ask *ask,
			   struct tv_error *err) TV_MUST_CHECK;
/* The passphrase of a new slot: the descriptor's next line, else asked for twice. */
enum tv_status tv_ask_new_passphrase(struct tv_secret *out, struct tv_ask *ask,
				     struct tv_error *err) TV_MUST_CHECK;
/* Takes the passphrase's line when it stands before the token on standard input. */
enum tv_status tv_ask_read_ahead(struct tv_ask *ask, struct tv_error *err) TV_MUST_CHECK;
/* A token: from standard input where that is no terminal, else asked for. Trimmed and checked. */
enum tv_status tv_ask_token(struct tv_secret *out, const char *prompt,
			    struct tv_error *err) TV_MUST_CHECK;

#endif
