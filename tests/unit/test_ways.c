/* Which ways to unlock are tried, what is asked for, and what is said when none opens. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"

#define P TV_PART_BIT(TV_PART_PASSPHRASE)
#define K TV_PART_BIT(TV_PART_KEYFILE)
#define D TV_PART_BIT(TV_PART_DEVICE)

/* Which slots a vault has, as letters; what can be had, and how; what was asked for, in order, in capitals where it
 * is the right one; and what came of it. `-` in place of a part: it is not there. */
struct row {
	const char *slots; /* p k b d: passphrase, keyfile, both, device */
	unsigned parts, named, at_hand;
	const char *right; /* P K D, for the parts that are */
	bool alone;
	const char *asked;
	enum tv_status status;
};

static const struct row rows[] = {
	/* Nothing named, and a machine without a key of its own. */
	{"p", P, 0, 0, "P", false, "P", TV_OK},
	{"p", P, 0, 0, "", false, "p", TV_WRONG_KEY},
	{"pd", P, 0, 0, "P", false, "P", TV_OK},
	{"k", P, 0, 0, "P", false, "", TV_WRONG_KEY},
	{"b", P, 0, 0, "P", false, "", TV_WRONG_KEY},
	{"p", P, 0, 0, "P", true, "", TV_LOCKED},
	/* And one with a key. */
	{"pd", P | D, 0, D, "PD", false, "D", TV_OK},
	{"pd", P | D, 0, D, "PD", true, "D", TV_OK},
	{"pd", P | D, 0, D, "P", false, "dP", TV_OK},
	{"pd", P | D, 0, D, "P", true, "d", TV_WRONG_KEY},
	{"pd", P | D, 0, D, "", false, "dp", TV_WRONG_KEY},
	{"pd", P | D, 0, D, "P-", false, "-P", TV_OK},
	{"pd", P | D, 0, D, "P-", true, "-", TV_LOCKED},
	{"p", P | D, 0, D, "PD", false, "P", TV_OK},
	{"p", P | D, 0, D, "PD", true, "", TV_LOCKED},
	/* A passphrase by descriptor. */
	{"pd", P, 0, P, "P", true, "P", TV_OK},
	/* A keyfile named: the ways that take it, and no other. */
	{"pk", P | K, K, K, "PK", false, "K", TV_OK},
	{"pk", P | K, K, K, "P", false, "k", TV_WRONG_KEY},
	{"p", P | K, K, K, "PK", false, "", TV_WRONG_KEY},
	{"kb", P | K, K, K, "PK", false, "K", TV_OK},
	{"pb", P | K, K, K, "PK", false, "PK", TV_OK},
	{"pb", P | K, K, K, "P", false, "Pk", TV_WRONG_KEY},
	{"pb", P | K, K, K, "K", false, "pK", TV_WRONG_KEY},
	{"b", P | K, K, K, "PK", true, "", TV_LOCKED},
	{"b", P | K, K, P | K, "PK", true, "PK", TV_OK},
	/* The keyfile is read once for both ways. */
	{"kb", P | K, K, K, "P", false, "kP", TV_WRONG_KEY},
};

static const char letters[] = "pkd"; /* of the parts */
static const struct row *row;
static char asked[8];
static struct tv_vault *all;
static struct tv_bytes all_sealed;

static void note(char letter)
{
	size_t len = strlen(asked);

	assert_in_range(len, 0, sizeof asked - 2);
	asked[len] = letter;
	asked[len + 1] = '\0';
}

static enum tv_status ask(struct tv_secret *out, enum tv_part part, void *arg, struct tv_error *err)
{
	const char letter = letters[part], large = (char)(letter - 32);
	bool is_right = strchr(row->right, large);
	tv_auto_credential c = {0};
	const char *type = part == TV_PART_DEVICE    ? "device"
			   : part == TV_PART_KEYFILE ? "keyfile"
						     : "passphrase";

	assert_ptr_equal(arg, asked);
	if (part == TV_PART_DEVICE && strchr(row->right, '-')) {
		note('-');
		return tv_fail(err, TV_NO_ENTRY, "none");
	}
	note(is_right ? large : letter);
	c = is_right ? fixture_right(type) : fixture_wrong(type, part);
	tv_secret_move(out, &c.part[part]);
	return TV_OK;
}

/* A vault with a slot of each type, at the least cost that the program allows. */
static struct tv_vault *make_all(void)
{
	static const struct tv_kdf least = {.passes = 1, .memory_kib = 64 << 10};
	struct tv_vault *vault = NULL;

	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++) {
		tv_auto_credential right = fixture_right((*t)->name);
		const unsigned char *id = vault ? tv_vault_header(vault)->vault_id : NULL;
		struct tv_slot_new slot;

		assert_ok(tv_slot_prepare(&slot, &right, (*t)->name, id, &least, &tv_kdf_limits,
					  NULL));
		if (vault)
			assert_ok(tv_vault_add_slot(vault, &slot, NULL));
		else
			assert_ok(tv_vault_create(&vault, &slot, NULL));
	}
	return vault;
}

/* The same without the slots that are not wanted. */
static void seal(struct tv_bytes *file, const char *slots)
{
	tv_auto_vault *vault = NULL;

	assert_ok(tv_vault_reopen(&vault, &all_sealed, all, NULL, NULL));
	for (size_t i = tv_vault_header(vault)->n_slots; i-- > 0;) {
		const struct tv_slot *slot = &tv_vault_header(vault)->slots[i];
		unsigned char uuid[TV_ID_BYTES];

		memcpy(uuid, slot->uuid, sizeof uuid);
		if (!strchr(slots, tv_slot_type_by_number(slot->type)->name[0]))
			assert_ok(tv_vault_remove_slot(vault, uuid, NULL));
	}
	fixture_seal(file, vault);
}

static void table(void **state)
{
	const size_t before = tv_arena_in_use();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		tv_auto_bytes file = {0};
		tv_auto_slot_key key = {0};
		struct tv_error err = {""};
		struct tv_ways ways = {.ask = ask, .ask_arg = asked};
		enum tv_status status;

		row = &rows[i];
		ways.parts = row->parts;
		ways.named = row->named;
		ways.at_hand = row->at_hand;
		*asked = '\0';
		seal(&file, row->slots);
		status = tv_ways_try(&key, &file, &ways, row->alone, &err);
		if (status != row->status || strcmp(asked, row->asked) != 0)
			fail_msg("row %zu: %s, asked for %s, said %s", i, tv_status_name(status),
				 asked, err.detail);
	}
	assert_int_equal(tv_arena_in_use(), before);
}

static void said(struct tv_error *err, const char *slots, const char *right)
{
	struct row one = {slots, P | K, K, K, right, false, "", TV_WRONG_KEY};
	struct tv_ways ways = {
		.parts = one.parts,
		.named = one.named,
		.at_hand = one.at_hand,
		.ask = ask,
		.ask_arg = asked,
	};
	tv_auto_bytes file = {0};
	tv_auto_slot_key key = {0};

	row = &one;
	*asked = '\0';
	seal(&file, slots);
	assert_status(tv_ways_try(&key, &file, &ways, false, err), TV_WRONG_KEY);
}

/* Of passphrase and keyfile together, which of them was wrong is not told. */
static void same_words(void **state)
{
	static const char *const slots[] = {"b", "kb", "pb", "pkb"};
	struct tv_error passphrase = {""}, keyfile = {""}, neither = {""};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		bool alone = strchr(slots[i], 'k');

		said(&keyfile, slots[i], "P");
		said(&neither, slots[i], "");
		assert_string_equal(keyfile.detail, neither.detail);
		/* A right keyfile opens the other slot. */
		if (alone)
			continue;
		said(&passphrase, slots[i], "K");
		assert_string_equal(passphrase.detail, neither.detail);
	}
}

/* Nobody is asked for anything that opens no slot, and what would is said. */
static void other_kinds(void **state)
{
	struct row one = {"kbd", P, 0, 0, "P", false, "", TV_WRONG_KEY};
	struct tv_ways ways = {.parts = P, .ask = ask, .ask_arg = asked};
	struct tv_error err = {""};
	tv_auto_bytes file = {0};
	tv_auto_slot_key key = {0};

	(void)state;
	row = &one;
	*asked = '\0';
	seal(&file, one.slots);
	assert_status(tv_ways_try(&key, &file, &ways, false, &err), TV_WRONG_KEY);
	assert_string_equal(asked, "");
	assert_non_null(strstr(err.detail, "keyfile, both, device"));
	assert_non_null(strstr(err.detail, "--keyfile"));
	/* What is no vault is said before anybody is asked. */
	file.data[0] ^= 1;
	assert_status(tv_ways_try(&key, &file, &ways, false, &err), TV_DAMAGED);
	assert_string_equal(asked, "");
}

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	all = make_all();
	fixture_seal(&all_sealed, all);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tv_vault_free(all);
	tv_bytes_free(&all_sealed);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(same_words),
		cmocka_unit_test(other_kinds),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
