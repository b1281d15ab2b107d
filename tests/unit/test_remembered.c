/* What was shown last, as its file says it: nothing of it is believed that a view could not say. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fusefs/remembered.h"

#define ID "00112233445566778899aabbccddeeff"
#define HEAD                                                                                       \
	"{\"tokenvault\":\"shown\",\"version\":1,\"vault\":\"" ID                                  \
	"\",\"providers\":[\"azion\",\"choreo\"],\"unlock_on_open\":true,\"prompt_wait\":60,"      \
	"\"views\":3}\n"
#define VIEW(path, in_place, provider, label, file, size)                                          \
	"{\"path\":\"" path "\",\"in_place\":" in_place                                            \
	",\"is_own\":false,\"is_alone\":true,\"clashes\":false,\"provider\":\"" provider           \
	"\",\"label\":\"" label "\",\"file\":\"" file "\",\"entry\":\"" ID                         \
	"\",\"mode\":256,\"mtime\":1700000000,\"expires\":0,\"expiring\":\"\",\"denies\":false,"   \
	"\"size\":" size "}\n"

static const char good[] =
	HEAD VIEW(".azion/settings.toml", "true", "azion", "default", "settings.toml", "300")
		VIEW(".choreo/token", "true", "choreo", "default", "token", "41")
			VIEW("choreo/default/token", "false", "choreo", "default", "token", "41");

static char directory[256], path[288];

static void put(const char *text, size_t len)
{
	/* Truncated to nothing it would be waited for on close(2). */
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(ftruncate(fd, (off_t)len), 0);
	close(fd);
}

static enum tv_status load(struct tv_remembered *r, struct tv_error *err)
{
	memset(r, 0, sizeof *r);
	err->detail[0] = '\0';
	return tv_remembered_load(r, path, err);
}

static void refuses(const char *why)
{
	struct tv_remembered r;
	struct tv_error err;

	assert_int_equal(load(&r, &err), TV_LOCKED);
	if (!strstr(err.detail, why))
		fail_msg("\"%s\" does not say \"%s\"", err.detail, why);
	assert_null(r.views.at);
}

static void test_good(void **state)
{
	struct tv_remembered r;
	struct tv_error err;

	(void)state;
	put(good, strlen(good));
	assert_int_equal(load(&r, &err), TV_OK);
	assert_int_equal(r.views.count, 3);
	assert_string_equal(r.views.at[1].path, ".choreo/token");
	assert_string_equal(r.views.at[1].entry, ID);
	assert_int_equal(r.views.at[1].mode, 0400);
	assert_true(r.views.at[1].in_place && r.views.at[1].is_alone && !r.views.at[2].in_place);
	assert_int_equal(r.sizes[0], 300);
	assert_false(r.all_providers);
	assert_int_equal(r.n_providers, 2);
	assert_true(r.kept.unlock_on_open);
	assert_int_equal(r.kept.prompt_wait, 60);
	assert_string_equal(r.providers[1], "choreo");
	assert_int_equal(r.vault_id[1], 0x11);
	tv_remembered_free(&r);
	tv_remembered_free(&r);
}

/* The good text with one piece replaced. */
static void put_with(const char *from, const char *to)
{
	const char *at = strstr(good, from);
	char text[4096];
	int len;

	assert_non_null(at);
	len = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to,
		       at + strlen(from));
	assert_true(len > 0 && len < (int)sizeof text);
	put(text, (size_t)len);
}

static void test_faults(void **state)
{
	static const struct {
		const char *from, *to, *why;
	} faults[] = {
		{"shown", "seen", "line 1: this is no list"},
		{"\"version\":1", "\"version\":0", "line 1: this is no list"},
		{"\"version\":1", "\"version\":2", "line 1: it is of a newer version"},
		{"\"vault\":\"00", "\"vault\":\"0", "line 1: a member"},
		{"\"views\":3", "\"views\":4", "cut short, or too long"},
		{"\"views\":3", "\"views\":2", "cut short, or too long"},
		{"\"views\":3", "\"views\":-1", "cut short, or too long"},
		{"\"views\":3", "\"views\":1e300", "line 1: a member"},
		{"\"prompt_wait\":60", "\"prompt_wait\":0", "line 1: a member"},
		{"\"prompt_wait\":60", "\"prompt_wait\":1e15", "line 1: a member"},
		{"\"unlock_on_open\":true", "\"unlock_on_open\":1", "line 1: a member"},
		{"[\"azion\",\"choreo\"]", "{}", "line 1: it does not say"},
		{"[\"azion\",\"choreo\"]", "[7]", "line 1: a service's name"},
		{"[\"azion\",\"choreo\"]", "[\"../azion\"]", "line 1: a service's name"},
		{"\".azion/", "\"/.azion/", "line 2: the path"},
		{"\".azion/", "\"../.azion/", "line 2: the path"},
		{"\".azion/", "\".azion/../../", "line 2: the path"},
		{"\".azion/", "\".azion//", "line 2: the path"},
		{"\".azion/", "\".azion/\\u001b[2J", "line 2: the path"},
		{"\".azion/", "\".azion/\\n", "line 2: the path"},
		{"\"choreo/default/token\"", "\"choreo/other/token\"", "line 4: the path"},
		{"\"choreo/default/token\"", "\"token\"", "line 4: the path"},
		{"\"label\":\"default\"", "\"label\":\"a/b\"", "line 2: a name"},
		{"\"label\":\"default\"", "\"label\":7", "line 2: a member"},
		{"\"file\":\"settings.toml\"", "\"file\":\"..\"", "line 2: a name"},
		{"\"entry\":\"00", "\"entry\":\"", "line 2: a name"},
		{"\"expiring\":\"\"", "\"expiring\":\"a b\"", "line 2: a name"},
		{"\"mode\":256", "\"mode\":511", "line 2: the mode"},
		{"\"mode\":256", "\"mode\":2304", "line 2: the mode"},
		{"\"mtime\":1700000000", "\"mtime\":-1", "line 2: a time"},
		{"\"expires\":0", "\"expires\":9e15", "line 2: a time"},
		{"\"size\":300", "\"size\":-1", "line 2: the size"},
		{"\"size\":300", "\"size\":9000000000", "line 2: the size"},
		{"\"size\":300", "\"size\":1.5", "line 2: the size"},
		{"\"denies\":false", "\"denies\":0", "line 2: a member"},
		{".azion/settings.toml", ".choreo/token", "line 3: the order"},
		{".azion/settings.toml", ".d/settings.toml", "line 3: the order"},
		{"{\"path\":\".choreo", "[\"path\",\".choreo", "line 3: it is damaged"},
		{"{\"path\":\".choreo", "\n{\"path\":\".choreo", "line 3: it is damaged"},
		{"\"is_alone\":true", "\"is_alone\":true,\"is_alone\":true",
		 "line 2: it is damaged"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		put_with(faults[i].from, faults[i].to);
		refuses(faults[i].why);
	}
}

static void test_cut(void **state)
{
	(void)state;
	for (size_t len = 0; len < strlen(good); len++) {
		put(good, len);
		refuses("");
	}
}

/* Whatever passes can be shown; the rest is refused, and nothing breaks. One bit of each byte; with TV_LONG all. */
static void test_flipped(void **state)
{
	const char *is_long = getenv("TV_LONG");
	const size_t step = is_long && *is_long ? 1 : 9;
	char text[sizeof good];

	(void)state;
	for (size_t i = 0; i < 8 * strlen(good); i += step) {
		struct tv_remembered r;
		struct tv_error err;
		enum tv_status status;

		memcpy(text, good, sizeof good);
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
		put(text, strlen(good));
		status = load(&r, &err);
		assert_true(!status || status == TV_LOCKED);
		for (size_t v = 0; v < r.views.count; v++)
			assert_true(tv_view_path_is_own(r.views.at[v].path));
		tv_remembered_free(&r);
	}
}

/* Too long for a line, though each of them is valid JSON; many lines; deep ones. */
static void test_large(void **state)
{
	char *text = malloc((size_t)1 << 20);
	int len;

	(void)state;
	assert_non_null(text);
	len = snprintf(text, (size_t)1 << 20, "{\"tokenvault\":\"%070000d\"}\n", 7);
	put(text, (size_t)len);
	refuses("line 1: it is damaged");
	memset(text, '[', 60000);
	text[60000] = '\n';
	put(text, 60001);
	refuses("line 1: it is damaged");
	free(text);
	put(good, strlen(good));
	assert_int_equal(truncate(path, (off_t)TV_REMEMBERED_MAX + 1), 0);
	refuses("is too large");
}

static void test_kinds(void **state)
{
	(void)state;
	unlink(path);
	refuses("run tokenvault mount once first");
	assert_int_equal(mkfifo(path, 0600), 0);
	refuses("is no plain file");
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	refuses("is no plain file");
	rmdir(path);
	assert_int_equal(symlink("/dev/zero", path), 0);
	refuses("is a link");
	unlink(path);
	put(good, strlen(good));
	assert_int_equal(chmod(path, 0620), 0);
	refuses("can be written by others");
	assert_int_equal(chmod(path, 0600), 0);
	if (!geteuid()) {
		assert_int_equal(chown(path, 1, 1), 0);
		refuses("can be written by others");
	}
	unlink(path);
}

static int set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct tv_error err;

	(void)state;
	snprintf(directory, sizeof directory, "%s/tv.XXXXXX", tmp ? tmp : "/tmp");
	if (tv_init(&err) || !mkdtemp(directory))
		return -1;
	snprintf(path, sizeof path, "%s/default.shown", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),  cmocka_unit_test(test_faults),
		cmocka_unit_test(test_cut),   cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_large), cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
