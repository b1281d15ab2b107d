/*
 * Linked into a program with the sanitizer of addresses: an allocation is refused, whether the program makes it or a library
 * does for it. Which one says the file that the variable REFUSE names, by its number (0: none), of all or those of one part.
 * It is shared with who set that and by what forks off, and tells how many there were, whether one was refused, and with what
 * the program ended by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
	int64_t number, count, refused, ended, part;
} nobody, *shared = &nobody;

__attribute__((constructor)) static void share(void)
{
	const char *path = getenv(REFUSE);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map = fd < 0 ? MAP_FAILED
			   : mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (map != MAP_FAILED)
		shared = map;
	if (fd >= 0)
		close(fd);
}

/* While a library works that ends the process where it has no memory. */
static int is_spared;
/* Where the program is just now. */
static enum { ELSEWHERE, KERNEL_ASKS, TREE_IS_BUILT, VIEW_IS_RENDERED } part;

static int is_refused(void)
{
	if (is_spared || (shared->part && shared->part != part))
		return 0;
	if (__atomic_add_fetch(&shared->count, 1, __ATOMIC_SEQ_CST) != shared->number)
		return 0;
	shared->refused = 1;
	errno = ENOMEM;
	return 1;
}

/* A function in the place of the sanitizer's, which it goes on to; the names are theirs. */
#define REFUSABLE(type, from, name, params, args, none)                                            \
	type from##name params;                                                                    \
	type name params;                                                                          \
	type name params                                                                           \
	{                                                                                          \
		return is_refused() ? (none) : from##name args;                                    \
	}
#define OF_LIBRARY(type, name, params, args, none)                                                 \
	REFUSABLE(type, __interceptor_, name, params, args, none)

OF_LIBRARY(void *, malloc, (size_t size), (size), NULL)
OF_LIBRARY(void *, calloc, (size_t n, size_t size), (n, size), NULL)
OF_LIBRARY(void *, realloc, (void *data, size_t size), (data, size), NULL)
OF_LIBRARY(void *, reallocarray, (void *data, size_t n, size_t size), (data, n, size), NULL)
OF_LIBRARY(void *, memalign, (size_t to, size_t size), (to, size), NULL)
OF_LIBRARY(void *, aligned_alloc, (size_t to, size_t size), (to, size), NULL)
OF_LIBRARY(int, posix_memalign, (void **out, size_t to, size_t size), (out, to, size), ENOMEM)
OF_LIBRARY(char *, strdup, (const char *text), (text), NULL)
OF_LIBRARY(char *, __strdup, (const char *text), (text), NULL)
OF_LIBRARY(char *, strndup, (const char *text, size_t n), (text, n), NULL)
OF_LIBRARY(char *, __strndup, (const char *text, size_t n), (text, n), NULL)
OF_LIBRARY(void *, mmap, (void *at, size_t len, int prot, int flags, int fd, off_t offset),
	   (at, len, prot, flags, fd, offset), MAP_FAILED)
OF_LIBRARY(void *, mmap64, (void *at, size_t len, int prot, int flags, int fd, off64_t offset),
	   (at, len, prot, flags, fd, offset), MAP_FAILED)

/* And in the place of the program's own, by the linker's --wrap. */
#define OF_PROGRAM(type, name, params, args, none)                                                 \
	type __wrap_##name params;                                                                 \
	type __real_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		return is_refused() ? (none) : __real_##name args;                                 \
	}

OF_PROGRAM(void *, tv_arena_alloc, (size_t size), (size), NULL)
OF_PROGRAM(void *, tv_arena_realloc, (void *data, size_t size), (data, size), NULL)
OF_PROGRAM(char *, tv_arena_strdup, (const char *text), (text), NULL)

/* What the C library does for a thread and libseccomp for a filter: the server has no secret yet, and does not start. */
#define SPARED(name, params, args)                                                                 \
	__attribute__((weak)) int __real_##name params;                                            \
	int __wrap_##name params;                                                                  \
	int __wrap_##name params                                                                   \
	{                                                                                          \
		int status;                                                                        \
                                                                                                   \
		is_spared = 1;                                                                     \
		status = __real_##name args;                                                       \
		is_spared = 0;                                                                     \
		return status;                                                                     \
	}

SPARED(tv_inval_start, (void *inval, void *err), (inval, err))
SPARED(tv_sandbox_calls, (const void *calls, int otherwise, void *err), (calls, otherwise, err))

/* The parts; one may lie in another. The command has only the last. */
#pragma weak __real_fuse_session_receive_buf
#pragma weak __real_fuse_session_process_buf
#pragma weak __real_tv_tree_build
#define PART(name, number, params, args)                                                           \
	int __real_##name params;                                                                  \
	int __wrap_##name params;                                                                  \
	int __wrap_##name params                                                                   \
	{                                                                                          \
		const int before = part;                                                           \
		int status;                                                                        \
                                                                                                   \
		part = number;                                                                     \
		status = __real_##name args;                                                       \
		part = before;                                                                     \
		return status;                                                                     \
	}

PART(fuse_session_receive_buf, KERNEL_ASKS, (void *session, void *out), (session, out))
PART(tv_tree_build, TREE_IS_BUILT, (void *out, const void *views, void *err), (out, views, err))
PART(tv_view_render, VIEW_IS_RENDERED,
     (void *out, const void *view, const void *doc, const void *all, int64_t now, void *err),
     (out, view, doc, all, now, err))

void __real_fuse_session_process_buf(void *session, const void *request);
void __wrap_fuse_session_process_buf(void *session, const void *request);

void __wrap_fuse_session_process_buf(void *session, const void *request)
{
	part = KERNEL_ASKS;
	__real_fuse_session_process_buf(session, request);
	part = ELSEWHERE;
}

void __real__exit(int code) __attribute__((noreturn));
void __wrap__exit(int code) __attribute__((noreturn));

void __wrap__exit(int code)
{
	if (code)
		shared->ended = code;
	__real__exit(code);
}
