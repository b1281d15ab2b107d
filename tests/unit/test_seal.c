/* Generations, rollback, forks, new vault keys, slots that are not known. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "fixture.h"
#include "vault/open.h"

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	return 0;
}

static const char *token_of(const struct tv_vault *vault)
{
	const struct tv_entry *e = tv_doc_find(tv_vault_doc(vault), "azion", "default");

	return e ? tv_secret_text(&e->now.token) : NULL;
}

static void generations(void **state)
{
	tv_auto_vault *vault = fixture_vault("first-token");
	tv_auto_bytes file = {0};

	(void)state;
	for (uint64_t g = 1; g <= 3; g++) {
		tv_auto_vault *again = NULL;
		unsigned char before[TV_MAC_BYTES];

		memcpy(before, tv_vault_header(vault)->mac, sizeof before);
		fixture_seal(&file, vault);
		assert_ok(fixture_open(&again, &file, "keyfile", NULL));
		assert_int_equal(tv_vault_header(again)->generation, g);
		assert_memory_equal(tv_vault_header(again)->previous, before, sizeof before);
		assert_string_equal(token_of(again), "first-token");
	}
}

/* The same document twice: no byte of salt or payload may repeat by rule. */
static void nothing_repeats(void **state)
{
	tv_auto_vault *vault = fixture_vault("first-token");
	tv_auto_bytes a = {0};
	tv_auto_bytes b = {0};
	size_t same = 0;

	(void)state;
	fixture_seal(&a, vault);
	fixture_seal(&b, vault);
	assert_int_equal(a.len, b.len);
	for (size_t i = tv_vault_header(vault)->len; i < a.len; i++)
		same += a.data[i] == b.data[i];
	assert_in_range(same, 0, 64);
}

static void rollback_and_fork(void **state)
{
	tv_auto_vault *vault = fixture_vault("first-token");
	tv_auto_vault *twin = NULL;
	tv_auto_vault *opened = NULL;
	tv_auto_bytes first = {0};
	tv_auto_bytes second = {0};
	tv_auto_bytes other_second = {0};
	struct tv_seen seen;

	(void)state;
	fixture_seal(&first, vault);
	assert_ok(fixture_open(&twin, &first, "keyfile", NULL));
	fixture_seal(&second, vault);
	fixture_seal(&other_second, twin);
	seen = tv_vault_seen(vault);
	assert_status(fixture_open(&opened, &first, "keyfile", &seen), TV_ROLLED_BACK);
	assert_status(fixture_open(&opened, &other_second, "keyfile", &seen), TV_FORKED);
	assert_ok(fixture_open(&opened, &second, "keyfile", &seen));
}

static void new_key(void **state)
{
	tv_auto_vault *vault = fixture_vault("first-token");
	tv_auto_vault *opened = NULL;
	tv_auto_vault *with_old_key = NULL;
	tv_auto_vault *old = NULL;
	tv_auto_bytes before = {0};
	tv_auto_bytes after = {0};
	struct tv_seen seen;

	(void)state;
	fixture_seal(&before, vault);
	seen = tv_vault_seen(vault);
	assert_ok(fixture_open(&old, &before, "keyfile", NULL));
	assert_ok(tv_vault_rekey(vault, NULL));
	fixture_seal(&after, vault);
	assert_status(tv_vault_reopen(&with_old_key, &after, old, NULL, NULL), TV_WRONG_KEY);
	assert_ok(fixture_open(&opened, &after, "passphrase", &seen));
	tv_vault_free(opened);
	assert_ok(fixture_open(&opened, &after, "keyfile", &seen));
}

/* Another key under the same id, without the former among its forebears. */
static void not_yours(void **state)
{
	tv_auto_vault *vault = fixture_vault("first-token");
	tv_auto_vault *opened = NULL;
	tv_auto_bytes file = {0};
	struct tv_seen seen;

	(void)state;
	fixture_seal(&file, vault);
	seen = tv_vault_seen(vault);
	seen.pin[0] ^= 1;
	assert_status(fixture_open(&opened, &file, "keyfile", &seen), TV_NOT_YOURS);
}

static void removed_slot(void **state)
{
	tv_auto_vault *vault = fixture_vault("first-token");
	tv_auto_vault *opened = NULL;
	tv_auto_bytes file = {0};
	unsigned char uuid[TV_ID_BYTES];

	(void)state;
	memcpy(uuid, tv_vault_header(vault)->slots[0].uuid, sizeof uuid);
	assert_ok(tv_vault_remove_slot(vault, uuid, NULL));
	assert_status(tv_vault_remove_slot(vault, uuid, NULL), TV_NO_ENTRY);
	memcpy(uuid, tv_vault_header(vault)->slots[0].uuid, sizeof uuid);
	assert_status(tv_vault_remove_slot(vault, uuid, NULL), TV_REFUSED);
	fixture_seal(&file, vault);
	assert_status(fixture_open(&opened, &file, "passphrase", NULL), TV_WRONG_KEY);
	assert_ok(fixture_open(&opened, &file, "keyfile", NULL));
}

static void too_many_slots(void **state)
{
	tv_auto_vault *vault = fixture_vault("first-token");

	(void)state;
	for (int i = 2; i < TV_SLOTS_MAX; i++) {
		struct tv_slot_new slot = fixture_slot("keyfile", NULL);

		assert_ok(tv_vault_add_slot(vault, &slot, NULL));
	}
	for (int i = 0; i < 2; i++) {
		struct tv_slot_new slot = fixture_slot("keyfile", NULL);

		assert_status(tv_vault_add_slot(vault, &slot, NULL), TV_REFUSED);
	}
}

/* A slot of a type to come: skipped, kept to the byte, and in the way of a new vault key. */
static void unknown_slot(void **state)
{
	static const unsigned char raw[] = {0x63, 0,  0xff, 0xff, 30,	0,    0,    0,	  1,  2,
					    3,	  4,  5,    6,	  7,	8,    9,    10,	  11, 12,
					    13,	  14, 15,   16,	  0xde, 0xad, 0xbe, 0xef, 0,  1};
	tv_auto_vault *vault = fixture_vault("first-token");
	struct tv_header *h = (struct tv_header *)(uintptr_t)tv_vault_header(vault);
	struct tv_slot *slot = &h->slots[h->n_slots++];
	tv_auto_vault *opened = NULL;
	tv_auto_vault *again = NULL;
	tv_auto_bytes file = {0};

	(void)state;
	*slot = (struct tv_slot){.type = 99, .raw = malloc(sizeof raw), .raw_len = sizeof raw};
	memcpy(slot->raw, raw, sizeof raw);
	fixture_seal(&file, vault);
	assert_ok(fixture_open(&opened, &file, "keyfile", NULL));
	fixture_seal(&file, opened);
	assert_ok(fixture_open(&again, &file, "passphrase", NULL));
	assert_int_equal(tv_vault_header(again)->n_slots, 3);
	assert_int_equal(tv_vault_header(again)->slots[2].raw_len, sizeof raw);
	assert_memory_equal(tv_vault_header(again)->slots[2].raw, raw, sizeof raw);
	assert_status(tv_vault_rekey(again, NULL), TV_REFUSED);
}

/* Padding hides how long the tokens are, up to a power of two. */
static void padding(void **state)
{
	tv_auto_vault *small = fixture_vault("x");
	tv_auto_vault *large =
		fixture_vault("a-token-that-is-a-good-deal-longer-than-the-other-one");
	tv_auto_bytes a = {0};
	tv_auto_bytes b = {0};

	(void)state;
	fixture_seal(&a, small);
	fixture_seal(&b, large);
	assert_int_equal(a.len, b.len);
}

static const char *vector(const char *name, const char *end)
{
	static char path[512];

	assert_non_null(getenv("TV_VECTORS"));
	snprintf(path, sizeof path, "%s/vault/%s.%s", getenv("TV_VECTORS"), name, end);
	return path;
}

static void read_part(struct tv_secret *out, const char *name, enum tv_part part)
{
	static const char *const ends[TV_PARTS] = {
		[TV_PART_PASSPHRASE] = "passphrase",
		[TV_PART_KEYFILE] = "keyfile",
		[TV_PART_DEVICE] = "device",
	};
	int fd = open(vector(name, ends[part]), O_RDONLY);

	assert_ok(tv_secret_read(out, fd, 4096, name, NULL));
	close(fd);
}

static void opens_golden(struct tv_vault **out, const char *name, const char *type)
{
	tv_auto_credential c = {.type = type};
	tv_auto_store *store = NULL;
	tv_auto_bytes file = {0};
	tv_auto_slot_key key;

	for (size_t i = 0; i < TV_PARTS; i++)
		if (tv_slot_type_by_name(type)->parts & TV_PART_BIT(i))
			read_part(&c.part[i], name, i);
	assert_ok(tv_store_open(&store, vector(name, "vault"), NULL));
	assert_ok(tv_store_read(&file, store, NULL));
	assert_ok(tv_slot_unlock(&key, &file, &c, &tv_kdf_limits, NULL));
	assert_ok(tv_vault_open(out, &file, &key, NULL, NULL));
}

/* The vault that FORMAT.md shows, and those with every member of the document, must open for ever, within the
 * shipped bounds. */
/* By the second reader's arithmetic. */
static const unsigned char golden_epoch_key[TV_KEY_BYTES] = {
	0xd7, 0xce, 0x06, 0x16, 0x5b, 0x3f, 0xc0, 0xff, 0x25, 0xff, 0x88,
	0x20, 0x18, 0xf0, 0x82, 0x81, 0x07, 0x46, 0x8d, 0xd1, 0x40, 0x2f,
	0xe1, 0x01, 0xf3, 0x59, 0x80, 0x06, 0x87, 0xe5, 0xf3, 0x75};

static void golden(void **state)
{
	static const char *const types[] = {"passphrase", "keyfile"};
	tv_auto_vault *locks = NULL;
	tv_auto_vault *prompt = NULL, *audit = NULL;
	unsigned char key[TV_KEY_BYTES];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		tv_auto_vault *first = NULL;
		tv_auto_vault *second = NULL;

		opens_golden(&first, "golden-1", types[i]);
		assert_string_equal(token_of(first), "azionAZION0123456789azionAZION0123456789");
		opens_golden(&second, "golden-2", types[i]);
		assert_string_equal(token_of(second), "golden-token-2");
	}
	opens_golden(&locks, "golden-locks", "keyfile");
	assert_int_equal(tv_vault_doc(locks)->settings.lock_idle, 900);
	assert_true(tv_vault_doc(locks)->settings.open_at_screen);
	opens_golden(&prompt, "golden-prompt", "keyfile");
	assert_true(tv_vault_doc(prompt)->settings.unlock_on_open);
	assert_int_equal(tv_vault_doc(prompt)->settings.prompt_wait, 30);
	opens_golden(&audit, "golden-audit", "keyfile");
	assert_true(tv_vault_doc(audit)->settings.unaudited);
	assert_true(tv_vault_doc(audit)->has_audit);
	tv_doc_epoch_key(key, tv_vault_doc(audit), (const unsigned char *)"an epoch");
	assert_memory_equal(key, golden_epoch_key, sizeof key);
}

/* So must a vault by each of its slots, of which there is one of every type. */
static void golden_slots(void **state)
{
	(void)state;
	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++) {
		tv_auto_vault *vault = NULL;

		opens_golden(&vault, "golden-slots", (*t)->name);
		assert_string_equal(token_of(vault), "golden-token-slots");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generations),	     cmocka_unit_test(nothing_repeats),
		cmocka_unit_test(rollback_and_fork), cmocka_unit_test(new_key),
		cmocka_unit_test(not_yours),	     cmocka_unit_test(removed_slot),
		cmocka_unit_test(too_many_slots),    cmocka_unit_test(unknown_slot),
		cmocka_unit_test(padding),	     cmocka_unit_test(golden),
		cmocka_unit_test(golden_slots),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
