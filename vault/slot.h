/*
 * Slots: the ways to unlock. A slot type turns a credential (a passphrase, a keyfile's bytes) into
 * a 32-byte slot key, and that is all it does: wrapping, commitment and bounds are common code. From
 * the slot key follows an X25519 key pair; the vault key is wrapped to the public half, which is
 * written down only inside the encrypted document. So a new vault key can be wrapped for every slot
 * without asking for all passphrases, and without leaving one slot's owner the means to open the
 * next key.
 */
#ifndef TV_SLOT_H
#define TV_SLOT_H

#include <stddef.h>
#include <stdint.h>

#include "vault/header.h"
#include "vault/secret.h"
#include "vault/status.h"

/* How much work a passphrase costs, and between which bounds a file may ask for it. */
struct tv_kdf {
	uint32_t passes;
	uint32_t memory_kib;
};

struct tv_kdf_limits {
	struct tv_kdf least;
	struct tv_kdf most;
	uint64_t most_product_kib; /* passes × memory */
};

extern const struct tv_kdf tv_kdf_default;	 /* 3 passes over 256 MiB */
extern const struct tv_kdf_limits tv_kdf_limits; /* 64 MiB–1 GiB, 1–16 passes, ≤ 4 GiB·passes */

/* What a person proves with. type is a slot type's name. */
struct tv_credential {
	const char *type;
	struct tv_secret secret;
};

void tv_credential_free(struct tv_credential *c);
#define tv_auto_credential __attribute__((cleanup(tv_credential_free))) struct tv_credential

/* One way to unlock: the const struct at the foot of vault/slots/NAME.c. */
struct tv_slot_type {
	uint16_t number;  /* on disk */
	const char *name; /* on the command line */
	size_t params_len;
	/* Fills the parameters of a new slot; cost is for those that have one. */
	void (*make)(unsigned char *params, const struct tv_kdf *cost);
	/* Refuses parameters out of bounds (TV_KDF_BOUNDS) before anything is spent on them. */
	enum tv_status (*check)(const unsigned char *params, const struct tv_kdf_limits *limits,
				struct tv_error *err);
	/* Refuses an unusable credential (empty, too short): TV_BAD_VALUE. */
	enum tv_status (*usable)(const struct tv_secret *secret, struct tv_error *err);
	/* The slot key. */
	enum tv_status (*derive)(unsigned char key[static TV_KEY_BYTES],
				 const unsigned char *params, const struct tv_secret *secret,
				 struct tv_error *err);
};

/* The registry: slots/slots.def in order, ended by NULL. */
const struct tv_slot_type *const *tv_slot_types(void);
const struct tv_slot_type *tv_slot_type_by_number(uint16_t number);
const struct tv_slot_type *tv_slot_type_by_name(const char *name);

/* A slot key, and the slot it belongs to. Wipe it after use. */
struct tv_slot_key {
	unsigned char uuid[TV_ID_BYTES];
	unsigned char key[TV_KEY_BYTES];
};

void tv_slot_key_wipe(struct tv_slot_key *k);
#define tv_auto_slot_key __attribute__((cleanup(tv_slot_key_wipe))) struct tv_slot_key

/* Finds the slot of a vault file that the credential opens: derives and compares commitments,
 * slot by slot. TV_WRONG_KEY when none; TV_KDF_BOUNDS when a slot asks for too much and no other
 * one opens. Pass &tv_kdf_limits. Takes as long as the KDF. */
enum tv_status tv_slot_unlock(struct tv_slot_key *out, const struct tv_bytes *file,
			      const struct tv_credential *credential,
			      const struct tv_kdf_limits *limits,
			      struct tv_error *err) TV_MUST_CHECK;

/* A slot that is to be: everything a vault needs to add it, and nothing secret beyond the
 * document's level. */
struct tv_slot_new {
	uint16_t type;
	unsigned char uuid[TV_ID_BYTES];
	unsigned char params[TV_SLOT_PARAMS_MAX];
	size_t params_len;
	unsigned char commitment[32];
	unsigned char recipient[32]; /* X25519 public key */
	char label[64 + 1];
	int64_t created;
};

/* Makes one from a credential; takes as long as the KDF. cost may be NULL: the default. */
enum tv_status tv_slot_prepare(struct tv_slot_new *out, const struct tv_credential *credential,
			       const char *label, const struct tv_kdf *cost,
			       const struct tv_kdf_limits *limits,
			       struct tv_error *err) TV_MUST_CHECK;

/* Wraps the vault key to a recipient, filling nonce, ephemeral and wrapped of the slot. */
enum tv_status tv_slot_wrap(struct tv_slot *slot, const unsigned char vault_id[static TV_ID_BYTES],
			    const unsigned char recipient[static 32],
			    const unsigned char vault_key[static TV_KEY_BYTES],
			    struct tv_error *err) TV_MUST_CHECK;
/* TV_WRONG_KEY when the commitment is another key's, TV_DAMAGED when the wrapping was changed. */
enum tv_status tv_slot_unwrap(unsigned char vault_key[static TV_KEY_BYTES],
			      const struct tv_slot *slot,
			      const unsigned char vault_id[static TV_ID_BYTES],
			      const unsigned char slot_key[static TV_KEY_BYTES],
			      struct tv_error *err) TV_MUST_CHECK;

#endif
