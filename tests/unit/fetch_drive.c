/* One request through cli/fetch.c, settings and all: fetch_drive CA_FILE HOST URL, the token on standard
 * input. Prints the status, HTTP's status, and the reply or the detail. */
#include <signal.h>
#include <stdio.h>

#include "cli/fetch.h"

/* The settings are there already; no vault is asked. */
enum tv_status tv_cli_call(struct tv_json **reply, struct tv_cli *cli,
			   enum tv_agent_message message, const struct tv_json *request,
			   struct tv_error *err)
{
	(void)reply, (void)cli, (void)message, (void)request;
	return tv_fail(err, TV_FAILED, "asked for the settings again");
}

static enum tv_status set_up(struct tv_cli *cli, struct tv_http_request *request, char **argv,
			     struct tv_error *err)
{
	struct tv_json *hosts = tv_json_array();

	cli->settings = tv_json_object();
	tv_json_put_text(hosts, NULL, "example");
	tv_json_put_text(hosts, NULL, "own.example");
	tv_json_put_text(cli->settings, "ca_file", argv[1]);
	tv_json_put(cli->settings, "private_hosts", hosts);
	snprintf(request->host, sizeof(request->host), "%s", argv[2]);
	request->method = "GET";
	tv_secret_puts(&request->url, argv[3]);
	tv_secret_puts(&request->headers, "Authorization: Bearer ");
	return tv_secret_read(&request->headers, 0, 1000, "the token", err);
}

int main(int argc, char **argv)
{
	struct tv_error err = {""};
	struct tv_cli cli = {0};
	struct tv_http_request request = {0};
	tv_auto_fetch_reply reply = {0};
	enum tv_status status = argc == 4 ? tv_init(&err) : TV_USAGE;

	signal(SIGPIPE, SIG_IGN);
	if (!status)
		status = set_up(&cli, &request, argv, &err);
	if (!status)
		status = tv_fetch(&reply, &cli, &request, &err);
	printf("%s %d %s\n", tv_status_name(status), reply.status,
	       status ? err.detail : tv_secret_text(&reply.body));
	tv_http_request_free(&request);
	tv_json_free(cli.settings);
	return tv_status_exit(status);
}
