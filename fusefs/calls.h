/* The system calls that the server may make, each with its reason. */
#ifndef TV_CALLS_H
#define TV_CALLS_H

#include <stdbool.h>

struct tv_call {
	const char *name;
	const char *reason;
	bool no_exec; /* its third argument is a protection, which must not hold PROT_EXEC */
};

/* Ended by a NULL name. */
extern const struct tv_call tv_calls[];

#endif
