/* Definitions: those compiled in are sound, wrong ones are refused with file, line and key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/vault.h"

/* A whole definition, a member a line; tests replace one line of it. */
static const char *const sound[] = {
	"{",							   /* 1 */
	"\"name\": \"toy\",",					   /* 2 */
	"\"title\": \"A toy, with { and [ in its name\",",	   /* 3 */
	"\"console\": \"https://toy.example\",",		   /* 4 */
	"\"token\": {\"shape\": \"jwt\"},",			   /* 5 */
	"\"fields\": {\"host\": {\"value\": \"h\",",		   /* 6 */
	"  \"about\": \"a \\\" and a [\"}},",			   /* 7 */
	"\"files\": [{\"name\": \"one\", \"path\": \".toy/one\",", /* 8 */
	"  \"shows\": \"all\",",				   /* 9 */
	"  \"escape\": \"yaml\",",				   /* 10 */
	"  \"template\": [",					   /* 11 */
	"    \"a: {{host}}\",",					   /* 12 */
	"    \"{{#entries}}{{token}}{{in_use}}{{/entries}}\"]},",  /* 13 */
	" {\"name\": \"two\", \"shows\": \"each\",",		   /* 14 */
	"  \"path\": \".toy/{{label}}/x\",",			   /* 15 */
	"  \"mode\": \"0600\",",				   /* 16 */
	"  \"on\": false, \"versions\": \"2 and later\",",	   /* 17 */
	"  \"escape\": \"none\", \"template\": \"{{token}}\"}]",   /* 18 */
	"}",							   /* 19 */
};

#define LINES (sizeof sound / sizeof *sound)

/* The definition with line n (from 1; 0: none) replaced. */
static void write_toy(struct tv_bytes *out, size_t n, const char *line)
{
	for (size_t i = 0; i < LINES; i++) {
		const char *text = i + 1 == n ? line : sound[i];

		tv_bytes_append(out, text, strlen(text));
		tv_bytes_append(out, "\n", 1);
	}
	assert_int_equal(tv_bytes_check(out, NULL), TV_OK);
}

static enum tv_status parse_toy(struct tv_provider **out, size_t n, const char *line,
				struct tv_error *err)
{
	tv_auto_bytes text = {0};

	write_toy(&text, n, line);
	return tv_provider_parse(out, (const char *)text.data, text.len, "/x/toy.json", err);
}

static void reads_a_definition(void **state)
{
	struct tv_provider *p = NULL;
	tv_auto_bytes text = {0};
	const size_t before = tv_arena_in_use();

	(void)state;
	assert_int_equal(parse_toy(&p, 0, NULL, NULL), TV_OK);
	write_toy(&text, 0, NULL);
	assert_int_equal(strlen(p->source), text.len);
	assert_memory_equal(p->source, text.data, text.len);
	assert_string_equal(p->name, "toy");
	assert_string_equal(p->console, "https://toy.example");
	assert_string_equal(p->token_shape, "jwt");
	assert_false(p->builtin);
	assert_int_equal(p->n_fields, 1);
	assert_string_equal(p->fields[0].name, "host");
	assert_string_equal(p->fields[0].value, "h");
	assert_string_equal(p->fields[0].about, "a \" and a [");
	assert_int_equal(p->n_files, 2);
	assert_string_equal(p->files[0].text,
			    "a: {{host}}\n{{#entries}}{{token}}{{in_use}}{{/entries}}\n");
	assert_int_equal(p->files[0].shows, TV_SHOWS_ALL);
	assert_int_equal(p->files[0].mode, 0400);
	assert_true(p->files[0].on);
	assert_null(p->files[0].versions);
	assert_ptr_equal(p->files[0].escape, tv_escape_by_name("yaml"));
	assert_string_equal(p->files[1].text, "{{token}}");
	assert_string_equal(p->files[1].path, ".toy/{{label}}/x");
	assert_int_equal(p->files[1].shows, TV_SHOWS_EACH);
	assert_int_equal(p->files[1].mode, 0600);
	assert_false(p->files[1].on);
	assert_string_equal(p->files[1].versions, "2 and later");
	assert_int_equal(tv_arena_in_use(), before);
	tv_provider_free(p);
}

/* Line n replaced, and where the error is said to be. */
static const struct {
	size_t n;
	const char *line;
	const char *at; /* what the error begins with, after the file's name */
} wrong[] = {
	{2, "\"name\": \"toys\",", ":2: name: the file's name"},
	{2, "\"name\": \"Toy\",", ":2: name: 1 to 32"},
	{2, "\"name\": 7,", ":2: name: a text"},
	{2, "", ":1: member \"name\""},
	{3, "", ":1: member \"title\""},
	{3, "\"title\": \"a\\nb\",", ":3: title: a text"},
	{3, "\"titel\": \"x\",", ":3: titel: no such member; one of name, title"},
	{3, "\"\\u001b[2J\": \"x\",", ":3: ?[2J: no such member"},
	{3, "\"title\": \"a\", \"title\": \"b\",", ":3: JSON member occurs twice: title"},
	{3, "\"title\" \"a\",", ":3: not JSON"},
	{4, "\"console\": null,", ":4: console: a text"},
	{5, "\"token\": {\"shape\": \"jwe\"},", ":5: token.shape: \"jwt\""},
	{5, "\"token\": {\"form\": \"jwt\"},", ":5: token.form: no such member"},
	{5, "\"token\": [],", ":5: token: an object"},
	{6, "\"fields\": {\"Host\": {", ":6: fields.Host: a name"},
	{6, "\"fields\": {\"token\": {", ":6: fields.token: a name"},
	{6, "\"fields\": {\"in_use\": {", ":6: fields.in_use: a name"},
	{6, "\"fields\": {\"host\": {\"value\": 1,", ":6: fields.host.value: a text"},
	{7, "\"abut\": \"\"}},", ":7: fields.host.abut: no such member"},
	{7, "\"value2\": \"\"}},", ":7: fields.host.value2: no such member"},
	{8, "\"files\": [{\"path\": \".toy/one\",", ":8: files[0]: member \"name\""},
	{8, "\"files\": [{\"name\": \"a/b\", \"path\": \".toy/one\",",
	 ":8: files[0].name: 1 to 64"},
	{8, "\"files\": [{\"name\": \"..\", \"path\": \".toy/one\",", ":8: files[0].name: 1 to 64"},
	{8, "\"files\": [{\"name\": \"one\", \"path\": \"/toy\",", ":8: files[0].path: a path"},
	{8, "\"files\": [{\"name\": \"one\", \"path\": \"\",", ":8: files[0].path: a path"},
	{8, "\"files\": [{\"name\": \"one\", \"path\": \"..\",", ":8: files[0].path: a path"},
	{8, "\"files\": [{\"name\": \"one\", \"path\": \"a/../b\",", ":8: files[0].path: a path"},
	{8, "\"files\": [{\"name\": \"one\", \"path\": \"./b\",", ":8: files[0].path: a path"},
	{8, "\"files\": [{\"name\": \"one\", \"path\": \"a//b\",", ":8: files[0].path: a path"},
	{8, "\"files\": [{\"name\": \"one\", \"path\": \"a/\",", ":8: files[0].path: a path"},
	{8, "\"files\": [{\"name\": \"one\", \"path\": \"{{x}}\",", ":8: files[0].path: a path"},
	{8, "\"files\": [{\"name\": \"one\", \"path\": \".config/tokenvault/paths\",",
	 ":8: files[0].path: a path outside"},
	{8, "\"files\": [{\"name\": \"one\", \"path\": \".config/{{label}}/paths\",",
	 ":8: files[0].path: a path outside"},
	{8, "\"files\": [{\"name\": \"one\", \"path\": \"{{label}}\",",
	 ":8: files[0].path: no {{label}}"},
	{9, "\"shows\": \"one\",", ":9: files[0].shows: \"each\""},
	{9, "\"shows\": \"in-use\",", ":13: files[0].template[1]: line 2: entries: a built-in"},
	{10, "\"escape\": \"html\",", ":10: files[0].escape: yaml,"},
	{10, "\"escape\": \"\",", ":10: files[0].escape: yaml,"},
	{10, "", ":8: files[0]: member \"escape\""},
	{12, "\"a: {{hots}}\",", ":12: files[0].template[0]: line 1: hots: a built-in"},
	{12, "\"{{#host}}\",", ":12: files[0].template[0]: line 1: host: the section"},
	{12, "\"{{>host}}\",", ":12: files[0].template[0]: line 1: >host"},
	{12, "\"a\\nb\",", ":12: files[0].template[0]: a text without"},
	{12, "7,", ":12: files[0].template[0]: a text without"},
	{13, "\"{{#entries}}\"]},", ":13: files[0].template[1]: line 2: entries: the section"},
	{14, "{\"name\": \"one\", \"shows\": \"each\",", ":14: files[1].name: one that no other"},
	{14, "{\"name\": \"two\", \"shows\": \"all\",", ":15: files[1].path: no {{label}}"},
	{15, "\"path\": \".toy/x\",", ":15: files[1].path: {{label}} expected"},
	{16, "\"mode\": \"0644\",", ":16: files[1].mode: \"0400\" or \"0600\" expected"},
	{16, "\"mode\": 400,", ":16: files[1].mode: a text"},
	{17, "\"on\": \"no\", \"versions\": \"\",", ":17: files[1].on: true or false"},
	{18, "\"escape\": \"none\", \"template\": \"\"}]", ":18: files[1].template: a template"},
	{18, "\"escape\": \"none\", \"template\": {}}]", ":18: files[1].template: a text or"},
	{18, "\"escape\": \"none\", \"template\": []}]", ":18: files[1].template: a template"},
	{18, "\"escape\": \"none\",\n \"template\": \"a\\n{{b}}\"}]",
	 ":19: files[1].template: line 2: b: a built-in"},
	{19, "} x", ":19: not JSON"},
};

static void refuses_wrong_definitions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct tv_error err = {0};
		struct tv_provider *p = NULL;

		if (parse_toy(&p, wrong[i].n, wrong[i].line, &err) != TV_BAD_DEFINITION || p ||
		    strncmp(err.detail, "/x/toy.json", 11) != 0 ||
		    strncmp(err.detail + 11, wrong[i].at, strlen(wrong[i].at)) != 0)
			fail_msg("%s: %s", wrong[i].line, err.detail);
	}
}

static void refuses_other_texts(void **state)
{
	static const char *const texts[] = {"",
					    "[]",
					    "7",
					    "null",
					    "{}",
					    "{\"name\": \"toy\"}",
					    "{\"name\":\"toy\",\"title\":\"t\",\"files\":[]}",
					    "{\"name\":\"toy\",\"title\":\"t\",\"files\":[7]}"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(
			tv_provider_parse(NULL, texts[i], strlen(texts[i]), "toy.json", NULL),
			TV_BAD_DEFINITION);
}

static void wants_the_files_name(void **state)
{
	static const char *const files[] = {"toy",	   "tox.json",	 "toy.txt",	"toys.json",
					    "x/atoy.json", "toy.json/x", "toy.json.bak"};
	tv_auto_bytes text = {0};

	(void)state;
	write_toy(&text, 0, NULL);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		assert_int_equal(
			tv_provider_parse(NULL, (const char *)text.data, text.len, files[i], NULL),
			TV_BAD_DEFINITION);
	assert_int_equal(
		tv_provider_parse(NULL, (const char *)text.data, text.len, "toy.json", NULL),
		TV_OK);
}

/* A name may have 255 bytes on the disk. */
static void refuses_a_long_name(void **state)
{
	char line[400];

	(void)state;
	snprintf(line, sizeof line, "\"path\": \"{{label}}/%0255d\",", 0);
	assert_int_equal(parse_toy(NULL, 15, line, NULL), TV_OK);
	snprintf(line, sizeof line, "\"path\": \"{{label}}/%0256d\",", 0);
	assert_int_equal(parse_toy(NULL, 15, line, NULL), TV_BAD_DEFINITION);
}

/* Two files at one path can't both be there. */
static void refuses_a_path_twice(void **state)
{
	static const char file[] = "{\"name\":\"%s\",\"path\":\"p\",\"shows\":\"in-use\","
				   "\"escape\":\"none\",\"template\":\"t\"}";
	struct tv_error err = {0};
	char text[512];
	char one[160];
	char two[160];

	(void)state;
	snprintf(one, sizeof one, file, "a");
	snprintf(two, sizeof two, file, "b");
	snprintf(text, sizeof text, "{\"name\":\"toy\",\"title\":\"t\",\"files\":[%s,\n%s]}", one,
		 two);
	assert_int_equal(tv_provider_parse(NULL, text, strlen(text), "toy.json", &err),
			 TV_BAD_DEFINITION);
	assert_string_equal(err.detail,
			    "toy.json:2: files[1].path: one that no other file has expected");
}

static void has_the_builtin_ones(void **state)
{
	static const char *const names[] = {"api7", "azion", "choreo"};
	tv_auto_providers *all = NULL;
	struct tv_error skipped = {"x"};

	(void)state;
	assert_int_equal(tv_providers_load(&all, "/nonexistent", &skipped, NULL), TV_OK);
	assert_string_equal(skipped.detail, "");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct tv_provider *p = tv_providers_find(all, names[i]);

		assert_non_null(p);
		assert_true(p->builtin);
		assert_non_null(p->console);
	}
	for (size_t i = 1; i < tv_providers_count(all); i++)
		assert_true(strcmp(tv_providers_at(all, i - 1)->name,
				   tv_providers_at(all, i)->name) < 0);
}

static void write_file(const char *dir, const char *name, const void *data, size_t len)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	close(fd);
}

static void remove_files(const char *dir, const char *const *names)
{
	char path[256];

	for (; *names; names++) {
		snprintf(path, sizeof path, "%s/%s", dir, *names);
		unlink(path);
	}
	rmdir(dir);
}

/* Good ones are taken, also in place of a built-in one; wrong ones are left out and told. */
static void loads_the_users_own(void **state)
{
	static const char azion[] =
		"{\"name\":\"azion\",\"title\":\"mine\",\"files\":[{\"name\":\"a\","
		"\"path\":\"p\",\"shows\":\"in-use\",\"escape\":\"none\","
		"\"template\":\"t\"}]}";
	static const char *const names[] = {"toy.json",	 "azion.json", "broken.json",
					    "notes.txt", ".x.json",    NULL};
	char dir[] = "/tmp/tv.providers.XXXXXX";
	tv_auto_providers *all = NULL;
	tv_auto_providers *builtin = NULL;
	struct tv_error skipped = {0};
	tv_auto_bytes toy = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	write_toy(&toy, 0, NULL);
	write_file(dir, "toy.json", toy.data, toy.len);
	write_file(dir, "azion.json", azion, strlen(azion));
	write_file(dir, "broken.json", "{\n}", 3);
	write_file(dir, "notes.txt", "x", 1);
	write_file(dir, ".x.json", "x", 1);
	assert_int_equal(tv_providers_load(&all, dir, &skipped, NULL), TV_OK);
	remove_files(dir, names);
	assert_non_null(strstr(skipped.detail, "/broken.json:1: member \"name\" expected"));
	assert_string_equal(tv_providers_find(all, "azion")->title, "mine");
	assert_false(tv_providers_find(all, "azion")->builtin);
	assert_non_null(tv_providers_find(all, "toy"));
	assert_int_equal(tv_providers_load(&builtin, NULL, NULL, NULL), TV_OK);
	assert_int_equal(tv_providers_count(all), tv_providers_count(builtin) + 1);
}

/* A pipe would have to be waited for, or be read in another's place. */
static void reads_no_pipe(void **state)
{
	static const char *const names[] = {"pipe.json", NULL};
	char dir[] = "/tmp/tv.providers.XXXXXX";
	tv_auto_providers *all = NULL;
	struct tv_error skipped = {0};
	char path[256];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/pipe.json", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(tv_providers_load(&all, dir, &skipped, NULL), TV_OK);
	remove_files(dir, names);
	assert_non_null(strstr(skipped.detail, "/pipe.json: no regular file"));
}

static void names_the_nearest(void **state)
{
	tv_auto_providers *all = NULL;
	const struct tv_provider *p = NULL;
	struct tv_error err = {0};

	(void)state;
	assert_int_equal(tv_providers_load(&all, NULL, NULL, NULL), TV_OK);
	assert_int_equal(tv_providers_require(&p, all, "choreo", NULL), TV_OK);
	assert_string_equal(p->name, "choreo");
	assert_int_equal(tv_providers_require(&p, all, "chroeo", &err), TV_NO_PROVIDER);
	assert_string_equal(err.detail, "chroeo; did you mean choreo?");
	assert_int_equal(tv_providers_require(&p, all, "frobnicate", &err), TV_NO_PROVIDER);
	assert_non_null(strstr(err.detail, "azion"));
}

static const char *word(const void *arg, size_t i)
{
	return ((const char *const *)arg)[i];
}

static void finds_the_nearest_word(void **state)
{
	static const char *const words[] = {"add",     "list", "lock", "unlock",
					    "unmount", "use",  NULL};

	(void)state;
	assert_string_equal(tv_nearest("lits", word, words), "list");
	assert_string_equal(tv_nearest("lok", word, words), "lock");
	assert_string_equal(tv_nearest("unlok", word, words), "unlock");
	assert_string_equal(tv_nearest("umount", word, words), "unmount");
	assert_string_equal(tv_nearest("ad", word, words), "add");
	assert_null(tv_nearest("frobnicate", word, words));
	assert_null(tv_nearest("", word, words));
	assert_null(tv_nearest("ls", word, (const char *const[]){"use", NULL}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_definition),
		cmocka_unit_test(refuses_wrong_definitions),
		cmocka_unit_test(refuses_other_texts),
		cmocka_unit_test(wants_the_files_name),
		cmocka_unit_test(refuses_a_long_name),
		cmocka_unit_test(refuses_a_path_twice),
		cmocka_unit_test(has_the_builtin_ones),
		cmocka_unit_test(loads_the_users_own),
		cmocka_unit_test(reads_no_pipe),
		cmocka_unit_test(names_the_nearest),
		cmocka_unit_test(finds_the_nearest_word),
	};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
