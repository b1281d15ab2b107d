/* The system calls that one exchange may make, each with its reason. */
#ifndef TV_FETCH_CALLS_H
#define TV_FETCH_CALLS_H

#include <stdint.h>

enum tv_call_rule {
	TV_CALL_ALWAYS,
	TV_CALL_EQUAL,	 /* an argument has this value */
	TV_CALL_WITHOUT, /* an argument has none of these bits */
	TV_CALL_WITH,	 /* an argument has all of these bits */
	TV_CALL_DEADLY,	 /* never: whoever tries is killed */
};

struct tv_fetch_call {
	const char *name;
	const char *reason;
	enum tv_call_rule rule;
	unsigned argument; /* counted from 0 */
	uint64_t value;
};

/* Ended by a NULL name. A call that is in several rows is allowed by any of them. */
extern const struct tv_fetch_call tv_fetch_calls[];

#endif
