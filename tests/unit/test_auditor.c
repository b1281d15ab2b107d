/* What the keeper is asked, in packets that may be made up by a server that was taken over. */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fusefs/auditor.h"
#include "fusefs/run/kin.h"

static struct tv_auditor auditor;
static char state[] = "/tmp/tv-auditor-XXXXXX";
static struct tv_lane server, keeper;
static struct tv_asks packet;
static size_t packet_len;

/* No run is here. */
bool tv_kin_has(pid_t task)
{
	(void)task;
	return false;
}

static void put(const void *bytes, size_t len)
{
	assert_in_range(packet_len + len, 0, sizeof packet.bytes);
	memcpy(packet.bytes + packet_len, bytes, len);
	packet_len += len;
}

static void put_head(uint32_t number, uint32_t flags, size_t event_len)
{
	const struct tv_ask_head h = {.question = {.number = number, .task = getpid()},
				      .flags = flags,
				      .event_len = (uint32_t)event_len};

	put(&h, sizeof h);
}

static void put_line(uint32_t number, uint32_t flags, const char *event)
{
	put_head(number, flags | TV_ASK_WRITE, strlen(event));
	put(event, strlen(event));
}

static void send_packet(void)
{
	struct iovec iov = {packet.bytes, packet_len};

	assert_true(tv_lane_send(&server, &(struct msghdr){.msg_iov = &iov, .msg_iovlen = 1}));
	packet_len = 0;
}

static size_t n_packets, n_files; /* that the last answers came in, and that came with them */

/* One packet of answers; how many those are. */
static size_t take(uint32_t *numbers, size_t most)
{
	static struct tv_answers answers;
	static struct tv_caller answer;
	const size_t front = offsetof(struct tv_caller, text);
	size_t n = 0, at = 0;
	int file;
	const ssize_t len = tv_lane_receive(&server, answers.bytes, sizeof answers.bytes, &file);

	if (len <= 0)
		return 0;
	while (at < (size_t)len) {
		assert_in_range(n, 0, most - 1);
		assert_in_range(at + front, 0, len);
		memcpy(&answer, answers.bytes + at, front);
		assert_in_range(at + front + answer.text_len, 0, len);
		memcpy(answer.text, answers.bytes + at + front, answer.text_len);
		assert_true(tv_caller_is_sound(&answer, front + answer.text_len));
		numbers[n++] = answer.number;
		at += front + answer.text_len;
	}
	if (file < 0)
		return n;
	close(file);
	n_files++;
	assert_int_equal(n, 1);
	return n;
}

/* The numbers of the answers, in their order. */
static size_t serve(uint32_t *numbers, size_t most)
{
	size_t n = 0, more;

	n_packets = n_files = 0;
	while (tv_auditor_serve(&auditor, &keeper) >= 0)
		;
	while ((more = take(numbers + n, most - n))) {
		n += more;
		n_packets++;
	}
	return n;
}

/* The events of the log's lines, in their order. */
static void assert_lines(const char *wanted)
{
	char path[64], line[4096], events[256] = "";
	FILE *log;

	snprintf(path, sizeof path, "%s/x.audit", state);
	log = fopen(path, "re");
	assert_non_null(log);
	while (fgets(line, sizeof line, log)) {
		const char *at = strstr(line, "\"event\":\"");

		assert_non_null(at);
		strncat(events, at + strlen("\"event\":\""), 1);
	}
	fclose(log);
	assert_string_equal(events, wanted);
}

static void test_in_their_order(void **unused)
{
	uint32_t numbers[4];

	(void)unused;
	put_line(1, TV_ASK_SILENT, "\"event\":\"a\"");
	put_head(2, 0, 0);
	put_line(3, 0, "\"event\":\"b\"");
	put_line(4, TV_ASK_SILENT, "\"event\":\"c\"");
	send_packet();
	put_line(5, TV_ASK_EDIT, "\"event\":\"d\"");
	send_packet();
	assert_int_equal(serve(numbers, 4), 3);
	assert_true(auditor.has_edit);
	assert_int_equal(numbers[0], 2);
	assert_int_equal(numbers[1], 3);
	assert_int_equal(numbers[2], 5);
	assert_lines("abcd");
}

static void ask_about(uint32_t number, pid_t task, bool with_faults)
{
	const struct tv_ask_head h = {
		.question = {.number = number, .task = task, .with_faults = with_faults}};

	put(&h, sizeof h);
}

/* What is asked at once is answered at once, but what brings a descriptor comes alone. */
static void test_answered_at_once(void **unused)
{
	uint32_t numbers[TV_ASKS_AT_ONCE];

	(void)unused;
	for (uint32_t i = 1; i <= 4; i++)
		ask_about(i, getpid(), false);
	send_packet();
	assert_int_equal(serve(numbers, 8), 4);
	assert_int_equal(n_packets, 1);
	assert_int_equal(n_files, 0);
	for (uint32_t i = 1; i <= 8; i++)
		ask_about(i, getpid(), i == 3 || i == 4 || i == 8);
	send_packet();
	assert_int_equal(serve(numbers, 8), 8);
	assert_int_equal(n_files, 3);
	assert_int_equal(n_packets, 5);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(numbers[i], i + 1);
}

static char long_path[2048] = "/tmp/tv-auditor-long-XXXXXX";

static void copy_program(void)
{
	char bytes[4096];
	FILE *from = fopen("/bin/sleep", "re");
	FILE *to;
	size_t n;

	assert_non_null(mkdtemp(long_path));
	for (int i = 0; i < 7; i++) {
		const size_t len = strlen(long_path);

		memset(long_path + len, 'x', 200);
		long_path[len] = '/';
		assert_false(mkdir(long_path, 0700));
	}
	strcat(long_path, "/program");
	to = fopen(long_path, "we");
	assert_non_null(from);
	assert_non_null(to);
	while ((n = fread(bytes, 1, sizeof bytes, from)))
		assert_int_equal(fwrite(bytes, 1, n, to), n);
	fclose(from);
	assert_false(fclose(to));
	assert_false(chmod(long_path, 0700));
}

static void remove_program(void)
{
	assert_false(unlink(long_path));
	for (int i = 0; i < 8; i++) {
		*strrchr(long_path, '/') = 0;
		assert_false(rmdir(long_path));
	}
}

/* Runs it; −1: it can't be. */
static pid_t start_program(void)
{
	const pid_t child = fork();
	struct stat ours, its;
	char exe[32];

	if (!child) {
		execl(long_path, "program", "60", (char *)NULL);
		_exit(1);
	}
	snprintf(exe, sizeof exe, "/proc/%d/exe", child);
	assert_false(stat(long_path, &ours));
	for (int i = 0; child > 0 && i < 2000; i++) {
		if (!stat(exe, &its) && its.st_ino == ours.st_ino)
			return child;
		usleep(1000);
	}
	return -1;
}

/* Long ones are as many packets as they need. */
static void test_long_answers(void **unused)
{
	uint32_t numbers[TV_ASKS_AT_ONCE];
	pid_t child;

	(void)unused;
	copy_program();
	child = start_program();
	assert_true(child > 0);
	for (uint32_t i = 1; i <= 8; i++)
		ask_about(i, child, false);
	send_packet();
	assert_int_equal(serve(numbers, 8), 8);
	assert_int_equal(n_packets, 8);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	remove_program();
}

/* An event that goes beyond the packet; what is before it counts. */
static void test_cut_off(void **unused)
{
	uint32_t numbers[4];

	(void)unused;
	put_head(1, 0, 0);
	put_head(2, TV_ASK_WRITE, 10);
	put("\"event\":", 8);
	send_packet();
	assert_int_equal(serve(numbers, 4), 1);
	put_head(3, 0, 0);
	put_head(4, TV_ASK_WRITE, UINT32_MAX);
	send_packet();
	put_head(5, 0, 0);
	put_head(6, 0, 0);
	packet_len--;
	send_packet();
	assert_int_equal(serve(numbers, 4), 2);
	assert_int_equal(numbers[0], 3);
	assert_int_equal(numbers[1], 5);
	assert_lines("abcd");
}

/* As many as have room, each of which would be answered: no more are than are agreed on. */
static void test_too_many(void **unused)
{
	uint32_t numbers[4 * TV_ASKS_AT_ONCE];

	(void)unused;
	for (int i = 0; i < 4; i++) {
		while (packet_len + sizeof(struct tv_ask_head) <= sizeof packet.bytes)
			put_head(1, 0, 0);
		send_packet();
	}
	assert_int_equal(serve(numbers, 4 * TV_ASKS_AT_ONCE), 4 * TV_ASKS_AT_ONCE);
}

/* The same of lines, which nobody waits for. */
static void test_too_many_lines(void **unused)
{
	static const char event[] = "\"event\":\"e\"";
	uint32_t numbers[1];

	(void)unused;
	while (packet_len + sizeof(struct tv_ask_head) + sizeof event <= sizeof packet.bytes)
		put_line(1, TV_ASK_SILENT, event);
	send_packet();
	assert_int_equal(serve(numbers, 1), 0);
	assert_lines("abcd"
		     "eeeeeeee");
}

static size_t count_descriptors(void)
{
	DIR *all = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(all);
	while (readdir(all))
		n++;
	closedir(all);
	return n;
}

/* What is kept of who asks often is let go of. */
static void test_descriptors(void **unused)
{
	uint32_t numbers[1];
	size_t before;

	(void)unused;
	tv_caller_forget();
	before = count_descriptors();
	for (uint32_t i = 1; i <= 10; i++) {
		put_head(i, 0, 0);
		send_packet();
		assert_int_equal(serve(numbers, 1), 1);
	}
	assert_in_range(count_descriptors(), before + 1, before + 3);
	tv_caller_forget();
	assert_int_equal(count_descriptors(), before);
}

static int64_t serve_deaf(bool aside)
{
	static char full[4096];
	static struct tv_answers ignored;
	struct iovec iov = {full, sizeof full};
	int64_t began;
	int none;

	while (aside ? send(keeper.side, full, sizeof full, MSG_DONTWAIT) > 0
		     : tv_lane_send(&keeper, &(struct msghdr){.msg_iov = &iov, .msg_iovlen = 1}))
		;
	for (int i = 0; i < 4 * TV_ASKS_AT_ONCE; i++) {
		ask_about(1, getpid(), aside);
		if (packet_len == TV_ASKS_AT_ONCE * sizeof(struct tv_ask_head))
			send_packet();
	}
	began = tv_now_ms();
	while (tv_auditor_serve(&auditor, &keeper) >= 0)
		;
	began = tv_now_ms() - began;
	while (recv(server.side, &ignored, aside ? sizeof ignored : 0, MSG_DONTWAIT) > 0)
		;
	while (tv_lane_receive(&server, &ignored, sizeof ignored, &none) > 0)
		;
	return began;
}

/* A server that does not read is waited for once, and not for each packet, until it reads again. */
static void test_deaf_server(void **unused)
{
	uint32_t numbers[1];

	(void)unused;
	for (int i = 0; i < 4; i++) {
		assert_in_range(serve_deaf(i % 2), 150, 590);
		assert_in_range(serve_deaf(i % 2), 0, 100);
		put_head(1, 0, 0);
		send_packet();
		assert_int_equal(serve(numbers, 1), 1);
	}
}

/* Whatever the bytes are, it goes on. */
static void test_garbage(void **unused)
{
	uint32_t numbers[8 * TV_ASKS_AT_ONCE], last = 0;

	(void)unused;
	srand(1);
	for (int i = 0; i < 2000; i++) {
		size_t n = 0;

		for (size_t len = 1 + (size_t)rand() % 600; packet_len < len;) {
			const unsigned char byte = (unsigned char)(rand() % 4 ? 0 : rand());

			put(&byte, 1);
		}
		send_packet();
		put_head((uint32_t)(i + 1), 0, 0);
		send_packet();
		n = serve(numbers, 8 * TV_ASKS_AT_ONCE);
		assert_in_range(n, 1, 8 * TV_ASKS_AT_ONCE);
		last = numbers[n - 1];
		assert_int_equal(last, i + 1);
	}
}

static int set_up(void **unused)
{
	static struct tv_fs_config config = {.name = "x", .state = state};
	struct tv_lane ends[2];

	(void)unused;
	if (!mkdtemp(state) || !tv_lane_make(ends))
		return -1;
	server = ends[0];
	keeper = ends[1];
	tv_auditor_start(&auditor, &config);
	return auditor.audit ? 0 : -1;
}

static int tear_down(void **unused)
{
	static const char *const names[] = {"x.audit", "x.audit.key"};
	char path[64];
	int failed = 0;

	(void)unused;
	tv_auditor_stop(&auditor);
	tv_caller_forget();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", state, names[i]);
		failed |= unlink(path);
	}
	return failed | rmdir(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_their_order), cmocka_unit_test(test_answered_at_once),
		cmocka_unit_test(test_long_answers),   cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_too_many),       cmocka_unit_test(test_too_many_lines),
		cmocka_unit_test(test_descriptors),    cmocka_unit_test(test_deaf_server),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
