/* That the running server answers, and is content. */
#include "cli/checkup/look.h"

static void look(struct tv_checkup *c)
{
	const char *detail = tv_json_get_text(c->server, "detail");
	int64_t pid = 0;

	if (c->answer == TV_NOT_MOUNTED) {
		tv_remark_fine(c, "no server runs; tokenvault mount starts one");
		return;
	}
	if (c->answer) {
		tv_remark_wrong(c,
				"%s: %s; tokenvault unmount ends it, tokenvault mount starts "
				"another",
				tv_status_sentence(c->answer), c->why.detail);
		return;
	}
	if (detail)
		tv_remark_wrong(c, "%s; see: tokenvault status", detail);
	if (!tv_json_get_int(c->server, "server_pid", &pid) || detail)
		return;
	tv_remark_fine(c, "the server (process %lld) answers, %s", (long long)pid,
		       tv_json_get_true(c->server, "locked") ? "locked" : "unlocked");
}

const struct tv_check tv_check_server = {.name = "server", .look = look};
