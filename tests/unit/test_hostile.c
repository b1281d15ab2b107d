/* Every single-bit flip, truncation and extension of a vault with a slot of each type and one of a type to come, opened by
 * either key. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

/* Which status a flipped bit of a region must lead to. OWN and OTHER: by the slot's own credential or
 * by the other slot's. */
struct region {
	const char *what;
	size_t len;
	enum tv_status own;
	enum tv_status other;
	enum tv_status
		also; /* allowed besides, for fields of which some values are out of bounds */
};

#define SAME(status) status, status, status
#define FLIP_DAMAGE  SAME(TV_DAMAGED)

static const struct region front[] = {
	{"magic", 8, FLIP_DAMAGE},
	{"version", 2, TV_NEWER, TV_NEWER, TV_DAMAGED},
	{"suite", 2, TV_NEWER, TV_NEWER, TV_DAMAGED},
	{"header length", 4, FLIP_DAMAGE},
	/* It is in the slot key of a machine, and bound to what the others wrap. */
	{"vault id", 16, TV_DAMAGED, TV_DAMAGED, TV_WRONG_KEY},
	{"generation", 8, FLIP_DAMAGE},
	{"salt", 32, FLIP_DAMAGE},
	{"previous MAC", 32, FLIP_DAMAGE},
	{"payload length", 8, FLIP_DAMAGE},
	{"slot count", 2, FLIP_DAMAGE},
	{"reserved", 2, FLIP_DAMAGE},
	{"critical flags", 4, SAME(TV_NEWER)},
};

static const struct region slot_front[] = {
	{"slot type", 2, TV_WRONG_KEY, TV_DAMAGED, TV_DAMAGED},
	{"slot flags", 2, SAME(TV_NEWER)},
	{"slot length", 4, FLIP_DAMAGE},
	{"slot uuid", 16, FLIP_DAMAGE},
};

static const struct region slot_back[] = {
	{"nonce", 24, FLIP_DAMAGE},
	{"ephemeral key", 32, FLIP_DAMAGE},
	{"wrapped key", 48, FLIP_DAMAGE},
	{"commitment", 32, TV_WRONG_KEY, TV_DAMAGED, TV_WRONG_KEY},
};

/* A slot that is not known is skipped, and only the header's MAC watches over it. */
static const struct region slot_unknown[] = {
	{"type to come", 2, FLIP_DAMAGE},   {"its flags", 2, FLIP_DAMAGE},
	{"its length", 4, FLIP_DAMAGE},	    {"its uuid", 16, FLIP_DAMAGE},
	{"the rest of it", 6, FLIP_DAMAGE},
};

static struct tv_bytes file;
static size_t tried;

static void flip(size_t bit)
{
	file.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
}

static void try_bit(size_t bit, const struct region *r, const char *type, bool own)
{
	tv_auto_vault *vault = NULL;
	enum tv_status status;

	flip(bit);
	status = fixture_open(&vault, &file, type, NULL);
	flip(bit);
	tried++;
	if (status == TV_OK || (status != (own ? r->own : r->other) && (status != r->also)))
		fail_msg("bit %zu (%s) by %s: %s", bit, r->what, type, tv_status_name(status));
}

/* Flips every bit of some regions that lie behind each other from byte `at` on. slot: whose these are, and then they
 * are opened by that and by another one; NULL: of the header itself, and they are opened by each. Returns where they
 * end. */
static size_t flip_regions(size_t at, const struct region *regions, size_t n,
			   const struct tv_slot_type *slot)
{
	const struct tv_slot_type *const *all = tv_slot_types();
	const struct tv_slot_type *other = slot == all[0] ? all[1] : all[0];

	for (size_t i = 0; i < n; at += regions[i].len, i++)
		for (size_t bit = at * 8; bit < (at + regions[i].len) * 8; bit++)
			for (const struct tv_slot_type *const *t = all; *t; t++)
				if (!slot || *t == slot || *t == other)
					try_bit(bit, &regions[i], (*t)->name, !slot || *t == slot);
	return at;
}

#define REGIONS(at, list, slot) flip_regions(at, list, sizeof(list) / sizeof *(list), slot)

/* What goes into the slot key, and the public key, which does not. */
static size_t flip_params(size_t at, const struct tv_slot_type *type)
{
	const size_t most = type->public_key_at ? type->public_key_at : type->params_len;
	const struct region params = {"parameters", most, TV_WRONG_KEY, TV_DAMAGED, TV_KDF_BOUNDS};
	const struct region key = {"public key", type->params_len - most, FLIP_DAMAGE};

	at = flip_regions(at, &params, 1, type);
	return flip_regions(at, &key, 1, type);
}

static void header_flips(void **state)
{
	static const struct region mac[] = {{"header MAC", 32, FLIP_DAMAGE}};
	const struct tv_slot_type *const *t = tv_slot_types();
	struct tv_header h;
	size_t slots;
	size_t at;

	(void)state;
	assert_ok(tv_header_parse(&h, file.data, file.len, NULL));
	at = REGIONS(0, front, NULL);
	slots = at;
	for (; *t; t++) {
		at = REGIONS(at, slot_front, *t);
		at = flip_params(at, *t);
		at = REGIONS(at, slot_back, *t);
	}
	slots = at - slots;
	at = REGIONS(at, slot_unknown, NULL);
	at = REGIONS(at, mac, NULL);
	assert_int_equal(at, h.len);
	assert_int_equal(tried, 8 * (2 * slots + (size_t)(t - tv_slot_types()) * (at - slots)));
	tv_header_free(&h);
}

static void payload_flips(void **state)
{
	tv_auto_credential c = fixture_right("keyfile");
	tv_auto_slot_key key;
	struct tv_header h;

	(void)state;
	assert_ok(tv_header_parse(&h, file.data, file.len, NULL));
	assert_ok(tv_slot_unlock(&key, &file, &c, &fixture_limits, NULL));
	for (size_t bit = h.len * 8; bit < file.len * 8; bit++) {
		tv_auto_vault *vault = NULL;

		flip(bit);
		assert_status(tv_vault_open(&vault, &file, &key, NULL, NULL), TV_DAMAGED);
		flip(bit);
	}
	tv_header_free(&h);
}

static void truncations(void **state)
{
	(void)state;
	for (size_t len = 0; len < file.len; len++) {
		/* A buffer of exactly that size, so that reading too far is seen. */
		unsigned char *copy = malloc(len ? len : 1);
		struct tv_bytes cut = {.data = copy, .len = len};
		tv_auto_vault *vault = NULL;

		memcpy(copy, file.data, len);
		for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++)
			assert_status(fixture_open(&vault, &cut, (*t)->name, NULL), TV_DAMAGED);
		free(copy);
	}
}

static void extensions(void **state)
{
	tv_auto_bytes longer = {0};

	(void)state;
	tv_bytes_append(&longer, file.data, file.len);
	for (size_t more = 1; more <= 5000; more++) {
		unsigned char byte = (unsigned char)(more % 3);
		tv_auto_vault *vault = NULL;

		tv_bytes_append(&longer, &byte, 1);
		for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++)
			assert_status(fixture_open(&vault, &longer, (*t)->name, NULL), TV_DAMAGED);
	}
}

/* The control: unchanged, it opens by each. */
static void unchanged(void **state)
{
	(void)state;
	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++) {
		tv_auto_vault *vault = NULL;

		assert_ok(fixture_open(&vault, &file, (*t)->name, NULL));
	}
}

static void add_unknown(struct tv_vault *vault)
{
	static const unsigned char raw[] = {99, 0, 1, 0, 30, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7,
					    8,	9, 8, 7, 6,  5, 4, 3, 2, 7, 7, 7, 7, 7, 7};
	struct tv_header *h = (struct tv_header *)(uintptr_t)tv_vault_header(vault);
	struct tv_slot *slot = &h->slots[h->n_slots++];

	*slot = (struct tv_slot){.type = 99, .raw = malloc(sizeof raw), .raw_len = sizeof raw};
	assert_non_null(slot->raw);
	memcpy(slot->raw, raw, sizeof raw);
}

static int set_up(void **state)
{
	tv_auto_vault *vault = NULL;

	(void)state;
	assert_ok(tv_init(NULL));
	vault = fixture_vault("4b1d0c0ffee4b1d0c0ffee4b1d0c0ffee4b1d0c0");
	fixture_add_types(vault);
	add_unknown(vault);
	fixture_seal(&file, vault);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tv_bytes_free(&file);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unchanged),	 cmocka_unit_test(header_flips),
		cmocka_unit_test(payload_flips), cmocka_unit_test(truncations),
		cmocka_unit_test(extensions),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
