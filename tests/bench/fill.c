/* Fills a vault with made-up entries: fill VAULT N, the passphrase on standard input. Prints how long its document
 * is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vault/agent.h"
#include "vault/vault.h"

#define TOKEN_CHARS 220

/* Services with a file of each label's own would want as many mounts as entries. */
static bool is_wanted(const struct tv_provider *p)
{
	for (size_t i = 0; i < p->n_files; i++)
		if (p->files[i].shows == TV_SHOWS_EACH)
			return false;
	return true;
}

static const struct tv_provider *pick(const struct tv_providers *all, size_t n)
{
	size_t count = tv_providers_count(all);
	size_t wanted = 0;

	for (size_t i = 0; i < count; i++)
		wanted += is_wanted(tv_providers_at(all, i));
	n %= wanted;
	for (size_t i = 0; i < count; i++)
		if (is_wanted(tv_providers_at(all, i)) && !n--)
			return tv_providers_at(all, i);
	return NULL;
}

static struct tv_json *fields_of(const struct tv_provider *p, size_t n)
{
	struct tv_json *fields = tv_json_object();
	char value[32];

	for (size_t i = 0; i < p->n_fields; i++) {
		if (!p->fields[i].required)
			continue;
		snprintf(value, sizeof value, "h%zu.example", n);
		if (!tv_json_put_text(fields, p->fields[i].name, value))
			return NULL;
	}
	return fields;
}

static enum tv_status add(struct tv_vault *vault, const struct tv_provider *p, size_t n,
			  struct tv_error *err)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdef";
	tv_auto_json *request = tv_json_object();
	tv_auto_json *reply = NULL;
	struct tv_json *hosts = tv_json_array();
	char token[TOKEN_CHARS + 1] = "";
	char label[32];
	uint64_t x = n + 1;

	for (size_t i = 0; i < TOKEN_CHARS; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		token[i] = alphabet[(x >> 33) % (sizeof alphabet - 1)];
	}
	snprintf(label, sizeof label, "label-%05zu", n);
	if (!tv_json_put_text(hosts, NULL, "api.service.example") ||
	    !tv_json_put(request, "hosts", hosts) ||
	    !tv_json_put_text(request, "provider", p->name) ||
	    !tv_json_put_text(request, "label", label) ||
	    !tv_json_put_text(request, "token", token) ||
	    !tv_json_put_text(request, "note", "for the measurements of the house") ||
	    !tv_json_put(request, "fields", fields_of(p, n)))
		return tv_fail(err, TV_NO_MEMORY, "a request");
	return tv_agent_edit(&reply, vault, TV_AGENT_add, request, time(NULL), err);
}

static enum tv_status fill(struct tv_vault *vault, size_t n, struct tv_error *err)
{
	tv_auto_providers *all = NULL;
	enum tv_status status = tv_providers_load(&all, NULL, NULL, err);

	for (size_t i = 0; i < n && !status; i++)
		status = add(vault, pick(all, i), i, err);
	return status;
}

static enum tv_status say_length(const struct tv_doc *doc, struct tv_error *err)
{
	tv_auto_secret text = {0};
	enum tv_status status = tv_doc_print(&text, doc, err);

	if (!status)
		printf("%zu\n", text.len);
	return status;
}

static enum tv_status run(const char *path, size_t n, struct tv_error *err)
{
	tv_auto_credential credential = {.type = "passphrase"};
	tv_auto_store *store = NULL;
	tv_auto_vault *vault = NULL;
	tv_auto_bytes file = {0};
	tv_auto_slot_key key = {0};
	enum tv_status status = tv_store_open(&store, path, err);

	if (!status)
		status = tv_secret_read_line(&credential.part[TV_PART_PASSPHRASE], NULL,
					     STDIN_FILENO, 1024, "it", err);
	if (!status)
		status = tv_store_lock(store, err);
	if (!status)
		status = tv_store_read(&file, store, err);
	if (!status)
		status = tv_slot_unlock(&key, &file, &credential, &tv_kdf_limits, err);
	if (!status)
		status = tv_vault_open(&vault, &file, &key, NULL, err);
	if (!status)
		status = fill(vault, n, err);
	if (!status)
		status = tv_vault_seal(&file, vault, err);
	if (!status)
		status = say_length(tv_vault_doc(vault), err);
	return status ? status : tv_store_commit(store, &file, false, TV_BACKUP_DROP, err);
}

int main(int argc, char **argv)
{
	struct tv_error err = {""};
	enum tv_status status = tv_init(&err);

	if (argc != 3)
		return 2;
	if (!status)
		status = run(argv[1], strtoul(argv[2], NULL, 10), &err);
	if (status)
		fprintf(stderr, "fill: %s: %s\n", tv_status_sentence(status), err.detail);
	return tv_status_exit(status);
}
