/* Slots that another machine asked for: the line, what it takes to wrap for one, and what a stranger can't. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	return 0;
}

static const struct tv_slot_type *device(void)
{
	return tv_slot_type_by_name("device");
}

/* A vault with a machine's slot, behind a passphrase's and a keyfile's. */
static struct tv_vault *vault_with(struct tv_slot_new *slot)
{
	struct tv_vault *vault = fixture_vault("first-token");

	*slot = fixture_slot("device", vault);
	assert_ok(tv_vault_add_slot(vault, slot, NULL));
	return vault;
}

static void line_of(struct tv_secret *out, struct tv_slot_new *slot,
		    unsigned char vault_id[TV_ID_BYTES])
{
	tv_auto_vault *vault = fixture_vault("x");

	memcpy(vault_id, tv_vault_header(vault)->vault_id, TV_ID_BYTES);
	*slot = fixture_slot("device", vault);
	slot->created = 0;
	assert_ok(tv_enrolment_print(out, slot, vault_id, NULL));
}

static void line_and_back(void **state)
{
	static const char *const ends[][2] = {{"", ""}, {"", "\n"}, {" \t", "\r\n \n"}};
	unsigned char id[TV_ID_BYTES], id_back[TV_ID_BYTES];
	struct tv_slot_new slot;
	tv_auto_secret line = {0};

	(void)state;
	line_of(&line, &slot, id);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct tv_slot_new back;
		tv_auto_secret text = {0};

		tv_secret_puts(&text, ends[i][0]);
		tv_secret_append(&text, line.data, line.len);
		tv_secret_puts(&text, ends[i][1]);
		assert_ok(tv_enrolment_parse(&back, id_back, &text, device(), NULL));
		assert_memory_equal(&back, &slot, sizeof slot);
		assert_memory_equal(id_back, id, sizeof id);
	}
	assert_true(line.len < TV_ENROLMENT_MAX);
}

static void refuses(const struct tv_secret *line, const struct tv_slot_new *slot)
{
	struct tv_slot_new back = *slot;
	unsigned char id[TV_ID_BYTES] = {0}, none[TV_ID_BYTES] = {0};
	struct tv_error err = {""};

	assert_status(tv_enrolment_parse(&back, id, line, device(), &err), TV_BAD_VALUE);
	assert_memory_equal(&back, slot, sizeof back);
	assert_memory_equal(id, none, sizeof id);
	/* Nothing of it is in the message. */
	for (size_t i = 0; i + 8 <= line->len; i++) {
		char piece[9] = "";

		memcpy(piece, line->data + i, 8);
		if (strspn(piece, "0123456789abcdef ") == 8)
			assert_null(strstr(err.detail, piece));
	}
}

/* Every character another, or missing; every end cut off; more at the end. */
static void broken_lines(void **state)
{
	unsigned char id[TV_ID_BYTES];
	struct tv_slot_new slot;
	tv_auto_secret line = {0};

	(void)state;
	line_of(&line, &slot, id);
	for (size_t i = 0; i < line.len; i++) {
		tv_auto_secret other = {0}, less = {0}, cut = {0};

		tv_secret_append(&other, line.data, line.len);
		other.data[i] = other.data[i] == '0' ? '1' : '0';
		refuses(&other, &slot);
		other.data[i] = (unsigned char)(line.data[i] ^ 0x20);
		refuses(&other, &slot);
		tv_secret_append(&less, line.data, i);
		tv_secret_append(&less, line.data + i + 1, line.len - i - 1);
		refuses(&less, &slot);
		tv_secret_append(&cut, line.data, i);
		refuses(&cut, &slot);
	}
	tv_secret_puts(&line, " 00");
	refuses(&line, &slot);
}

/* Only what is asked for by a line becomes one. */
static void no_line(void **state)
{
	tv_auto_vault *vault = fixture_vault("x");
	struct tv_slot_new slot = fixture_slot("keyfile", NULL);
	tv_auto_credential c = fixture_right("device");
	tv_auto_secret line = {0};

	(void)state;
	assert_status(tv_enrolment_print(&line, &slot, tv_vault_header(vault)->vault_id, NULL),
		      TV_BAD_VALUE);
	assert_int_equal(line.len, 0);
	assert_status(tv_slot_prepare(&slot, &c, "x", NULL, NULL, &fixture_limits, NULL),
		      TV_BAD_VALUE);
}

/* What the machine itself makes of a slot: the vault key in it. */
static enum tv_status unwraps(const struct tv_slot *slot, const unsigned char *vault_id,
			      const struct tv_slot_key *key, unsigned char wanted)
{
	unsigned char got[TV_KEY_BYTES], vault_key[TV_KEY_BYTES];
	enum tv_status status = tv_slot_unwrap(got, slot, vault_id, key->key, NULL);

	memset(vault_key, wanted, sizeof vault_key);
	if (!status)
		assert_memory_equal(got, vault_key, sizeof got);
	return status;
}

/* Whoever has the file has the slot's public key, its commitment and what was wrapped so far. */
static void stranger(void **state)
{
	tv_auto_credential c = fixture_right("device");
	struct tv_slot_new slot;
	tv_auto_vault *vault = vault_with(&slot);
	const unsigned char *id = tv_vault_header(vault)->vault_id;
	struct tv_slot forged = tv_vault_header(vault)->slots[2];
	const unsigned char *guesses[] = {
		(const unsigned char[32]){0},
		forged.params + device()->public_key_at,
		forged.commitment,
		forged.params,
		forged.ephemeral,
	};
	unsigned char key[TV_KEY_BYTES];
	tv_auto_slot_key mine;
	tv_auto_bytes file = {0};

	(void)state;
	fixture_seal(&file, vault);
	assert_ok(tv_slot_unlock(&mine, &file, &c, &fixture_limits, NULL));
	memset(key, 7, sizeof key);
	for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
		assert_ok(tv_slot_wrap(&forged, id, guesses[i], key, NULL));
		assert_status(unwraps(&forged, id, &mine, 7), TV_DAMAGED);
	}
	/* The control: with the secret of the line it is one to be opened. */
	assert_ok(tv_slot_wrap(&forged, id, slot.recipient, key, NULL));
	assert_ok(unwraps(&forged, id, &mine, 7));
}

/* And who had the line, or the vault once: no vault of another id. */
static void other_vault(void **state)
{
	tv_auto_credential c = fixture_right("device");
	struct tv_slot_new slot;
	tv_auto_vault *vault = vault_with(&slot);
	tv_auto_vault *forged = fixture_vault("forged-token");
	tv_auto_bytes file = {0};
	tv_auto_slot_key key;

	(void)state;
	assert_ok(tv_vault_add_slot(forged, &slot, NULL));
	fixture_seal(&file, forged);
	assert_status(tv_slot_unlock(&key, &file, &c, &fixture_limits, NULL), TV_WRONG_KEY);
	fixture_seal(&file, vault);
	assert_ok(tv_slot_unlock(&key, &file, &c, &fixture_limits, NULL));
}

/* A new vault key without the machine, which opens it all the same; and not once it is removed. */
static void new_key_and_removal(void **state)
{
	struct tv_slot_new slot;
	tv_auto_vault *vault = vault_with(&slot);
	tv_auto_vault *before = NULL, *stale = NULL, *opened = NULL, *gone = NULL;
	tv_auto_bytes old = {0}, file = {0};
	struct tv_seen seen;

	(void)state;
	fixture_seal(&old, vault);
	assert_ok(fixture_open(&before, &old, "device", NULL));
	seen = tv_vault_seen(before);
	assert_ok(tv_vault_rekey(vault, NULL));
	fixture_seal(&file, vault);
	assert_status(tv_vault_reopen(&stale, &file, before, NULL, NULL), TV_WRONG_KEY);
	assert_ok(fixture_open(&opened, &file, "device", &seen));
	seen = tv_vault_seen(opened);
	assert_ok(tv_vault_remove_slot(vault, slot.uuid, NULL));
	assert_ok(tv_vault_rekey(vault, NULL));
	fixture_seal(&file, vault);
	assert_status(fixture_open(&gone, &file, "device", NULL), TV_WRONG_KEY);
	assert_status(fixture_open(&gone, &old, "device", &seen), TV_ROLLED_BACK);
}

static void put_slot(struct tv_json *request, const struct tv_slot_new *slot)
{
	struct tv_json *j = tv_json_object();

	assert_true(tv_json_put(request, "slot", j) && tv_json_put_int(j, "type", slot->type) &&
		    tv_json_put_hex(j, "uuid", slot->uuid, sizeof slot->uuid) &&
		    tv_json_put_hex(j, "params", slot->params, slot->params_len) &&
		    tv_json_put_hex(j, "commitment", slot->commitment, sizeof slot->commitment) &&
		    tv_json_put_hex(j, "recipient", slot->recipient, sizeof slot->recipient) &&
		    tv_json_put_text(j, "label", slot->label));
}

static void put_proof(struct tv_json *request, struct tv_vault *vault)
{
	tv_auto_credential c = fixture_right("keyfile");
	struct tv_json *proof = tv_json_object();
	tv_auto_bytes file = {0};
	tv_auto_slot_key key;

	fixture_seal(&file, vault);
	assert_ok(tv_slot_unlock(&key, &file, &c, &fixture_limits, NULL));
	assert_true(tv_json_put(request, "proof", proof) &&
		    tv_json_put_hex(proof, "slot", key.uuid, sizeof key.uuid) &&
		    tv_json_put_hex(proof, "key", key.key, sizeof key.key));
}

/* A line for one vault makes no slot in another; and none that nobody could wrap for. */
static void by_message(void **state)
{
	tv_auto_vault *vault = fixture_vault("first-token");
	struct tv_slot_new slot = fixture_slot("device", vault);
	const unsigned char other[TV_ID_BYTES] = {1};
	tv_auto_json *request = tv_json_object();
	tv_auto_json *reply = NULL;
	tv_auto_vault *opened = NULL;
	tv_auto_bytes file = {0};

	(void)state;
	put_slot(request, &slot);
	put_proof(request, vault);
	assert_true(tv_json_put_hex(request, "vault", other, sizeof other));
	assert_status(tv_agent_edit(&reply, vault, TV_AGENT_key_add, request, 1, NULL),
		      TV_BAD_VALUE);
	assert_true(tv_json_put_text(request, "vault", "x"));
	assert_status(tv_agent_edit(&reply, vault, TV_AGENT_key_add, request, 1, NULL),
		      TV_BAD_VALUE);
	assert_true(
		tv_json_put_hex(request, "vault", tv_vault_header(vault)->vault_id, TV_ID_BYTES));
	memset(slot.params + device()->public_key_at, 0, 32);
	put_slot(request, &slot);
	assert_status(tv_agent_edit(&reply, vault, TV_AGENT_key_add, request, 1, NULL), TV_DAMAGED);
	slot = fixture_slot("device", vault);
	put_slot(request, &slot);
	assert_ok(tv_agent_edit(&reply, vault, TV_AGENT_key_add, request, 1, NULL));
	fixture_seal(&file, vault);
	assert_ok(fixture_open(&opened, &file, "device", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_and_back),
		cmocka_unit_test(broken_lines),
		cmocka_unit_test(no_line),
		cmocka_unit_test(stranger),
		cmocka_unit_test(other_vault),
		cmocka_unit_test(by_message),
		cmocka_unit_test(new_key_and_removal),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
