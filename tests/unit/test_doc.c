/* The document's JSON: one fault each, and the status it must lead to. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"

#define ID(n)	     "0000000000000000000000000000000" #n
#define ENTRY(n)     "'id':'" ID(n) "','provider':'azion','token':'t','created':1,'updated':1"
#define DOC(entries) "{'version':1,'entries':[" entries "],'keys':[],'lineage':[]}"
#define ONE(more)    DOC("{" ENTRY(1) ",'label':'a','in_use':true" more "}")
#define WITH(more)                                                                                 \
	"{'version':1,'entries':[{" ENTRY(1) ",'label':'a','in_use':true}]," more                  \
					     ",'keys':[],'lineage':[]}"
#define UUID "000102030405060708090a0b0c0d0e0f"
#define PIN  UUID UUID

static const struct {
	const char *json;
	enum tv_status status;
} documents[] = {
	{DOC(""), TV_OK},
	{ONE(""), TV_OK},
	{ONE(",'fields':{'a':'b'},'note':'n','expires':5,'history':[]"), TV_OK},
	{ONE(",'history':[{'label':'z','token':'t','since':1}]"), TV_OK},
	{DOC("{" ENTRY(1) ",'label':'a','in_use':true},{" ENTRY(2) ",'label':'b'}"), TV_OK},
	{DOC("{" ENTRY(1) ",'label':'a','removed':9},{" ENTRY(2) ",'label':'a','in_use':true}"),
	 TV_OK},
	{"{'version':1,'entries':[],'keys':[{'uuid':'" UUID "','recipient':'" PIN
	 "','label':'k','created':1}],'lineage':['" PIN "']}",
	 TV_OK},
	{"{'version':1,'entries':[],'views':[{'provider':'a','file':'f','on':true}],'keys':[],"
	 "'lineage':[]}",
	 TV_OK},
	{"{'version':1,'entries':[],'views':{},'keys':[],'lineage':[]}", TV_DAMAGED},
	{"{'version':1,'entries':[],'views':[{'provider':'a','file':'f'}],'keys':[],'lineage':[]}",
	 TV_DAMAGED},
	{"{'version':1,'entries':[],'views':[{'provider':'a','file':'../f','on':true}],'keys':[],"
	 "'lineage':[]}",
	 TV_DAMAGED},
	{"{'version':1,'entries':[],'views':[{'provider':'a','file':'f','on':true},"
	 "{'provider':'a','file':'f','on':true}],'keys':[],'lineage':[]}",
	 TV_DAMAGED},
	{ONE(",'expires':5,'expires_from':'service','hosts':['a.b','[::1]:8443']"), TV_OK},
	{ONE(",'tried':7,'answer':'UNREACHABLE','verified':6,'deny':true"), TV_OK},
	{ONE(",'rotation':{'step':'minting','name':'n','started':1}"), TV_OK},
	{ONE(",'rotation':{'step':'minted','name':'n','started':1,'token':'t','id':'i'}"), TV_OK},
	{ONE(",'revoking':[{'id':'a','at':5},{'id':'b','at':5}]"), TV_OK},
	{WITH("'views':[{'provider':'azion','entry':'" ID(1) "','file':'f','on':false}]"), TV_OK},
	{WITH("'paths':[{'provider':'azion','file':'f','path':'.a/b'}]"), TV_OK},
	{WITH("'settings':{'proxy':'http://p','ca_file':'/c','private_hosts':['a']}"), TV_OK},
	{WITH("'settings':{'lock_idle':900,'lock_after':31622400,'lock_screen':false}"), TV_OK},
	/* of a program to come */
	{ONE(",'tried':7,'answer':'MAYBE'"), TV_NEWER},
	{ONE(",'rotation':{'step':'minting','name':'n','started':1,'more':1}"), TV_NEWER},
	{ONE(",'revoking':[{'id':'a','at':5,'more':1}]"), TV_NEWER},
	{WITH("'settings':{'unlock_on_open':true,'prompt_wait':3600}"), TV_OK},
	{WITH("'settings':{'more':1}"), TV_NEWER},
	{WITH("'settings':{'proxy':'','more':1}"), TV_NEWER},
	{WITH("'paths':[{'provider':'azion','file':'f','path':'.a/b','more':1}]"), TV_NEWER},
	{"{'version':2,'entries':[],'keys':[],'lineage':[]}", TV_NEWER},
	{"{'version':1,'entries':[],'keys':[],'lineage':[],'more':1}", TV_NEWER},
	{ONE(",'rules':[]"), TV_NEWER},
	{ONE(",'history':[{'label':'z','token':'t','more':1}]"), TV_NEWER},
	/* damaged */
	{"", TV_DAMAGED},
	{"{", TV_DAMAGED},
	{"null", TV_DAMAGED},
	{"{}", TV_DAMAGED},
	{"{'version':0,'entries':[],'keys':[],'lineage':[]}", TV_DAMAGED},
	{"{'version':1,'keys':[],'lineage':[]}", TV_DAMAGED},
	{"{'version':1,'entries':[],'lineage':[]}", TV_DAMAGED},
	{"{'version':1,'entries':[],'keys':[]}", TV_DAMAGED},
	{"{'version':1,'version':1,'entries':[],'keys':[],'lineage':[]}", TV_DAMAGED},
	{DOC("") "x", TV_DAMAGED},
	{DOC("7"), TV_DAMAGED},
	{DOC("{" ENTRY(1) ",'label':'a'}"), TV_DAMAGED},
	{DOC("{" ENTRY(1) ",'in_use':true}"), TV_DAMAGED},
	{DOC("{" ENTRY(1) ",'label':'../x','in_use':true}"), TV_DAMAGED},
	{DOC("{" ENTRY(1) ",'label':'a','in_use':true,'removed':9}"), TV_DAMAGED},
	{DOC("{" ENTRY(1) ",'label':'a','in_use':true},{" ENTRY(2) ",'label':'a'}"), TV_DAMAGED},
	{DOC("{" ENTRY(1) ",'label':'a','in_use':true},{" ENTRY(2) ",'label':'b','in_use':true}"),
	 TV_DAMAGED},
	{ONE(",'expires':-1"), TV_DAMAGED},
	{ONE(",'expires':1e99"), TV_DAMAGED},
	{ONE(",'expires':'x'"), TV_DAMAGED},
	{ONE(",'note':'a\\nb'"), TV_DAMAGED},
	{ONE(",'account':'a\\u0000b'"), TV_DAMAGED},
	{ONE(",'fields':{'A':'b'}"), TV_DAMAGED},
	{ONE(",'fields':{'a':1}"), TV_DAMAGED},
	{ONE(",'fields':['a']"), TV_DAMAGED},
	{DOC("{'id':'1','provider':'azion','token':'t','label':'a','in_use':true}"), TV_DAMAGED},
	{DOC("{'id':'" ID(1) "','provider':'a/b','token':'t','label':'a','in_use':true}"),
	 TV_DAMAGED},
	{DOC("{'id':'" ID(1) "','provider':'a','token':'t\\n','label':'a','in_use':true}"),
	 TV_DAMAGED},
	{DOC("{'id':'" ID(1) "','provider':'a','token':'','label':'a','in_use':true}"), TV_DAMAGED},
	{ONE(",'expires_from':'user'"), TV_DAMAGED},
	{ONE(",'expires':5,'expires_from':'me'"), TV_DAMAGED},
	{ONE(",'expires':5,'expires_from':1"), TV_DAMAGED},
	{ONE(",'hosts':'a.b'"), TV_DAMAGED},
	{ONE(",'hosts':['a.b','a.b']"), TV_DAMAGED},
	{ONE(",'hosts':['a.b:443']"), TV_DAMAGED},
	{ONE(",'hosts':['A']"), TV_DAMAGED},
	{ONE(",'tried':7"), TV_DAMAGED},
	{ONE(",'answer':'OK'"), TV_DAMAGED},
	{ONE(",'rotation':{}"), TV_DAMAGED},
	{ONE(",'rotation':[]"), TV_DAMAGED},
	{ONE(",'rotation':{'step':'minted','name':'n','started':1}"), TV_DAMAGED},
	{ONE(",'rotation':{'step':'minting','name':'n','started':1,'token':'t'}"), TV_DAMAGED},
	{ONE(",'rotation':{'step':'minting','name':'n','started':1,'id':'i'}"), TV_DAMAGED},
	{ONE(",'rotation':{'step':'minting','name':'','started':1}"), TV_DAMAGED},
	{ONE(",'rotation':{'step':'minted','name':'n','token':'a\nb'}"), TV_DAMAGED},
	{ONE(",'revoking':{}"), TV_DAMAGED},
	{ONE(",'revoking':[{'at':5}]"), TV_DAMAGED},
	{ONE(",'revoking':[{'id':'','at':5}]"), TV_DAMAGED},
	{ONE(",'revoking':[{'id':'a'},{'id':'a'}]"), TV_DAMAGED},
	{WITH("'views':[{'provider':'azion','entry':'" ID(2) "','file':'f','on':true}]"),
	 TV_DAMAGED},
	{WITH("'views':[{'provider':'api7','entry':'" ID(1) "','file':'f','on':true}]"),
	 TV_DAMAGED},
	{WITH("'views':[{'provider':'azion','entry':7,'file':'f','on':true}]"), TV_DAMAGED},
	{WITH("'paths':{}"), TV_DAMAGED},
	{WITH("'paths':[{'provider':'azion','file':'f'}]"), TV_DAMAGED},
	{WITH("'paths':[{'provider':'azion','file':'f','path':'../b'}]"), TV_DAMAGED},
	{WITH("'paths':[{'provider':'azion','file':'f','path':'/b'}]"), TV_DAMAGED},
	{WITH("'paths':[{'provider':'azion','file':'f','path':'b'},"
	      "{'provider':'azion','file':'g','path':'b'}]"),
	 TV_DAMAGED},
	{WITH("'paths':[{'provider':'azion','file':'f','path':'b'},"
	      "{'provider':'azion','file':'f','path':'b'}]"),
	 TV_DAMAGED},
	{WITH("'settings':[]"), TV_DAMAGED},
	{WITH("'settings':{'proxy':''}"), TV_DAMAGED},
	{WITH("'settings':{'proxy':null}"), TV_DAMAGED},
	{WITH("'settings':{'private_hosts':'a.b'}"), TV_DAMAGED},
	{WITH("'settings':{'private_hosts':['a.b','a.b']}"), TV_DAMAGED},
	{WITH("'settings':{'private_hosts':['a.b:1']}"), TV_DAMAGED},
	{WITH("'settings':{'lock_idle':0}"), TV_DAMAGED},
	{WITH("'settings':{'lock_idle':'15m'}"), TV_DAMAGED},
	{WITH("'settings':{'lock_after':31622401}"), TV_DAMAGED},
	{WITH("'settings':{'lock_sleep':1}"), TV_DAMAGED},
	{WITH("'settings':{'lock_screen':null}"), TV_DAMAGED},
	{WITH("'settings':{'unlock_on_open':1}"), TV_DAMAGED},
	{WITH("'settings':{'prompt_wait':3601}"), TV_DAMAGED},
	{WITH("'settings':{'audit':'off'}"), TV_DAMAGED},
	{WITH("'audit':'00'"), TV_DAMAGED},
	{WITH("'audit':null"), TV_DAMAGED},
	{"{'version':1,'entries':[],'keys':[],'lineage':['00']}", TV_DAMAGED},
	{"{'version':1,'entries':[],'keys':[{'uuid':'" UUID "'}],'lineage':[]}", TV_DAMAGED},
};

static int set_up(void **state)
{
	(void)state;
	assert_ok(tv_init(NULL));
	return 0;
}

static size_t quoted(char *out, size_t size, const char *text)
{
	size_t i = 0;

	for (; text[i] && i < size; i++)
		out[i] = text[i] == '\'' ? '"' : text[i];
	return i;
}

static void one_fault_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		char json[1024];
		struct tv_doc *doc = NULL;
		enum tv_status status = tv_doc_parse(
			&doc, json, quoted(json, sizeof json, documents[i].json), NULL);

		if (status != documents[i].status)
			fail_msg("%s: %s", documents[i].json, tv_status_name(status));
		tv_doc_free(doc);
	}
	assert_int_equal(tv_arena_in_use(), 0);
}

/* Too large to be a row, or a vector. */
static void too_many_entries(void **state)
{
	static const char start[] = "{\"version\":1,\"entries\":[";
	static const char end[] = "],\"keys\":[],\"lineage\":[]}";
	struct tv_doc *doc = NULL;

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		tv_auto_secret json = {0};

		tv_secret_puts(&json, start);
		for (size_t i = 0; i < TV_ENTRIES_MAX + more; i++) {
			char entry[160];

			snprintf(entry, sizeof entry,
				 "%s{\"id\":\"%032zx\",\"provider\":\"a\",\"label\":\"%zu\","
				 "\"token\":\"t\"%s}",
				 i ? "," : "", i, i, i ? "" : ",\"in_use\":true");
			tv_secret_puts(&json, entry);
		}
		tv_secret_puts(&json, end);
		assert_status(tv_doc_parse(&doc, json.data, json.len, NULL),
			      more ? TV_DAMAGED : TV_OK);
	}
	tv_doc_free(doc);
}

static void too_deep(void **state)
{
	struct tv_json *j = NULL;
	char text[400];

	(void)state;
	memset(text, '[', 100);
	memset(text + 100, ']', 100);
	assert_status(tv_json_parse(&j, text, 200, NULL), TV_DAMAGED);
	assert_ok(tv_json_parse(&j, text + 50, 100, NULL));
	tv_json_free(j);
}

static void not_utf8(void **state)
{
	static const char *const bad[] = {
		"\"\xff\"",
		"\"\xc0\x80\"",
		"\"\xc3\"",
		"\"\xed\xa0\x80\"",
		"\"\xf4\x90\x80\x80\"",
		"\"\xe0\x80\x80\"",
		"\"\x80\"",
		"\"\xf8\x88\x80\x80\x80\"",
	};
	struct tv_json *j = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_status(tv_json_parse(&j, bad[i], strlen(bad[i]), NULL), TV_DAMAGED);
	assert_ok(tv_json_parse(&j, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91\"", 11, NULL));
	tv_json_free(j);
}

/* What a terminal is shown of text from elsewhere. */
static void only_shows(void **state)
{
	static const struct {
		const char *text;
		const char *shown;
	} rows[] = {
		{"Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x94\x91", NULL},
		{"\xd7\x90\xd8\xa7", NULL}, /* Hebrew and Arabic letters */
		{"", NULL},
		{"two\nlines", NULL},
		{"a\x1b[31m\x7f\rb", "a?[31m??b"},
		{"\xc2\x9b[31m", "?[31m"},
		{"gnp\xe2\x80\xae.exe", "gnp?.exe"},
		{"\xd8\x9c\xe2\x80\x8b\xe2\x81\xa6\xef\xbb\xbf\xf3\xa0\x81\x81", "?????"},
		{"\x9b[31m\xff\xe2\x80", "?[31m???"},
		{"\xc0\x9b\xed\xa0\x80\xc3", "??????"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *shown = rows[i].shown ? rows[i].shown : rows[i].text;
		char text[64];

		snprintf(text, sizeof text, "%s", rows[i].text);
		tv_utf8_make_shown(text);
		assert_string_equal(text, shown);
		assert_int_equal(tv_text_is_shown(rows[i].text, sizeof text),
				 !rows[i].shown && !strchr(text, '\n'));
	}
	assert_false(tv_text_is_shown("abc", 2));
}

/* Freed memory must not keep what was in it. */
static void arena_wipes(void **state)
{
	(void)state;
	for (size_t size = 1; size < 100000; size = size * 3 / 2 + 1) {
		unsigned char *first = tv_arena_alloc(size);
		unsigned char *again;

		memset(first, 0xa5, size);
		tv_arena_free(first);
		again = tv_arena_alloc(size);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(again[i], 0);
		tv_arena_free(again);
	}
	assert_int_equal(tv_arena_in_use(), 0);
	tv_arena_trim();
}

static void arena_holds_apart(void **state)
{
	static unsigned char *blocks[3000];

	(void)state;
	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < 3000; i++) {
			size_t size = i * 7 % 1500 + 1;

			blocks[i] = tv_arena_realloc(blocks[i], size + round * 40);
			memset(blocks[i], (int)(i & 0xff), size + round * 40);
		}
		for (size_t i = 0; i < 3000; i++)
			for (size_t k = 0; k < i * 7 % 1500 + 1; k++)
				assert_int_equal(blocks[i][k], i & 0xff);
	}
	for (size_t i = 0; i < 3000; i++)
		tv_arena_free(blocks[i]);
	assert_int_equal(tv_arena_in_use(), 0);
}

/* A large block has pages of its own, whatever its size: they go with it, and nothing else does. */
static void arena_large_blocks(void **state)
{
	static unsigned char *small[6400];
	size_t n = 0;

	(void)state;
	for (size_t size = (size_t)200 << 10; size < (size_t)300 << 10; size += 16, n++) {
		unsigned char *large = tv_arena_alloc(size);

		small[n] = tv_arena_alloc(64);
		memset(large, 1, size);
		tv_arena_free(large);
		memset(small[n], 2, 64);
	}
	while (n--)
		tv_arena_free(small[n]);
	assert_int_equal(tv_arena_in_use(), 0);
	tv_arena_trim();
}

#ifndef TV_SANITIZED
#define SOIL 0x5a

/* Leaves bytes deep below the caller; where they are. */
static __attribute__((noinline)) uintptr_t soil_stack(void)
{
	volatile unsigned char deep[64 << 10];

	for (size_t i = 0; i < sizeof deep; i++)
		deep[i] = SOIL;
	return (uintptr_t)deep;
}

static bool is_soiled(uintptr_t at)
{
	return *(const volatile unsigned char *)at == SOIL;
}

/* Whoever rests has it wiped once for all, and then for sure. */
static void stack_is_wiped(void **state)
{
	uintptr_t at = soil_stack();
	bool before = is_soiled(at);
	bool put_off, after, without;

	(void)state;
	tv_stack_wipe();
	after = is_soiled(at);
	assert_true(before && !after);
	tv_stack_wipe_at_rest();
	at = soil_stack();
	tv_stack_wipe();
	put_off = is_soiled(at);
	tv_stack_rest();
	after = is_soiled(at);
	at = soil_stack();
	tv_stack_rest();
	without = is_soiled(at);
	assert_true(put_off && !after && without);
}
#endif

static void frames(void **state)
{
	unsigned char wire[TV_FRAME_BYTES];
	struct tv_frame f = {.code = 7, .body_len = 0x123456, .data_len = 0x234567};
	struct tv_frame back;

	(void)state;
	tv_frame_print(wire, &f);
	assert_ok(tv_frame_parse(&back, wire, 1 << 24, NULL));
	assert_int_equal(back.code, 7);
	assert_int_equal(back.body_len, 0x123456);
	assert_int_equal(back.data_len, 0x234567);
	assert_status(tv_frame_parse(&back, wire, 1 << 16, NULL), TV_BAD_VALUE);
	wire[2]++;
	assert_status(tv_frame_parse(&back, wire, 1 << 24, NULL), TV_NEWER);
	wire[0]++;
	assert_status(tv_frame_parse(&back, wire, 1 << 24, NULL), TV_SERVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_fault_each),
		cmocka_unit_test(too_deep),
		cmocka_unit_test(too_many_entries),
		cmocka_unit_test(not_utf8),
		cmocka_unit_test(only_shows),
		cmocka_unit_test(arena_wipes),
		cmocka_unit_test(arena_holds_apart),
		cmocka_unit_test(arena_large_blocks),
		cmocka_unit_test(frames),
#ifndef TV_SANITIZED
		/* That looks at a stack that nobody has any more. */
		cmocka_unit_test(stack_is_wiped),
#endif
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
