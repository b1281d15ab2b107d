/* The client's end of the connection to the server. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"
#include "vault/agent.h"

/* An answer that comes too late is not the next one's, and half a request is not the next one's beginning. */
static void late_answer(void **state)
{
	static const unsigned char late[] = {
		'T', 'V', TV_AGENT_PROTOCOL, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
	tv_auto_json *request = tv_json_object();
	struct tv_json *reply = NULL;
	unsigned char sent[64];
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_status(
		tv_agent_call(&reply, NULL, pair[0], TV_AGENT_status, request, NULL, 10, NULL),
		TV_SERVER);
	assert_int_equal(read(pair[1], sent, sizeof sent), TV_FRAME_BYTES + 2);
	assert_true(send(pair[1], late, sizeof late, MSG_NOSIGNAL) < 0);
	assert_status(tv_agent_call(&reply, NULL, pair[0], TV_AGENT_list, request, NULL, 10, NULL),
		      TV_NOT_MOUNTED);
	assert_null(reply);
	close(pair[0]);
	close(pair[1]);
}

/* How long the packets are that a request with so many bytes is sent in. */
static void assert_packets(size_t data_len, size_t first, size_t second)
{
	static unsigned char bytes[40000];
	const struct tv_bytes data = {.data = bytes, .len = data_len};
	tv_auto_json *request = tv_json_object();
	unsigned char *got = calloc(1, sizeof bytes + 64);
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_ok(tv_agent_send(pair[0], TV_AGENT_reload, request, &data, 1000, NULL));
	close(pair[0]);
	assert_int_equal(recv(pair[1], got, sizeof bytes + 64, 0), first);
	assert_int_equal(recv(pair[1], got, sizeof bytes + 64, 0), second);
	close(pair[1]);
	free(got);
}

/* A small vault's bytes go with the request, for each message that comes wakes the server. */
static void sends_together(void **state)
{
	(void)state;
	assert_packets(0, TV_FRAME_BYTES + 2, 0);
	assert_packets(8544, TV_FRAME_BYTES + 2 + 8544, 0);
	assert_packets(40000, TV_FRAME_BYTES + 2, 40000);
}

static size_t taken;

static void take(void *arg, const unsigned char *data, size_t have, size_t whole)
{
	assert_ptr_equal(arg, &taken);
	assert_true(have > taken && have <= whole);
	for (size_t i = taken; i < have; i++)
		assert_int_equal(data[i], (unsigned char)i);
	taken = have;
}

/* Sends an answer with so many bytes behind it, of which the last ones come later, and has it received. */
static enum tv_status answer(uint16_t code, const char *body, size_t data_len)
{
	const struct tv_inlet inlet = {take, &taken};
	const struct tv_frame frame = {
		.code = code, .body_len = (uint32_t)strlen(body), .data_len = (uint32_t)data_len};
	unsigned char bytes[TV_FRAME_BYTES + 64 + 5000];
	size_t len = TV_FRAME_BYTES + strlen(body);
	tv_auto_json *reply = NULL;
	tv_auto_bytes got = {0};
	enum tv_status status;
	int pair[2];

	taken = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	tv_frame_print(bytes, &frame);
	memcpy(bytes + TV_FRAME_BYTES, body, strlen(body));
	for (size_t i = 0; i < data_len; i++)
		bytes[len++] = (unsigned char)i;
	assert_int_equal(send(pair[1], bytes, len, 0), len);
	status = tv_agent_receive(&reply, &got, &inlet, pair[0], 1000, NULL);
	assert_int_equal(got.len, status ? 0 : data_len);
	close(pair[0]);
	close(pair[1]);
	return status;
}

/* Only what comes behind a good answer is taken. */
static void takes_in(void **state)
{
	(void)state;
	assert_ok(answer(TV_OK, "{}", 5000));
	assert_int_equal(taken, 5000);
	assert_status(answer(TV_LOCKED, "{\"detail\":\"\"}", 5000), TV_LOCKED);
	assert_int_equal(taken, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(late_answer),
					   cmocka_unit_test(sends_together),
					   cmocka_unit_test(takes_in)};

	assert_ok(tv_init(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
