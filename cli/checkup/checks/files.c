/* That every file that should be mounted is. */
#include <string.h>

#include "cli/checkup/look.h"
#include "cli/occupant.h"

static void look(struct tv_checkup *c)
{
	const struct tv_json *views = tv_json_get(c->server, "views");
	char shown[PATH_MAX];

	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		const char *path = tv_json_get_text(v, "path");
		const char *detail = tv_json_get_text(v, "detail");

		/* A plain file in the way is told by its own check. */
		if (tv_json_get_true(v, "mounted") || tv_occupant_at(path) == TV_OCCUPANT_FILE)
			continue;
		tv_remark_wrong(c, "%s of %s/%s is not mounted%s%s; tokenvault mount tries again",
				tv_look_tilde(shown, c, path), tv_json_get_text(v, "provider"),
				tv_json_get_text(v, "label"), detail ? ": " : "",
				detail ? detail : "");
	}
}

const struct tv_check tv_check_files = {
	.name = "files",
	.fine = "every file that is to be shown is mounted",
	.look = look,
};
