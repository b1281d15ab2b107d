/* The answer to an edit: while it is made it goes as far as it is ready, and of one that fails the rest never comes. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"
#include "fusefs/client.h"
#include "fusefs/messages.h"
#include "fusefs/server.h"
#include "fusefs/who.h"

#define LARGE ((size_t)400 << 10)
#define SMALL ((size_t)40 << 10)
#define READY ((size_t)100 << 10)

static struct tv_server server;
static const struct tv_fs_config config;
static int peer;
static unsigned char *file; /* what the edit makes */

/* What the edit is to come to, and what the peer had of it meanwhile. */
static size_t size;
static enum tv_status result;
static bool leaves;
static size_t had;

void tv_server_stop(struct tv_server *s)
{
	(void)s;
	fail();
}

void tv_server_progress(struct tv_server *s)
{
	(void)s;
}

void tv_who_drop_client(struct tv_server *s, const struct tv_client *c)
{
	(void)s;
	(void)c;
}

void tv_client_forget_asked(struct tv_client *c)
{
	(void)c;
}

static size_t take(unsigned char *out, size_t most)
{
	size_t len = 0;
	ssize_t n;

	while (len < most && (n = recv(peer, out + len, most - len, MSG_DONTWAIT)) > 0)
		len += (size_t)n;
	return len;
}

static unsigned char got[2 * LARGE];

/* Stands for the making of an edit. */
enum tv_status tv_message_serve(struct tv_json **reply, struct tv_client *c, unsigned message,
				const struct tv_json *request, struct tv_error *err)
{
	const struct tv_outlet outlet = tv_client_outlet(c);
	struct tv_json *answer = tv_json_object();

	(void)message;
	(void)request;
	assert_true(tv_json_put_text(answer, "provider", "choreo"));
	outlet.begin(outlet.arg, answer, size);
	if (leaves)
		close(peer);
	outlet.ready(outlet.arg, file, size < READY ? size / 2 : READY);
	if (leaves)
		outlet.ready(outlet.arg, file, size - 16);
	else
		had = take(got, sizeof got);
	if (result) {
		tv_json_free(answer);
		return tv_fail(err, result, "it would not open");
	}
	tv_secret_append(&c->made, file, size);
	*reply = answer;
	return TV_OK;
}

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	file = malloc(LARGE);
	for (size_t i = 0; i < LARGE; i++)
		file[i] = (unsigned char)(i * 31 >> 3);
	return 0;
}

/* Sends a request; it is served at once. */
static void ask(size_t bytes)
{
	const struct tv_frame frame = {.code = TV_AGENT_add, .body_len = 2};
	struct tv_client *c = server.clients;
	unsigned char request[TV_FRAME_BYTES + 2];

	size = bytes;
	had = 0;
	tv_frame_print(request, &frame);
	memcpy(request + TV_FRAME_BYTES, "{}", 2);
	assert_int_equal(send(peer, request, sizeof request, 0), sizeof request);
	c->source.ready(&c->source, EPOLLIN);
}

/* Connects first. */
static void edit(size_t bytes, enum tv_status comes_to, bool goes)
{
	struct tv_client *c;
	int ends[2];

	result = comes_to;
	leaves = goes;
	server = (struct tv_server){.config = &config,
				    .epoll = epoll_create1(0),
				    .most_clients = 4,
				    .is_resting = true};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	peer = ends[1];
	c = tv_client_new(&server, ends[0], getpid());
	assert_non_null(c);
	assert_true(tv_loop_add(server.epoll, &c->source));
	ask(bytes);
}

/* The rest, as far as the client still exists. */
static size_t finish(void)
{
	size_t len = had, n;

	do {
		n = take(got + len, sizeof got - len);
		len += n;
		if (server.clients)
			server.clients->source.ready(&server.clients->source, EPOLLOUT);
	} while (n || (server.clients && (server.clients->out.len || server.clients->next.len)));
	return len;
}

static void end(void)
{
	if (server.clients)
		tv_client_free(server.clients);
	close(server.epoll);
	if (!leaves)
		close(peer);
}

static void check_answer(size_t len)
{
	struct tv_frame f;

	assert_ok(tv_frame_parse(&f, got, TV_REPLY_MAX, NULL));
	assert_int_equal(f.code, TV_OK);
	assert_int_equal(f.data_len, size);
	assert_int_equal(len, TV_FRAME_BYTES + f.body_len + size);
	assert_memory_equal(got + TV_FRAME_BYTES, "{\"provider\":\"choreo\"}", f.body_len);
	assert_memory_equal(got + TV_FRAME_BYTES + f.body_len, file, size);
}

static void goes_while_made(void **state)
{
	(void)state;
	edit(LARGE, TV_OK, false);
	assert_int_equal(had, TV_FRAME_BYTES + strlen("{\"provider\":\"choreo\"}") + READY);
	/* What waits for the peer to take it is no secret, and takes no room of one. */
	assert_null(server.clients->made.data);
	assert_null(server.clients->out.data);
	assert_true(server.clients->next.len > 0);
	assert_true(tv_clients_are_saving(&server));
	tv_clients_wipe(&server);
	assert_non_null(server.clients);
	check_answer(finish());
	assert_false(tv_clients_are_saving(&server));
	/* The next one on this connection has an answer of its own. */
	ask(SMALL);
	check_answer(finish());
	end();
}

static void small_ones_go_whole(void **state)
{
	(void)state;
	edit(SMALL, TV_OK, false);
	assert_int_equal(had, 0);
	check_answer(finish());
	end();
}

/* No answer of its own could be told from what was begun: the connection ends. */
static void ends_where_it_fails(void **state)
{
	char end_of_it;

	(void)state;
	edit(LARGE, TV_FAILED, false);
	assert_null(server.clients);
	assert_true(finish() < LARGE);
	assert_int_equal(recv(peer, &end_of_it, 1, 0), 0);
	end();
	/* Of what was not begun it is told. */
	edit(SMALL, TV_FAILED, false);
	finish();
	assert_int_equal(got[4], TV_FAILED);
	end();
}

/* Who goes meanwhile does not keep the edit from being made, and is forgotten after it. */
static void goes_away(void **state)
{
	(void)state;
	edit(LARGE, TV_OK, true);
	assert_null(server.clients);
	assert_int_equal(server.n_clients, 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_while_made),
		cmocka_unit_test(small_ones_go_whole),
		cmocka_unit_test(ends_where_it_fails),
		cmocka_unit_test(goes_away),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
