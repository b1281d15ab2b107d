/* The arena's pages, and the handing out and wiping of blocks in them. */
#include "vault/arena.h"

#include <pthread.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vault/hidden.h"

#define CHUNK	((size_t)256 << 10)
#define STEP	16		    /* alignment, and the distance of the small classes */
#define SMALL	((size_t)1024)	    /* classes are STEP apart up to here */
#define LARGE	((size_t)64 << 10)  /* beyond, a block has pages of its own */
#define HUGE	((size_t)4 << 20)   /* and from here on large ones, which are made faster */
#define HIDDEN	((size_t)1 << 20)   /* at most: the kernel takes its time to hide a page */
#define STACK	((size_t)256 << 10) /* of it is wiped */
#define CLASSES (SMALL / STEP + 4 * 6 + 1)

/* A stretch of pages between two guard pages. It starts with this header. */
struct chunk {
	struct chunk *next;
	size_t size; /* of the pages between the guards */
	size_t used; /* how far blocks have been cut off */
	size_t live; /* how many of them are handed out */
	bool open;   /* its pages could not be locked */
	bool is_hidden;
	bool is_old; /* from before there was hidden memory: nothing more is put there */
} __attribute__((aligned(STEP)));

/* Stands before each block; its size is a multiple of STEP. */
struct block {
	struct chunk *chunk;
	size_t size;
};

static struct chunk *chunks;
static struct block *spare[CLASSES];
static size_t bytes_out;
static size_t open_chunks;
static size_t hidden_bytes;
static bool hides;
static bool wipes_at_rest;
static bool is_soiled; /* the stack: it is to be wiped at rest */

/* A spare block's first bytes point at the next one of its class. */
static struct block **next_of(struct block *b)
{
	return (struct block **)(void *)(b + 1);
}

static size_t page(void)
{
	static size_t size;

	if (!size)
		size = (size_t)sysconf(_SC_PAGESIZE);
	return size;
}

/* Rounds a size up to its class: 16 apart up to 1 KiB, then four steps to each doubling. */
static size_t class_of(size_t *size)
{
	size_t want = *size < STEP ? STEP : (*size + STEP - 1) / STEP * STEP;
	size_t class = SMALL / STEP;

	if (want <= SMALL) {
		*size = want;
		return want / STEP - 1;
	}
	for (size_t base = SMALL; base < LARGE; base *= 2)
		for (size_t quarter = 1; quarter <= 4; quarter++, class ++)
			if (want <= base + base / 4 * quarter) {
				*size = base + base / 4 * quarter;
				return class;
			}
	*size = want;
	return CLASSES;
}

/* Each page once there is something on it: a command touches a few of a chunk's. */
static void lock_pages(struct chunk *c)
{
	open_chunks -= c->open;
	c->open = !c->is_hidden && mlock2(c, c->size, MLOCK_ONFAULT);
	open_chunks += c->open;
}

/* A fork does not inherit locked pages. */
static void lock_again(void)
{
	for (struct chunk *c = chunks; c; c = c->next)
		lock_pages(c);
}

/* Makes reserved pages into memory; out_hidden: of what kind. */
static bool fill(bool *out_hidden, unsigned char *pages, size_t size)
{
	*out_hidden = hides && hidden_bytes + size <= HIDDEN && tv_hidden_map(pages, size);
	if (*out_hidden)
		hidden_bytes += size;
	return *out_hidden || !mprotect(pages, size, PROT_READ | PROT_WRITE);
}

static struct chunk *chunk_new(size_t blocks)
{
	static bool watching;
	bool is_hidden;
	size_t size = (sizeof(struct chunk) + blocks + page() - 1) / page() * page();
	unsigned char *pages;
	struct chunk *c;

	if (size < blocks)
		return NULL;
	if (!watching)
		watching = !pthread_atfork(NULL, NULL, lock_again);
	pages = mmap(NULL, size + 2 * page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return NULL;
	if (!fill(&is_hidden, pages + page(), size)) {
		munmap(pages, size + 2 * page());
		return NULL;
	}
	c = (struct chunk *)(void *)(pages + page());
	c->size = size;
	c->used = sizeof *c;
	c->is_hidden = is_hidden;
	madvise(c, size, MADV_DONTDUMP);
	if (size >= HUGE)
		madvise(c, size, MADV_HUGEPAGE);
	lock_pages(c);
	c->next = chunks;
	chunks = c;
	return c;
}

static void chunk_free(struct chunk *c)
{
	size_t size = c->size;

	open_chunks -= c->open;
	hidden_bytes -= c->is_hidden ? size : 0;
	for (struct chunk **at = &chunks; *at; at = &(*at)->next)
		if (*at == c) {
			*at = c->next;
			break;
		}
	sodium_memzero(c, size);
	munmap((unsigned char *)c - page(), size + 2 * page());
}

static struct block *cut(struct chunk *c, size_t size)
{
	struct block *b = (struct block *)(void *)((unsigned char *)c + c->used);

	c->used += sizeof *b + size;
	b->chunk = c;
	b->size = size;
	return b;
}

static struct block *take(size_t size)
{
	size_t class = class_of(&size);
	struct block *b;
	struct chunk *c;

	if (class == CLASSES) {
		c = chunk_new(sizeof *b + size);
		b = c ? cut(c, size) : NULL;
		/* What is left of its pages goes with it: nobody else may live there. */
		if (c)
			c->used = c->size;
		return b;
	}
	b = spare[class];
	if (b) {
		spare[class] = *next_of(b);
		*next_of(b) = NULL;
		return b;
	}
	c = chunks;
	if (!c || c->is_old || c->size != CHUNK || c->size - c->used < sizeof *b + size)
		c = chunk_new(CHUNK - sizeof *c);
	return c ? cut(c, size) : NULL;
}

void *tv_arena_alloc(size_t size)
{
	struct block *b = size > SIZE_MAX / 2 ? NULL : take(size);

	if (!b)
		return NULL;
	b->chunk->live++;
	bytes_out += b->size;
	return b + 1;
}

void tv_arena_free(void *data)
{
	struct block *b = data ? (struct block *)data - 1 : NULL;
	size_t size;
	size_t class;

	if (!b)
		return;
	size = b->size;
	class = class_of(&size);
	b->chunk->live--;
	bytes_out -= b->size;
	sodium_memzero(data, b->size);
	if (class == CLASSES) {
		chunk_free(b->chunk);
		return;
	}
	if (b->chunk->is_old)
		return;
	*next_of(b) = spare[class];
	spare[class] = b;
}

void *tv_arena_realloc(void *data, size_t size)
{
	size_t old = data ? ((struct block *)data - 1)->size : 0;
	void *moved;

	if (data && size <= old)
		return data;
	/* What grows once grows again. */
	moved = tv_arena_alloc(size > old + old / 2 ? size : old + old / 2);
	if (moved && data) {
		memcpy(moved, data, old);
		tv_arena_free(data);
	}
	return moved;
}

char *tv_arena_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = tv_arena_alloc(size);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

bool tv_arena_is_locked(void)
{
	return !open_chunks && tv_window_is_locked();
}

void tv_arena_hide(void)
{
	hides = true;
	for (struct chunk *c = chunks; c; c = c->next)
		c->is_old = true;
	memset(spare, 0, sizeof spare);
}

size_t tv_arena_in_use(void)
{
	return bytes_out;
}

static void wipe_stack(void)
{
	is_soiled = false;
	sodium_stackzero(STACK);
}

void tv_stack_wipe(void)
{
	is_soiled = true;
	if (!wipes_at_rest)
		wipe_stack();
}

void tv_stack_wipe_at_rest(void)
{
	wipes_at_rest = true;
}

void tv_stack_rest(void)
{
	if (is_soiled)
		wipe_stack();
}

/* Takes the spare blocks of chunks that are about to go off their lists. */
static void drop_spares(struct block **list)
{
	struct block *next;
	struct block *kept = NULL;

	for (struct block *b = *list; b; b = next) {
		next = *next_of(b);
		if (!b->chunk->live)
			continue;
		*next_of(b) = kept;
		kept = b;
	}
	*list = kept;
}

void tv_arena_trim(void)
{
	struct chunk *next;

	for (size_t i = 0; i < CLASSES; i++)
		drop_spares(&spare[i]);
	for (struct chunk *c = chunks; c; c = next) {
		next = c->next;
		if (!c->live)
			chunk_free(c);
	}
}
