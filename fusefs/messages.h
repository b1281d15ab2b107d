/* The agent's messages, as the server serves them. */
#ifndef TV_MESSAGES_H
#define TV_MESSAGES_H

#include "fusefs/client.h"

/* Serves a message. *reply is the result, or the client has been given something to wait for. */
enum tv_status tv_message_serve(struct tv_json **reply, struct tv_client *client, unsigned message,
				const struct tv_json *request, struct tv_error *err) TV_MUST_CHECK;

/* Frees what a `mount` that waits has noted. */
void tv_client_forget_asked(struct tv_client *client);

#endif
