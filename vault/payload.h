/*
 * The payload's cipher: XChaCha20-Poly1305, whole or part by part. Only for open.c and seal.c.
 */
#ifndef TV_PAYLOAD_H
#define TV_PAYLOAD_H

#include "vault/open.h"

/* Key and nonce of one generation's payload. */
void tv_payload_key(unsigned char out[static 56],
		    const unsigned char vault_key[static TV_KEY_BYTES], const struct tv_header *h);

/* Decrypts the payload of v's header, or with plain NULL only checks its tag: TV_DAMAGED. */
enum tv_status tv_payload_decrypt(unsigned char *plain, const struct tv_vault *v,
				  const unsigned char *cipher, struct tv_error *err) TV_MUST_CHECK;

/* Encrypts the payload of v's header where it lies, behind that, and puts the tag behind it. Each part is decrypted again
 * at once and must be what it was, and at the end the whole must have its tag, both under the key of `check`: TV_DAMAGED.
 * The outlet, which may be NULL, is told of what is ready. */
enum tv_status tv_payload_encrypt(unsigned char *file, const struct tv_vault *v,
				  const struct tv_vault *check, const struct tv_outlet *outlet,
				  struct tv_error *err) TV_MUST_CHECK;

#endif
