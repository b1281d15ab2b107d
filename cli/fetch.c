/* One HTTPS exchange, made by the program tokenvault-fetch: what it is told, and what it says. */
#include "cli/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/fetch/wire.h"
#include "cli/helper.h"

/* A little over what tokenvault-fetch gives itself. */
#define SECONDS	   18
#define ANSWER_MAX (TV_FETCH_REPLY_MAX + 4096)

void tv_fetch_reply_free(struct tv_fetch_reply *r)
{
	tv_secret_free(&r->body);
	r->status = 0;
}

enum tv_status tv_fetch_roots(struct tv_secret *out, const char *path, struct tv_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum tv_status status;

	if (fd < 0)
		return tv_fail(err, TV_BAD_VALUE, "ca_file %s: %s", path, strerror(errno));
	status = tv_secret_read(out, fd, TV_WIRE_ROOTS_MAX, path, err);
	close(fd);
	if (!status && (!strstr(tv_secret_text(out), "-----BEGIN CERTIFICATE-----") ||
			!strstr(tv_secret_text(out), "-----END CERTIFICATE-----")))
		return tv_fail(err, TV_BAD_VALUE, "ca_file %s: no certificate (PEM) in it", path);
	return status;
}

static enum tv_status get_settings(struct tv_cli *cli, struct tv_error *err)
{
	return cli->settings ? TV_OK
			     : tv_cli_call(&cli->settings, cli, TV_AGENT_settings, NULL, err);
}

/* host as a request has it, with a port where that isn't 443; addresses of IPv6 are in brackets. */
static bool is_private(const struct tv_json *settings, const char *host)
{
	const char *after = strchr(*host == '[' ? strchr(host, ']') : host, ':');
	size_t len = after ? (size_t)(after - host) : strlen(host);
	const struct tv_json *list = tv_json_get(settings, "private_hosts");

	for (const struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		const char *one = tv_json_text(j);

		if (one && strlen(one) == len && !strncmp(one, host, len))
			return true;
	}
	return false;
}

/* Roots that can't be had are the certificates' trouble: the token may still be stored. */
static enum tv_status read_roots(struct tv_secret *out, const struct tv_json *settings,
				 struct tv_error *err)
{
	const char *path = tv_json_get_text(settings, "ca_file");
	struct tv_error why = {""};
	enum tv_status status = path ? tv_fetch_roots(out, path, &why) : TV_OK;

	if (!status)
		return TV_OK;
	return tv_fail(err, status == TV_NO_MEMORY ? status : TV_CERTIFICATE,
		       "%.200s; tokenvault setting set ca_file FILE, or unset ca_file", why.detail);
}

static enum tv_status write_message(struct tv_secret *message, const struct tv_json *settings,
				    const struct tv_http_request *request, struct tv_error *err)
{
	tv_auto_secret roots = {0};
	enum tv_status status = read_roots(&roots, settings, err);

	if (status)
		return status;
	tv_wire_put_text(message, request->method);
	tv_wire_put(message, request->url.data, request->url.len);
	tv_wire_put(message, request->headers.data, request->headers.len);
	tv_wire_put(message, request->body.data, request->body.len);
	tv_wire_put_text(message, tv_json_get_text(settings, "proxy"));
	tv_wire_put(message, roots.data, roots.len);
	tv_wire_put_text(message, is_private(settings, request->host) ? "yes" : "");
	return tv_secret_check(message, err);
}

static enum tv_status read_answer(struct tv_fetch_reply *out, const struct tv_secret *answer,
				  struct tv_error *err)
{
	struct tv_wire_field fields[TV_WIRE_ANSWER_FIELDS];
	enum tv_status status;
	long http;

	if (!tv_wire_split(fields, TV_WIRE_ANSWER_FIELDS, answer))
		return tv_fail(err, TV_FAILED, "tokenvault-fetch gave no answer");
	status = tv_status_by_name(fields[TV_WIRE_STATUS].text);
	if (status)
		return tv_fail(err, status, "%s", fields[TV_WIRE_DETAIL].text);
	http = strtol(fields[TV_WIRE_HTTP].text, NULL, 10);
	if (http < 100 || http > 999 || fields[TV_WIRE_REPLY].len > TV_FETCH_REPLY_MAX)
		return tv_fail(err, TV_ODD_REPLY, "no HTTP");
	tv_secret_append(&out->body, fields[TV_WIRE_REPLY].text, fields[TV_WIRE_REPLY].len);
	status = tv_secret_check(&out->body, err);
	if (!status)
		out->status = (int)http;
	return status;
}

enum tv_status tv_fetch(struct tv_fetch_reply *out, struct tv_cli *cli,
			const struct tv_http_request *request, struct tv_error *err)
{
	static const struct tv_helper helper = {
		.name = "tokenvault-fetch",
		.seconds = SECONDS,
		.answer_max = ANSWER_MAX,
	};
	tv_auto_secret message = {0}, answer = {0};
	tv_auto_fetch_reply reply = {0};
	enum tv_status status = get_settings(cli, err);

	if (!status)
		status = write_message(&message, cli->settings, request, err);
	if (!status)
		status = tv_helper_run(&answer, &helper, &message, err);
	if (status == TV_BUSY)
		return tv_fail(err, TV_UNREACHABLE, "%s: too slow; try again later", request->host);
	if (!status)
		status = read_answer(&reply, &answer, err);
	if (status)
		return status;
	out->status = reply.status;
	tv_secret_move(&out->body, &reply.body);
	return TV_OK;
}
