/* Lines of the audit log: what is written is what is read, under keys that nobody can go back from. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_log.h"
#include "vault/ratchet.h"

static void texts(void **state)
{
	static const char *const all[][2] = {
		{"/usr/bin/git", "/usr/bin/git"},
		{"a\"b\\c/d", "a\"b\\c/d"},
		{"tab\tline\nbell\a\x7f", "tab\tline\nbell\a\x7f"},
		{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x92\xa9",
		 "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x92\xa9"},
		{"\xff", "\\xff"},
		{"half \xc3", "half \\xc3"},
		{"surrogate \xed\xa0\x80.", "surrogate \\xed\\xa0\\x80."},
		{"overlong \xc0\xaf", "overlong \\xc0\\xaf"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		tv_auto_bytes line = {0};
		tv_auto_json *j = NULL;

		tv_bytes_append(&line, "{", 1);
		tv_line_text(&line, "file", all[i][0]);
		tv_line_text(&line, "none", NULL);
		tv_line_int(&line, "n", -7);
		tv_line_bool(&line, "yes", true);
		tv_bytes_append(&line, "}", 1);
		assert_null(memchr(line.data, '\n', line.len));
		assert_ok(tv_json_parse(&j, line.data, line.len, NULL));
		assert_string_equal(tv_json_get_text(j, "file"), all[i][1]);
		assert_true(tv_json_is_null(tv_json_get(j, "none")));
	}
}

/* What comes from elsewhere can't be a line of its own. */
static void sound(void **state)
{
	static const char *const wrong[] = {"", "\"a\":\"b\"\n{\"event\":\"x\"}", "\"a\":\"\xff\"",
					    "\"a\":\"\t\""};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(tv_line_is_sound(wrong[i], strlen(wrong[i]), 100));
	assert_true(tv_line_is_sound("\"a\":1", 5, 5));
	assert_false(tv_line_is_sound("\"a\":1", 5, 4));
}

static void looks(void **state)
{
	static const char *const wrong[] = {
		"",
		"{",
		"{}",
		"null",
		"{\"epoch\":null,\"n\":1}",
		"{\"epoch\":null,\"n\":01,\"at\":\"x\"}",
		"{\"epoch\":null,\"n\":,\"at\":\"x\"}",
		"{\"epoch\":\"0011223344556677\",\"n\":1,\"at\":\"x\"}",
		"{\"epoch\":\"001122334455667\",\"n\":1,\"at\":\"x\",\"mac\":"
		"\"00112233445566770011223344556677\"}",
		"{\"epoch\":\"0011223344556677\",\"n\":1,\"at\":\"x\",\"mac\":"
		"\"0011223344556677001122334455667G\"}",
		"{\"epoch\":\"00112233445566AA\",\"n\":1,\"at\":\"x\",\"mac\":"
		"\"00112233445566770011223344556677\"}",
		"{\"epoch\":\"0011223344556677\",\"n\":1,\"at\":\"x\",\"mac\":"
		"\"00112233445566770011223344556677\"} ",
	};
	static const char good[] = "{\"epoch\":\"0011223344556677\",\"n\":12,\"part\":3,\"after\":"
				   "{\"epoch\":null,\"n\":5},\"vault\":"
				   "\"000102030405060708090a0b0c0d0e0f\",\"at\":\"x\",\"mac\":"
				   "\"00112233445566770011223344556677\"}";
	struct tv_line line;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		tv_line_look(&line, wrong[i], strlen(wrong[i]));
		if (line.is_understood)
			fail_msg("%s", wrong[i]);
	}
	tv_line_look(&line, good, strlen(good));
	assert_true(line.is_understood && line.place.has_epoch && line.place.has_mac &&
		    line.has_after && line.has_vault);
	assert_int_equal(line.place.n, 12);
	assert_int_equal(line.part, 3);
	assert_int_equal(line.after.n, 5);
	assert_int_equal(line.vault[15], 15);
	assert_int_equal(line.covered, strlen(good) - 42);
	/* Cut anywhere it is none. */
	for (size_t len = 0; len < strlen(good); len++) {
		tv_line_look(&line, good, len);
		assert_false(line.is_understood);
	}
}

/* By the second reader's arithmetic. */
static void ratchet(void **state)
{
	static const struct {
		uint64_t n;
		const char *mac;
	} known[] = {
		{0, "6545a77bf3f18b05ed331f57591dad2c"},
		{1, "e36a715f3a10b2411de5f11147192972"},
		{255, "3e6cd683b55cdd2c31cf71501d29a737"},
		{256, "e46d0c4f34ed9990478651b5e5802466"},
		{65535, "e16926e560fe6f6e8ba4010199cc3f32"},
		{65536, "b258c3b02f913a6bdf78ed1be43e5e25"},
	};
	unsigned char key[TV_KEY_BYTES] = {7}, digest[32] = {1}, mac[16];
	struct tv_ratchet step, jump;
	char hex[33];

	(void)state;
	tv_ratchet_start(&step, key);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		while (step.n < known[i].n)
			tv_ratchet_to(&step, step.n + 1);
		tv_ratchet_mac(mac, &step, digest);
		assert_string_equal(sodium_bin2hex(hex, sizeof hex, mac, sizeof mac), known[i].mac);
		/* The same at once, by way of some other line, and never back. */
		tv_ratchet_start(&jump, key);
		tv_ratchet_to(&jump, known[i].n / 3);
		tv_ratchet_to(&jump, known[i].n);
		tv_ratchet_to(&jump, known[i].n / 2);
		assert_memory_equal(&jump, &step, sizeof jump);
	}
}

/* ---- writing and reading */

static void good(void **state)
{
	const struct world *w = *state;
	struct tv_audit_report report;
	const size_t n = log_fill(w);
	struct found f = log_verify(w, &report);
	struct stat st;
	char path[256];

	assert_string_equal(f.text, "");
	assert_int_equal(report.n_lines, n);
	assert_int_equal(report.n_first, 0);
	assert_int_equal(report.part, 1);
	log_path(path, w, ".1");
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size <= LOG_MOST);
	log_path(path, w, ".key");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void rotated(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a = log_open(w, LOG_MOST);
	struct tv_audit_report report;
	char path[256];

	log_begin(a, w);
	for (int i = 0; i < 300; i++)
		log_write(a, "open", "/home/u/.netrc");
	tv_audit_free(a);
	log_path(path, w, ".7");
	assert_int_equal(access(path, F_OK), 0);
	log_path(path, w, ".8");
	assert_int_equal(access(path, F_OK), -1);
	assert_string_equal(log_verify(w, &report).text, "");
	assert_true(report.part > 1 && report.n_lines < 300);
	/* The oldest file taken away is not rotated away. */
	log_path(path, w, ".7");
	unlink(path);
	assert_found(w, "removed.6:0*0");
}

/* A rotation that a crash cut short. */
static void half_rotated(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a;
	char from[256], to[256];

	log_fill(w);
	log_path(from, w, "");
	log_path(to, w, ".0");
	assert_int_equal(rename(from, to), 0);
	assert_found(w, "");
	a = log_open(w, LOG_MOST);
	log_write(a, "open", "/x");
	assert_found(w, "");
	for (int i = 0; i < 40; i++)
		log_write(a, "open", "/x");
	tv_audit_free(a);
	assert_found(w, "");
	assert_int_equal(access(to, F_OK), -1);
}

static void before_any_unlock(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a = log_open(w, LOG_MOST);
	struct tv_audit_report report;

	log_write(a, "mount", "/a");
	log_write(a, "mount", "/b");
	assert_string_equal(log_verify(w, &report).text, "unsigned:1*2");
	assert_int_equal(report.n_first, 2);
	log_begin(a, w);
	log_write(a, "unlock", NULL);
	tv_audit_free(a);
	assert_string_equal(log_verify(w, &report).text, "unsigned:1*2");
	assert_int_equal(report.n_first, 2);
	assert_int_equal(report.n_lines, 3);
}

/* ---- the message */

static void message(void **state)
{
	static const char *const wrong[] = {
		"{}",
		"{'epoch':'0000000000000000','first':0,'digests':'','macs':''}",
		"{'epoch':'0000000000000000','first':-1,'digests':'"
		"00000000000000000000000000000000"
		"00000000000000000000000000000000','macs':'00000000000000000000000000000000'}",
		"{'epoch':'0000000000000000','first':0,'digests':'00000000000000000000000000000000"
		"00000000000000000000000000000000','macs':'000000000000000000000000000000'}",
		"{'epoch':'000000000000000','first':0,'digests':'00000000000000000000000000000000"
		"00000000000000000000000000000000','macs':'00000000000000000000000000000000'}",
		"{'epoch':'0000000000000000','first':4503599627370496,'digests':"
		"'0000000000000000000000000000000000000000000000000000000000000000',"
		"'macs':'00000000000000000000000000000000'}",
	};
	const struct world *w = *state;
	tv_auto_json *reply = NULL;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_status(fixture_read(NULL, w->vault, TV_AGENT_audit, wrong[i]), TV_BAD_VALUE);
	assert_ok(fixture_read(&reply, w->vault, TV_AGENT_audit,
			       "{'epoch':'0000000000000000','first':1000000,'digests':"
			       "'0000000000000000000000000000000000000000000000000000000000000000',"
			       "'macs':'00000000000000000000000000000000'}"));
	assert_int_equal(tv_json_count(tv_json_get(reply, "wrong")), 1);
}

/* A vault from before there was a log gets its key with the next edit. */
static void older_vault(void **state)
{
	const struct world *w = *state;
	struct tv_doc *doc = tv_vault_doc(w->vault);
	unsigned char was[32];

	assert_true(doc->has_audit);
	memcpy(was, doc->audit, sizeof was);
	assert_ok(fixture_edit(NULL, w->vault, TV_AGENT_use,
			       "{'provider':'azion','label':'default'}"));
	assert_memory_equal(was, doc->audit, sizeof was);
	doc->has_audit = false;
	assert_ok(fixture_edit(NULL, w->vault, TV_AGENT_use,
			       "{'provider':'azion','label':'default'}"));
	assert_true(doc->has_audit);
	assert_memory_not_equal(was, doc->audit, sizeof was);
}

/* Lines of a vault that had this name before. */
static void other_vault(void **state)
{
	struct world *w = *state;
	struct tv_audit *a;

	log_fill(w);
	tv_vault_free(w->vault);
	w->vault = fixture_vault("another");
	assert_string_equal(log_verify(w, NULL).text,
			    "another vault's.5:1*5 another vault's.4:1*5 "
			    "another vault's.3:1*4 another vault's.2:1*5 another vault's.1:1*4 "
			    "another vault's:1*4");
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_begin(a, w);
	log_write(a, "unlock", NULL);
	tv_audit_free(a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, log_set_up, log_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(texts),   TEST(sound),	  TEST(looks),	      TEST(ratchet),
		TEST(good),    TEST(rotated),	  TEST(half_rotated), TEST(before_any_unlock),
		TEST(message), TEST(older_vault), TEST(other_vault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
