/*
 * An open vault: header, vault key and document together; from the file's bytes and back to them.
 * No file is touched here: that is vault/store.h.
 */
#ifndef TV_SEAL_H
#define TV_SEAL_H

#include <stdint.h>

#include "vault/doc.h"
#include "vault/header.h"
#include "vault/secret.h"
#include "vault/slot.h"
#include "vault/state.h"
#include "vault/status.h"

struct tv_json;
struct tv_vault;

/* A new vault of generation 0 with an empty document; it has to be sealed to become bytes. */
enum tv_status tv_vault_create(struct tv_vault **out, const struct tv_slot_new *first,
			       struct tv_error *err) TV_MUST_CHECK;
/* One without slots: it can't be sealed before it has one. */
enum tv_status tv_vault_begin(struct tv_vault **out, struct tv_error *err) TV_MUST_CHECK;
/* Opens a file's bytes with a slot key. seen, which may be NULL, is what this machine saw of the
 * vault last: TV_ROLLED_BACK, TV_FORKED and TV_NOT_YOURS come from it. TV_WRONG_KEY, TV_DAMAGED,
 * TV_NEWER otherwise. */
enum tv_status tv_vault_open(struct tv_vault **out, const struct tv_bytes *file,
			     const struct tv_slot_key *key, const struct tv_seen *seen,
			     struct tv_error *err) TV_MUST_CHECK;
/* Opens with the key of a vault that is open already (another state of the same file).
 * TV_WRONG_KEY when the vault key has changed since. A file of which there is only the header can be opened where it
 * is that of `with`, whose payload it then has. */
enum tv_status tv_vault_reopen(struct tv_vault **out, const struct tv_bytes *file,
			       const struct tv_vault *with, const struct tv_seen *seen,
			       struct tv_error *err) TV_MUST_CHECK;
/* Whether the bytes begin with the very header of this vault. */
bool tv_vault_has_header(const struct tv_vault *v, const struct tv_bytes *file);
/* Whether they are this very state of the vault, or its header alone: TV_DAMAGED. */
enum tv_status tv_vault_check_own(const struct tv_vault *v, const struct tv_bytes *file,
				  struct tv_error *err) TV_MUST_CHECK;
/* The bytes of the next generation. The vault itself moves on to it. */
enum tv_status tv_vault_seal(struct tv_bytes *out, struct tv_vault *v,
			     struct tv_error *err) TV_MUST_CHECK;

/* Takes a file's bytes while they are being made. */
struct tv_outlet {
	/* So many there will be, and the answer goes before them. Little can go wrong from now on. */
	void (*begin)(void *arg, const struct tv_json *answer, size_t whole);
	/* The first `ready` are as they will stay; never the tag at the end, for that says of all that it was checked. */
	void (*ready)(void *arg, const unsigned char *file, size_t ready);
	void *arg;
	const struct tv_json *answer; /* tv_agent_next's */
};

/* The same in two steps. First the next generation, to which the vault moves on, with its payload not encrypted yet; then
 * that is encrypted where it lies. Of a file whose second step failed nothing is to be used, nor of the vault.
 * The outlet, which may be NULL, hears of it. */
enum tv_status tv_vault_print(struct tv_secret *out, struct tv_vault *v,
			      struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_vault_encrypt(struct tv_secret *file, const struct tv_vault *v,
				const struct tv_outlet *outlet, struct tv_error *err) TV_MUST_CHECK;
void tv_vault_free(struct tv_vault *v);
void tv_vault_cleanup(struct tv_vault **v);
#define tv_auto_vault __attribute__((cleanup(tv_vault_cleanup))) struct tv_vault

struct tv_doc *tv_vault_doc(const struct tv_vault *v);
const struct tv_header *tv_vault_header(const struct tv_vault *v);
/* What to remember of it; goes into the state file. */
struct tv_seen tv_vault_seen(const struct tv_vault *v);

/* Whether a slot key opens this very vault: TV_WRONG_KEY, or TV_DAMAGED, when not. */
enum tv_status tv_vault_check_key(const struct tv_vault *v, const struct tv_slot_key *key,
				  struct tv_error *err) TV_MUST_CHECK;

/* Adds a slot (TV_REFUSED beyond 16). */
enum tv_status tv_vault_add_slot(struct tv_vault *v, const struct tv_slot_new *slot,
				 struct tv_error *err) TV_MUST_CHECK;
/* Puts a new slot in the place of another. */
enum tv_status tv_vault_replace_slot(struct tv_vault *v,
				     const unsigned char uuid[static TV_ID_BYTES],
				     const struct tv_slot_new *slot,
				     struct tv_error *err) TV_MUST_CHECK;
/* Removes a slot; it does not change the vault key. TV_REFUSED for the last one. */
enum tv_status tv_vault_remove_slot(struct tv_vault *v,
				    const unsigned char uuid[static TV_ID_BYTES],
				    struct tv_error *err) TV_MUST_CHECK;
/* A new vault key, wrapped for every slot. TV_REFUSED when there is a slot that this program does
 * not know and so can't carry over. */
enum tv_status tv_vault_rekey(struct tv_vault *v, struct tv_error *err) TV_MUST_CHECK;

#endif
