/* Preloaded: whoever wants something of libsodium before it was started is ended. With TV_NEVER set it never is. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

static bool is_started;

static void must_be_started(const char *name)
{
	if (is_started)
		return;
	fprintf(stderr, "early: %s\n", name);
	abort();
}

static void find(void *out, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(out, &symbol, sizeof symbol);
}

int sodium_init(void)
{
	int (*next)(void);

	find(&next, "sodium_init");
	is_started = !getenv("TV_NEVER");
	return next();
}

/* Each by its type; the arguments' names are needed for handing them on. */
#define GUARD(type, name, parameters, arguments)                                                   \
	type name parameters                                                                       \
	{                                                                                          \
		type(*next) parameters;                                                            \
                                                                                                   \
		must_be_started(#name);                                                            \
		find(&next, #name);                                                                \
		return next arguments;                                                             \
	}

typedef unsigned char u8;
typedef unsigned long long u64;

GUARD(int, crypto_aead_xchacha20poly1305_ietf_decrypt,
      (u8 * m, u64 *mlen, u8 *none, const u8 *c, u64 clen, const u8 *ad, u64 adlen, const u8 *n,
       const u8 *k),
      (m, mlen, none, c, clen, ad, adlen, n, k))
GUARD(int, crypto_aead_xchacha20poly1305_ietf_encrypt,
      (u8 * c, u64 *clen, const u8 *m, u64 mlen, const u8 *ad, u64 adlen, const u8 *none,
       const u8 *n, const u8 *k),
      (c, clen, m, mlen, ad, adlen, none, n, k))
GUARD(int, crypto_generichash,
      (u8 * out, size_t outlen, const u8 *in, u64 inlen, const u8 *k, size_t klen),
      (out, outlen, in, inlen, k, klen))
GUARD(int, crypto_generichash_init,
      (crypto_generichash_state * s, const u8 *k, const size_t klen, const size_t outlen),
      (s, k, klen, outlen))
GUARD(int, crypto_onetimeauth_init, (crypto_onetimeauth_state * s, const u8 *k), (s, k))
GUARD(int, crypto_pwhash_argon2id,
      (u8 *const out, u64 outlen, const char *const p, u64 plen, const u8 *const salt, u64 ops,
       size_t mem, int alg),
      (out, outlen, p, plen, salt, ops, mem, alg))
GUARD(int, crypto_scalarmult, (u8 * q, const u8 *n, const u8 *p), (q, n, p))
GUARD(int, crypto_scalarmult_base, (u8 * q, const u8 *n), (q, n))
GUARD(int, crypto_stream_xchacha20, (u8 * c, u64 len, const u8 *n, const u8 *k), (c, len, n, k))
GUARD(int, crypto_stream_xchacha20_xor_ic,
      (u8 * c, const u8 *m, u64 len, const u8 *n, uint64_t ic, const u8 *k), (c, m, len, n, ic, k))
GUARD(uint32_t, randombytes_random, (void), ())

void randombytes_buf(void *const out, const size_t len)
{
	void (*next)(void *const, const size_t);

	must_be_started("randombytes_buf");
	find(&next, "randombytes_buf");
	next(out, len);
}
