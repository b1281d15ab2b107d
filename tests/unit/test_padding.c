/* How long a payload is, and what of that is refused. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "fixture.h"
#include "vault/open.h"
#include "vault/payload.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	return 0;
}

static void sizes(void **state)
{
	static const struct {
		size_t len, power, steps;
	} of[] = {
		{MIB + 1, 2 * MIB, MIB + 64 * KIB},
		{MIB + 64 * KIB, 2 * MIB, MIB + 64 * KIB},
		{MIB + 64 * KIB + 1, 2 * MIB, MIB + 128 * KIB},
		{2 * MIB - 64 * KIB + 1, 2 * MIB, 2 * MIB},
		{2 * MIB, 2 * MIB, 2 * MIB},
		{2 * MIB + 1, 4 * MIB, 2 * MIB + 128 * KIB},
		{32 * MIB + 1, 64 * MIB, 34 * MIB},
		{64 * MIB, 64 * MIB, 64 * MIB},
	};

	(void)state;
	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		assert_int_equal(tv_payload_flags(of[i].len), TV_FLAG_STEPS);
		assert_int_equal(tv_payload_padded(of[i].len, 0), of[i].power);
		assert_int_equal(tv_payload_padded(of[i].len, TV_FLAG_STEPS), of[i].steps);
	}
	for (size_t len = 9; len <= MIB; len = len * 2 - 7) {
		assert_int_equal(tv_payload_flags(len), 0);
		assert_true(tv_payload_padded(len, 0) >= len);
		assert_true(tv_payload_padded(len, 0) == 4096 ||
			    tv_payload_padded(len, 0) < 2 * len);
	}
	assert_int_equal(tv_payload_flags(MIB), 0);
	assert_int_equal(tv_payload_padded(MIB, 0), MIB);
}

/* So that one token more or less does not show, but where a step ends. */
static void no_step_is_shorter_than_a_token(void **state)
{
	(void)state;
	for (size_t len = MIB + 1; len <= 63 * MIB; len += 37 * KIB) {
		const size_t size = tv_payload_padded(len, TV_FLAG_STEPS);

		assert_true(size >= len && size - len < len / 16);
		if (size < 64 * MIB)
			assert_true(tv_payload_padded(size + 1, TV_FLAG_STEPS) - size >=
				    TV_TOKEN_MAX);
	}
}

/* With notes of so many bytes in all, or some more. */
static struct tv_vault *vault_of(size_t size)
{
	struct tv_vault *vault = fixture_vault("first-token");
	char text[4200];

	for (size_t i = 0; i < size / 4000; i++) {
		snprintf(text, sizeof text,
			 "{'provider':'choreo','label':'l%zu','token':'t','note':'%04000zu'}", i,
			 i);
		assert_ok(fixture_edit(NULL, vault, TV_AGENT_add, text));
	}
	return vault;
}

/* A file of this vault whose header has these flags, and whose payload this size. */
static void make(struct tv_bytes *file, struct tv_vault *vault, uint32_t flags, size_t size)
{
	struct tv_header *h = &vault->header;
	tv_auto_secret plain = {0};
	unsigned char key[56], len[8] = {0};

	tv_secret_append(&plain, len, sizeof len);
	assert_ok(tv_doc_print(&plain, vault->doc, NULL));
	for (size_t i = 0; i < sizeof len; i++)
		plain.data[i] = (unsigned char)((plain.len - 8) >> (8 * i));
	assert_true(plain.len <= size);
	tv_secret_fill(&plain, size - plain.len);
	assert_ok(tv_secret_check(&plain, NULL));
	tv_bytes_free(file);
	h->generation++;
	h->flags = flags;
	h->payload_len = size + TV_TAG_BYTES;
	h->len = tv_header_size(h);
	tv_header_print(file, h);
	tv_header_mac(h->mac, vault->key, file->data, file->len);
	tv_bytes_append(file, h->mac, TV_MAC_BYTES);
	tv_payload_key(key, vault->key, h);
	assert_true(tv_bytes_extend(file, h->payload_len));
	crypto_aead_xchacha20poly1305_ietf_encrypt(file->data + h->len, NULL, plain.data, plain.len,
						   h->mac, TV_MAC_BYTES, NULL, key + 32, key);
}

static void opens(struct tv_vault *vault, uint32_t flags, size_t size, enum tv_status expected)
{
	tv_auto_vault *again = NULL;
	tv_auto_bytes file = {0};

	make(&file, vault, flags, size);
	assert_status(fixture_open(&again, &file, "keyfile", NULL), expected);
}

static void small_ones(void **state)
{
	tv_auto_vault *vault = vault_of(20 * KIB);

	(void)state;
	opens(vault, 0, 32 * KIB, TV_OK);
	opens(vault, TV_FLAG_STEPS, 32 * KIB, TV_NEWER);
	opens(vault, TV_FLAG_STEPS, 24 * KIB, TV_NEWER);
	opens(vault, 0, 24 * KIB, TV_DAMAGED);
	opens(vault, 0, 64 * KIB, TV_DAMAGED);
	opens(vault, 0, 2 * MIB, TV_DAMAGED);
	opens(vault, TV_FLAG_STEPS, 2 * MIB, TV_DAMAGED);
	opens(vault, TV_FLAG_STEPS, MIB + 64 * KIB, TV_DAMAGED);
	opens(vault, TV_FLAG_STEPS << 1, 32 * KIB, TV_NEWER);
	opens(vault, TV_FLAG_STEPS >> 1, 32 * KIB, TV_NEWER);
}

static void large_ones(void **state)
{
	tv_auto_vault *vault = vault_of(MIB + 100 * KIB);
	tv_auto_bytes file = {0};
	size_t size;

	(void)state;
	fixture_seal(&file, vault);
	size = tv_vault_header(vault)->payload_len - TV_TAG_BYTES;
	assert_int_equal(tv_vault_header(vault)->flags, TV_FLAG_STEPS);
	assert_true(size > MIB && size < 2 * MIB && size % (64 * KIB) == 0);
	opens(vault, TV_FLAG_STEPS, size, TV_OK);
	opens(vault, TV_FLAG_STEPS, size + 64 * KIB, TV_DAMAGED);
	opens(vault, TV_FLAG_STEPS, 2 * MIB, TV_DAMAGED);
	opens(vault, TV_FLAG_STEPS, size + 32 * KIB, TV_DAMAGED);
	opens(vault, 0, size, TV_DAMAGED);
	opens(vault, 0, 4 * MIB, TV_DAMAGED);
	opens(vault, TV_FLAG_STEPS | 1, size, TV_NEWER);
}

static size_t payload_of(const struct tv_vault *vault)
{
	tv_auto_secret plain = {0};

	assert_ok(tv_doc_print(&plain, vault->doc, NULL));
	return 8 + plain.len;
}

#define NOTE 4000

static size_t append_entry(char *at, size_t n, size_t note)
{
	return (size_t)sprintf(at,
			       "%s{\"id\":\"%032zx\",\"provider\":\"azion\",\"label\":\"l%08zu\","
			       "\"token\":\"t\",\"note\":\"%0*d\"%s}",
			       n ? "," : "", n, n, (int)note, 0, n ? "" : ",\"in_use\":true");
}

/* A vault whose payload is so many bytes before it is padded. */
static struct tv_vault *vault_of_exactly(size_t size)
{
	static const char end[] = "],\"keys\":[],\"lineage\":[]}";
	struct tv_vault *vault = fixture_vault("first-token");
	char *text = malloc(size + 2 * NOTE);
	struct tv_doc *doc = NULL;
	size_t len, n = 0, one, rest;

	assert_non_null(text);
	len = (size_t)sprintf(text, "{\"version\":1,\"entries\":[");
	one = append_entry(text + len, 1, 1) - 1;
	while ((rest = size - 8 - strlen(end) - len) > 2 * NOTE)
		len += append_entry(text + len, n++, NOTE - one);
	len += append_entry(text + len, n++, rest / 2 - one);
	len += append_entry(text + len, n, size - 8 - strlen(end) - len - one);
	strcpy(text + len, end);
	assert_ok(tv_doc_parse(&doc, text, len + strlen(end), NULL));
	free(text);
	tv_doc_free(vault->doc);
	vault->doc = doc;
	assert_int_equal(payload_of(vault), size);
	return vault;
}

static void seals_at_the_ends_of_steps(void **state)
{
	static const size_t of[] = {MIB - 1,
				    MIB,
				    MIB + 1,
				    MIB + 7,
				    MIB + 9,
				    MIB + 64 * KIB,
				    MIB + 64 * KIB + 1,
				    MIB + 64 * KIB + 8};

	(void)state;
	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		tv_auto_vault *vault = vault_of_exactly(of[i]), *again = NULL;
		const uint32_t flags = of[i] > MIB ? TV_FLAG_STEPS : 0;
		tv_auto_bytes file = {0};

		fixture_seal(&file, vault);
		assert_int_equal(tv_vault_header(vault)->flags, flags);
		assert_int_equal(tv_vault_header(vault)->payload_len,
				 tv_payload_padded(of[i], flags) + TV_TAG_BYTES);
		assert_ok(fixture_open(&again, &file, "keyfile", NULL));
	}
}

/* What could be saved before there were steps can be. */
static void greatest_one(void **state)
{
	tv_auto_vault *vault = vault_of_exactly(64 * MIB), *again = NULL;
	tv_auto_bytes file = {0};

	(void)state;
	fixture_seal(&file, vault);
	assert_int_equal(tv_vault_header(vault)->payload_len, TV_PAYLOAD_MAX);
	assert_ok(fixture_open(&again, &file, "keyfile", NULL));
	assert_ok(fixture_edit(NULL, again, TV_AGENT_set,
			       "{'provider':'azion','label':'l00000000','token':'t2'}"));
	assert_status(tv_vault_seal(&file, again, NULL), TV_REFUSED);
}

/* Before any key. */
static void bounds(void **state)
{
	static const struct {
		uint32_t flags;
		size_t size;
		enum tv_status expected;
	} of[] = {
		{0, 32 * KIB, TV_OK},
		{0, 24 * KIB, TV_DAMAGED},
		{TV_FLAG_STEPS, 32 * KIB, TV_NEWER},
		{0, 2 * MIB, TV_OK},
		{0, MIB + 64 * KIB, TV_DAMAGED},
		{TV_FLAG_STEPS, MIB, TV_NEWER},
		{TV_FLAG_STEPS, MIB + 32 * KIB, TV_DAMAGED},
		{TV_FLAG_STEPS, MIB + 64 * KIB, TV_OK},
		{TV_FLAG_STEPS, 2 * MIB, TV_OK},
		{TV_FLAG_STEPS, 2 * MIB + 64 * KIB, TV_DAMAGED},
		{TV_FLAG_STEPS | 1, 2 * MIB, TV_NEWER},
	};
	tv_auto_vault *vault = vault_of(20 * KIB);

	(void)state;
	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		struct tv_header h = {0};
		tv_auto_bytes file = {0};

		make(&file, vault, of[i].flags, of[i].size);
		assert_status(tv_header_parse(&h, file.data, file.len, NULL), of[i].expected);
		tv_header_free(&h);
	}
}

/* Of before there were steps: it opens, and the next save has them. */
static void older_one(void **state)
{
	tv_auto_vault *vault = vault_of(MIB + 100 * KIB), *again = NULL;
	tv_auto_bytes file = {0}, next = {0};

	(void)state;
	make(&file, vault, 0, 2 * MIB);
	assert_ok(fixture_open(&again, &file, "keyfile", NULL));
	fixture_seal(&next, again);
	assert_int_equal(tv_vault_header(again)->flags, TV_FLAG_STEPS);
	assert_true(next.len < file.len);
}

/* A vault that shrinks goes back to powers of two. */
static void shrinks(void **state)
{
	tv_auto_vault *large = vault_of(MIB + 100 * KIB), *small = vault_of(20 * KIB);
	tv_auto_bytes file = {0};

	(void)state;
	small->header.flags = TV_FLAG_STEPS;
	fixture_seal(&file, small);
	assert_int_equal(tv_vault_header(small)->flags, 0);
	assert_int_equal(tv_vault_header(small)->payload_len, 32 * KIB + TV_TAG_BYTES);
	fixture_seal(&file, large);
	assert_int_equal(tv_vault_header(large)->flags, TV_FLAG_STEPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),	cmocka_unit_test(no_step_is_shorter_than_a_token),
		cmocka_unit_test(small_ones),	cmocka_unit_test(large_ones),
		cmocka_unit_test(bounds),	cmocka_unit_test(seals_at_the_ends_of_steps),
		cmocka_unit_test(greatest_one), cmocka_unit_test(older_one),
		cmocka_unit_test(shrinks),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
