/* What becomes of an open that waited for something else than the keeper. */
#ifndef TV_OPENING_H
#define TV_OPENING_H

#include "fusefs/who.h"

/* Refuses it, once that is noted. */
void tv_open_refuse(const struct tv_asking *open, int err, const char *why);

#endif
