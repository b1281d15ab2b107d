/* Documents that share their entries, the orders in which those are found, and the text that is written without a
 * tree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "vault/docjson.h"
#include "vault/span.h"
#include "vault/write.h"

#define STEPS 400

static int set_up(void **state)
{
	assert_ok(tv_init(NULL));
	*state = NULL;
	srand(7);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return tv_arena_in_use() != 0;
}

static struct tv_secret text_of(const struct tv_vault *v)
{
	struct tv_secret text = {0};

	assert_ok(tv_doc_print(&text, tv_vault_doc(v), NULL));
	return text;
}

static const char *pick(const char *const *from, size_t n)
{
	return from[(size_t)rand() % n];
}

#define PICK(array) pick(array, sizeof(array) / sizeof *(array))

/* Some edit, which may be refused. */
static enum tv_status edit_somehow(struct tv_vault *v, int step)
{
	static const char *const providers[] = {"azion", "azion2", "choreo"};
	static const char *const labels[] = {"a", "b", "default", "zz", "a-b", "A"};
	static const struct {
		enum tv_agent_message message;
		const char *more;
	} edits[] = {
		{TV_AGENT_add, ",'token':'t%d','note':'n'"},
		{TV_AGENT_add, ",'token':'t%d','fields':{'x':'y'},'hosts':['a.b']"},
		{TV_AGENT_set, ",'token':'t%d'"},
		{TV_AGENT_set, ",'expires':18000%03d"},
		{TV_AGENT_set, ",'expires':null"},
		{TV_AGENT_rotation, ",'step':'queue','revoke_id':'r','revoke_at':18000%03d"},
		{TV_AGENT_rotation, ",'step':'revoked','id':'r'"},
		{TV_AGENT_set, ",'new_label':'b'"},
		{TV_AGENT_set, ",'new_label':'l%d'"},
		{TV_AGENT_remove, ""},
		{TV_AGENT_use, ""},
		{TV_AGENT_undo, ""},
		{TV_AGENT_forget, ""},
		{TV_AGENT_rotation, ",'step':'begin','name':'n%d'"},
		{TV_AGENT_view, ",'file':'f','on':false"},
		{TV_AGENT_rule, ",'verdict':'allow','program':'/p'"},
	};
	const size_t i = (size_t)rand() % (sizeof edits / sizeof *edits);
	char request[512], more[256];

	snprintf(more, sizeof more, edits[i].more, step);
	snprintf(request, sizeof request, "{'provider':'%s','label':'%s'%s}", PICK(providers),
		 PICK(labels), more);
	return fixture_edit(NULL, v, edits[i].message, request);
}

/* Whether something of it is due by a time. */
static bool is_due(const struct tv_entry *e, int64_t before)
{
	bool is = e->now.expires != TV_NEVER && e->now.expires <= before;

	for (size_t i = 0; i < e->n_revoking; i++)
		is = is || e->revoking[i].at <= before;
	return is && !e->removed;
}

/* Those that are due stand first, and are as many as a look at all of them finds. */
static void assert_dated(const struct tv_doc *doc)
{
	for (int64_t before = 18000000; before < 18001000; before += 111) {
		const size_t n = tv_doc_dated(doc, before);
		size_t all = 0;

		for (size_t i = 0; i < doc->n_entries; i++)
			all += is_due(doc->entries[i], before);
		assert_int_equal(n, all);
		for (size_t i = 0; i < n; i++)
			assert_true(is_due(doc->dated.at[i], before));
	}
}

static void assert_same(const struct tv_vault *a, const struct tv_vault *b)
{
	const struct tv_doc *x = tv_vault_doc(a), *y = tv_vault_doc(b);
	tv_auto_secret one = text_of(a), other = text_of(b);

	assert_string_equal(tv_secret_text(&one), tv_secret_text(&other));
	assert_int_equal(x->names.count, y->names.count);
	assert_int_equal(x->used.count, y->used.count);
	assert_dated(x);
	assert_dated(y);
	for (size_t i = 0; i < x->names.count; i++) {
		const struct tv_entry *e = x->names.at[i];

		assert_string_equal(e->id, y->names.at[i]->id);
		assert_ptr_equal(tv_doc_find(x, e->provider, e->now.label), e);
	}
	for (size_t i = 0; i < x->n_entries; i++) {
		assert_string_equal(x->ids.at[i]->id, y->ids.at[i]->id);
		assert_ptr_equal(tv_doc_by_id(x, x->entries[i]->id), x->entries[i]);
	}
	for (size_t i = 0; i < x->used.count; i++) {
		assert_string_equal(x->used.at[i]->id, y->used.at[i]->id);
		assert_ptr_equal(tv_doc_in_use(x, x->used.at[i]->provider), x->used.at[i]);
	}
}

/* Edits another state of the vault as a server does, and goes on with that one where it came through. */
static void go_on(struct tv_vault **v, struct tv_bytes *file, int step)
{
	struct tv_vault *next = NULL;
	enum tv_status status;

	assert_ok(tv_vault_reopen(&next, file, *v, NULL, NULL));
	status = edit_somehow(next, step);
	assert_int_not_equal(status, TV_FAILED);
	if (status) {
		tv_vault_free(next);
		return;
	}
	fixture_seal(file, next);
	tv_vault_free(*v);
	*v = next;
}

/* After any edit the document is in the order that a fresh reader would put it in. */
static void orders(void **state)
{
	tv_auto_vault *v = fixture_vault("first-token");
	tv_auto_bytes file = {0};

	(void)state;
	fixture_seal(&file, v);
	for (int step = 0; step < STEPS; step++) {
		tv_auto_vault *fresh = NULL;

		go_on(&v, &file, step);
		assert_ok(fixture_open(&fresh, &file, "keyfile", NULL));
		assert_same(v, fresh);
	}
	assert_true(tv_vault_doc(v)->names.count > 5);
}

/* One edit may change the dates of many. */
static void orders_many(void **state)
{
	tv_auto_vault *v = fixture_vault("first-token");
	tv_auto_secret all = {0};
	char text[160], label[8];

	(void)state;
	tv_secret_puts(&all, "{'results':[");
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof text,
			 "{'provider':'choreo','label':'l%d','token':'t','expires':%d}", i,
			 18000010 + i * 40);
		snprintf(label, sizeof label, "l%d", i);
		assert_ok(fixture_edit(NULL, v, TV_AGENT_add, text));
		snprintf(text, sizeof text,
			 "%s{'provider':'choreo','label':'l%d','since':%lld,'checked':{'at':1,"
			 "'answer':'OK','expires':%d}}",
			 i ? "," : "", i,
			 (long long)tv_doc_find(tv_vault_doc(v), "choreo", label)->now.since,
			 18000100 + i * 7 % 20 * 40);
		tv_secret_puts(&all, text);
		assert_dated(tv_vault_doc(v));
	}
	tv_secret_puts(&all, "]}");
	assert_ok(fixture_edit(NULL, v, TV_AGENT_checked, tv_secret_text(&all)));
	assert_int_equal(tv_doc_dated(tv_vault_doc(v), 18000140), 2);
	assert_dated(tv_vault_doc(v));
}

/* What an edit of one state does is not seen in another. */
static void apart(void **state)
{
	tv_auto_vault *v = fixture_vault("first-token");
	tv_auto_vault *fresh = NULL;
	tv_auto_bytes file = {0};

	(void)state;
	fixture_seal(&file, v);
	for (int i = 0; i < 40; i++)
		go_on(&v, &file, i);
	assert_ok(fixture_open(&fresh, &file, "keyfile", NULL));
	for (int step = 0; step < 200; step++) {
		tv_auto_vault *other = NULL;

		assert_ok(tv_vault_reopen(&other, &file, v, NULL, NULL));
		assert_ptr_equal(tv_vault_doc(other)->entries[0], tv_vault_doc(v)->entries[0]);
		edit_somehow(other, step);
		assert_same(v, fresh);
	}
}

/* Other bytes under the same header are not taken for what is open. */
static void damaged(void **state)
{
	tv_auto_vault *v = fixture_vault("first-token");
	tv_auto_vault *other = NULL;
	tv_auto_bytes file = {0};

	(void)state;
	fixture_seal(&file, v);
	file.data[file.len - 5000 % file.len] ^= 1;
	assert_status(tv_vault_reopen(&other, &file, v, NULL, NULL), TV_DAMAGED);
	file.data[file.len - 5000 % file.len] ^= 1;
	file.data[file.len - 1] ^= 1;
	assert_status(tv_vault_reopen(&other, &file, v, NULL, NULL), TV_DAMAGED);
	file.data[file.len - 1] ^= 1;
	assert_ok(tv_vault_reopen(&other, &file, v, NULL, NULL));
}

/* The header alone will do where it is known, and not where it is not. */
static void front(void **state)
{
	tv_auto_vault *v = fixture_vault("first-token");
	tv_auto_vault *same = NULL, *other = NULL;
	tv_auto_bytes file = {0}, before = {0};

	(void)state;
	fixture_seal(&before, v);
	assert_ok(tv_vault_reopen(&other, &before, v, NULL, NULL));
	fixture_seal(&file, v);
	file.len = tv_header_length(file.data, file.len);
	assert_true(tv_vault_has_header(v, &file));
	assert_ok(tv_vault_reopen(&same, &file, v, NULL, NULL));
	assert_same(same, v);
	assert_false(tv_vault_has_header(other, &file));
	tv_vault_free(same);
	same = NULL;
	assert_status(tv_vault_reopen(&same, &file, other, NULL, NULL), TV_DAMAGED);
	file.len--;
	assert_status(tv_vault_reopen(&same, &file, v, NULL, NULL), TV_DAMAGED);
	file.len += 2;
	assert_status(tv_vault_reopen(&same, &file, v, NULL, NULL), TV_DAMAGED);
	for (size_t len = 0; len < 130; len++)
		assert_true(tv_header_length(file.data, len) <= len);
}

/* A file, or its header, is a vault's own where every byte of it is. */
static void own(void **state)
{
	tv_auto_vault *v = fixture_vault("first-token");
	tv_auto_bytes before = {0}, file = {0};
	size_t front;

	(void)state;
	fixture_seal(&before, v);
	fixture_seal(&file, v);
	front = tv_header_length(file.data, file.len);
	assert_ok(tv_vault_check_own(v, &file, NULL));
	assert_status(tv_vault_check_own(v, &before, NULL), TV_DAMAGED);
	for (size_t i = 0; i < file.len; i += i < front ? 1 : 97) {
		file.data[i] ^= 1;
		assert_int_not_equal(tv_vault_check_own(v, &file, NULL), TV_OK);
		file.data[i] ^= 1;
	}
	file.len = front;
	assert_ok(tv_vault_check_own(v, &file, NULL));
	before.len = tv_header_length(before.data, before.len);
	assert_status(tv_vault_check_own(v, &before, NULL), TV_DAMAGED);
	file.data[front - TV_MAC_BYTES - 1] ^= 1;
	assert_true(tv_vault_has_header(v, &file));
	assert_status(tv_vault_check_own(v, &file, NULL), TV_DAMAGED);
}

static struct tv_entry *open_up(struct tv_vault *v)
{
	struct tv_entry *e;

	assert_ok(tv_doc_own(&e, tv_vault_doc(v), tv_doc_find(tv_vault_doc(v), "azion", "default"),
			     NULL));
	return e;
}

/* An edit that leaves what could not be read again does not come through. */
static void unreadable(void **state)
{
	tv_auto_vault *v = fixture_vault("first-token");
	tv_auto_vault *w = fixture_vault("first-token");
	struct tv_entry *second;
	tv_auto_bytes file = {0};
	char *label;

	(void)state;
	open_up(v)->created = -1;
	assert_status(tv_doc_settle(tv_vault_doc(v), NULL), TV_FAILED);
	assert_status(tv_vault_seal(&file, v, NULL), TV_FAILED);
	assert_ok(fixture_edit(NULL, w, TV_AGENT_add,
			       "{'provider':'azion','label':'b','token':'t'}"));
	label = tv_arena_strdup("b");
	second = open_up(w);
	tv_arena_free(second->now.label);
	second->now.label = label;
	assert_status(tv_doc_settle(tv_vault_doc(w), NULL), TV_FAILED);
}

/* The writer and the tree's printer write the same. */
static void writes(void **state)
{
	tv_auto_json *j = tv_json_object();
	tv_auto_secret tree = {0}, direct = {0};
	struct tv_json *list = tv_json_array();
	char all[256];
	size_t n = 0;

	(void)state;
	for (int c = 1; c < 0x80; c++)
		all[n++] = (char)c;
	memcpy(all + n, "\u00e9\u20ac\U0001f600", 10);
	assert_true(tv_json_put_text(j, "all", all) && tv_json_put_text(j, "none", NULL) &&
		    tv_json_put_text(j, "empty", "") && tv_json_put_int(j, "n", -1) &&
		    tv_json_put_int(j, "zero", 0) && tv_json_put_int(j, "t", 253402300799) &&
		    tv_json_put_int(j, "long", 1000000000000000) &&
		    tv_json_put_int(j, "odd", -9007199254740991) &&
		    tv_json_put_int(j, "most", 9007199254740992) &&
		    tv_json_put_bool(j, "yes", true) && tv_json_put(j, "list", list) &&
		    tv_json_put_bool(list, NULL, false) && tv_json_put_text(list, NULL, "[{"));
	assert_ok(tv_json_print(&tree, j, NULL));
	tv_write_open(&direct, NULL, '{');
	tv_write_text(&direct, "all", all);
	tv_write_text(&direct, "none", NULL);
	tv_write_text(&direct, "empty", "");
	tv_write_int(&direct, "n", -1);
	tv_write_int(&direct, "zero", 0);
	tv_write_int(&direct, "t", 253402300799);
	tv_write_int(&direct, "long", 1000000000000000);
	tv_write_int(&direct, "odd", -9007199254740991);
	tv_write_int(&direct, "most", 9007199254740992);
	tv_write_bool(&direct, "yes", true);
	tv_write_open(&direct, "list", '[');
	tv_write_bool(&direct, NULL, false);
	tv_write_text(&direct, NULL, "[{");
	tv_write_close(&direct, ']');
	tv_write_close(&direct, '}');
	assert_string_equal(tv_secret_text(&direct), tv_secret_text(&tree));
}

static void keeps_digits(void **state)
{
	static const char text[] = "{\"a\":999999999999999,\"b\":[1000000000000000,"
				   "-9007199254740991,9007199254740992],\"c\":0.5}";
	tv_auto_json *j = NULL, *copy = NULL;
	tv_auto_secret printed = {0};
	int64_t number;

	(void)state;
	assert_ok(tv_json_parse(&j, text, strlen(text), NULL));
	copy = tv_json_copy(j);
	assert_non_null(copy);
	assert_ok(tv_json_print(&printed, copy, NULL));
	assert_string_equal(tv_secret_text(&printed), text);
	assert_true(tv_json_int(tv_json_first(tv_json_get(copy, "b")), &number));
	assert_int_equal(number, 1000000000000000);
}

/* How many elements an array has; −1 where it is none. */
static int elements_of(const char *text)
{
	struct tv_span rest = {text, strlen(text)}, one;
	int n = 0;

	while (tv_span_element(&one, &rest))
		n++;
	return rest.at ? -1 : n;
}

static void spans(void **state)
{
	static const struct {
		const char *text;
		int count;
	} arrays[] = {
		{"[]", 0},	   {" [ ] ", 0}, {"[1]", 1},   {"[1 , \"],\\\"\"]", 2},
		{"[[1,2],{}]", 2}, {"[1,]", -1}, {"[,1]", -1}, {"[1", -1},
		{"[", -1},	   {"", -1},	 {"7", -1},    {"[1]x", -1},
		{"[]]", -1},	   {"[1}", -1},	 {"[\"", -1},  {"[{\"a\":[\"]\"]}]", 1},
		{"[1,2]]", -1},
	};
	struct tv_span out;
	const char *object = " { \"a\\\"b\" : [1,{\"x\":2}] , \"x\":\"y,}\",\"z\" : 5 } ";

	(void)state;
	for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
		if (elements_of(arrays[i].text) != arrays[i].count)
			fail_msg("%s has %d", arrays[i].text, elements_of(arrays[i].text));
	assert_true(tv_span_member(&out, (struct tv_span){object, strlen(object)}, "x"));
	assert_int_equal(out.len, 5);
	assert_memory_equal(out.at, "\"y,}\"", 5);
	assert_true(tv_span_member(&out, (struct tv_span){object, strlen(object)}, "z"));
	assert_int_equal(*out.at, '5');
	assert_false(tv_span_member(&out, (struct tv_span){object, strlen(object)}, "y"));
	/* Cut anywhere, nothing is looked at that is not there: a sanitizer would tell. */
	for (size_t len = 0; len < strlen(object); len++) {
		char *cut = malloc(len + !len);

		memcpy(cut, object, len);
		tv_span_member(&out, (struct tv_span){cut, len}, "z");
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(orders, set_up, tear_down),
		cmocka_unit_test_setup_teardown(orders_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damaged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(front, set_up, tear_down),
		cmocka_unit_test_setup_teardown(own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unreadable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(writes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_digits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(spans, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
