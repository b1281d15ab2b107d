/* Credentials: from the keyfile, from a descriptor, or from the person at the terminal. */
#ifndef TV_ASK_H
#define TV_ASK_H

#include "vault/vault.h"

struct tv_prompt;

#define TV_PASSPHRASE_MAX 4096

struct tv_ask {
	struct tv_prompt *prompt; /* asks elsewhere than at the terminal; NULL: nothing does */
	const char *keyfile;	  /* NULL: none was named */
	int passphrase_fd;	  /* −1: none was named */
	bool has_read_ahead;	  /* passphrase holds a line that was read but not used yet */
	bool has_read;		  /* the passphrase's line of the descriptor was read */
	struct tv_secret passphrase;
};

/* Whether the opening credential comes without talking to a person. */
bool tv_ask_is_automatic(const struct tv_ask *ask);
/* What opens the vault: the keyfile where one was named, else the passphrase. */
enum tv_status tv_ask_credential(struct tv_credential *out, struct tv_ask *ask,
				 struct tv_error *err) TV_MUST_CHECK;
/* The passphrase of a new slot: the descriptor's next line, else asked for twice. */
enum tv_status tv_ask_new_passphrase(struct tv_credential *out, struct tv_ask *ask,
				     struct tv_error *err) TV_MUST_CHECK;
/* Takes the passphrase's line when it stands before the token on standard input. */
enum tv_status tv_ask_read_ahead(struct tv_ask *ask, struct tv_error *err) TV_MUST_CHECK;
/* A token: from standard input where that is no terminal, else asked for. Trimmed and checked. */
enum tv_status tv_ask_token(struct tv_secret *out, const char *prompt,
			    struct tv_error *err) TV_MUST_CHECK;

#endif
