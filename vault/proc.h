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
/* Reads a file whole, up to size − 1 bytes, with a NUL behind; −1. */
ssize_t tv_proc_read(char *out, size_t size, int proc, const char *name);
bool tv_proc_stat(struct tv_proc_stat *out, int proc);
/* Its file `stat`, which stays its own, whoever has its number by then; −1. */
int tv_proc_open_stat(int proc);
/* tv_proc_stat through that. */
bool tv_proc_stat_again(struct tv_proc_stat *out, int file);
/* How many page faults the process has had, through that file. An execve(2) brings some, for the
 * new program's arguments are put into fresh pages: a thread that waits for us, and waited for us
 * when they were counted, runs what it ran then while there are no more of them. A process' first
 * thread gives its number to another one that executes a program, which may have had its faults by
 * then: 0 where there are others. 0, too: it is gone, or that is not known. */
uint64_t tv_proc_faults(int file, bool is_first);
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
