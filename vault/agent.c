/* The agent's frames, their exchange from a client's side, and the table of messages. */
#include "vault/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vault/cursor.h"

#define MAGIC 0x5654 /* "TV" */

static const struct {
	unsigned number;
	const char *name;
	enum tv_agent_kind kind;
} messages[] = {
#define TV_AGENT(number, name, kind) {number, #name, TV_AGENT_##kind},
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

const char *tv_agent_name(unsigned message)
{
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		if (messages[i].number == message)
			return messages[i].name;
	return NULL;
}

static void put16(unsigned char *at, uint16_t value)
{
	at[0] = (unsigned char)value;
	at[1] = (unsigned char)(value >> 8);
}

void tv_frame_print(unsigned char out[static TV_FRAME_BYTES], const struct tv_frame *f)
{
	put16(out, MAGIC);
	put16(out + 2, TV_AGENT_PROTOCOL);
	put16(out + 4, f->code);
	put16(out + 6, f->has_fd ? 1 : 0);
	put16(out + 8, (uint16_t)f->body_len);
	put16(out + 10, (uint16_t)(f->body_len >> 16));
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
	f.has_fd = tv_cursor_u16(&c);
	f.body_len = tv_cursor_u32(&c);
	if (f.has_fd > 1)
		return tv_fail(err, TV_SERVER, "a message has unknown flags");
	if (f.body_len > limit)
		return tv_fail(err, TV_BAD_VALUE, "a message of %u bytes, %u are the most",
			       f.body_len, limit);
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

/* One sendmsg; the descriptor goes with the first byte. Returns how much went. */
static ssize_t send_some(int fd, const void *data, size_t len, int pass)
{
	union {
		char buffer[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {{0}};
	struct iovec iov = {(void *)(uintptr_t)data, len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (pass >= 0) {
		struct cmsghdr *c = (struct cmsghdr *)(void *)control.buffer;

		msg.msg_control = control.buffer;
		msg.msg_controllen = sizeof control.buffer;
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass, sizeof pass);
	}
	return sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static enum tv_status send_all(int fd, const unsigned char *data, size_t len, int pass,
			       int timeout_ms, struct tv_error *err)
{
	while (len) {
		ssize_t n = send_some(fd, data, len, pass);
		enum tv_status status = TV_OK;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			status = wait_for(fd, POLLOUT, timeout_ms, err);
			n = 0;
		}
		if (n < 0)
			return tv_fail(err, TV_SERVER, "it hung up: %s", strerror(errno));
		if (status)
			return status;
		if (n)
			pass = -1;
		data += n;
		len -= (size_t)n;
	}
	return TV_OK;
}

/* Keeps the first descriptor of a message, closes any further one. */
static void take_fds(struct msghdr *msg, int *keep)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
			int fd;

			memcpy(&fd, (unsigned char *)c + at, sizeof fd);
			if (*keep < 0)
				*keep = fd;
			else
				close(fd);
		}
	}
}

static ssize_t receive_some(int fd, void *data, size_t len, int *pass)
{
	union {
		char buffer[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {data, len};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.buffer,
			     .msg_controllen = sizeof control.buffer};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n >= 0)
		take_fds(&msg, pass);
	return n;
}

static enum tv_status receive_all(int fd, unsigned char *data, size_t len, int *pass,
				  int timeout_ms, struct tv_error *err)
{
	while (len) {
		enum tv_status status = wait_for(fd, POLLIN, timeout_ms, err);
		ssize_t n = status ? 0 : receive_some(fd, data, len, pass);

		if (status)
			return status;
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return tv_fail(err, TV_SERVER, "it hung up");
		data += n;
		len -= (size_t)n;
	}
	return TV_OK;
}

static enum tv_status send_request(int fd, enum tv_agent_message message,
				   const struct tv_json *request, int fd_out, int timeout_ms,
				   struct tv_error *err)
{
	struct tv_frame f = {.code = (uint16_t)message, .has_fd = fd_out >= 0};
	unsigned char header[TV_FRAME_BYTES];
	tv_auto_secret body = {0};
	tv_auto_secret whole = {0};
	enum tv_status status = tv_json_print(&body, request, err);

	if (status)
		return status;
	if (body.len > TV_REQUEST_MAX)
		return tv_fail(err, TV_BAD_VALUE, "the request has %zu bytes, %d are the most",
			       body.len, TV_REQUEST_MAX);
	f.body_len = (uint32_t)body.len;
	tv_frame_print(header, &f);
	tv_secret_append(&whole, header, sizeof header);
	tv_secret_append(&whole, body.data, body.len);
	status = tv_secret_check(&whole, err);
	return status ? status : send_all(fd, whole.data, whole.len, fd_out, timeout_ms, err);
}

static enum tv_status receive_reply(struct tv_json **reply, int *pass, int fd, int timeout_ms,
				    struct tv_error *err)
{
	unsigned char header[TV_FRAME_BYTES];
	tv_auto_json *body = NULL;
	tv_auto_secret text = {0};
	struct tv_frame f;
	enum tv_status status = receive_all(fd, header, sizeof header, pass, timeout_ms, err);

	if (!status)
		status = tv_frame_parse(&f, header, TV_REPLY_MAX, err);
	if (status)
		return status;
	tv_secret_fill(&text, f.body_len);
	status = tv_secret_check(&text, err);
	if (!status)
		status = receive_all(fd, text.data, text.len, pass, timeout_ms, err);
	if (!status)
		status = tv_json_parse(&body, text.data, text.len, err);
	if (status)
		return status == TV_DAMAGED ? TV_SERVER : status;
	if (f.code >= tv_status_count())
		return tv_fail(err, TV_SERVER, "an unknown status");
	if (f.code) {
		const char *detail = tv_json_get_text(body, "detail");

		return tv_fail(err, (enum tv_status)f.code, "%s", detail ? detail : "");
	}
	*reply = body;
	body = NULL;
	return TV_OK;
}

enum tv_status tv_agent_call(struct tv_json **reply, int *fd_in, int fd,
			     enum tv_agent_message message, const struct tv_json *request,
			     int fd_out, int timeout_ms, struct tv_error *err)
{
	int pass = -1;
	enum tv_status status = send_request(fd, message, request, fd_out, timeout_ms, err);

	if (!status)
		status = receive_reply(reply, &pass, fd, timeout_ms, err);
	if (pass >= 0 && (status || !fd_in)) {
		close(pass);
		pass = -1;
	}
	if (fd_in)
		*fd_in = pass;
	return status;
}
