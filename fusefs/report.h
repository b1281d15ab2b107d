/* What the server says of itself: the replies to `status` and `mount`. */
#ifndef TV_REPORT_H
#define TV_REPORT_H

#include "fusefs/server.h"

/* Fill an object; false when memory is out. */
bool tv_report_status(struct tv_json *object, const struct tv_server *server);
/* The views of these services, or of all that are mounted when there are none. */
bool tv_report_mounts(struct tv_json *object, const struct tv_server *server, char *const *names,
		      size_t count);

#endif
