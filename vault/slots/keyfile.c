/* Unlocking with a file of random bytes: keyed hashing, for there is nothing to stretch. */
#include <sodium.h>

#include "vault/derive.h"
#include "vault/slots/slots.h"

#define SALT  32
#define LEAST 32

static void make(unsigned char *params, const struct tv_kdf *cost)
{
	(void)cost;
	randombytes_buf(params, SALT);
}

static enum tv_status check(const unsigned char *params, const struct tv_kdf_limits *limits,
			    struct tv_error *err)
{
	(void)params;
	(void)limits;
	(void)err;
	return TV_OK;
}

static enum tv_status usable(const struct tv_secret *secret, struct tv_error *err)
{
	if (secret->len < LEAST)
		return tv_fail(err, TV_BAD_VALUE,
			       "the keyfile has %zu bytes, %d are the least; make one: head -c 64 "
			       "/dev/urandom > KEYFILE",
			       secret->len, LEAST);
	return TV_OK;
}

static enum tv_status derive(unsigned char key[static TV_KEY_BYTES], const unsigned char *params,
			     const struct tv_secret *secret, struct tv_error *err)
{
	(void)err;
	tv_derive(key, TV_KEY_BYTES, params, "tokenvault keyfile v1", secret->data, secret->len);
	return TV_OK;
}

const struct tv_slot_type tv_slot_keyfile = {
	.number = 2,
	.name = "keyfile",
	.params_len = SALT,
	.make = make,
	.check = check,
	.usable = usable,
	.derive = derive,
};
