/* Reads and writes the state of the audit log's key: fixed places, and a digest that tells a torn write. */
#include "vault/auditkey.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "vault/cursor.h"

#define MAGIC	     "tokenvault audit key 1\n"
#define MAGIC_BYTES  (sizeof MAGIC - 1)
#define DIGEST_BYTES 32
#define STATE_BYTES  256 /* less than a sector: no disk writes half of it */

enum { HAS_LAST = 1, HAS_KEY = 2, LAST_EPOCH = 4, LAST_MAC = 8 };

static void put(unsigned char **at, const void *data, size_t len)
{
	memcpy(*at, data, len);
	*at += len;
}

static void put_u64(unsigned char **at, uint64_t n)
{
	for (size_t i = 0; i < 8; i++)
		*(*at)++ = (unsigned char)(n >> (8 * i));
}

static void digest_of(unsigned char digest[static DIGEST_BYTES],
		      const unsigned char state[static STATE_BYTES])
{
	crypto_generichash(digest, DIGEST_BYTES, state, STATE_BYTES - DIGEST_BYTES, NULL, 0);
}

bool tv_audit_state_write(int fd, const struct tv_audit_state *s)
{
	unsigned char state[STATE_BYTES] = {0};
	unsigned char *at = state;
	ssize_t n;

	put(&at, MAGIC, MAGIC_BYTES);
	*at++ = (unsigned char)((s->has_last ? HAS_LAST : 0) | (s->has_key ? HAS_KEY : 0) |
				(s->last.has_epoch ? LAST_EPOCH : 0) |
				(s->last.has_mac ? LAST_MAC : 0));
	put_u64(&at, s->part);
	put(&at, s->last.epoch, sizeof s->last.epoch);
	put_u64(&at, s->last.n);
	put(&at, s->last.mac, sizeof s->last.mac);
	put(&at, s->epoch, sizeof s->epoch);
	put(&at, s->vault, sizeof s->vault);
	put_u64(&at, s->key.n);
	put(&at, s->key.wheel, sizeof s->key.wheel);
	digest_of(state + STATE_BYTES - DIGEST_BYTES, state);
	do {
		n = pwrite(fd, state, sizeof state, 0);
	} while (n < 0 && errno == EINTR);
	sodium_memzero(state, sizeof state);
	if (n >= 0 && n < STATE_BYTES)
		errno = ENOSPC;
	return n == STATE_BYTES;
}

static void parse(struct tv_audit_state *out, struct tv_cursor *c)
{
	unsigned char flags = 0;

	tv_cursor_copy(c, &flags, 1);
	out->has_last = flags & HAS_LAST;
	out->has_key = flags & HAS_KEY;
	out->last.has_epoch = flags & LAST_EPOCH;
	out->last.has_mac = flags & LAST_MAC;
	out->part = tv_cursor_u64(c);
	tv_cursor_copy(c, out->last.epoch, sizeof out->last.epoch);
	out->last.n = tv_cursor_u64(c);
	tv_cursor_copy(c, out->last.mac, sizeof out->last.mac);
	tv_cursor_copy(c, out->epoch, sizeof out->epoch);
	tv_cursor_copy(c, out->vault, sizeof out->vault);
	out->key.n = tv_cursor_u64(c);
	tv_cursor_copy(c, out->key.wheel, sizeof out->key.wheel);
}

bool tv_audit_state_read(struct tv_audit_state *out, int fd)
{
	unsigned char state[STATE_BYTES] = {0}, digest[DIGEST_BYTES];
	struct tv_cursor c = tv_cursor_over(state + MAGIC_BYTES, STATE_BYTES - MAGIC_BYTES);
	bool good = pread(fd, state, sizeof state, 0) == STATE_BYTES &&
		    !memcmp(state, MAGIC, MAGIC_BYTES);

	digest_of(digest, state);
	good = good && !memcmp(digest, state + STATE_BYTES - DIGEST_BYTES, DIGEST_BYTES);
	*out = (struct tv_audit_state){0};
	if (good)
		parse(out, &c);
	sodium_memzero(state, sizeof state);
	return good;
}
