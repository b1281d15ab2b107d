/* Stands before libsodium's functions whose answer everybody may know: the linker puts it there (--wrap). What they
 * compare and decrypt stays secret; the vault's document does not, for reading it is no more secret than what it says. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <valgrind/memcheck.h>

#define VAULT_KEY 32
#define TAG	  16

int __real_sodium_memcmp(const void *a, const void *b, size_t len);
int __wrap_sodium_memcmp(const void *a, const void *b, size_t len);

int __wrap_sodium_memcmp(const void *a, const void *b, size_t len)
{
	int other = __real_sodium_memcmp(a, b, len);

	VALGRIND_MAKE_MEM_DEFINED(&other, sizeof other);
	return other;
}

int __real_crypto_scalarmult(unsigned char *out, const unsigned char *scalar,
			     const unsigned char *point);
int __wrap_crypto_scalarmult(unsigned char *out, const unsigned char *scalar,
			     const unsigned char *point);

/* Whether the other's public key is of low order. */
int __wrap_crypto_scalarmult(unsigned char *out, const unsigned char *scalar,
			     const unsigned char *point)
{
	int failed = __real_crypto_scalarmult(out, scalar, point);

	VALGRIND_MAKE_MEM_DEFINED(&failed, sizeof failed);
	return failed;
}

int __real_crypto_aead_xchacha20poly1305_ietf_decrypt(
	unsigned char *out, unsigned long long *out_len, unsigned char *none,
	const unsigned char *in, unsigned long long len, const unsigned char *bound,
	unsigned long long bound_len, const unsigned char *nonce, const unsigned char *key);
int __wrap_crypto_aead_xchacha20poly1305_ietf_decrypt(
	unsigned char *out, unsigned long long *out_len, unsigned char *none,
	const unsigned char *in, unsigned long long len, const unsigned char *bound,
	unsigned long long bound_len, const unsigned char *nonce, const unsigned char *key);

int __wrap_crypto_aead_xchacha20poly1305_ietf_decrypt(
	unsigned char *out, unsigned long long *out_len, unsigned char *none,
	const unsigned char *in, unsigned long long len, const unsigned char *bound,
	unsigned long long bound_len, const unsigned char *nonce, const unsigned char *key)
{
	int failed = __real_crypto_aead_xchacha20poly1305_ietf_decrypt(
		out, out_len, none, in, len, bound, bound_len, nonce, key);

	VALGRIND_MAKE_MEM_DEFINED(&failed, sizeof failed);
	if (out && len != VAULT_KEY + TAG)
		VALGRIND_MAKE_MEM_DEFINED(out, len - TAG);
	return failed;
}

int __real_crypto_stream_xchacha20_xor_ic(unsigned char *out, const unsigned char *in,
					  unsigned long long len, const unsigned char *nonce,
					  uint64_t block, const unsigned char *key);
int __wrap_crypto_stream_xchacha20_xor_ic(unsigned char *out, const unsigned char *in,
					  unsigned long long len, const unsigned char *nonce,
					  uint64_t block, const unsigned char *key);

/* A part of the document. */
int __wrap_crypto_stream_xchacha20_xor_ic(unsigned char *out, const unsigned char *in,
					  unsigned long long len, const unsigned char *nonce,
					  uint64_t block, const unsigned char *key)
{
	const int failed = __real_crypto_stream_xchacha20_xor_ic(out, in, len, nonce, block, key);

	VALGRIND_MAKE_MEM_DEFINED(out, len);
	return failed;
}
