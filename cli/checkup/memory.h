/* Whether the server's memory is, or would be, kept out of swap: for more than one check. */
#ifndef TV_CHECKUP_MEMORY_H
#define TV_CHECKUP_MEMORY_H

#include "cli/checkup/checkup.h"

enum tv_known tv_memory_is_locked(const struct tv_checkup *c);

#endif
