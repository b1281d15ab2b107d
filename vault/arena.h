/*
 * The arena: the one place in a process where secrets live. Its pages are locked in memory where
 * the limits allow, left out of core files, not inherited by a fork, fenced by guard pages, and
 * every block is wiped when it is freed.
 */
#ifndef TV_ARENA_H
#define TV_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* Like malloc, realloc and free, zeroed; NULL when memory is out. Not for more than one thread. */
void *tv_arena_alloc(size_t size);
void *tv_arena_realloc(void *block, size_t size);
void tv_arena_free(void *block);

/* A copy of a string in the arena, or NULL. */
char *tv_arena_strdup(const char *text);

/* False while the system refuses to lock some of the arena (RLIMIT_MEMLOCK): it may be swapped. */
bool tv_arena_is_locked(void);

/* From now on secrets go to hidden memory (vault/hidden.h) where there is some, up to a mebibyte. For a process that has none
 * yet, and never forks again. */
void tv_arena_hide(void);

/* How many bytes are handed out just now; 0 after a lock. */
size_t tv_arena_in_use(void);

/* Overwrites the stack below the caller, where functions that have returned left copies. */
void tv_stack_wipe(void);
/* From now on that is put off until tv_stack_rest, which the process calls before each wait: once is enough then for all
 * that it was asked for. */
void tv_stack_wipe_at_rest(void);
void tv_stack_rest(void);

/* Gives back every page of which nothing is handed out any more, wiped. */
void tv_arena_trim(void);

#endif
