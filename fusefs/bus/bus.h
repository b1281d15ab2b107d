/*
 * What tokenvault-bus, which hears of D-Bus, and the keeper tell each other over a SOCK_SEQPACKET pair. It
 * knows nothing of a vault: it says that it is time to lock, and waits with letting the machine sleep
 * until it is told that nothing can be read any more.
 */
#ifndef TV_BUS_H
#define TV_BUS_H

#include <stdint.h>

enum tv_bus_kind {
	TV_BUS_WATCHES = 1, /* what: all that it can hear of now */
	TV_BUS_LOCK,	    /* what: why; LOCKED is to come back with its number */
	TV_BUS_LOCKED,	    /* from the keeper: done, and all with lower numbers too */
};

enum tv_bus_what {
	TV_BUS_SLEEP = 1,
	TV_BUS_SCREEN = 2,
};

struct tv_bus_message {
	uint32_t kind;
	uint32_t what;
	uint32_t number;
};

#endif
