/* The vault file's header: its fixed part, its slots and its MAC, byte for byte as in FORMAT.md. */
#ifndef TV_HEADER_H
#define TV_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "vault/secret.h"
#include "vault/status.h"

#define TV_KEY_BYTES	   32
#define TV_MAC_BYTES	   32
#define TV_ID_BYTES	   16
#define TV_SALT_BYTES	   32
#define TV_TAG_BYTES	   16 /* behind what is encrypted */
#define TV_SLOTS_MAX	   16
#define TV_SLOT_PARAMS_MAX 256
#define TV_SLOT_BYTES_MAX  4096 /* of a slot of unknown type, kept as it is */
#define TV_PAYLOAD_MIN	   (4096 + TV_TAG_BYTES)
#define TV_PAYLOAD_MAX	   ((64 << 20) + TV_TAG_BYTES)
#define TV_FLAG_STEPS	   2 /* critical: a payload that is padded in steps, not to a power of two */
#define TV_VAULT_BYTES_MAX ((size_t)TV_PAYLOAD_MAX + (128 << 10))

/* One slot. Where known is false, the type is not one of ours: raw has the whole slot, and of the
 * other members only type, flags, and uuid are set. */
struct tv_slot {
	uint16_t type;
	uint16_t flags;
	unsigned char uuid[TV_ID_BYTES];
	unsigned char params[TV_SLOT_PARAMS_MAX];
	size_t params_len;
	unsigned char nonce[24];
	unsigned char ephemeral[32];		  /* X25519 public key */
	unsigned char wrapped[TV_KEY_BYTES + 16]; /* the vault key and its tag */
	unsigned char commitment[32];
	int known;
	unsigned char *raw;
	size_t raw_len;
};

struct tv_header {
	unsigned char vault_id[TV_ID_BYTES];
	uint64_t generation;
	unsigned char salt[TV_SALT_BYTES];
	unsigned char previous[TV_MAC_BYTES]; /* MAC of the header before this one; zero: none */
	uint64_t payload_len;
	uint32_t flags; /* critical ones */
	size_t len;	/* of the whole header, MAC included */
	struct tv_slot slots[TV_SLOTS_MAX];
	size_t n_slots;
	unsigned char mac[TV_MAC_BYTES];
};

/* What tells one state of a vault from another. */
struct tv_header_front {
	unsigned char vault_id[TV_ID_BYTES];
	uint64_t generation;
	uint64_t file_len; /* of the whole file, as the header says */
};

/* Of a header that is there to its end, the fixed part alone. TV_DAMAGED, or TV_NEWER. */
enum tv_status tv_header_peek(struct tv_header_front *out, const unsigned char *file, size_t len,
			      struct tv_error *err) TV_MUST_CHECK;

/* Reads the header of a whole vault file and checks every bound, the file's length included.
 * TV_DAMAGED, or TV_NEWER for a version, suite or critical flag that is not known; out is empty then. */
enum tv_status tv_header_parse(struct tv_header *out, const unsigned char *file, size_t file_len,
			       struct tv_error *err) TV_MUST_CHECK;
/* The same of a file's header alone, too: len is then the header's length. */
enum tv_status tv_header_parse_front(struct tv_header *out, const unsigned char *front, size_t len,
				     struct tv_error *err) TV_MUST_CHECK;
/* To which size so many bytes of payload are padded, so that how long each token is does not show. flags: the header's.
 * Of more than there may be, some other size. */
size_t tv_payload_padded(size_t len, uint32_t flags);
/* The flags of a payload that is to hold so many bytes. */
uint32_t tv_payload_flags(size_t len);
/* How long the header of these bytes says that it is, but not more than they are; 0 where they are too few. */
size_t tv_header_length(const unsigned char *file, size_t len);
/* How long it is as bytes, MAC included. */
size_t tv_header_size(const struct tv_header *h);
/* Appends everything up to but without the MAC. */
void tv_header_print(struct tv_bytes *out, const struct tv_header *h);
/* Appends the slot's bytes before its nonce: what the wrapped key is bound to. */
void tv_slot_print_front(struct tv_bytes *out, const struct tv_slot *slot);
void tv_header_free(struct tv_header *h);

#endif
