/* Growing byte buffers, in the arena and on the plain heap, and their reading and writing. */
#include "vault/secret.h"

#include <errno.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vault/arena.h"

#define FIRST_SIZE 64
#define READ_FIRST ((size_t)1024) /* of what is of unknown length; more than most tokens */
#define LARGE	   ((size_t)4 << 20)

/* The size that holds need bytes and their NUL, or 0 when that overflows. */
static size_t grown(size_t size, size_t need)
{
	if (!size)
		size = FIRST_SIZE;
	while (size <= need) {
		if (size > SIZE_MAX / 4)
			return 0;
		size *= 2;
	}
	return size;
}

/* So much at once is all that is wanted: it gets no more room than it asks for. What is never touched would be touched by
 * the wiping. */
static size_t fitting(size_t size, size_t len, size_t more)
{
	if (more > SIZE_MAX / 4)
		return 0;
	return more > size && more > FIRST_SIZE ? len + more + 1 : grown(size, len + more);
}

bool tv_secret_reserve(struct tv_secret *s, size_t more)
{
	unsigned char *data;
	size_t size;

	if (!s->failed && s->data && more < s->size - s->len)
		return true;
	size = fitting(s->size, s->len, more);
	if (s->failed || !size) {
		s->failed = true;
		return false;
	}
	data = tv_arena_realloc(s->data, size);
	if (!data) {
		s->failed = true;
		return false;
	}
	s->data = data;
	s->size = size;
	return true;
}

void tv_secret_append(struct tv_secret *s, const void *data, size_t len)
{
	if (!tv_secret_reserve(s, len))
		return;
	if (len)
		memcpy(s->data + s->len, data, len);
	s->len += len;
	s->data[s->len] = '\0';
}

void tv_secret_puts(struct tv_secret *s, const char *text)
{
	tv_secret_append(s, text, strlen(text));
}

void tv_secret_putc(struct tv_secret *s, char c)
{
	tv_secret_append(s, &c, 1);
}

void tv_secret_fill(struct tv_secret *s, size_t len)
{
	if (!tv_secret_reserve(s, len))
		return;
	memset(s->data + s->len, 0, len + 1);
	s->len += len;
}

enum tv_status tv_secret_check(const struct tv_secret *s, struct tv_error *err)
{
	return s->failed ? tv_fail(err, TV_NO_MEMORY, "at %zu bytes", s->len) : TV_OK;
}

void tv_secret_free(struct tv_secret *s)
{
	tv_arena_free(s->data);
	*s = (struct tv_secret){0};
}

void tv_secret_move(struct tv_secret *to, struct tv_secret *from)
{
	tv_secret_free(to);
	*to = *from;
	*from = (struct tv_secret){0};
}

const char *tv_secret_text(const struct tv_secret *s)
{
	return s->data ? (const char *)s->data : "";
}

/* One read(2) of up to want bytes behind what is there. */
static enum tv_status read_more(struct tv_secret *s, size_t *got, int fd, size_t want,
				const char *what, struct tv_error *err)
{
	ssize_t n;

	if (!tv_secret_reserve(s, want))
		return tv_secret_check(s, err);
	do
		n = read(fd, s->data + s->len, want);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return tv_fail(err, TV_IO, "%s can't be read: %s", what, strerror(errno));
	s->len += (size_t)n;
	s->data[s->len] = '\0';
	*got = (size_t)n;
	return TV_OK;
}

bool tv_secret_equals(const struct tv_secret *a, const struct tv_secret *b)
{
	return a->len == b->len && (!a->len || !sodium_memcmp(a->data, b->data, a->len));
}

bool tv_secret_texts_equal(const char *a, const char *b)
{
	const size_t len = a ? strlen(a) : 0;

	return a && b && strlen(b) == len && !sodium_memcmp(a, b, len);
}

void tv_secret_fingerprint(unsigned char out[static TV_FINGERPRINT_BYTES],
			   const struct tv_secret *s)
{
	static unsigned char key[crypto_generichash_KEYBYTES];
	static bool has_key;

	if (!has_key)
		randombytes_buf(key, sizeof key);
	has_key = true;
	crypto_generichash(out, TV_FINGERPRINT_BYTES, s->data, s->len, key, sizeof key);
}

enum tv_status tv_secret_read(struct tv_secret *s, int fd, size_t limit, const char *what,
			      struct tv_error *err)
{
	size_t start = s->len;
	size_t got;

	do {
		const size_t left = limit + 1 - (s->len - start);
		/* Into what room there is: mostly only the end is still to come. */
		const size_t room = s->data && !s->failed ? s->size - s->len - 1 : 0;
		const size_t more = s->len > READ_FIRST ? s->len : READ_FIRST;
		const size_t want = room < READ_FIRST / 4 ? more : room;
		enum tv_status status =
			read_more(s, &got, fd, left < want ? left : want, what, err);

		if (status)
			return status;
		if (s->len - start > limit)
			return tv_fail(err, TV_BAD_VALUE, "%s is longer than %zu bytes", what,
				       limit);
	} while (got);
	return TV_OK;
}

enum tv_status tv_secret_read_line(struct tv_secret *s, bool *eof, int fd, size_t limit,
				   const char *what, struct tv_error *err)
{
	size_t start = s->len;
	size_t got;

	for (;;) {
		enum tv_status status = read_more(s, &got, fd, 1, what, err);

		if (status)
			return status;
		if (got && s->data[s->len - 1] == '\n') {
			s->data[--s->len] = '\0';
			break;
		}
		if (!got)
			break;
		if (s->len - start > limit)
			return tv_fail(err, TV_BAD_VALUE, "%s is longer than %zu bytes", what,
				       limit);
	}
	if (eof)
		*eof = !got && s->len == start;
	return TV_OK;
}

enum tv_status tv_secret_write(const struct tv_secret *s, int fd, struct tv_error *err)
{
	enum tv_status status = tv_secret_check(s, err);

	for (size_t done = 0; !status && done < s->len;) {
		ssize_t n = write(fd, s->data + done, s->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tv_fail(err, TV_IO, "can't write: %s", strerror(errno));
		done += (size_t)n;
	}
	return status;
}

/* Of many bytes the kernel makes large pages, where it has them: small ones take it longer than writing them. */
static void make_large(const unsigned char *data, size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t past = page - (uintptr_t)data % page;

	if (size >= LARGE)
		madvise((unsigned char *)(uintptr_t)data + past, (size - past) / page * page,
			MADV_HUGEPAGE);
}

bool tv_bytes_extend(struct tv_bytes *b, size_t len)
{
	const size_t size = fitting(b->size, b->len, len);

	if (b->failed || !size) {
		b->failed = true;
		return false;
	}
	if (!b->data || size != b->size) {
		unsigned char *moved = realloc(b->data, size);

		if (!moved) {
			b->failed = true;
			return false;
		}
		b->data = moved;
		b->size = size;
		make_large(moved, size);
	}
	b->len += len;
	return true;
}

void tv_bytes_append(struct tv_bytes *b, const void *data, size_t len)
{
	if (tv_bytes_extend(b, len) && len)
		memcpy(b->data + b->len - len, data, len);
}

enum tv_status tv_bytes_check(const struct tv_bytes *b, struct tv_error *err)
{
	return b->failed ? tv_fail(err, TV_NO_MEMORY, "at %zu bytes", b->len) : TV_OK;
}

void tv_bytes_free(struct tv_bytes *b)
{
	free(b->data);
	*b = (struct tv_bytes){0};
}
