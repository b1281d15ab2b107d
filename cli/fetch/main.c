/* The program tokenvault-fetch: one request from standard input, its answer to standard output. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/fetch/exchange.h"
#include "cli/fetch/sandbox.h"
#include "cli/fetch/wire.h"
#include "vault/sandbox.h"

static enum tv_status prepare(struct tv_error *err)
{
	const char *roots[3];
	enum tv_status status = tv_sandbox_process(err);

	close_range(3, ~0U, 0);
	/* It should be empty. libcurl and OpenSSL look into it as soon as they start. */
	clearenv();
	if (!status)
		status = tv_init(err);
	if (!status)
		status = tv_exchange_prepare(roots, err);
	return status ? status : tv_fetch_confine(roots, err);
}

static enum tv_status serve(struct tv_exchange *out, struct tv_error *err)
{
	struct tv_wire_field request[TV_WIRE_REQUEST_FIELDS];
	tv_auto_secret message = {0};
	enum tv_status status = tv_secret_read(&message, 0, TV_WIRE_MAX, "the request", err);

	if (status)
		return status;
	if (!tv_wire_split(request, TV_WIRE_REQUEST_FIELDS, &message))
		return tv_fail(err, TV_USAGE, "tokenvault starts this program, nobody else");
	return tv_exchange_run(out, request, err);
}

static enum tv_status answer(enum tv_status status, const struct tv_exchange *e,
			     const struct tv_error *err)
{
	tv_auto_secret message = {0};
	struct tv_error ignored;
	char http[16];

	snprintf(http, sizeof(http), "%d", e->http);
	tv_wire_put_text(&message, tv_status_name(status));
	tv_wire_put_text(&message, err->detail);
	tv_wire_put_text(&message, http);
	tv_wire_put(&message, e->reply.data, status ? 0 : e->reply.len);
	if (tv_secret_check(&message, &ignored))
		return TV_NO_MEMORY;
	return tv_secret_write(&message, 1, &ignored);
}

int main(void)
{
	struct tv_error err = {""};
	struct tv_exchange exchange = {0};
	enum tv_status status = prepare(&err);

	if (!status)
		status = serve(&exchange, &err);
	if (answer(status, &exchange, &err) && !status)
		status = TV_IO;
	tv_secret_free(&exchange.reply);
	/* A thread may still wait for a name server, and there is nothing left to tidy. */
	_exit(tv_status_exit(status));
}
