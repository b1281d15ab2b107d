/* Takes frames in, has them served, and gives frames out. */
#include "fusefs/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fusefs/messages.h"
#include "fusefs/server.h"

#define PART	    ((size_t)16 << 10)	/* read at once */
#define SECRETS_MAX ((size_t)4 << 20)	/* of all unfinished requests' objects: locked memory */
#define AHEAD	    ((size_t)256 << 10) /* bytes, from which on an answer goes while it is made */
#define DATA_MAX    ((size_t)256 << 20) /* of all unfinished requests' bytes */

/* Lets go of what came, and of its share of what may be held for all. */
static void forget_request(struct tv_client *c)
{
	c->server->held_secrets -= c->in.len;
	c->server->held_data -= c->data.len;
	tv_secret_free(&c->in);
	tv_bytes_free(&c->data);
}

void tv_client_free(struct tv_client *c)
{
	struct tv_server *s = c->server;

	tv_loop_remove(s->epoll, &c->source);
	close(c->source.fd);
	forget_request(c);
	tv_secret_free(&c->out);
	tv_secret_free(&c->made);
	tv_bytes_free(&c->next);
	tv_client_forget_asked(c);
	tv_json_free(c->shows);
	tv_who_drop_client(s, c);
	free(c->caller);
	*c->link = c->next_client;
	if (c->next_client)
		c->next_client->link = c->link;
	s->n_clients--;
	free(c);
	/* Whose run it was is gone. */
	if (s->config->is_run)
		tv_server_stop(s);
	/* There is a descriptor for another one. */
	if (!s->is_resting)
		tv_loop_want(s->epoll, &s->listener, EPOLLIN);
}

/* Sends of what there is, with so many bytes behind it; false when the client is gone. */
static bool give_with(struct tv_client *c, const unsigned char *next, size_t len)
{
	const size_t given = c->sent > c->out.len ? c->sent - c->out.len : 0;
	struct iovec parts[2];
	struct msghdr message = {.msg_iov = parts};
	ssize_t n;

	if (c->sent < c->out.len)
		parts[message.msg_iovlen++] =
			(struct iovec){c->out.data + c->sent, c->out.len - c->sent};
	if (given < len)
		parts[message.msg_iovlen++] =
			(struct iovec){(void *)(uintptr_t)(next + given), len - given};
	if (!message.msg_iovlen)
		return true;
	n = sendmsg(c->source.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->sent += (size_t)n;
	return true;
}

static bool give(struct tv_client *c)
{
	const bool good = give_with(c, c->next.data, c->next.len);

	if (c->sent == c->out.len + c->next.len) {
		tv_secret_free(&c->out);
		tv_bytes_free(&c->next);
		c->sent = 0;
	}
	return good;
}

/* Gives what an edit made as far as the client takes it. How long it takes for the rest is its own affair: that is kept where
 * no secret has to be. */
static bool give_made(struct tv_client *c)
{
	const bool good = give_with(c, c->made.data, c->made.len);
	const size_t given = c->sent > c->out.len ? c->sent - c->out.len : 0;

	if (given < c->made.len)
		tv_bytes_append(&c->next, c->made.data + given, c->made.len - given);
	tv_secret_free(&c->made);
	if (c->sent >= c->out.len) {
		tv_secret_free(&c->out);
		c->sent = 0;
	}
	return good && !c->next.failed;
}

static bool is_waiting(const struct tv_client *c)
{
	return c->later != NULL;
}

/* One request at a time: nothing more is taken until the reply has been given. */
static void want(struct tv_client *c)
{
	uint32_t events = c->out.len || c->next.len ? EPOLLOUT : is_waiting(c) ? 0 : EPOLLIN;

	tv_loop_want(c->server->epoll, &c->source, events);
}

/* Prints a reply, unless it is there already, behind its frame; false: it can't be. */
static bool put_frame(struct tv_client *c, enum tv_status status, const struct tv_json *reply,
		      size_t data_len)
{
	struct tv_frame frame;

	if (!c->out.len) {
		tv_secret_fill(&c->out, TV_FRAME_BYTES);
		if (tv_json_print(&c->out, reply, NULL))
			return false;
	}
	if (tv_secret_check(&c->out, NULL) || c->out.len - TV_FRAME_BYTES > TV_REPLY_MAX)
		return false;
	frame = (struct tv_frame){.code = (uint16_t)status,
				  .body_len = (uint32_t)(c->out.len - TV_FRAME_BYTES),
				  .data_len = (uint32_t)data_len};
	tv_frame_print(c->out.data, &frame);
	return true;
}

/* Gives the status, and the result or the detail. Of what failed while it was being sent nothing more comes. */
static bool answer(struct tv_client *c, enum tv_status status, struct tv_json *reply,
		   const struct tv_error *err)
{
	tv_auto_json *own = NULL;

	if (c->is_ahead) {
		c->is_ahead = false;
		return !status && !c->is_gone && give_made(c);
	}
	if (status) {
		own = tv_json_object();
		if (!tv_json_put_text(own, "detail", err->detail))
			return false;
		reply = own;
	}
	return put_frame(c, status, reply, c->made.len) && (c->made.len ? give_made(c) : give(c));
}

static void begin_ahead(void *arg, const struct tv_json *reply, size_t whole)
{
	struct tv_client *c = arg;

	if (whole < AHEAD)
		return;
	c->is_ahead = true;
	c->is_gone = !put_frame(c, TV_OK, reply, whole);
}

static void give_ahead(void *arg, const unsigned char *file, size_t ready)
{
	struct tv_client *c = arg;

	if (c->is_ahead && !c->is_gone)
		c->is_gone = !give_with(c, file, ready);
}

struct tv_outlet tv_client_outlet(struct tv_client *c)
{
	return (struct tv_outlet){.begin = begin_ahead, .ready = give_ahead, .arg = c};
}

/* Unlocked is when the files are there, locked when nothing can be read any more. */
static bool is_as_awaited(const struct tv_client *c)
{
	const struct tv_server *s = c->server;

	switch (c->awaits) {
	case TV_AWAITS_UNLOCKED:
		return s->vault && s->sync_done >= s->settled;
	case TV_AWAITS_LOCKED:
		return !s->vault && s->inval.finished >= s->inval.asked;
	default:
		return true;
	}
}

/* Whether what the reply waits for has come about. */
static bool is_due(const struct tv_client *c)
{
	const struct tv_server *s = c->server;

	return is_waiting(c) && s->sync_done >= c->sync_number &&
	       s->inval.finished >= c->inval_number && (!c->until_cleared || s->cleared) &&
	       !c->is_asking && !c->is_noting && is_as_awaited(c);
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

static bool serve(struct tv_client *c)
{
	tv_auto_json *request = NULL;
	tv_auto_json *reply = NULL;
	struct tv_error err = {""};
	enum tv_status status;

	status = tv_json_parse(&request, c->in.data + TV_FRAME_BYTES, c->frame.body_len, &err);
	if (!status && !tv_json_is_object(request))
		status = tv_fail(&err, TV_SERVER, "a request is an object");
	else if (status && status != TV_NO_MEMORY)
		status = tv_fail(&err, TV_SERVER, "the request is no JSON");
	c->server->held_secrets -= c->in.len;
	tv_secret_free(&c->in);
	if (!status)
		status = tv_message_serve(&reply, c, c->frame.code, request, &err);
	forget_request(c);
	if (!status && is_waiting(c))
		return is_due(c) ? answer_late(c) : true;
	return answer(c, status, reply, &err);
}

/* Over what may be held for all, whoever holds most has to go; false when that is c itself. */
static bool make_room(const struct tv_client *c)
{
	struct tv_server *s = c->server;

	while (s->held_secrets > SECRETS_MAX || s->held_data > DATA_MAX) {
		bool secrets = s->held_secrets > SECRETS_MAX;
		struct tv_client *most = s->clients;

		for (struct tv_client *o = s->clients; o; o = o->next_client)
			if (secrets ? o->in.len > most->in.len : o->data.len > most->data.len)
				most = o;
		if (most == c)
			return false;
		tv_client_free(most);
	}
	return true;
}

/* How much of n bytes belongs to what `have` of `whole` bytes of are there. */
static size_t share(size_t n, size_t have, size_t whole)
{
	return n < whole - have ? n : whole - have;
}

/* The header is there: what follows can be told apart, or the client is told why not and dropped. */
static bool read_header(struct tv_client *c)
{
	struct tv_error err = {""};
	enum tv_status status = tv_frame_parse(&c->frame, c->in.data, TV_REQUEST_MAX, &err);

	if (!status)
		return true;
	forget_request(c);
	answer(c, status, NULL, &err);
	return false;
}

/* Puts bytes where they belong; false when they do not, or there is no room. */
static bool absorb(struct tv_client *c, const unsigned char *at, size_t n)
{
	struct tv_server *s = c->server;
	size_t whole = TV_FRAME_BYTES;

	if (c->in.len >= TV_FRAME_BYTES)
		whole += c->frame.body_len;
	if (c->in.len < whole) {
		size_t part = share(n, c->in.len, whole);

		tv_secret_append(&c->in, at, part);
		if (c->in.failed)
			return false;
		s->held_secrets += part;
		if (!make_room(c))
			return false;
		if (c->in.len == TV_FRAME_BYTES && whole == TV_FRAME_BYTES && !read_header(c))
			return false;
		return part == n || absorb(c, at + part, n - part);
	}
	/* There must be nothing after it: the next request waits for this one's reply. */
	if (n > c->frame.data_len - c->data.len)
		return false;
	tv_bytes_append(&c->data, at, n);
	if (c->data.failed)
		return false;
	s->held_data += n;
	return make_room(c);
}

static bool is_whole(const struct tv_client *c)
{
	return c->in.len >= TV_FRAME_BYTES && c->in.len == TV_FRAME_BYTES + c->frame.body_len &&
	       c->data.len == c->frame.data_len;
}

/* Takes what has come, by way of a piece of the arena. Without room for control messages the kernel
 * itself drops descriptors that came along. */
static bool take(struct tv_client *c)
{
	unsigned char *part = tv_arena_alloc(PART);
	bool good = part != NULL;
	ssize_t n;

	if (!good)
		return false;
	n = recv(c->source.fd, part, PART, MSG_DONTWAIT);
	if (n > 0)
		good = absorb(c, part, (size_t)n);
	else
		good = n < 0 && (errno == EAGAIN || errno == EINTR);
	tv_arena_free(part);
	return good && is_whole(c) ? serve(c) : good;
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
		tv_client_free(c);
}

struct tv_client *tv_client_new(struct tv_server *s, int fd, pid_t pid)
{
	struct tv_client *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	*c = (struct tv_client){.source = {.fd = fd, .ready = client_ready},
				.server = s,
				.pid = pid,
				.next_client = s->clients,
				.link = &s->clients};
	if (c->next_client)
		c->next_client->link = &c->next_client;
	s->clients = c;
	s->n_clients++;
	return c;
}

bool tv_clients_are_saving(const struct tv_server *s)
{
	for (const struct tv_client *c = s->clients; c; c = c->next_client)
		if (c->next.len)
			return true;
	return false;
}

void tv_clients_progress(struct tv_server *s)
{
	struct tv_client *next;

	for (struct tv_client *c = s->clients; c; c = next) {
		next = c->next_client;
		if (!is_due(c))
			continue;
		if (answer_late(c))
			want(c);
		else
			tv_client_free(c);
	}
}

void tv_client_noted(struct tv_asking *a, const struct tv_caller *caller)
{
	(void)caller;
	a->client->is_asking = false;
	if (a->client->later)
		tv_server_progress(a->server);
}

void tv_client_edit_noted(struct tv_asking *a, const struct tv_caller *caller)
{
	(void)caller;
	a->client->is_noting = false;
	if (a->client->later)
		tv_server_progress(a->server);
}

void tv_clients_wipe(struct tv_server *s)
{
	struct tv_client *next;

	for (struct tv_client *c = s->clients; c; c = next) {
		next = c->next_client;
		/* The one whose request is being served has had its bytes wiped already. */
		if (c->in.len || c->out.len)
			tv_client_free(c);
	}
}
