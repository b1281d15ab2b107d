/* What the unit tests of the vault share. */
#include "fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

const struct tv_kdf fixture_cost = {.passes = 1, .memory_kib = 8};

const struct tv_kdf_limits fixture_limits = {
	.least = {.passes = 1, .memory_kib = 8},
	.most = {.passes = 2, .memory_kib = 64},
	.most_product_kib = 128,
};

struct tv_credential fixture_credential(const char *type, const char *secret)
{
	struct tv_credential c = {.type = type};

	for (size_t i = 0; i < TV_PARTS; i++)
		if (tv_slot_type_by_name(type)->parts & TV_PART_BIT(i))
			tv_secret_puts(&c.part[i], secret);
	return c;
}

struct tv_credential fixture_right(const char *type)
{
	static const char *const right[TV_PARTS] = {
		[TV_PART_PASSPHRASE] = FIXTURE_PASSPHRASE,
		[TV_PART_KEYFILE] = FIXTURE_KEYFILE,
		[TV_PART_DEVICE] = FIXTURE_DEVICE,
	};
	struct tv_credential c = {.type = type};

	for (size_t i = 0; i < TV_PARTS; i++)
		if (tv_slot_type_by_name(type)->parts & TV_PART_BIT(i))
			tv_secret_puts(&c.part[i], right[i]);
	return c;
}

struct tv_credential fixture_wrong(const char *type, enum tv_part part)
{
	struct tv_credential c = fixture_right(type);

	c.part[part].data[5] ^= 1;
	return c;
}

struct tv_slot_new fixture_slot(const char *type, const struct tv_vault *vault)
{
	tv_auto_credential c = fixture_right(type);
	struct tv_slot_new slot;

	assert_ok(tv_slot_prepare(&slot, &c, type, vault ? tv_vault_header(vault)->vault_id : NULL,
				  &fixture_cost, &fixture_limits, NULL));
	slot.created = 1700000000;
	return slot;
}

struct tv_vault *fixture_vault(const char *token)
{
	struct tv_slot_new passphrase = fixture_slot("passphrase", NULL);
	struct tv_slot_new keyfile = fixture_slot("keyfile", NULL);
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

static bool has_type(const struct tv_vault *vault, const struct tv_slot_type *type)
{
	const struct tv_header *h = tv_vault_header(vault);

	for (size_t i = 0; i < h->n_slots; i++)
		if (h->slots[i].type == type->number)
			return true;
	return false;
}

void fixture_add_types(struct tv_vault *vault)
{
	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++) {
		struct tv_slot_new slot;

		if (has_type(vault, *t))
			continue;
		slot = fixture_slot((*t)->name, vault);
		assert_ok(tv_vault_add_slot(vault, &slot, NULL));
	}
}

void fixture_seal(struct tv_bytes *file, struct tv_vault *vault)
{
	struct tv_error err = {0};

	if (tv_vault_seal(file, vault, &err))
		fail_msg("%s", err.detail);
}

int fixture_enter(char *dir, struct tv_store **store)
{
	return tv_init(NULL) || !mkdtemp(dir) || chdir(dir) ||
	       tv_store_open(store, "a.vault", NULL);
}

void fixture_clear(void)
{
	DIR *d = opendir(".");
	struct dirent *member;

	while ((member = readdir(d)))
		if (unlinkat(dirfd(d), member->d_name, 0) && errno == EISDIR)
			unlinkat(dirfd(d), member->d_name, AT_REMOVEDIR);
	closedir(d);
}

int fixture_leave(const char *dir, struct tv_store *store)
{
	tv_store_free(store);
	fixture_clear();
	return chdir("/") || rmdir(dir);
}

enum tv_status fixture_save(struct tv_store *store, const char *text, bool fresh,
			    enum tv_backup backup, struct tv_error *err)
{
	const struct tv_bytes file = {.data = (unsigned char *)(uintptr_t)text,
				      .len = strlen(text)};
	enum tv_status status = tv_store_lock(store, err);

	if (!status)
		status = tv_store_commit(store, &file, fresh, backup, err);
	tv_store_unlock(store);
	return status;
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
