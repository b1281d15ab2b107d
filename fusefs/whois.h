/* The message `caller`: what is known of a process, and which entries' files it may read. */
#ifndef TV_WHOIS_H
#define TV_WHOIS_H

#include "fusefs/client.h"

/* Asks the keeper; the reply comes later. TV_LOCKED, TV_BAD_VALUE. */
enum tv_status tv_whois_serve(struct tv_client *client, const struct tv_json *request,
			      struct tv_error *err) TV_MUST_CHECK;

#endif
