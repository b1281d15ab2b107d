/*
 * Slots: the ways to unlock. A slot type turns a credential (a passphrase, a keyfile's bytes) into
 * a 32-byte slot key, and that is all it does: wrapping, commitment and bounds are common code. From
 * the slot key follows an X25519 key pair; the vault key is wrapped to the public half, which is
 * written down only inside the encrypted document. So a new vault key can be wrapped for every slot
 * without asking for all passphrases, and without leaving one slot's owner the means to open the
 * next key. A slot that another machine asked for has its public half in the file; there a secret that
 * was shared beforehand is in the document, and goes into the wrapping.
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

/* What credentials are made of. */
enum tv_part {
	TV_PART_PASSPHRASE,
	TV_PART_KEYFILE, /* its bytes */
	TV_PART_DEVICE,	 /* a machine's own secret */
	TV_PARTS
};

/* One of them, in a set. */
#define TV_PART_BIT(part) (1u << (part))

/* What a person, or a machine, proves with. type is a slot type's name, which says what is in it. */
struct tv_credential {
	const char *type;
	struct tv_secret part[TV_PARTS];
};

void tv_credential_free(struct tv_credential *c);
#define tv_auto_credential __attribute__((cleanup(tv_credential_free))) struct tv_credential

/* Refuses what can't be such a part (empty, too short): TV_BAD_VALUE. */
enum tv_status tv_part_check(enum tv_part part, const struct tv_secret *secret,
			     struct tv_error *err) TV_MUST_CHECK;

/* One way to unlock: the const struct at the foot of vault/slots/NAME.c. */
struct tv_slot_type {
	uint16_t number;   /* on disk */
	const char *name;  /* of the credential, too */
	const char *about; /* "no slot opens with this …" */
	unsigned parts;	   /* what its credential is made of: TV_PART_BIT of each */
	size_t params_len;
	/* Where in the parameters the slot's X25519 public key is; 0: nowhere. Then a vault key is
	 * wrapped with a pre-shared secret as well. */
	size_t public_key_at;
	/* Fills the parameters of a new slot, but for the public key. */
	void (*make)(unsigned char *params, const struct tv_kdf *cost);
	/* Refuses parameters out of bounds (TV_KDF_BOUNDS) before anything is spent on them. NULL: any
	 * will do. */
	enum tv_status (*check)(const unsigned char *params, const struct tv_kdf_limits *limits,
				struct tv_error *err);
	/* The slot key, from parts that were checked. */
	enum tv_status (*derive)(unsigned char key[static TV_KEY_BYTES],
				 const unsigned char *params, const struct tv_credential *c,
				 const unsigned char vault_id[static TV_ID_BYTES],
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
 * document's level. Wipe it after use where that is too much. */
struct tv_slot_new {
	uint16_t type;
	unsigned char uuid[TV_ID_BYTES];
	unsigned char params[TV_SLOT_PARAMS_MAX];
	size_t params_len;
	unsigned char commitment[32];
	/* The X25519 public key; where that is in the parameters, the pre-shared secret. */
	unsigned char recipient[32];
	char label[64 + 1];
	int64_t created;
};

void tv_slot_new_wipe(struct tv_slot_new *s);
#define tv_auto_slot_new __attribute__((cleanup(tv_slot_new_wipe))) struct tv_slot_new

/* Makes one from a credential; takes as long as the KDF. cost may be NULL: the default. vault_id is the
 * vault's that it is for; NULL: one that is yet to be made, which is too early for a machine's own. */
enum tv_status tv_slot_prepare(struct tv_slot_new *out, const struct tv_credential *credential,
			       const char *label, const unsigned char *vault_id,
			       const struct tv_kdf *cost, const struct tv_kdf_limits *limits,
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
