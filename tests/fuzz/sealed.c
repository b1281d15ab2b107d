/* Vault files, opened by a keyfile and by a vault key at hand. Mutations are made below the seal, in the header or the
 * document, and the MAC and the payload are made anew, so that what lies behind them is reached. */
#include <sodium.h>
#include <string.h>

#include "fuzz.h"
#include "vault/derive.h"
#include "vault/open.h"

#define TAG	  16
#define PLAIN_MAX 65536
#define FILE_MAX  (PLAIN_MAX + TAG + 8192)

/* Of the vectors (tests/hostile/maker.py), which are the first inputs. */
static unsigned char vault_key[TV_KEY_BYTES];
static struct tv_credential credential = {.type = "keyfile"};
static struct tv_vault *at_hand; /* with that key */

/* The first vault that opens gives the key. */
static void learn_key(const uint8_t *data, size_t size)
{
	const struct tv_bytes file = {.data = (unsigned char *)(uintptr_t)data, .len = size};
	tv_auto_slot_key key = {0};

	if (!credential.part[TV_PART_KEYFILE].len)
		for (unsigned char i = 0; i < 48; i++)
			tv_secret_append(&credential.part[TV_PART_KEYFILE], &i, 1);
	if (at_hand || tv_slot_unlock(&key, &file, &credential, &tv_kdf_limits, NULL) ||
	    tv_vault_open(&at_hand, &file, &key, NULL, NULL))
		return;
	memcpy(vault_key, at_hand->key, sizeof vault_key);
}

/* The payload's key and nonce, of the header before it. */
static void payload_key(unsigned char out[static 56], const uint8_t *file, const unsigned char *mac)
{
	unsigned char bound[8 + TV_SALT_BYTES + TV_MAC_BYTES];

	memcpy(bound, file + 32, 8 + TV_SALT_BYTES);
	memcpy(bound + 8 + TV_SALT_BYTES, mac, TV_MAC_BYTES);
	tv_derive(out, 56, vault_key, "tokenvault payload v1", bound, sizeof bound);
}

static uint32_t header_len(const uint8_t *file)
{
	return (uint32_t)file[12] | (uint32_t)file[13] << 8 | (uint32_t)file[14] << 16;
}

/* What is in a file whose seal is whole; 0: it is not. */
static size_t unseal(unsigned char *plain, const uint8_t *file, size_t size)
{
	const size_t head = size >= 152 ? header_len(file) : 0;
	unsigned char mac[TV_MAC_BYTES], key[56];
	unsigned long long len = 0;

	if (head < 152 || head + TAG > size || size - head > PLAIN_MAX)
		return 0;
	tv_derive(mac, sizeof mac, vault_key, "tokenvault header mac v1", file, head - sizeof mac);
	if (memcmp(mac, file + head - sizeof mac, sizeof mac) != 0)
		return 0;
	payload_key(key, file, mac);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &len, NULL, file + head, size - head,
						       mac, sizeof mac, key + 32, key))
		return 0;
	return (size_t)len;
}

/* The seal over a header of head bytes, whose last 32 are the MAC's, and a payload; the size of all. */
static size_t seal(uint8_t *file, size_t head, const unsigned char *plain, size_t len)
{
	unsigned char *mac = file + head - TV_MAC_BYTES;
	unsigned char key[56];

	tv_derive(mac, TV_MAC_BYTES, vault_key, "tokenvault header mac v1", file,
		  head - TV_MAC_BYTES);
	payload_key(key, file, mac);
	crypto_aead_xchacha20poly1305_ietf_encrypt(file + head, NULL, plain, len, mac, TV_MAC_BYTES,
						   NULL, key + 32, key);
	return head + len + TAG;
}

static void put_len(unsigned char *at, uint64_t value)
{
	for (size_t i = 0; i < 8; i++)
		at[i] = (unsigned char)(value >> (8 * i));
}

/* Changes the JSON, its length, or the padding. */
static size_t mutate_plain(unsigned char *plain, size_t len, uint32_t choice, uint8_t *head)
{
	uint64_t json = plain[0] | (uint64_t)plain[1] << 8;

	if (choice % 8 == 0 || json > len - 8)
		return LLVMFuzzerMutate(plain, len, len);
	json = LLVMFuzzerMutate(plain + 8, json, PLAIN_MAX / 2 - 8);
	len = 4096;
	while (len < json + 8)
		len *= 2;
	memset(plain + 8 + json, 0, len - 8 - json);
	put_len(plain, choice % 8 == 1 ? choice : json);
	put_len(head + 104, len + TAG);
	return len;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	static unsigned char plain[PLAIN_MAX];
	static uint8_t file[FILE_MAX];
	size_t len, head, all;

	learn_key(data, size);
	len = at_hand ? unseal(plain, data, size) : 0;
	if (len < 8 || seed % 16 == 0)
		return LLVMFuzzerMutate(data, size, most);
	head = header_len(data);
	memcpy(file, data, head);
	if (seed % 3)
		len = mutate_plain(plain, len, seed >> 4, file);
	else
		LLVMFuzzerMutate(file, head - TV_MAC_BYTES, head - TV_MAC_BYTES);
	if (seed % 3 == 0 && seed % 2)
		memcpy(file, data, 16); /* magic, version and length as they were */
	all = seal(file, head, plain, len);
	if (all > most)
		return LLVMFuzzerMutate(data, size, most);
	memcpy(data, file, all);
	return all;
}

/* What opens is sealed again, and that opens. */
static void go_on(struct tv_vault *vault)
{
	tv_auto_vault *again = NULL;
	tv_auto_bytes next = {0};

	if (vault->header.generation == UINT64_MAX)
		return;
	MUST(!tv_vault_seal(&next, vault, NULL));
	MUST(!tv_vault_reopen(&again, &next, vault, NULL, NULL));
}

static void look(const struct tv_bytes *file)
{
	tv_auto_vault *by_key = NULL;
	tv_auto_vault *by_file = NULL;
	tv_auto_slot_key key = {0};

	if (at_hand && !tv_vault_reopen(&by_key, file, at_hand, NULL, NULL))
		go_on(by_key);
	if (tv_slot_unlock(&key, file, &credential, &tv_kdf_limits, NULL))
		return;
	if (!tv_vault_open(&by_file, file, &key, NULL, NULL))
		MUST(!at_hand || by_key || memcmp(by_file->key, vault_key, sizeof vault_key) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tv_bytes file = {.data = (unsigned char *)(uintptr_t)data, .len = size};
	size_t before;

	learn_key(data, size);
	before = tv_arena_in_use();
	look(&file);
	MUST(tv_arena_in_use() == before);
	return 0;
}
