/* Takes frames in, has them served, and gives frames out. */
#include "fusefs/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fusefs/messages.h"
#include "fusefs/server.h"

#define PART ((size_t)16 << 10) /* read at once */

static void client_free(struct tv_client *c)
{
	tv_loop_remove(c->server->epoll, &c->source);
	close(c->source.fd);
	if (c->in_fd >= 0)
		close(c->in_fd);
	if (c->out_fd >= 0)
		close(c->out_fd);
	tv_secret_free(&c->in);
	tv_secret_free(&c->out);
	tv_client_forget_asked(c);
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	c->server->n_clients--;
	free(c);
}

/* Sends what there is; false when the client is gone. */
static bool give(struct tv_client *c)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {c->out.data + c->sent, c->out.len - c->sent};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (c->out_fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control;
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof c->out_fd);
		memcpy(CMSG_DATA(&control.head), &c->out_fd, sizeof c->out_fd);
	}
	n = sendmsg(c->source.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (c->out_fd >= 0)
		close(c->out_fd);
	c->out_fd = -1;
	c->sent += (size_t)n;
	if (c->sent == c->out.len) {
		tv_secret_free(&c->out);
		c->sent = 0;
	}
	return true;
}

static bool is_waiting(const struct tv_client *c)
{
	return c->later != NULL;
}

/* One request at a time: nothing more is taken until the reply has been given. */
static void want(struct tv_client *c)
{
	uint32_t events = c->out.len ? EPOLLOUT : is_waiting(c) ? 0 : EPOLLIN;

	tv_loop_want(c->server->epoll, &c->source, events);
}

/* Puts the reply's frame together: the status, and the result or the detail. */
static bool answer(struct tv_client *c, enum tv_status status, struct tv_json *reply,
		   const struct tv_error *err)
{
	unsigned char head[TV_FRAME_BYTES] = {0};
	tv_auto_json *own = NULL;
	struct tv_frame frame;

	if (status) {
		own = tv_json_object();
		if (!tv_json_put_text(own, "detail", err->detail))
			return false;
		reply = own;
	}
	tv_secret_append(&c->out, head, sizeof head);
	if (tv_json_print(&c->out, reply, NULL) || tv_secret_check(&c->out, NULL) ||
	    c->out.len - sizeof head > TV_REPLY_MAX)
		return false;
	frame = (struct tv_frame){.code = (uint16_t)status,
				  .body_len = (uint32_t)(c->out.len - sizeof head),
				  .has_fd = c->out_fd >= 0};
	tv_frame_print(c->out.data, &frame);
	return give(c);
}

/* Whether what the reply waits for has come about. */
static bool is_due(const struct tv_client *c)
{
	const struct tv_server *s = c->server;

	return is_waiting(c) && s->sync_done >= c->sync_number &&
	       s->inval.finished >= c->inval_number && (!c->until_cleared || s->cleared);
}

/* Gives the reply that was waiting; false when the client is to be dropped. */
static bool answer_late(struct tv_client *c)
{
	enum tv_status (*later)(struct tv_json **, struct tv_client *, struct tv_error *) =
		c->later;
	tv_auto_json *reply = NULL;
	struct tv_error err = {""};
	enum tv_status status;

	c->later = NULL;
	status = later(&reply, c, &err);
	return answer(c, status, reply, &err);
}

static bool serve(struct tv_client *c, const struct tv_frame *frame)
{
	tv_auto_json *request = NULL;
	tv_auto_json *reply = NULL;
	struct tv_error err = {""};
	enum tv_status status;

	status = tv_json_parse(&request, c->in.data + TV_FRAME_BYTES, frame->body_len, &err);
	if (!status && !tv_json_is_object(request))
		status = tv_fail(&err, TV_SERVER, "a request is an object");
	else if (status)
		status = tv_fail(&err, TV_SERVER, "the request is no JSON");
	tv_secret_free(&c->in);
	if (!status)
		status = tv_message_serve(&reply, c, frame->code, request, &err);
	if (c->in_fd >= 0)
		close(c->in_fd);
	c->in_fd = -1;
	if (!status && is_waiting(c))
		return is_due(c) ? answer_late(c) : true;
	return answer(c, status, reply, &err);
}

/* Serves the request if all of it is there; false when the client is to be dropped. */
static bool advance(struct tv_client *c)
{
	struct tv_frame frame;
	struct tv_error err = {""};
	enum tv_status status;

	if (c->in.len < TV_FRAME_BYTES)
		return true;
	status = tv_frame_parse(&frame, c->in.data, TV_REQUEST_MAX, &err);
	if (status) {
		/* What follows can't be told apart: say why, and hang up. */
		tv_secret_free(&c->in);
		answer(c, status, NULL, &err);
		return false;
	}
	/* There must be nothing after it: the next request waits for this one's reply. */
	if (c->in.len > TV_FRAME_BYTES + (size_t)frame.body_len || (frame.has_fd && c->in_fd < 0))
		return false;
	return c->in.len < TV_FRAME_BYTES + (size_t)frame.body_len || serve(c, &frame);
}

/* Keeps the one descriptor that a request may bring; false when there is another. */
static bool keep_fd(struct tv_client *c, struct msghdr *message, bool at_start)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(message);
	int fd;

	if (!head)
		return !(message->msg_flags & MSG_CTRUNC);
	if (head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(sizeof fd))
		return false;
	memcpy(&fd, CMSG_DATA(head), sizeof fd);
	if (c->in_fd >= 0 || !at_start || message->msg_flags & MSG_CTRUNC) {
		close(fd);
		return false;
	}
	c->in_fd = fd;
	return true;
}

/* Takes what has come, by way of a piece of the arena. */
static bool take(struct tv_client *c)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	unsigned char *part = tv_arena_alloc(PART);
	struct iovec iov = {part, PART};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof control};
	bool good = part != NULL;
	ssize_t n;

	if (!good)
		return false;
	n = recvmsg(c->source.fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n > 0) {
		good = keep_fd(c, &message, !c->in.len);
		tv_secret_append(&c->in, part, (size_t)n);
		good = good && !tv_secret_check(&c->in, NULL) && advance(c);
	} else {
		good = n < 0 && (errno == EAGAIN || errno == EINTR);
	}
	tv_arena_free(part);
	return good;
}

static void client_ready(struct tv_source *source, uint32_t events)
{
	struct tv_client *c = TV_SOURCE_OF(struct tv_client, source);
	bool good = true;

	if (events & EPOLLIN)
		good = take(c);
	else if (events & EPOLLOUT)
		good = give(c);
	else if (events & (EPOLLHUP | EPOLLERR))
		good = false;
	if (good)
		want(c);
	else
		client_free(c);
}

static bool is_welcome(const struct tv_server *s, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	return s->n_clients < s->most_clients &&
	       !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) && len == sizeof peer &&
	       peer.uid == s->uid;
}

void tv_client_accept(struct tv_source *source, uint32_t events)
{
	struct tv_server *s =
		(struct tv_server *)(void *)((char *)source - offsetof(struct tv_server, listener));
	int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct tv_client *c;

	(void)events;
	if (fd < 0)
		return;
	c = is_welcome(s, fd) ? calloc(1, sizeof *c) : NULL;
	if (!c) {
		close(fd);
		return;
	}
	*c = (struct tv_client){.source = {.fd = fd, .ready = client_ready},
				.server = s,
				.in_fd = -1,
				.out_fd = -1,
				.next = s->clients,
				.link = &s->clients};
	if (c->next)
		c->next->link = &c->next;
	s->clients = c;
	s->n_clients++;
	if (!tv_loop_add(s->epoll, &c->source))
		client_free(c);
}

void tv_clients_progress(struct tv_server *s)
{
	struct tv_client *next;

	for (struct tv_client *c = s->clients; c; c = next) {
		next = c->next;
		if (!is_due(c))
			continue;
		if (answer_late(c))
			want(c);
		else
			client_free(c);
	}
}

void tv_clients_wipe(struct tv_server *s)
{
	struct tv_client *next;

	for (struct tv_client *c = s->clients; c; c = next) {
		next = c->next;
		/* The one whose request is being served has had its bytes wiped already. */
		if (c->in.len || c->out.len)
			client_free(c);
	}
}
