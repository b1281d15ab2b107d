/* The rotation of a token that only a person can make: told how, taken, verified, put in place. */
#ifndef TV_GUIDED_H
#define TV_GUIDED_H

#include "cli/rotate/rotation.h"

/* Tells where the new token is made, takes it from the terminal or standard input, has the service verify
 * it, unless no-verify was given, and makes it the entry's. Unless that is TV_OK nothing has changed;
 * TV_EXISTS: it is the one that the entry has. */
enum tv_status tv_guided_run(struct tv_rotating *r, struct tv_error *err) TV_MUST_CHECK;

#endif
