/* Every slot type of the registry: round trip, wrong key, hostile parameters. */
#include <string.h>
#include <sys/resource.h>

#include "fixture.h"

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	return 0;
}

static void seal_with(struct tv_bytes *file, const char *type)
{
	struct tv_slot_new slot = fixture_slot(type);
	tv_auto_vault *vault = NULL;

	assert_ok(tv_vault_create(&vault, &slot, NULL));
	fixture_seal(file, vault);
}

static void round_trip(void **state)
{
	(void)state;
	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++) {
		tv_auto_bytes file = {0};
		tv_auto_vault *vault = NULL;

		seal_with(&file, (*t)->name);
		assert_ok(fixture_open(&vault, &file, (*t)->name, NULL));
		assert_ptr_equal(tv_slot_type_by_number((*t)->number), *t);
	}
}

static void wrong_key(void **state)
{
	(void)state;
	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++) {
		tv_auto_credential wrong = fixture_credential(
			(*t)->name, "something else, but of a length that any slot takes");
		tv_auto_bytes file = {0};
		struct tv_slot_key key = {{0}, {0}};
		struct tv_slot_key untouched = {{0}, {0}};

		seal_with(&file, (*t)->name);
		assert_status(tv_slot_unlock(&key, &file, &wrong, &fixture_limits, NULL),
			      TV_WRONG_KEY);
		assert_memory_equal(&key, &untouched, sizeof key);
	}
}

static void other_kind_of_key(void **state)
{
	tv_auto_credential keyfile = fixture_right("keyfile");
	tv_auto_bytes file = {0};
	struct tv_slot_key key;

	(void)state;
	seal_with(&file, "passphrase");
	assert_status(tv_slot_unlock(&key, &file, &keyfile, &fixture_limits, NULL), TV_WRONG_KEY);
}

static void unusable(void **state)
{
	tv_auto_credential empty = fixture_credential("passphrase", "");
	tv_auto_credential brief = fixture_credential("keyfile", "31 bytes are one byte too few!!");
	struct tv_slot_new slot;

	(void)state;
	assert_int_equal(brief.secret.len, 31);
	assert_status(tv_slot_prepare(&slot, &empty, "x", NULL, &fixture_limits, NULL),
		      TV_BAD_VALUE);
	assert_status(tv_slot_prepare(&slot, &brief, "x", NULL, &fixture_limits, NULL),
		      TV_BAD_VALUE);
}

/* Puts a cost into the file's passphrase slot, whose parameters begin at byte 144. */
static void set_cost(struct tv_bytes *file, uint32_t passes, uint32_t memory_kib)
{
	for (size_t i = 0; i < 4; i++) {
		file->data[120 + 24 + 16 + i] = (unsigned char)(passes >> (8 * i));
		file->data[120 + 24 + 20 + i] = (unsigned char)(memory_kib >> (8 * i));
	}
}

/* The shipped bounds, with so little address space that taking any memory first would fail
 * otherwise. */
static void hostile_cost(void **state)
{
	static const struct tv_kdf hostile[] = {
		{1, 0xffffffff}, {1, (1 << 20) + 1},	   {0xffffffff, 64 << 10},
		{17, 64 << 10},	 {0, 256 << 10},	   {3, 0},
		{5, 1 << 20},	 {16, (256 << 10) + 1},	   {1, (64 << 10) - 1},
		{0, 0},		 {0x80000000, 0x80000000},
	};
	tv_auto_credential c = fixture_right("passphrase");
	tv_auto_bytes file = {0};
	struct tv_slot_key key;
	struct rlimit before;

	(void)state;
	seal_with(&file, "passphrase");
	assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
#ifndef TV_SANITIZED
	assert_int_equal(setrlimit(RLIMIT_AS, &(struct rlimit){48 << 20, before.rlim_max}), 0);
#endif
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		set_cost(&file, hostile[i].passes, hostile[i].memory_kib);
		assert_status(tv_slot_unlock(&key, &file, &c, &tv_kdf_limits, NULL), TV_KDF_BOUNDS);
	}
#ifndef TV_SANITIZED
	/* The control: within the bounds it does try, and has not got the memory. */
	set_cost(&file, 3, 256 << 10);
	assert_status(tv_slot_unlock(&key, &file, &c, &tv_kdf_limits, NULL), TV_NO_MEMORY);
#endif
	setrlimit(RLIMIT_AS, &before);
}

static void default_cost_is_within_the_bounds(void **state)
{
	(void)state;
	assert_in_range(tv_kdf_default.memory_kib, tv_kdf_limits.least.memory_kib,
			tv_kdf_limits.most.memory_kib);
	assert_int_equal(tv_kdf_default.memory_kib, 256 << 10);
	assert_int_equal(tv_kdf_default.passes, 3);
	assert_true((uint64_t)tv_kdf_default.memory_kib * tv_kdf_default.passes <=
		    tv_kdf_limits.most_product_kib);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(wrong_key),
		cmocka_unit_test(other_kind_of_key),
		cmocka_unit_test(unusable),
		cmocka_unit_test(hostile_cost),
		cmocka_unit_test(default_cost_is_within_the_bounds),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
