/* Files of a process' directory in /proc, each looked at through a descriptor of that directory. */
#ifndef TV_PROC_H
#define TV_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define TV_PROC_IMAGE 7

struct tv_proc_stat {
	pid_t parent;
	unsigned tty; /* the number of its terminal as the kernel has it; 0: none */
	uint64_t start;
	uint64_t image
		[TV_PROC_IMAGE]; /* where its program lies in its memory; 0: that is not to be seen */
	char name[64];
};

/* A process or thread; −1 when there is none. */
int tv_proc_open(pid_t task);
/* The memory that it runs in now, to ask tv_memory_is_in_use about; −1. Without root's powers it says of that memory
 * which pages are there, and no more. */
int tv_proc_memory(int proc);
/* Whether a process runs in it still, which it does not after execve(2), unless another one runs in it, too. Who looks at a
 * process through /proc can keep its memory in use for longer than that. */
bool tv_memory_is_in_use(int memory);
/* Reads a file whole, up to size − 1 bytes, with a NUL behind; −1. */
ssize_t tv_proc_read(char *out, size_t size, int proc, const char *name);
bool tv_proc_stat(struct tv_proc_stat *out, int proc);
/* The same through its file `stat`, kept open. */
bool tv_proc_stat_again(struct tv_proc_stat *out, int file);
/* Whether a signal waits for a thread that wants it to end, whether or not it will. */
bool tv_proc_is_to_end(pid_t task);
/* The process that a thread is of; 0 when it is gone. */
pid_t tv_proc_group(int proc);
/* The number of a namespace of a process', by its directory and a name like "ns/mnt", or by a descriptor of that link itself
 * (O_PATH, O_NOFOLLOW) and ""; 0 when it can't be seen. */
uint64_t tv_proc_namespace(int at, const char *name);
/* Device and inode that a link of the directory leads to, without asking its file system again. */
bool tv_proc_inode(uint64_t *dev, uint64_t *ino, int proc, const char *link);
/* The same of a path as we see it; false where that can't be told without waiting. */
bool tv_path_inode(uint64_t *dev, uint64_t *ino, const char *path);
/* A file by a path that is relative to a directory, as O_PATH, without waiting for its file system; −1. */
int tv_path_open_cached(int directory, const char *path);

#endif
