/* The list of files, with what was chosen for them, as `view list` prints it. */
#ifndef TV_VIEWLIST_H
#define TV_VIEWLIST_H

#include "cli/cli.h"

/* Prints every file of a service, or of all where it is NULL. reply is that of the message `views`. */
enum tv_status tv_viewlist_print(const struct tv_cli *cli, const struct tv_json *reply,
				 const struct tv_provider *asked,
				 struct tv_error *err) TV_MUST_CHECK;

#endif
