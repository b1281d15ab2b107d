/* Rules: which one decides, what each condition looks at, and what of a caller is not believed. */
#include "fixture.h"

#include <string.h>

/* A caller that is put together from texts. */
static uint16_t text(struct tv_caller *c, const char *words)
{
	uint16_t at = (uint16_t)c->text_len;

	memcpy(c->text + at, words, strlen(words) + 1);
	c->text_len += (uint32_t)strlen(words) + 1;
	return at;
}

static struct tv_caller *caller(void)
{
	static struct tv_caller c;

	memset(&c, 0, sizeof c);
	c.text_len = 1;
	c.self = (struct tv_caller_program){
		.pid = 10, .start = 100, .dev = 1, .ino = 2, .is_there = true};
	c.self.path = text(&c, "/usr/bin/git");
	c.self.script = text(&c, "/home/u/deploy");
	c.cgroup = text(&c, "/user.slice/app-code-7.scope");
	c.n_ancestors = 2;
	c.ancestors[0] = (struct tv_caller_program){.pid = 9, .is_there = true};
	c.ancestors[0].path = text(&c, "/usr/bin/node");
	c.ancestors[0].script = text(&c, "/usr/lib/npm/bin/npm-cli.js");
	c.ancestors[0].name = text(&c, "npm install");
	c.ancestors[1] = (struct tv_caller_program){.pid = 1};
	c.ancestors[1].name = text(&c, "systemd");
	memset(c.hash, 0xab, sizeof c.hash);
	c.has_hash = true;
	return &c;
}

static struct tv_judgement judge(struct tv_vault *v, const struct tv_caller *c)
{
	static const struct tv_rule_uses none;
	struct tv_doc *doc = tv_vault_doc(v);
	struct tv_judgement out;

	tv_entry_judge(&out, tv_doc_find(doc, "azion", NULL), doc, c, &none, 1000, false);
	return out;
}

/* What one rule says of a caller, alone in a vault. */
static bool allows(const char *rule, const struct tv_caller *c)
{
	struct tv_vault *v = fixture_vault("token");
	struct tv_judgement out;

	assert_ok(fixture_edit(NULL, v, TV_AGENT_rule, rule));
	out = judge(v, c);
	assert_int_equal(out.is_allowed, !*out.why);
	tv_vault_free(v);
	return out.is_allowed;
}

#define RULE(verdict, rest) "{'provider':'azion','verdict':'" verdict "'" rest "}"
#define HASH		    "abababababababababababababababababababababababababababababababab"

static void conditions(void **state)
{
	struct tv_caller *c = caller();

	(void)state;
	assert_true(allows(RULE("allow", ""), c));
	assert_false(allows(RULE("deny", ""), c));
	assert_false(allows(RULE("ask", ""), c));
	assert_true(allows(RULE("allow", ",'program':'/usr/bin/git'"), c));
	assert_false(allows(RULE("allow", ",'program':'/usr/bin/gi'"), c));
	assert_true(
		allows(RULE("allow", ",'program':'/usr/bin/git','script':'/home/u/deploy'"), c));
	assert_false(allows(RULE("allow", ",'program':'/usr/bin/git','script':'/home/u/x'"), c));
	assert_true(allows(RULE("allow", ",'program':'/usr/bin/git','hash':'" HASH "'"), c));
	assert_true(allows(RULE("allow", ",'ancestor':'/usr/bin/node'"), c));
	assert_true(allows(RULE("allow", ",'ancestor':'/usr/lib/npm/bin/npm-cli.js'"), c));
	assert_false(allows(RULE("allow", ",'ancestor':'/usr/bin/git'"), c));
	assert_false(allows(RULE("allow", ",'no_ancestor':['pip','npm']"), c));
	assert_false(allows(RULE("allow", ",'no_ancestor':['node']"), c));
	assert_true(allows(RULE("allow", ",'no_ancestor':['pip','np','git']"), c));
	assert_false(allows(RULE("allow", ",'tty':true"), c));
	assert_true(allows(RULE("allow", ",'cgroup':'*/app-code-*'"), c));
	assert_false(allows(RULE("allow", ",'cgroup':'/app-code-*'"), c));
	assert_true(allows(RULE("allow", ",'until':1001"), c));
	assert_false(allows(RULE("allow", ",'until':1000"), c));
	assert_true(allows(RULE("deny", ",'until':1000"), c));
	c->hash[31] = 0;
	assert_false(allows(RULE("allow", ",'program':'/usr/bin/git','hash':'" HASH "'"), c));
}

/* What is not known speaks against the caller. */
static void unknown(void **state)
{
	struct tv_caller *c = caller();

	(void)state;
	/* Of another user's ancestor there is only the name. */
	assert_false(allows(RULE("allow", ",'ancestor':'/usr/lib/systemd/systemd'"), c));
	assert_false(allows(RULE("deny", ",'ancestor':'/usr/lib/systemd/systemd'"), c));
	assert_true(allows(RULE("deny", ",'ancestor':'/usr/bin/sshd'"), c));
	c->is_cut = true;
	assert_false(allows(RULE("deny", ",'ancestor':'/usr/bin/sshd'"), c));
	assert_false(allows(RULE("allow", ",'no_ancestor':['pip']"), c));
	c = caller();
	c->self.is_there = false;
	assert_false(allows(RULE("allow", ",'program':'/usr/bin/git'"), c));
	assert_false(allows(RULE("deny", ",'program':'/usr/bin/git'"), c));
	c = caller();
	c->is_foreign = true;
	assert_false(allows(RULE("allow", ""), c));
	assert_true(allows(RULE("allow", ",'namespaces':true"), c));
	assert_false(allows(RULE("deny", ",'program':'/usr/bin/x'"), c));
	for (c->trouble = TV_CALLER_NOBODY; c->trouble <= TV_CALLER_LATE; c->trouble++)
		assert_false(allows(RULE("allow", ",'namespaces':true"), c));
}

static void exits(void **state)
{
	struct tv_caller *c = caller();

	(void)state;
	assert_false(allows(RULE("allow", ",'until_exit':{'pid':7,'start':70}"), c));
	c->n_watched = 1;
	c->watched[0] = 7;
	c->watched_start[0] = 70;
	assert_true(allows(RULE("allow", ",'until_exit':{'pid':7,'start':70}"), c));
	assert_false(allows(RULE("allow", ",'until_exit':{'pid':7,'start':71}"), c));
	assert_false(allows(RULE("allow", ",'until_exit':{'pid':8,'start':70}"), c));
}

static void bounds(void **state)
{
	static const char *const wrong[] = {
		RULE("maybe", ""),
		RULE("allow", ",'program':'git'"),
		RULE("allow", ",'program':''"),
		RULE("allow", ",'hash':'" HASH "'"),
		RULE("allow", ",'script':'/x'"),
		RULE("allow", ",'program':'/x','hash':'ab'"),
		RULE("allow", ",'no_ancestor':[]"),
		RULE("allow", ",'no_ancestor':['a/b']"),
		RULE("allow", ",'tty':1"),
		RULE("allow", ",'reads':0"),
		RULE("allow", ",'until':-1"),
		RULE("allow", ",'until_exit':{'pid':0,'start':1}"),
		RULE("allow", ",'until_exit':{'pid':1}"),
		RULE("allow", ",'colour':'red'"),
		"{'remove':'00000000','verdict':'allow'}",
	};
	struct tv_vault *v = fixture_vault("token");

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_status(fixture_edit(NULL, v, TV_AGENT_rule, wrong[i]), TV_BAD_VALUE);
	for (size_t i = 0; i < TV_CALLER_WATCHED; i++)
		assert_ok(fixture_edit(NULL, v, TV_AGENT_rule,
				       RULE("allow", ",'until_exit':{'pid':1,'start':1}")));
	assert_status(fixture_edit(NULL, v, TV_AGENT_rule,
				   RULE("allow", ",'until_exit':{'pid':1,'start':1}")),
		      TV_REFUSED);
	assert_status(fixture_edit(NULL, v, TV_AGENT_rule, "{'remove':'00000000'}"), TV_NO_ENTRY);
	tv_vault_free(v);
	assert_int_equal(tv_arena_in_use(), 0);
}

/* Through the document's bytes, and gone with their entry. */
static void kept(void **state)
{
	struct tv_vault *v = fixture_vault("token");
	tv_auto_secret first = {0}, second = {0};
	struct tv_doc *doc;

	(void)state;
	assert_ok(fixture_edit(NULL, v, TV_AGENT_rule,
			       RULE("deny", ",'program':'/a','script':'/b','hash':'" HASH
					    "','no_ancestor':['npm','pip'],'tty':true,'until':5,"
					    "'reads':3,'until_exit':{'pid':7,'start':70},"
					    "'ancestor':'/c','cgroup':'*','namespaces':true")));
	assert_ok(fixture_edit(NULL, v, TV_AGENT_rule, RULE("allow", ",'first':true")));
	assert_int_equal(tv_vault_doc(v)->rules[0].verdict, TV_ACCESS_ALLOW);
	assert_ok(tv_doc_print(&first, tv_vault_doc(v), NULL));
	assert_ok(tv_doc_parse(&doc, first.data, first.len, NULL));
	assert_ok(tv_doc_print(&second, doc, NULL));
	assert_string_equal(tv_secret_text(&first), tv_secret_text(&second));
	tv_doc_free(doc);
	assert_ok(fixture_edit(NULL, v, TV_AGENT_remove, "{'provider':'azion'}"));
	assert_int_equal(tv_vault_doc(v)->n_rules, 2);
	assert_ok(fixture_edit(NULL, v, TV_AGENT_forget, "{'provider':'azion'}"));
	assert_int_equal(tv_vault_doc(v)->n_rules, 0);
	tv_vault_free(v);
}

/* The server checks what the keeper sends before it looks into it. */
static void sound(void **state)
{
	const size_t front = offsetof(struct tv_caller, text);
	struct tv_caller *c = caller();

	(void)state;
	assert_true(tv_caller_is_sound(c, front + c->text_len));
	assert_false(tv_caller_is_sound(c, front + c->text_len - 1));
	assert_false(tv_caller_is_sound(c, front));
	c->text[c->text_len - 1] = 'x';
	assert_false(tv_caller_is_sound(c, front + c->text_len));
	c = caller();
	c->ancestors[1].script = (uint16_t)c->text_len;
	assert_false(tv_caller_is_sound(c, front + c->text_len));
	c = caller();
	c->n_ancestors = TV_CALLER_ANCESTORS + 1;
	assert_false(tv_caller_is_sound(c, front + c->text_len));
}

static int set_up(void **state)
{
	(void)state;
	return tv_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions), cmocka_unit_test(unknown), cmocka_unit_test(exits),
		cmocka_unit_test(bounds),     cmocka_unit_test(kept),	 cmocka_unit_test(sound),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
