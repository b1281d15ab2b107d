/* What the unit tests of the vault share. */
#include "fixture.h"

#include <string.h>

const struct tv_kdf fixture_cost = {.passes = 1, .memory_kib = 8};

const struct tv_kdf_limits fixture_limits = {
	.least = {.passes = 1, .memory_kib = 8},
	.most = {.passes = 2, .memory_kib = 64},
	.most_product_kib = 128,
};

struct tv_credential fixture_credential(const char *type, const char *secret)
{
	struct tv_credential c = {.type = type};

	tv_secret_puts(&c.secret, secret);
	return c;
}

struct tv_credential fixture_right(const char *type)
{
	return fixture_credential(type, strcmp(type, "passphrase") ? FIXTURE_KEYFILE
								   : FIXTURE_PASSPHRASE);
}

struct tv_slot_new fixture_slot(const char *type)
{
	tv_auto_credential c = fixture_right(type);
	struct tv_slot_new slot;

	assert_ok(tv_slot_prepare(&slot, &c, type, &fixture_cost, &fixture_limits, NULL));
	slot.created = 1700000000;
	return slot;
}

struct tv_vault *fixture_vault(const char *token)
{
	struct tv_slot_new passphrase = fixture_slot("passphrase");
	struct tv_slot_new keyfile = fixture_slot("keyfile");
	tv_auto_json *request = tv_json_object();
	tv_auto_json *reply = NULL;
	struct tv_vault *vault;

	assert_ok(tv_vault_create(&vault, &passphrase, NULL));
	assert_ok(tv_vault_add_slot(vault, &keyfile, NULL));
	assert_true(tv_json_put_text(request, "provider", "azion") &&
		    tv_json_put_text(request, "token", token));
	assert_ok(tv_agent_edit(&reply, vault, TV_AGENT_add, request, 1700000000, NULL));
	return vault;
}

void fixture_seal(struct tv_bytes *file, struct tv_vault *vault)
{
	struct tv_error err = {0};

	if (tv_vault_seal(file, vault, &err))
		fail_msg("%s", err.detail);
}

enum tv_status fixture_open(struct tv_vault **out, const struct tv_bytes *file, const char *type,
			    const struct tv_seen *seen)
{
	tv_auto_credential c = fixture_right(type);
	tv_auto_slot_key key;
	enum tv_status status = tv_slot_unlock(&key, file, &c, &fixture_limits, NULL);

	return status ? status : tv_vault_open(out, file, &key, seen, NULL);
}

struct tv_json *fixture_json(const char *text)
{
	char copy[4096];
	struct tv_json *j;
	size_t i = 0;

	for (; text[i] && i < sizeof copy - 1; i++)
		copy[i] = text[i] == '\'' ? '"' : text[i];
	copy[i] = '\0';
	assert_ok(tv_json_parse(&j, copy, i, NULL));
	return j;
}

enum tv_status fixture_edit(struct tv_json **reply, struct tv_vault *vault,
			    enum tv_agent_message message, const char *request)
{
	static int64_t now = 1700000100;
	tv_auto_json *j = fixture_json(request);
	tv_auto_json *ignored = NULL;

	return tv_agent_edit(reply ? reply : &ignored, vault, message, j, now++, NULL);
}

enum tv_status fixture_read(struct tv_json **reply, const struct tv_vault *vault,
			    enum tv_agent_message message, const char *request)
{
	tv_auto_json *j = fixture_json(request);
	tv_auto_json *ignored = NULL;

	return tv_agent_read(reply ? reply : &ignored, vault, message, j, NULL);
}
