/*
 * Hidden memory: pages of memfd_secret(2), which only the process itself reads; the kernel has them for nobody, not for root
 * by /proc/PID/mem, nor for a device. Where it has to have bytes of them, for FUSE, they pass through a window of plain
 * locked memory.
 */
#ifndef TV_HIDDEN_H
#define TV_HIDDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of its files, whose pages are there only where they are used. It is beyond all that a
 * file has: who may give one this length, and no other, can't cut any. */
#define TV_HIDDEN_LENGTH ((uint64_t)1 << 46)

/* Puts hidden pages, locked and zeroed, at an address whose mapping they replace. False: the kernel has none, or too many
 * are locked; then nothing is changed. They are shared with children: only for who has none any more. */
bool tv_hidden_map(void *at, size_t size);

/* A copy outside of hidden memory, until the window is closed, which wipes it; NULL when memory is out. One at a time. */
const void *tv_window_show(const void *data, size_t len);
void tv_window_close(void);
/* False when the system refuses to lock the window. */
bool tv_window_is_locked(void);

#endif
