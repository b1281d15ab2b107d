/* The arena of the fuzz targets: malloc, so that the address sanitizer knows where each block ends. */
#include "vault/arena.h"

#include <stdint.h>
#include <string.h>

#include "fuzz.h"

static size_t in_use;

/* Stands before each block. */
union head {
	size_t size;
	max_align_t alignment;
};

void *tv_arena_alloc(size_t size)
{
	union head *h = size > SIZE_MAX / 2 ? NULL : calloc(1, sizeof *h + size);

	if (!h)
		return NULL;
	h->size = size;
	in_use += size;
	return h + 1;
}

void tv_arena_free(void *block)
{
	if (!block)
		return;
	in_use -= ((union head *)block - 1)->size;
	free((union head *)block - 1);
}

void *tv_arena_realloc(void *block, size_t size)
{
	const size_t old = block ? ((union head *)block - 1)->size : 0;
	void *moved = tv_arena_alloc(size);

	if (moved && block) {
		memcpy(moved, block, old < size ? old : size);
		tv_arena_free(block);
	}
	return moved;
}

char *tv_arena_strdup(const char *text)
{
	const size_t size = strlen(text) + 1;
	char *copy = tv_arena_alloc(size);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

bool tv_arena_is_locked(void)
{
	return true;
}

size_t tv_arena_in_use(void)
{
	return in_use;
}

void tv_arena_hide(void)
{
}

void tv_stack_wipe(void)
{
}

void tv_stack_wipe_at_rest(void)
{
}

void tv_stack_rest(void)
{
}

void tv_arena_trim(void)
{
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	MUST(!tv_init(NULL));
	return 0;
}
