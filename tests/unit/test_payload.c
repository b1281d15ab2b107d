/* The payload's encryption part by part: the same bytes as the library's, each part checked, and the tag last. A flipped bit
 * stands for memory, processor or program that went wrong: the linker puts this before the library (--wrap). */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "fixture.h"
#include "vault/payload.h"

#define PART  ((size_t)16 << 10)
#define NEVER SIZE_MAX

static size_t calls;		/* of the cipher */
static size_t flip_at = NEVER;	/* in which call a bit is flipped */
static size_t flip_bit = NEVER; /* and which one */
static bool flips_tag;

int __real_crypto_stream_xchacha20_xor_ic(unsigned char *out, const unsigned char *in,
					  unsigned long long len, const unsigned char *nonce,
					  uint64_t block, const unsigned char *key);
int __wrap_crypto_stream_xchacha20_xor_ic(unsigned char *out, const unsigned char *in,
					  unsigned long long len, const unsigned char *nonce,
					  uint64_t block, const unsigned char *key);

int __wrap_crypto_stream_xchacha20_xor_ic(unsigned char *out, const unsigned char *in,
					  unsigned long long len, const unsigned char *nonce,
					  uint64_t block, const unsigned char *key)
{
	const int failed = __real_crypto_stream_xchacha20_xor_ic(out, in, len, nonce, block, key);

	if (calls++ == flip_at)
		out[flip_bit / 8 % len] ^= (unsigned char)(1 << flip_bit % 8);
	return failed;
}

int __real_crypto_onetimeauth_final(crypto_onetimeauth_state *state, unsigned char *out);
int __wrap_crypto_onetimeauth_final(crypto_onetimeauth_state *state, unsigned char *out);

int __wrap_crypto_onetimeauth_final(crypto_onetimeauth_state *state, unsigned char *out)
{
	const int failed = __real_crypto_onetimeauth_final(state, out);

	out[5] ^= flips_tag;
	return failed;
}

/* What an outlet heard. */
struct heard {
	const struct tv_json *answer;
	size_t whole;
	size_t begun;
	size_t times;
	size_t ready;
	struct tv_bytes bytes;
	bool changes; /* a byte that was ready: memory that goes wrong */
};

static void begin(void *arg, const struct tv_json *answer, size_t whole)
{
	struct heard *h = arg;

	h->begun++;
	h->answer = answer;
	h->whole = whole;
}

static void ready(void *arg, const unsigned char *file, size_t len)
{
	struct heard *h = arg;

	assert_true(len > h->ready);
	tv_bytes_append(&h->bytes, file + h->ready, len - h->ready);
	h->ready = len;
	h->times++;
	if (h->changes)
		((unsigned char *)(uintptr_t)file)[len - 1] ^= 4;
}

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	return 0;
}

static int fresh(void **state)
{
	(void)state;
	calls = 0;
	flip_at = flip_bit = NEVER;
	flips_tag = false;
	return 0;
}

static struct tv_vault *vault_of(int entries)
{
	struct tv_vault *vault = fixture_vault("first-token");
	char text[4000];

	for (int i = 0; i < entries; i++) {
		snprintf(text, sizeof text, "{'provider':'choreo','label':'l%d','token':'%03900d'}",
			 i, i);
		assert_ok(fixture_edit(NULL, vault, TV_AGENT_add, text));
	}
	return vault;
}

static void like_the_library(void **state)
{
	(void)state;
	for (int entries = 0; entries <= 80; entries = entries * 3 + 5) {
		tv_auto_vault *vault = vault_of(entries);
		tv_auto_secret file = {0}, plain = {0}, all = {0};
		const struct tv_header *h;
		unsigned char key[56];

		assert_ok(tv_vault_print(&file, vault, NULL));
		h = tv_vault_header(vault);
		assert_int_equal(file.len, h->len + h->payload_len);
		tv_secret_append(&plain, file.data + h->len, h->payload_len - TV_TAG_BYTES);
		assert_ok(tv_vault_encrypt(&file, vault, NULL, NULL));
		tv_payload_key(key, vault->key, h);
		tv_secret_fill(&all, h->payload_len);
		crypto_aead_xchacha20poly1305_ietf_encrypt(all.data, NULL, plain.data, plain.len,
							   h->mac, TV_MAC_BYTES, NULL, key + 32,
							   key);
		assert_memory_equal(file.data + h->len, all.data, all.len);
	}
}

/* What is ready stays as it is, and ends before the tag. */
static void goes_ahead(void **state)
{
	tv_auto_json *request =
		fixture_json("{'provider':'choreo','label':'new','token':'another-token'}");
	tv_auto_vault *vault = vault_of(100), *again = NULL;
	struct heard heard = {.times = 0};
	const struct tv_outlet outlet = {.begin = begin, .ready = ready, .arg = &heard};
	tv_auto_json *reply = NULL;
	tv_auto_secret next = {0};

	(void)state;
	assert_ok(tv_agent_next(&reply, &next, vault, TV_AGENT_add, request, 1700000200, &outlet,
				NULL));
	assert_int_equal(heard.begun, 1);
	assert_ptr_equal(heard.answer, reply);
	assert_non_null(tv_json_get(reply, "seen"));
	assert_int_equal(heard.whole, next.len);
	assert_true(heard.times >= 4);
	assert_int_equal(heard.ready, next.len - TV_TAG_BYTES);
	assert_memory_equal(heard.bytes.data, next.data, heard.ready);
	assert_ok(fixture_open(&again, &(struct tv_bytes){.data = next.data, .len = next.len},
			       "keyfile", NULL));
	tv_bytes_free(&heard.bytes);
}

/* Whichever call goes wrong: its part is not ready, nor anything behind it. */
static void each_part_is_checked(void **state)
{
	size_t all;

	for (size_t wrong = 0; wrong <= (all = calls); wrong++) {
		tv_auto_vault *vault = vault_of(40);
		tv_auto_secret file = {0};
		struct heard heard = {.times = 0};
		const struct tv_outlet outlet = {.begin = begin, .ready = ready, .arg = &heard};
		struct tv_error err = {""};

		fresh(state);
		assert_ok(tv_vault_print(&file, vault, NULL));
		if (wrong) {
			flip_at = wrong - 1;
			flip_bit = wrong * 7919;
			assert_status(tv_vault_encrypt(&file, vault, &outlet, &err), TV_FAILED);
			assert_non_null(strstr(err.detail, "would not open"));
			assert_true(heard.ready <=
				    tv_vault_header(vault)->len + flip_at / 2 * PART);
			calls = all;
		} else {
			assert_ok(tv_vault_encrypt(&file, vault, &outlet, &err));
			assert_true(calls >= 32);
		}
		tv_bytes_free(&heard.bytes);
	}
}

/* The library's own check has the last word. */
static void tag_is_checked(void **state)
{
	for (int i = 0; i < 2; i++) {
		tv_auto_vault *vault = vault_of(40);
		tv_auto_secret file = {0};
		struct heard heard = {.changes = i};
		const struct tv_outlet outlet = {.begin = begin, .ready = ready, .arg = &heard};

		fresh(state);
		flips_tag = !i;
		assert_ok(tv_vault_print(&file, vault, NULL));
		assert_status(tv_vault_encrypt(&file, vault, &outlet, NULL), TV_FAILED);
		tv_bytes_free(&heard.bytes);
	}
}

/* What was printed is read again: another MAC in the header counts, even where the vault has that as well. */
static void header_is_checked(void **state)
{
	tv_auto_vault *vault = vault_of(1);
	tv_auto_secret file = {0};

	(void)state;
	assert_ok(tv_vault_print(&file, vault, NULL));
	vault->header.mac[0] ^= 1;
	file.data[vault->header.len - TV_MAC_BYTES] ^= 1;
	assert_status(tv_vault_encrypt(&file, vault, NULL, NULL), TV_FAILED);
}

/* The parts are checked under the key that the header on the file leads to. */
static void another_salt(void **state)
{
	tv_auto_vault *vault = vault_of(100);
	tv_auto_secret file = {0};
	struct heard heard = {.times = 0};
	const struct tv_outlet outlet = {.begin = begin, .ready = ready, .arg = &heard};

	(void)state;
	assert_ok(tv_vault_print(&file, vault, NULL));
	vault->header.salt[0] ^= 1;
	assert_status(tv_vault_encrypt(&file, vault, &outlet, NULL), TV_FAILED);
	assert_int_equal(heard.ready, 0);
}

/* A vault that could not be sealed is where it was. */
static void stays(void **state)
{
	tv_auto_vault *vault = vault_of(1);
	const uint64_t generation = tv_vault_header(vault)->generation;
	tv_auto_bytes file = {0};

	(void)state;
	flips_tag = true;
	assert_status(tv_vault_seal(&file, vault, NULL), TV_FAILED);
	assert_null(file.data);
	assert_int_equal(tv_vault_header(vault)->generation, generation);
	flips_tag = false;
	fixture_seal(&file, vault);
	assert_int_equal(tv_vault_header(vault)->generation, generation + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(like_the_library, fresh),
		cmocka_unit_test_setup(goes_ahead, fresh),
		cmocka_unit_test_setup(each_part_is_checked, fresh),
		cmocka_unit_test_setup(tag_is_checked, fresh),
		cmocka_unit_test_setup(header_is_checked, fresh),
		cmocka_unit_test_setup(another_salt, fresh),
		cmocka_unit_test_setup(stays, fresh),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
