/* A list of files that was made with the help of the one before is the list that would be made without. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

#define STEPS 8000

static struct tv_providers *providers;

/* Files of each kind; of two services, the second of which wants a field. */
#define FILES                                                                                      \
	"\"files\":[{\"name\":\"each\",\"path\":\"%s/e/{{label}}\",\"shows\":\"each\","            \
	"\"escape\":\"none\",\"template\":\"{{token}}\"},"                                         \
	"{\"name\":\"one\",\"path\":\"%s/one\",\"shows\":\"in-use\",\"escape\":\"none\","          \
	"\"template\":\"{{token}}\"},"                                                             \
	"{\"name\":\"all\",\"path\":\"%s/all\",\"shows\":\"all\",\"escape\":\"none\","             \
	"\"template\":\"{{#entries}}{{token}}{{/entries}}\"},"                                     \
	"{\"name\":\"hosts\",\"path\":\"%s/hosts\",\"shows\":\"all\",\"unique\":\"host\","         \
	"\"escape\":\"none\",\"template\":\"{{#entries}}{{host}}={{token}} {{/entries}}\"}]}"

static const struct {
	const char *name, *more;
} services[] = {
	{"x", "\"fields\":{\"host\":{\"value\":\"h\",\"about\":\"a\"}}"},
	{"y", "\"fields\":{\"host\":{\"required\":true,\"about\":\"a\"}}"},
};

static void write_definition(const char *dir, const char *name, const char *more)
{
	char path[64], text[2048];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s.json", dir, name);
	snprintf(text, sizeof text, "{\"name\":\"%s\",\"title\":\"t\",%s," FILES, name, more, name,
		 name, name, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

static int load(void **state)
{
	char dir[] = "/tmp/tv.before.XXXXXX", path[64];
	struct tv_error skipped = {""};

	(void)state;
	assert_ok(tv_init(NULL));
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < 2; i++)
		write_definition(dir, services[i].name, services[i].more);
	assert_ok(tv_providers_load(&providers, dir, &skipped, NULL));
	assert_string_equal(skipped.detail, "");
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s.json", dir, services[i].name);
		unlink(path);
	}
	return rmdir(dir);
}

static int unload(void **state)
{
	(void)state;
	tv_providers_free(providers);
	return 0;
}

static const struct tv_view *view_of(const void *list, size_t i)
{
	return &((const struct tv_views *)list)->at[i];
}

static void same_text(const char *a, const char *b)
{
	if (!a || !b)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void same_views(const struct tv_views *a, const struct tv_views *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct tv_view *x = &a->at[i], *y = &b->at[i];

		assert_string_equal(x->path, y->path);
		assert_string_equal(x->provider, y->provider);
		assert_string_equal(x->label, y->label);
		assert_string_equal(x->file, y->file);
		assert_string_equal(x->entry, y->entry);
		same_text(x->other, y->other);
		assert_int_equal(x->in_place, y->in_place);
		assert_int_equal(x->is_own, y->is_own);
		assert_int_equal(x->is_alone, y->is_alone);
		assert_int_equal(x->clashes, y->clashes);
		assert_int_equal(x->mode, y->mode);
		assert_int_equal(x->mtime, y->mtime);
		assert_int_equal(x->expires, y->expires);
		assert_int_equal(x->denies, y->denies);
		assert_ptr_equal(x->source, y->source);
		assert_int_equal(!x->sources, !y->sources);
		assert_int_equal(x->n_sources, y->n_sources);
		for (size_t s = 0; s < x->n_sources; s++)
			assert_ptr_equal(x->sources[s], y->sources[s]);
	}
}

/* Some edit; false: the vault refuses it. */
static bool edit(struct tv_vault *vault)
{
	static const struct {
		enum tv_agent_message message;
		const char *more;
	} kinds[] = {
		{TV_AGENT_add, ",'token':'t','fields':{'host':'h%d'}"},
		{TV_AGENT_add, ",'token':'t','expires':17000%d,'deny':true"},
		{TV_AGENT_set, ",'token':'t%d'"},
		{TV_AGENT_set, ",'fields':{'host':'h%d'}"},
		{TV_AGENT_set, ",'expires':17000%d"},
		{TV_AGENT_set, ",'new_label':'l%d'"},
		{TV_AGENT_set, ",'fields':{'host':null}"},
		{TV_AGENT_remove, ""},
		{TV_AGENT_remove, ""},
		{TV_AGENT_forget, ""},
		{TV_AGENT_forget, ""},
		{TV_AGENT_undo, ""},
		{TV_AGENT_use, ""},
		{TV_AGENT_view, ",'file':'all','on':false"},
		{TV_AGENT_view, ",'file':'all','on':true"},
		{TV_AGENT_view, ",'file':'hosts','on':false"},
		{TV_AGENT_view, ",'file':'hosts','on':true"},
		{TV_AGENT_view, ",'file':'each','on':false"},
		{TV_AGENT_path, ",'file':'all','path':'own/%d','on':true"},
		{TV_AGENT_path, ",'file':'hosts','path':'own','on':true"},
		{TV_AGENT_path, ",'file':'one','path':'x/all','on':true"},
		{TV_AGENT_path, ",'file':'all','path':'own/%d','on':false"},
		{TV_AGENT_path, ",'file':'hosts','path':'own','on':false"},
	};
	const size_t kind = (size_t)random() % (sizeof kinds / sizeof *kinds);
	char more[128], label[32], text[256];

	snprintf(more, sizeof more, kinds[kind].more, (int)(random() % 8) + 10);
	snprintf(label, sizeof label, ",'label':'l%d'", (int)(random() % 4) + 10);
	/* Some of these are of the file, and not of an entry in it. */
	if ((kinds[kind].message == TV_AGENT_view || kinds[kind].message == TV_AGENT_path) &&
	    random() % 2)
		*label = '\0';
	snprintf(text, sizeof text, "{'provider':'%s'%s%s}", services[random() % 2].name, label,
		 more);
	return !fixture_edit(NULL, vault, kinds[kind].message, text);
}

static size_t made;

/* As the server does it: an edit is made of a copy, which shares what has not changed. */
static void step(struct tv_vault **vault, struct tv_views *views)
{
	const struct tv_views_before before = {
		.doc = tv_vault_doc(*vault), .at = view_of, .list = views, .count = views->count};
	struct tv_views with = {0}, without = {0};
	struct tv_vault *copy = NULL;
	tv_auto_bytes file = {0};

	fixture_seal(&file, *vault);
	assert_ok(tv_vault_reopen(&copy, &file, *vault, NULL, NULL));
	if (!edit(copy)) {
		tv_vault_free(copy);
		return;
	}
	made++;
	assert_ok(tv_views_in_place(&with, &before, tv_vault_doc(copy), providers, NULL));
	assert_ok(tv_views_in_place(&without, NULL, tv_vault_doc(copy), providers, NULL));
	same_views(&with, &without);
	tv_views_free(&without);
	tv_views_free(views);
	*views = with;
	tv_vault_free(*vault);
	*vault = copy;
}

static void is_the_same_list(void **state)
{
	struct tv_vault *vault = fixture_vault("t");
	struct tv_views views = {0};

	(void)state;
	srandom(1);
	assert_ok(tv_views_in_place(&views, NULL, tv_vault_doc(vault), providers, NULL));
	for (size_t i = 0; i < STEPS; i++)
		step(&vault, &views);
	assert_true(made > STEPS / 4);
	assert_true(views.count > 10);
	tv_views_free(&views);
	tv_vault_free(vault);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(is_the_same_list)};

	return cmocka_run_group_tests(tests, load, unload);
}
