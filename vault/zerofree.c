/* A free() and a realloc() that wipe, for the programs: libraries' buffers may hold secrets too. */
#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* The C library's own free, looked up so that a memory checker's replacement is found as well. */
static void (*next_free(void))(void *)
{
	static void (*next)(void *);
	static int searching;

	if (!next && !searching) {
		void *symbol;

		searching = 1;
		symbol = dlsym(RTLD_NEXT, "free");
		memcpy(&next, &symbol, sizeof next);
		searching = 0;
	}
	return next;
}

void free(void *block)
{
	void (*next)(void *);

	if (!block)
		return;
	explicit_bzero(block, malloc_usable_size(block));
	next = next_free();
	/* While dlsym itself runs there is no way to give the block back: it stays, wiped. */
	if (next)
		next(block);
}

void *realloc(void *block, size_t size)
{
	size_t old = block ? malloc_usable_size(block) : 0;
	void *moved;

	if (block && !size) {
		free(block);
		return NULL;
	}
	if (block && size <= old && size >= old / 2)
		return block;
	moved = malloc(size);
	if (moved && block) {
		memcpy(moved, block, old < size ? old : size);
		free(block);
	}
	return moved;
}
