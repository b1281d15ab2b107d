/*
 * What is watched, and what was seen: the service's files, as they are shown in the temporary home
 * directory, with a count of each deed. Safe for many threads; holds no secret, for the token in these
 * files is made up.
 */
#ifndef TV_DOCTOR_RECORD_H
#define TV_DOCTOR_RECORD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "vault/vault.h"

enum tv_deed {
#define TV_DEED(name, error, words, obstacle) TV_DEED_##name,
#include "fusefs/doctor/deeds.def"
#undef TV_DEED
	TV_DEEDS
};

#define TV_COMM_CHARS 16 /* the kernel's name of a process, NUL included */

struct tv_note {
	unsigned long count;
	char by[TV_COMM_CHARS]; /* who did it first */
	char detail[100];	/* of the first time */
};

struct tv_watched {
	const char *path; /* below the home directory */
	const char *bytes;
	size_t len;
	unsigned mode;
	dev_t dev; /* of the empty file that holds its place */
	ino_t ino;
	struct tv_note notes[TV_DEEDS];
	size_t least, most; /* of what one read asked for */
};

/* A file that was made in the directory of a watched one. */
struct tv_beside {
	char *path;
	char by[TV_COMM_CHARS];
	bool removed;
	bool renamed_over; /* a watched file, in vain */
};

#define TV_BESIDE_MAX 32

struct tv_record {
	pthread_mutex_t mutex;
	const char *home; /* the mount point */
	int fd;		  /* the directory under the mount */
	time_t made;
	struct tv_watched *watched;
	size_t count;
	struct tv_beside beside[TV_BESIDE_MAX];
	size_t n_beside;
};

/* Counts a deed; the first time, who did it and the detail ("" for none). */
void tv_record_note(struct tv_record *r, struct tv_watched *w, enum tv_deed deed, pid_t pid,
		    const char *detail);
/* Takes note of a read's size as well. */
void tv_record_read(struct tv_record *r, struct tv_watched *w, size_t size, pid_t pid);
/* A deed's error, for the caller. */
int tv_deed_error(enum tv_deed deed);

/* A file was made, removed, or renamed over a watched one. Left alone unless it lies beside one. */
void tv_record_made(struct tv_record *r, const char *path, pid_t pid);
void tv_record_removed(struct tv_record *r, const char *path);
void tv_record_renamed_over(struct tv_record *r, const char *path);
/* A directory was renamed: it may have been a watched file's. */
void tv_record_moved(struct tv_record *r, const char *path, pid_t pid);

/* How the command ended: signal is 0 where it ended by itself. */
struct tv_ending {
	int code;
	int signal;
};

/* The report, with a verdict on each file. */
enum tv_status tv_record_report(struct tv_json **out, const struct tv_record *r,
				const struct tv_ending *ending, struct tv_error *err) TV_MUST_CHECK;

#endif
