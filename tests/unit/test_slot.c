/* Every slot type of the registry: round trip, wrong key, hostile parameters. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "fixture.h"

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	return 0;
}

/* A vault with a slot of this type alone. The one that it is made with, some slots can only be made for a vault
 * that there is, goes again. */
static void seal_with(struct tv_bytes *file, const char *type)
{
	tv_auto_credential c =
		fixture_credential("keyfile", "of whoever made it: 32 bytes or more");
	tv_auto_vault *vault = NULL;
	struct tv_slot_new first;
	struct tv_slot_new slot;

	assert_ok(tv_slot_prepare(&first, &c, "first", NULL, NULL, &fixture_limits, NULL));
	assert_ok(tv_vault_create(&vault, &first, NULL));
	slot = fixture_slot(type, vault);
	assert_ok(tv_vault_add_slot(vault, &slot, NULL));
	assert_ok(tv_vault_remove_slot(vault, first.uuid, NULL));
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
		assert_true(tv_vault_header(vault)->slots[0].known);
	}
}

/* Each part on its own, in turn, is another. The message does not tell which. */
static void wrong_key(void **state)
{
	(void)state;
	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++) {
		tv_auto_bytes file = {0};
		char said[2 * TV_PARTS][sizeof((struct tv_error *)0)->detail] = {""};
		size_t n = 0;

		seal_with(&file, (*t)->name);
		for (size_t part = 0; part < TV_PARTS; part++) {
			struct tv_slot_key key = {{0}, {0}};
			struct tv_slot_key untouched = {{0}, {0}};
			struct tv_error err = {""};

			if (!((*t)->parts & TV_PART_BIT(part)))
				continue;
			tv_auto_credential wrong = fixture_wrong((*t)->name, part);
			assert_status(tv_slot_unlock(&key, &file, &wrong, &fixture_limits, &err),
				      TV_WRONG_KEY);
			assert_memory_equal(&key, &untouched, sizeof key);
			snprintf(said[n], sizeof said[n], "%s", err.detail);
			assert_string_equal(said[n++], said[0]);
		}
		assert_in_range(n, 1, TV_PARTS);
	}
}

/* Whoever has one part has nothing: the other's place may hold anything that is usable. */
static void one_part_is_none(void **state)
{
	tv_auto_credential c = fixture_credential("both", FIXTURE_KEYFILE);
	tv_auto_bytes file = {0};
	struct tv_slot_key key;

	(void)state;
	seal_with(&file, "both");
	assert_status(tv_slot_unlock(&key, &file, &c, &fixture_limits, NULL), TV_WRONG_KEY);
	c.type = "keyfile";
	assert_status(tv_slot_unlock(&key, &file, &c, &fixture_limits, NULL), TV_WRONG_KEY);
	c.type = "passphrase";
	assert_status(tv_slot_unlock(&key, &file, &c, &fixture_limits, NULL), TV_WRONG_KEY);
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

/* What is too little is refused, in every type that takes it, before it costs anything. */
static void unusable(void **state)
{
	static const char *const little[TV_PARTS] = {
		[TV_PART_PASSPHRASE] = "",
		[TV_PART_KEYFILE] = "31 bytes are one byte too few!!",
		[TV_PART_DEVICE] = "a machine's own key: 33 bytes....",
	};
	tv_auto_vault *vault = fixture_vault("x");

	(void)state;
	assert_int_equal(strlen(little[TV_PART_KEYFILE]), 31);
	assert_int_equal(strlen(little[TV_PART_DEVICE]), 33);
	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++) {
		for (size_t part = 0; part < TV_PARTS; part++) {
			struct tv_slot_new slot;

			if (!((*t)->parts & TV_PART_BIT(part)))
				continue;
			tv_auto_credential c = fixture_right((*t)->name);
			tv_secret_free(&c.part[part]);
			tv_secret_puts(&c.part[part], little[part]);
			assert_status(tv_slot_prepare(&slot, &c, "x",
						      tv_vault_header(vault)->vault_id, NULL,
						      &fixture_limits, NULL),
				      TV_BAD_VALUE);
		}
	}
}

/* Puts a cost into the file's only slot, whose parameters begin at byte 144. */
static void set_cost(struct tv_bytes *file, uint32_t passes, uint32_t memory_kib)
{
	for (size_t i = 0; i < 4; i++) {
		file->data[120 + 24 + 16 + i] = (unsigned char)(passes >> (8 * i));
		file->data[120 + 24 + 20 + i] = (unsigned char)(memory_kib >> (8 * i));
	}
}

static void try_costs(const char *type)
{
	static const struct tv_kdf hostile[] = {
		{1, 0xffffffff}, {1, (1 << 20) + 1},	   {0xffffffff, 64 << 10},
		{17, 64 << 10},	 {0, 256 << 10},	   {3, 0},
		{5, 1 << 20},	 {16, (256 << 10) + 1},	   {1, (64 << 10) - 1},
		{0, 0},		 {0x80000000, 0x80000000},
	};
	tv_auto_credential c = fixture_right(type);
	tv_auto_bytes file = {0};
	struct tv_slot_key key;
	struct rlimit before;

	seal_with(&file, type);
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

/* The shipped bounds, with so little address space that taking any memory first would fail
 * otherwise. */
static void hostile_cost(void **state)
{
	(void)state;
	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++)
		if ((*t)->parts & TV_PART_BIT(TV_PART_PASSPHRASE))
			try_costs((*t)->name);
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
		cmocka_unit_test(one_part_is_none),
		cmocka_unit_test(other_kind_of_key),
		cmocka_unit_test(unusable),
		cmocka_unit_test(hostile_cost),
		cmocka_unit_test(default_cost_is_within_the_bounds),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
