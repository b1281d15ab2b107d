/* Views: test_view VECTORS. Which files a document has, and their exact bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vault/vault.h"

static const char *vectors;
static struct tv_providers *providers;

static struct tv_doc *parse(const char *text, size_t len)
{
	struct tv_doc *doc = NULL;
	struct tv_error err = {0};

	if (tv_doc_parse(&doc, text, len, &err))
		fail_msg("%s", err.detail);
	return doc;
}

/* A document whose entries are the text; ids and times are left to it. */
static struct tv_doc *with_entries(const char *entries)
{
	char text[8192];

	snprintf(text, sizeof text, "{\"version\":1,\"entries\":[%s],\"keys\":[],\"lineage\":[]}",
		 entries);
	return parse(text, strlen(text));
}

/* One entry, with more members after its token. */
#define ENTRY(id, provider, label, token, more)                                                    \
	"{\"id\":\"000000000000000000000000000000" id "\",\"provider\":\"" provider                \
	"\",\"label\":\"" label "\",\"token\":\"" token "\"" more "}"
#define IN_USE ",\"in_use\":true"

static void read_file(struct tv_secret *out, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || tv_secret_read(out, fd, 1 << 20, path, NULL))
		fail_msg("%s can't be read", path);
	close(fd);
}

static struct tv_views list(const struct tv_doc *doc)
{
	struct tv_views views = {0};

	assert_int_equal(tv_views_list(&views, doc, providers, NULL), TV_OK);
	return views;
}

static const struct tv_view *find(const struct tv_views *views, const char *path)
{
	for (size_t i = 0; i < views->count; i++)
		if (!strcmp(views->at[i].path, path))
			return &views->at[i];
	return NULL;
}

static void check_bytes(const struct tv_view *view, const struct tv_doc *doc, const char *expected)
{
	tv_auto_secret out = {0};

	assert_non_null(view);
	assert_int_equal(tv_view_render(&out, view, doc, providers, 0, NULL), TV_OK);
	assert_string_equal(tv_secret_text(&out), expected);
}

static size_t files_counted;

static int count_file(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)path, (void)st, (void)at;
	files_counted += flag == FTW_F;
	return 0;
}

static void check_vector(const char *dir)
{
	tv_auto_secret text = {0};
	struct tv_views views;
	struct tv_doc *doc;
	char path[1024];

	snprintf(path, sizeof path, "%s/document.json", dir);
	read_file(&text, path);
	doc = parse(tv_secret_text(&text), text.len);
	views = list(doc);
	for (size_t i = 0; i < views.count; i++) {
		tv_auto_secret expected = {0};

		snprintf(path, sizeof path, "%s/%s/%s", dir, views.at[i].in_place ? "home" : "tree",
			 views.at[i].path);
		read_file(&expected, path);
		check_bytes(&views.at[i], doc, tv_secret_text(&expected));
	}
	files_counted = 0;
	assert_int_equal(nftw(dir, count_file, 8, FTW_PHYS), 0);
	assert_int_equal(files_counted, views.count + 1);
	tv_views_free(&views);
	tv_doc_free(doc);
}

static void renders_every_vector(void **state)
{
	DIR *dir = opendir(vectors);
	const struct dirent *d;
	size_t n = 0;

	(void)state;
	assert_non_null(dir);
	while ((d = readdir(dir))) {
		char path[512];

		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", vectors, d->d_name);
		check_vector(path);
		n++;
	}
	closedir(dir);
	assert_true(n >= tv_providers_count(providers));
}

static void every_service_has_a_vector(void **state)
{
	(void)state;
	for (size_t i = 0; i < tv_providers_count(providers); i++) {
		const char *name = tv_providers_at(providers, i)->name;
		char path[512];

		snprintf(path, sizeof path, "%s/%s/document.json", vectors, name);
		if (access(path, R_OK))
			fail_msg("%s has no vector", name);
	}
}

/* The fields without which an entry of the service is of no use. */
static void put_required(char *out, size_t size, const struct tv_provider *p, const char *value)
{
	size_t n = (size_t)snprintf(out, size, ",\"fields\":{");

	for (size_t i = 0; i < p->n_fields; i++)
		if (p->fields[i].required)
			n += (size_t)snprintf(out + n, size - n, "%s\"%s\":\"%s\"",
					      out[n - 1] == '{' ? "" : ",", p->fields[i].name,
					      value);
	snprintf(out + n, size - n, "}");
}

/* What must hold of every service, also of those to come. */
static void check_contract(const struct tv_provider *p)
{
	char entries[1024], one[256], two[256];
	struct tv_views views;
	struct tv_doc *doc;
	size_t with_token = 0;

	put_required(one, sizeof one, p, "one.example");
	put_required(two, sizeof two, p, "two.example");
	snprintf(entries, sizeof entries,
		 ENTRY("01", "%s", "one", "tok-one", ",\"updated\":5" IN_USE "%s") "," ENTRY(
			 "02", "%s", "two", "tok-two", ",\"updated\":7%s"),
		 p->name, one, p->name, two);
	doc = with_entries(entries);
	views = list(doc);
	for (size_t i = 0; i < views.count; i++) {
		tv_auto_secret out = {0};

		assert_int_equal(tv_view_render(&out, &views.at[i], doc, providers, 0, NULL),
				 TV_OK);
		assert_true(out.len > 0);
		assert_true(views.at[i].mtime == 5 || views.at[i].mtime == 7);
		/* As it is, or after one.example: in base64. */
		with_token += strstr(tv_secret_text(&out), "tok-one") ||
			      strstr(tv_secret_text(&out), "b25lLmV4YW1wbGU6dG9rLW9uZQ==");
	}
	assert_true(with_token > 0);
	tv_views_free(&views);
	tv_doc_free(doc);
}

static void every_service_keeps_the_contract(void **state)
{
	(void)state;
	for (size_t i = 0; i < tv_providers_count(providers); i++)
		check_contract(tv_providers_at(providers, i));
}

static void lists_in_order_without_removed_ones(void **state)
{
	struct tv_doc *doc = with_entries(ENTRY("01", "choreo", "b", "t1", "") "," ENTRY(
		"02", "choreo", "a", "t2",
		IN_USE) "," ENTRY("03", "choreo", "c", "t3",
				  ",\"removed\":9") "," ENTRY("04", "unheard-of", "c", "t4",
							      IN_USE));
	static const char *const paths[] = {".choreo/config.toml",  ".choreo/token",
					    "choreo/a/config.toml", "choreo/a/token",
					    "choreo/b/config.toml", "choreo/b/token"};
	struct tv_views views = list(doc);

	(void)state;
	assert_int_equal(views.count, sizeof paths / sizeof *paths);
	for (size_t i = 0; i < views.count; i++) {
		assert_string_equal(views.at[i].path, paths[i]);
		assert_int_equal(views.at[i].in_place, i < 2);
	}
	assert_string_equal(views.at[0].label, "a");
	assert_string_equal(views.at[0].file, "config.toml");
	assert_string_equal(views.at[0].entry, "00000000000000000000000000000002");
	tv_views_free(&views);
	tv_doc_free(doc);
}

/* The config of all profiles changes with each, and when one is removed. */
static void mtime_is_the_last_change(void **state)
{
	struct tv_doc *doc =
		with_entries(ENTRY("01", "api7", "a", "t", ",\"updated\":5" IN_USE) "," ENTRY(
			"02", "api7", "b", "t",
			",\"updated\":7") "," ENTRY("03", "api7", "c", "t",
						    ",\"updated\":3,\"removed\":9"));
	struct tv_views views = list(doc);

	(void)state;
	assert_int_equal(find(&views, ".api7cloud/config")->mtime, 9);
	assert_int_equal(find(&views, ".api7cloud/credentials")->mtime, 5);
	assert_int_equal(find(&views, "api7/b/config")->mtime, 7);
	tv_views_free(&views);
	tv_doc_free(doc);
}

/* A view outlives changes: it shows what is there now, and says so when nothing is. */
static void follows_the_document(void **state)
{
	static const char one[] = ENTRY("01", "choreo", "a", "t1", IN_USE);
	static const char two[] =
		ENTRY("01", "choreo", "a", "t9", "") "," ENTRY("02", "choreo", "b", "t2", IN_USE);
	struct tv_doc *before = with_entries(one);
	struct tv_doc *after = with_entries(two);
	struct tv_doc *none = with_entries("");
	struct tv_views views = list(before);
	const struct tv_view *in_place = find(&views, ".choreo/token");
	const struct tv_view *in_tree = find(&views, "choreo/a/token");
	tv_auto_secret out = {0};

	(void)state;
	check_bytes(in_place, before, "t1\n");
	check_bytes(in_place, after, "t2\n");
	check_bytes(in_tree, after, "t9\n");
	assert_int_equal(tv_view_render(&out, in_place, none, providers, 0, NULL), TV_NO_ENTRY);
	assert_int_equal(tv_view_render(&out, in_tree, none, providers, 0, NULL), TV_NO_ENTRY);
	assert_int_equal(out.len, 0);
	tv_views_free(&views);
	tv_doc_free(before);
	tv_doc_free(after);
	tv_doc_free(none);
}

/* A label that is another file's name would make a directory of it: the file keeps its place. */
static void paths_never_collide(void **state)
{
	struct tv_doc *doc = with_entries(ENTRY("01", "azion", "profiles.json", "t1",
						IN_USE) "," ENTRY("02", "azion", "x", "t2", ""));
	struct tv_views views = list(doc);

	(void)state;
	check_bytes(find(&views, ".azion/profiles.json"), doc, "Name = 'profiles.json'\n");
	assert_false(find(&views, ".azion/profiles.json")->clashes);
	assert_true(find(&views, ".azion/profiles.json/settings.toml")->clashes);
	assert_non_null(find(&views, ".azion/x/settings.toml"));
	assert_non_null(find(&views, "azion/profiles.json/settings.toml"));
	tv_views_free(&views);
	tv_doc_free(doc);
}

static void write_definition(const char *dir, const char *name, const char *path)
{
	char text[512];
	char file[256];
	int fd;

	snprintf(file, sizeof file, "%s/%s.json", dir, name);
	snprintf(text, sizeof text,
		 "{\"name\":\"%s\",\"title\":\"t\",\"files\":[{\"name\":\"f\",\"path\":\"%s\","
		 "\"shows\":\"%s\",\"escape\":\"none\",\"template\":\"{{token}}\",\"mode\":"
		 "\"0600\"}]}",
		 name, path, strstr(path, "{{") ? "each" : "in-use");
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static const char *const rivals[][2] = {
	{"ba", "x/y"}, {"bb", "x/y"}, {"bc", "x"}, {"bd", "x/y/z"}, {"be", "x/q/{{label}}"},
};

#define RIVALS (sizeof rivals / sizeof *rivals)

/* Loads the rivals' definitions, and makes a document with an entry of each. */
static struct tv_doc *set_up_rivals(struct tv_providers **loaded)
{
	char dir[] = "/tmp/tv.views.XXXXXX";
	char entries[2048] = "";
	char file[256];

	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < RIVALS; i++) {
		const size_t n = strlen(entries);

		write_definition(dir, rivals[i][0], rivals[i][1]);
		snprintf(entries + n, sizeof entries - n,
			 "%s" ENTRY("0%zu", "%s", "...", "%s", IN_USE), n ? "," : "", i,
			 rivals[i][0], rivals[i][0]);
	}
	assert_int_equal(tv_providers_load(loaded, dir, NULL, NULL), TV_OK);
	for (size_t i = 0; i < RIVALS; i++) {
		snprintf(file, sizeof file, "%s/%s.json", dir, rivals[i][0]);
		unlink(file);
	}
	rmdir(dir);
	return with_entries(entries);
}

/* Of two services at one path, or at one and below it, the first by name has it. */
static void services_never_collide(void **state)
{
	struct tv_providers *builtin = providers;
	struct tv_doc *doc = set_up_rivals(&providers);
	struct tv_views views = list(doc);
	size_t in_place = 0;

	(void)state;
	for (size_t i = 0; i < views.count; i++)
		in_place += views.at[i].in_place && !views.at[i].clashes;
	assert_int_equal(in_place, 2);
	check_bytes(find(&views, "x/y"), doc, "ba");
	check_bytes(find(&views, "x/q/..."), doc, "be");
	assert_int_equal(find(&views, "x/y")->mode, 0600);
	tv_views_free(&views);
	tv_doc_free(doc);
	tv_providers_free(providers);
	providers = builtin;
}

/* Where the keeper mounts for a server that may have been taken over. */
static void knows_its_places(void **state)
{
	static const char *const places[] = {".azion/work/settings.toml",
					     ".azion/a.b_c-d/settings.toml",
					     ".azion/profiles.json",
					     ".azion/vulcan.env",
					     ".choreo/token",
					     ".api7cloud/config"};
	static const char *const others[] = {".bash_profile",
					     ".ssh/rc",
					     "",
					     ".azion",
					     ".azion/",
					     ".azion//settings.toml",
					     ".azion/../settings.toml",
					     ".azion/a/b/settings.toml",
					     ".azion/a b/settings.toml",
					     ".azion/work/settings.toml/x",
					     "/.choreo/token",
					     ".choreo/tokens",
					     ".choreo/./token"};

	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		assert_true(tv_view_is_place(places[i], providers));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(tv_view_is_place(others[i], providers));
}

static void leaves_nothing_in_the_arena(void **state)
{
	const size_t before = tv_arena_in_use();
	struct tv_doc *doc = with_entries(ENTRY("01", "api7", "a", "t1", IN_USE));
	struct tv_views views = list(doc);

	(void)state;
	check_bytes(find(&views, ".api7cloud/credentials"), doc, "user:\n    access_token: t1\n");
	tv_doc_free(doc);
	assert_int_equal(tv_arena_in_use(), before);
	tv_views_free(&views);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renders_every_vector),
		cmocka_unit_test(every_service_has_a_vector),
		cmocka_unit_test(every_service_keeps_the_contract),
		cmocka_unit_test(lists_in_order_without_removed_ones),
		cmocka_unit_test(mtime_is_the_last_change),
		cmocka_unit_test(follows_the_document),
		cmocka_unit_test(paths_never_collide),
		cmocka_unit_test(services_never_collide),
		cmocka_unit_test(knows_its_places),
		cmocka_unit_test(leaves_nothing_in_the_arena),
	};
	int failed;

	if (argc != 2 || tv_init(NULL) || tv_providers_load(&providers, NULL, NULL, NULL))
		return 2;
	vectors = argv[1];
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	tv_providers_free(providers);
	return failed;
}
