/* Unlocks with keys that valgrind takes for undefined, right ones and wrong ones: it then names every branch and every address
 * that depends on them. For campaigns/consttime.sh; what a comparison came to is no secret (consttime_wrap.c). */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include <valgrind/memcheck.h>

#include "vault/arena.h"
#include "vault/open.h"

#define SECRET(at, len) VALGRIND_MAKE_MEM_UNDEFINED(at, len)
#define PUBLIC(at, len) VALGRIND_MAKE_MEM_DEFINED(at, len)

static unsigned operations;
static struct tv_vault *vault;
static struct tv_bytes file;
static struct tv_seen before; /* of a key that it had */

static enum tv_status counted(enum tv_status status)
{
	operations++;
	PUBLIC(&status, sizeof status);
	return status;
}

/* From a credential's bytes to the slot key; not those that Argon2id takes, whose addresses depend on its input. */
static void slot_keys(void **state)
{
	static const struct {
		const char *type;
		enum tv_part part;
	} all[] = {{"keyfile", TV_PART_KEYFILE},
		   {"both", TV_PART_KEYFILE},
		   {"device", TV_PART_DEVICE}};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		tv_auto_credential right = fixture_right(all[i].type);
		tv_auto_credential wrong = fixture_wrong(all[i].type, all[i].part);
		tv_auto_slot_key key;

		SECRET(right.part[all[i].part].data, right.part[all[i].part].len);
		SECRET(wrong.part[all[i].part].data, wrong.part[all[i].part].len);
		assert_ok(counted(tv_slot_unlock(&key, &file, &right, &fixture_limits, NULL)));
		assert_status(counted(tv_slot_unlock(&key, &file, &wrong, &fixture_limits, NULL)),
			      TV_WRONG_KEY);
	}
}

static struct tv_slot_key key_of(const char *type)
{
	tv_auto_credential c = fixture_right(type);
	struct tv_slot_key key;

	assert_ok(tv_slot_unlock(&key, &file, &c, &fixture_limits, NULL));
	return key;
}

/* Commitment, unwrapping, header MAC, what was seen, payload: by the key of every type of slot. */
static void vault_keys(void **state)
{
	const struct tv_seen seen = tv_vault_seen(vault);

	(void)state;
	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++) {
		struct tv_slot_key key = key_of((*t)->name);
		tv_auto_vault *out = NULL;

		SECRET(key.key, sizeof key.key);
		assert_ok(counted(tv_vault_open(&out, &file, &key, &seen, NULL)));
		assert_ok(counted(tv_vault_check_key(vault, &key, NULL)));
	}
}

/* The first byte, the last one, and one in between. */
static void wrong_keys(void **state)
{
	static const size_t places[] = {0, 13, TV_KEY_BYTES - 1};

	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct tv_slot_key key = key_of("keyfile");
		tv_auto_vault *out = NULL;

		key.key[places[i]] ^= 1;
		SECRET(key.key, sizeof key.key);
		assert_status(counted(tv_vault_open(&out, &file, &key, NULL, NULL)), TV_WRONG_KEY);
	}
}

/* The byte of the header's salt, of its MAC, and of the payload. */
static void changed_files(void **state)
{
	const struct tv_header *h = tv_vault_header(vault);
	const size_t places[] = {48, h->len - 1, h->len - TV_MAC_BYTES, h->len, file.len - 1};
	struct tv_slot_key key = key_of("keyfile");

	(void)state;
	SECRET(key.key, sizeof key.key);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		tv_auto_vault *out = NULL;

		file.data[places[i]] ^= 1;
		assert_status(counted(tv_vault_open(&out, &file, &key, NULL, NULL)), TV_DAMAGED);
		file.data[places[i]] ^= 1;
	}
}

/* With a vault key that is at hand, as the server has it; and another one. */
static void kept_keys(void **state)
{
	const struct tv_seen seen = tv_vault_seen(vault);
	tv_auto_vault *right = NULL, *wrong = NULL, *out = NULL, *none = NULL;

	(void)state;
	assert_ok(fixture_open(&right, &file, "keyfile", NULL));
	assert_ok(fixture_open(&wrong, &file, "keyfile", NULL));
	wrong->key[7] ^= 1;
	SECRET(right->key, sizeof right->key);
	SECRET(wrong->key, sizeof wrong->key);
	assert_ok(counted(tv_vault_reopen(&out, &file, right, &seen, NULL)));
	assert_status(counted(tv_vault_reopen(&none, &file, wrong, &seen, NULL)), TV_WRONG_KEY);
}

/* Another vault key under this id: its pin, and those of its forebears, are compared with what was seen. */
static void pins(void **state)
{
	struct tv_slot_key key = key_of("keyfile");
	tv_auto_vault *out = NULL, *none = NULL;

	(void)state;
	SECRET(key.key, sizeof key.key);
	assert_ok(counted(tv_vault_open(&out, &file, &key, &before, NULL)));
	before.pin[0] ^= 1;
	assert_status(counted(tv_vault_open(&none, &file, &key, &before, NULL)), TV_NOT_YOURS);
}

/* Sealing: of what is made, part by part, nothing but the document is compared, which is no secret here. */
static void sealed_files(void **state)
{
	tv_auto_vault *right = NULL;
	tv_auto_bytes next = {0};

	(void)state;
	assert_ok(fixture_open(&right, &file, "keyfile", NULL));
	SECRET(right->key, sizeof right->key);
	assert_ok(counted(tv_vault_seal(&next, right, NULL)));
}

static void secrets(void **state)
{
	tv_auto_secret a = {0}, b = {0};

	(void)state;
	tv_secret_puts(&a, "a token that nobody knows");
	tv_secret_puts(&b, "a token that nobody kn0ws");
	SECRET(a.data, a.len);
	SECRET(b.data, b.len);
	for (int i = 0; i < 2; i++) {
		bool same = tv_secret_equals(&a, i ? &b : &a);

		PUBLIC(&same, sizeof same);
		assert_int_equal(counted(same ? TV_OK : TV_WRONG_KEY), i ? TV_WRONG_KEY : TV_OK);
	}
}

static int make(void **state)
{
	(void)state;
	vault = fixture_vault("u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzd");
	fixture_add_types(vault);
	fixture_seal(&file, vault);
	before = tv_vault_seen(vault);
	tv_bytes_free(&file);
	assert_ok(tv_vault_rekey(vault, NULL));
	fixture_seal(&file, vault);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	tv_vault_free(vault);
	tv_bytes_free(&file);
	printf("# operations %u\n", operations);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slot_keys),	cmocka_unit_test(vault_keys),
		cmocka_unit_test(wrong_keys),	cmocka_unit_test(changed_files),
		cmocka_unit_test(kept_keys),	cmocka_unit_test(pins),
		cmocka_unit_test(sealed_files), cmocka_unit_test(secrets),
	};

	return cmocka_run_group_tests_name("consttime", tests, make, drop);
}
