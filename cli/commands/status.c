/* tokenvault status: what runs, and what is mounted. */
#include <time.h>

#include "cli/call.h"
#include "cli/report.h"
#include "cli/status/screen.h"
#include "cli/warn.h"

/* What can be said without a server: the vault is locked, if it is there. The reply has the members
 * that a server's has. */
static enum tv_status look_at_file(struct tv_json **out, const struct tv_paths *paths,
				   struct tv_error *err)
{
	tv_auto_store *store = NULL;
	tv_auto_bytes file = {0};
	tv_auto_json *j = tv_json_object();
	struct tv_header header = {0};
	struct tv_error why = {""};
	enum tv_status seen = tv_store_open(&store, paths->vault, &why);
	bool is_put;

	if (!seen)
		seen = tv_store_read(&file, store, &why);
	if (!seen)
		seen = tv_header_parse(&header, file.data, file.len, &why);
	is_put = tv_json_put_text(j, "vault", paths->vault) &&
		 tv_json_put_bool(j, "locked", true) && tv_json_put_null(j, "since") &&
		 tv_json_put_null(j, "locked_by") && tv_json_put_null(j, "locks_at") &&
		 tv_json_put_null(j, "locks_by") && tv_json_put(j, "locks_on", tv_json_array()) &&
		 tv_json_put_null(j, "server_pid") && tv_json_put_null(j, "memory_locked") &&
		 (seen ? tv_json_put_null(j, "generation")
		       : tv_json_put_int(j, "generation", (int64_t)header.generation)) &&
		 tv_json_put_null(j, "tree") && tv_json_put_null(j, "prompt") &&
		 tv_json_put(j, "views", tv_json_array()) &&
		 (!seen ||
		  tv_json_put_text(j, "detail",
				   seen == TV_NO_VAULT ? "no vault there; tokenvault init makes one"
						       : tv_status_sentence(seen)));
	tv_header_free(&header);
	if (!is_put)
		return tv_fail(err, TV_NO_MEMORY, "a report");
	*out = j;
	j = NULL;
	return TV_OK;
}

/* What expires soon, as far as it is known: null while the vault is locked. */
static bool put_expiring(struct tv_json *j, struct tv_cli *cli)
{
	tv_auto_json *found = NULL;
	struct tv_json *list;
	struct tv_error ignored;
	int64_t expires = 0, days = 0, before = (int64_t)time(NULL) + TV_WARN_DAYS * 86400;

	cli->told_expiring = true;
	if (tv_json_get_true(j, "locked") || tv_warn_find(&found, cli, before, &ignored))
		return tv_json_put_null(j, "expiring");
	if (!tv_json_put(j, "expiring", tv_json_array()))
		return false;
	list = tv_json_get(j, "expiring");
	for (const struct tv_json *e = tv_json_first(found); e; e = tv_json_next(e)) {
		struct tv_json *one = tv_json_object();

		if (!tv_json_get_int(e, "expires", &expires) ||
		    !tv_json_get_int(e, "days", &days) || !tv_json_put(list, NULL, one) ||
		    !tv_call_put_name(one, e) || !tv_json_put_int(one, "expires", expires) ||
		    !tv_json_put_int(one, "days", days))
			return false;
	}
	return true;
}

static enum tv_status run(struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *reply = NULL;
	enum tv_status status = tv_cli_open(cli, err);

	if (status)
		return status;
	if (tv_session_keeper(cli->session))
		status = tv_cli_call(&reply, cli, TV_AGENT_status, NULL, err);
	else
		status = look_at_file(&reply, &cli->paths, err);
	if (status)
		return status;
	if (!put_expiring(reply, cli))
		return tv_fail(err, TV_NO_MEMORY, "a report");
	if (cli->is_json)
		return tv_report_json(reply, err);
	tv_screen_print(reply, cli->paths.home, (int64_t)time(NULL));
	return TV_OK;
}

const struct tv_command tv_command_status = {
	.name = "status",
	.arguments = "",
	.summary = "what runs, what is mounted",
	.help = "Says whether a server runs, whether the vault is unlocked and when it will be\n"
		"locked, which files are mounted where, when their tokens expire and who read\n"
		"them last; and then what is wrong, or expires within 14 days, and what to do.\n"
		"With --json: an object.",
	.run = run,
};
