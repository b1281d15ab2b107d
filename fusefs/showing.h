/* The messages that give a token away: served once that is in the audit log. */
#ifndef TV_SHOWING_H
#define TV_SHOWING_H

#include "fusefs/client.h"

/* As tv_agent_print, to where the client is sent from; the reply may come later. */
enum tv_status tv_show_serve(struct tv_client *client, unsigned message,
			     const struct tv_json *request, struct tv_error *err) TV_MUST_CHECK;

#endif
