/* Callers: what was found out about a process that wants to read. Plain data, nothing of it secret. */
#ifndef TV_CALLER_H
#define TV_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/json.h"

#define TV_CALLER_ANCESTORS 16
#define TV_CALLER_TEXT	    6144
#define TV_CALLER_WATCHED   8 /* processes that rules end with */
#define TV_HASH_BYTES	    32

/* Why nothing is known of a caller, which is then refused. */
enum tv_caller_trouble {
	TV_CALLER_KNOWN,
	TV_CALLER_NOBODY, /* it is in no process namespace that we can see */
	TV_CALLER_GONE,
	TV_CALLER_CLOSED, /* it does not let itself be looked at */
	TV_CALLER_BLIND,  /* /proc is not ours */
	TV_CALLER_LATE,	  /* the keeper did not answer */
};

/* What there is to be found out besides the process, its executable and its namespaces. */
enum {
	TV_CALLER_DETAILS = 1, /* script, terminal, control group, ancestors */
	TV_CALLER_HASH = 2,
};

struct tv_caller_question {
	uint32_t number;
	uint32_t wants;
	int32_t task;	      /* a thread's id */
	uint32_t with_line;   /* what a line of the log says of it is wanted */
	uint32_t with_faults; /* its page faults, and the file that tells of them */
	uint32_t n_watched;
	int32_t watched[TV_CALLER_WATCHED]; /* processes whose starts are asked for */
};

/* A process and its program. Texts are places in the caller's, 0: unknown. */
struct tv_caller_program {
	int32_t pid;
	bool is_there;	   /* the path, as the keeper sees it, leads to this very file */
	uint64_t start;	   /* clock ticks after boot: with the pid, one process and no other */
	uint64_t dev, ino; /* of the executable */
	uint16_t path;
	uint16_t script; /* what it says that it runs, and is there */
	uint16_t name;	 /* what it calls itself */
	uint16_t module; /* of `python -m MODULE` */
};

struct tv_caller {
	uint32_t number; /* the question's */
	uint32_t trouble;
	uint32_t wants; /* what was looked for */
	uint32_t n_watched;
	bool is_foreign;  /* in another mount or user namespace than the keeper */
	bool is_stranger; /* in a run: not of its command's making */
	bool has_tty;
	bool has_hash;
	bool is_cut; /* there are ancestors that are not listed */
	uint16_t cgroup;
	uint16_t line;			   /* what a line of the log says of it */
	uint16_t n_ancestors;		   /* the parent first */
	unsigned char hash[TV_HASH_BYTES]; /* of the script, where it runs one */
	int32_t watched[TV_CALLER_WATCHED];
	uint64_t watched_start[TV_CALLER_WATCHED]; /* 0: gone */
	/* As tv_proc_faults has them, before anything else was looked at. */
	uint64_t faults;
	struct tv_caller_program self;
	struct tv_caller_program ancestors[TV_CALLER_ANCESTORS];
	uint32_t text_len;
	char text[TV_CALLER_TEXT]; /* begins with an empty one */
};

/* A text of the caller's, "" where it is unknown. */
const char *tv_caller_text(const struct tv_caller *c, uint16_t at);
/* What a program runs, where it is one that runs what it is given: else the first of its arguments that is a file
 * would be taken for that. "" where there is none. */
const char *tv_caller_script(const struct tv_caller *c, const struct tv_caller_program *p);
/* Whether a program, by its path, runs scripts. */
bool tv_program_runs_scripts(const char *path);
/* Whether what came from elsewhere has its texts inside itself. */
bool tv_caller_is_sound(const struct tv_caller *c, size_t len);
/* Whether it was looked for all that a question wants. */
bool tv_caller_answers(const struct tv_caller *c, const struct tv_caller_question *q);
/* When a process that was asked about started; 0: it is gone. */
uint64_t tv_caller_watched(const struct tv_caller *c, int32_t pid);
/* Whether two are one process that runs one program. */
bool tv_caller_is_same(const struct tv_caller_program *a, const struct tv_caller_program *b);
/* What tells a process, with what it runs, from all others; without the process, a program from others. */
void tv_caller_digest(unsigned char out[static TV_HASH_BYTES], const struct tv_caller *c,
		      bool with_process);
/* "the caller can't be seen", …; "" for TV_CALLER_KNOWN. */
const char *tv_caller_words(enum tv_caller_trouble trouble);
/* {pid, program, script, cgroup, tty, foreign, ancestors: [{pid, program, script, name}]}; NULL when
 * memory is out. */
struct tv_json *tv_caller_to_json(const struct tv_caller *c);

void tv_hash_bytes(unsigned char out[static TV_HASH_BYTES], const void *data, size_t len);
/* BLAKE2b-256 of what is left to be read from a descriptor; false when reading fails. */
bool tv_hash_file(unsigned char out[static TV_HASH_BYTES], int fd);

#endif
