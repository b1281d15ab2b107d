/* The talk with a running server from a client's side: calls, and edits that the server makes and we save. Only for
 * session.c. */
#ifndef TV_SERVED_H
#define TV_SERVED_H

#include "vault/local.h"

#define TV_SERVED_MS 30000 /* between bytes */

struct tv_served {
	int socket;	  /* −1: there is no server */
	const char *path; /* of its socket */
};

/* A call; reply, got and data may be NULL. Asks a server that is older than we are without what it does not know. */
enum tv_status tv_served_call(struct tv_json **reply, struct tv_bytes *got,
			      const struct tv_served *s, enum tv_agent_message message,
			      const struct tv_json *request, const struct tv_bytes *data,
			      struct tv_error *err) TV_MUST_CHECK;
/* The same for the answer's text alone. */
enum tv_status tv_served_text(struct tv_secret *text, const struct tv_served *s,
			      enum tv_agent_message message, const struct tv_json *request,
			      struct tv_error *err) TV_MUST_CHECK;
/* Has the server make the next generation of the file, saves it, remembers what was seen, and has the server show it. */
enum tv_status tv_served_edit(struct tv_json **reply, const struct tv_served *s,
			      const struct tv_local *local, enum tv_agent_message message,
			      const struct tv_json *request, struct tv_error *err) TV_MUST_CHECK;
/* Tells a server that has ended from one that hung up; hands other statuses on. */
enum tv_status tv_served_explain(enum tv_status status, const struct tv_served *s,
				 struct tv_error *err);

#endif
