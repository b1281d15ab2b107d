/* The client's end of the connection to the server. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"
#include "vault/agent.h"
#include "vault/pass.h"
#include "vault/store.h"

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

static int count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Of an answer whose frame says so the bytes are `data_len` of those in a descriptor that comes along, which stays the
 * caller's; −1: none. */
static enum tv_status answered(struct tv_bytes *got, bool is_apart, uint32_t data_len, int passed)
{
	const struct tv_frame frame = {.body_len = 2, .data_len = data_len, .is_apart = is_apart};
	unsigned char wire[TV_FRAME_BYTES + 2 + 5] = {0};
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	const int before = count_descriptors();
	struct tv_error err = {""};
	enum tv_status status;
	int pair[2];

	tv_frame_print(wire, &frame);
	memcpy(wire + TV_FRAME_BYTES, "{}bytes", 7);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_true(tv_pass_send(pair[1], wire, sizeof wire, passed, 0) == sizeof wire);
	status = tv_agent_call(&reply, got, pair[0], TV_AGENT_status, request, NULL, 1000, &err);
	assert_true(!status == (reply != NULL));
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(count_descriptors(), before);
	return status;
}

/* The bytes may come in a memory file that nobody can change any more, and in nothing else. */
static void bytes_apart(void **state)
{
	const struct tv_bytes bytes = {.data = (unsigned char *)(uintptr_t) "seven..", .len = 7};
	const int open = memfd_create("open", MFD_ALLOW_SEALING);
	tv_auto_bytes got = {0};
	int sealed, ends[2];

	(void)state;
	assert_ok(tv_memfd_write(&sealed, &bytes, NULL));
	assert_int_equal(pipe(ends), 0);
	assert_ok(answered(&got, true, 7, sealed));
	assert_int_equal(got.len, 7);
	assert_memory_equal(got.data, "seven..", 7);
	assert_ok(answered(&got, false, 5, -1));
	assert_int_equal(got.len, 5);
	assert_memory_equal(got.data, "bytes", 5);
	assert_ok(answered(&got, false, 5, sealed));
	assert_memory_equal(got.data, "bytes", 5);
	assert_status(answered(&got, true, 7, -1), TV_SERVER);
	assert_status(answered(&got, true, 6, sealed), TV_SERVER);
	assert_status(answered(&got, true, 8, sealed), TV_SERVER);
	assert_int_equal(write(open, "seven..", 7), 7);
	assert_status(answered(&got, true, 7, open), TV_SERVER);
	assert_status(answered(&got, true, 7, ends[0]), TV_SERVER);
	assert_int_equal(got.len, 5);
	close(sealed);
	close(open);
	close(ends[0]);
	close(ends[1]);
}

/* Of several descriptors none stays open but the one that is asked for. */
static void one_of_many(void **state)
{
	char space[CMSG_SPACE(3 * sizeof(int))] = {0}, byte = 0;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = space,
				 .msg_controllen = sizeof space};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	const int three[] = {0, 1, 2};
	int pair[2], before, passed;

	(void)state;
	*c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof three),
			      .cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(c), three, sizeof three);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	before = count_descriptors();
	assert_int_equal(sendmsg(pair[1], &message, 0), 1);
	assert_int_equal(tv_pass_receive(&passed, pair[0], &byte, 1, 0), 1);
	assert_true(passed >= 0);
	assert_int_equal(count_descriptors(), before + 1);
	close(passed);
	assert_int_equal(sendmsg(pair[1], &message, 0), 1);
	assert_int_equal(tv_pass_receive(NULL, pair[0], &byte, 1, 0), 1);
	assert_int_equal(count_descriptors(), before);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(late_answer),
					   cmocka_unit_test(bytes_apart),
					   cmocka_unit_test(one_of_many)};

	assert_ok(tv_init(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
