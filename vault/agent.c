/* The agent's frames, their exchange from a client's side, and the table of messages. */
#include "vault/agent.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "vault/cursor.h"

#define MAGIC	 0x5654		    /* "TV" */
#define TOGETHER ((size_t)32 << 10) /* bytes that go in one send with their request */

static const struct {
	unsigned number;
	enum tv_agent_kind kind;
} messages[] = {
#define TV_AGENT(number, name, kind) {number, TV_AGENT_##kind},
#include "vault/agent.def"
#undef TV_AGENT
};

enum tv_agent_kind tv_agent_kind(unsigned message)
{
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		if (messages[i].number == message)
			return messages[i].kind;
	return 0;
}

static void put(unsigned char *at, uint32_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (unsigned char)(value >> (8 * i));
}

void tv_frame_print(unsigned char out[static TV_FRAME_BYTES], const struct tv_frame *f)
{
	put(out, MAGIC, 2);
	put(out + 2, TV_AGENT_PROTOCOL, 2);
	put(out + 4, f->code, 2);
	put(out + 6, 0, 2);
	put(out + 8, f->body_len, 4);
	put(out + 12, f->data_len, 4);
}

enum tv_status tv_frame_parse(struct tv_frame *out, const unsigned char in[static TV_FRAME_BYTES],
			      uint32_t limit, struct tv_error *err)
{
	struct tv_cursor c = tv_cursor_over(in, TV_FRAME_BYTES);
	struct tv_frame f = {0};
	uint16_t protocol;

	if (tv_cursor_u16(&c) != MAGIC)
		return tv_fail(err, TV_SERVER, "a message does not begin as one");
	protocol = tv_cursor_u16(&c);
	if (protocol != TV_AGENT_PROTOCOL)
		return tv_fail(err, TV_NEWER, "messages of protocol %u; restart the server",
			       protocol);
	f.code = tv_cursor_u16(&c);
	if (tv_cursor_u16(&c))
		return tv_fail(err, TV_SERVER, "a message has unknown flags");
	f.body_len = tv_cursor_u32(&c);
	f.data_len = tv_cursor_u32(&c);
	if (f.body_len > limit || f.data_len > TV_VAULT_BYTES_MAX)
		return tv_fail(err, TV_BAD_VALUE, "a message of %u and %u bytes", f.body_len,
			       f.data_len);
	*out = f;
	return TV_OK;
}

/* Waits for the socket; TV_SERVER when nothing happens in time. */
static enum tv_status wait_for(int fd, short events, int timeout_ms, struct tv_error *err)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return tv_fail(err, TV_SERVER, "poll: %s", strerror(errno));
	return n ? TV_OK : tv_fail(err, TV_SERVER, "no answer in %d s", timeout_ms / 1000);
}

static enum tv_status gone(struct tv_error *err)
{
	return tv_fail(err, TV_NOT_MOUNTED, "the server has ended; to mount: tokenvault mount");
}

static enum tv_status send_all(int fd, const unsigned char *data, size_t len, int timeout_ms,
			       struct tv_error *err)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		enum tv_status status = TV_OK;

		if (n > 0) {
			data += n;
			len -= (size_t)n;
		} else if (n < 0 && errno != EINTR && errno != EAGAIN) {
			return gone(err);
		} else {
			status = wait_for(fd, POLLOUT, timeout_ms, err);
		}
		if (status)
			return status;
	}
	return TV_OK;
}

/* Tells the inlet, if there is one, how much has come. */
static enum tv_status receive_all(int fd, unsigned char *data, size_t len, int timeout_ms,
				  const struct tv_inlet *inlet, struct tv_error *err)
{
	size_t have = 0;

	/* What belongs together mostly comes together. */
	while (have < len) {
		const ssize_t n = recv(fd, data + have, len - have, MSG_DONTWAIT);
		enum tv_status status = TV_OK;

		if (n > 0) {
			have += (size_t)n;
			if (inlet)
				inlet->take(inlet->arg, data, have, len);
		} else if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
			status = wait_for(fd, POLLIN, timeout_ms, err);
		} else {
			return gone(err);
		}
		if (status)
			return status;
	}
	return TV_OK;
}

/* Of a connection with half a message on it nothing that follows would be understood, and what came late would be taken
 * for the next answer. */
static enum tv_status end_if(enum tv_status status, int fd)
{
	if (status)
		shutdown(fd, SHUT_RDWR);
	return status;
}

enum tv_status tv_agent_send(int fd, enum tv_agent_message message, const struct tv_json *request,
			     const struct tv_bytes *data, int timeout_ms, struct tv_error *err)
{
	struct tv_frame f = {.code = (uint16_t)message};
	unsigned char header[TV_FRAME_BYTES] = {0};
	tv_auto_secret whole = {0};
	enum tv_status status;

	tv_secret_append(&whole, header, sizeof header);
	status = tv_json_print(&whole, request, err);
	if (status)
		return status;
	if (whole.len - sizeof header > TV_REQUEST_MAX)
		return tv_fail(err, TV_BAD_VALUE, "the request has %zu bytes, %d are the most",
			       whole.len, TV_REQUEST_MAX);
	f.body_len = (uint32_t)(whole.len - sizeof header);
	f.data_len = data ? (uint32_t)data->len : 0;
	tv_frame_print(whole.data, &f);
	if (f.data_len && f.data_len <= TOGETHER)
		tv_secret_append(&whole, data->data, data->len);
	status = tv_secret_check(&whole, err);
	if (status)
		return status;
	status = send_all(fd, whole.data, whole.len, timeout_ms, err);
	if (!status && f.data_len > TOGETHER)
		status = send_all(fd, data->data, data->len, timeout_ms, err);
	return end_if(status, fd);
}

/* The parts of a reply, as they are. */
static enum tv_status receive_parts(struct tv_frame *f, struct tv_secret *text,
				    struct tv_bytes *data, const struct tv_inlet *inlet, int fd,
				    int timeout_ms, struct tv_error *err)
{
	unsigned char header[TV_FRAME_BYTES];
	enum tv_status status = receive_all(fd, header, sizeof header, timeout_ms, NULL, err);

	if (!status)
		status = tv_frame_parse(f, header, TV_REPLY_MAX, err);
	if (status)
		return end_if(status, fd);
	tv_secret_fill(text, f->body_len);
	status = tv_secret_check(text, err);
	if (!status)
		status = receive_all(fd, text->data, text->len, timeout_ms, NULL, err);
	if (!status && !tv_bytes_extend(data, f->data_len))
		status = tv_bytes_check(data, err);
	if (!status)
		status = receive_all(fd, data->data, data->len, timeout_ms, f->code ? NULL : inlet,
				     err);
	return end_if(status, fd);
}

static enum tv_status not_understood(enum tv_status why, struct tv_error *err)
{
	if (why == TV_NO_MEMORY)
		return tv_fail(err, why, "the server's answer");
	return tv_fail(err, TV_SERVER, "its answer can't be understood");
}

/* A code that is not OK, as what it is a code of. */
static enum tv_status failure(const struct tv_frame *f, const struct tv_secret *text,
			      struct tv_error *err)
{
	tv_auto_json *body = NULL;
	const char *detail;
	enum tv_status status = TV_SERVER;

	if (!f->code)
		return TV_OK;
	if (f->code < tv_status_count())
		status = tv_json_parse(&body, text->data, text->len, NULL);
	if (status)
		return not_understood(status, err);
	detail = tv_json_get_text(body, "detail");
	return tv_fail(err, (enum tv_status)f->code, "%s", detail ? detail : "");
}

/* The parts of one whose code is OK. */
static enum tv_status receive_good(struct tv_secret *text, struct tv_bytes *data,
				   const struct tv_inlet *inlet, int fd, int timeout_ms,
				   struct tv_error *err)
{
	struct tv_frame f;
	enum tv_status status = receive_parts(&f, text, data, inlet, fd, timeout_ms, err);

	return status ? status : failure(&f, text, err);
}

enum tv_status tv_agent_receive(struct tv_json **reply, struct tv_bytes *got,
				const struct tv_inlet *inlet, int fd, int timeout_ms,
				struct tv_error *err)
{
	tv_auto_secret text = {0};
	tv_auto_bytes data = {0};
	enum tv_status status = receive_good(&text, &data, inlet, fd, timeout_ms, err);

	if (status)
		return status;
	status = tv_json_parse(reply, text.data, text.len, NULL);
	if (status)
		return not_understood(status, err);
	if (got) {
		tv_bytes_free(got);
		*got = data;
		data = (struct tv_bytes){0};
	}
	return TV_OK;
}

enum tv_status tv_agent_receive_text(struct tv_secret *reply, int fd, int timeout_ms,
				     struct tv_error *err)
{
	tv_auto_secret text = {0};
	tv_auto_bytes data = {0};
	enum tv_status status = receive_good(&text, &data, NULL, fd, timeout_ms, err);

	if (!status)
		tv_secret_move(reply, &text);
	return status;
}

enum tv_status tv_agent_call(struct tv_json **reply, struct tv_bytes *got, int fd,
			     enum tv_agent_message message, const struct tv_json *request,
			     const struct tv_bytes *data, int timeout_ms, struct tv_error *err)
{
	enum tv_status status = tv_agent_send(fd, message, request, data, timeout_ms, err);

	return status ? status : tv_agent_receive(reply, got, NULL, fd, timeout_ms, err);
}

/* They say only how much of an answer is wanted. A member that changes what is done is none of these: who asks for that
 * has to hear that it is not known. */
static const struct {
	enum tv_agent_message message;
	const char *member;
} wishes[] = {
	{TV_AGENT_list, "brief"},
	{TV_AGENT_show, "before"},
};

struct tv_json *tv_request_without_wishes(enum tv_agent_message message,
					  const struct tv_json *request)
{
	struct tv_json *plain = NULL;

	for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
		if (wishes[i].message != message || !tv_json_get(request, wishes[i].member))
			continue;
		if (!plain)
			plain = tv_json_copy(request);
		tv_json_remove(plain, wishes[i].member);
	}
	return plain;
}
