/* Who opened a moment ago: what is known of them for as long as they run in the same memory, and no longer. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fusefs/openers.h"

static struct tv_openers openers;

/* A child that waits for a byte and then runs another program. */
struct child {
	pid_t pid;
	int say;
	int hear;
};

static struct child start(void)
{
	int say[2], hear[2];
	struct child c;
	char byte;

	assert_false(pipe(say) || pipe(hear));
	c = (struct child){.pid = fork(), .say = say[1], .hear = hear[0]};
	if (!c.pid) {
		dup2(hear[1], 1);
		dup2(say[0], 0);
		if (read(0, &byte, 1) == 1)
			execlp("sh", "sh", "-c", "echo; read -r line", NULL);
		_exit(1);
	}
	close(say[0]);
	close(hear[1]);
	return c;
}

static void run_another(const struct child *c)
{
	char byte;

	assert_int_equal(write(c->say, "\n", 1), 1);
	assert_int_equal(read(c->hear, &byte, 1), 1);
}

static void end(const struct child *c)
{
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
	close(c->say);
	close(c->hear);
}

static int resolve(struct tv_caller *out, pid_t pid, uint32_t number)
{
	const struct tv_caller_question q = {.number = number, .task = pid, .with_memory = 1};
	int memory;

	tv_caller_resolve(out, &memory, &q);
	return memory;
}

static void test_memory(void **state)
{
	struct child c = start();
	struct tv_caller caller;
	int first, second;

	(void)state;
	first = resolve(&caller, c.pid, 1);
	assert_int_equal(caller.trouble, TV_CALLER_KNOWN);
	assert_true(first >= 0 && tv_memory_is_in_use(first));
	run_another(&c);
	assert_false(tv_memory_is_in_use(first));
	second = resolve(&caller, c.pid, 2);
	assert_true(second >= 0 && tv_memory_is_in_use(second));
	end(&c);
	assert_false(tv_memory_is_in_use(second));
	close(first);
	close(second);
}

/* Only a question that wants it gets it. */
static void test_none(void **state)
{
	struct child c = start();
	const struct tv_caller_question q = {.number = 3, .task = c.pid};
	struct tv_caller caller;
	int memory = 0;

	(void)state;
	tv_caller_resolve(&caller, &memory, &q);
	assert_int_equal(caller.trouble, TV_CALLER_KNOWN);
	assert_int_equal(memory, -1);
	end(&c);
	assert_false(tv_memory_is_in_use(-1));
}

static void test_known(void **state)
{
	struct child c = start();
	const struct tv_opener *o;
	struct tv_caller caller;
	int memory;

	(void)state;
	memory = resolve(&caller, c.pid, 4);
	assert_false(tv_openers_has(&openers, c.pid));
	tv_openers_keep(&openers, c.pid, &caller, true, -1);
	assert_true(tv_openers_has(&openers, c.pid));
	assert_null(tv_openers_find(&openers, c.pid));
	assert_false(tv_openers_follows(&openers, c.pid));
	tv_openers_keep(&openers, c.pid, &caller, true, memory);
	assert_true(tv_openers_follows(&openers, c.pid));
	o = tv_openers_find(&openers, c.pid);
	assert_non_null(o);
	assert_int_equal(o->number, 4);
	assert_int_equal(o->caller->self.pid, c.pid);
	assert_string_equal(tv_caller_text(o->caller, o->caller->self.path),
			    tv_caller_text(&caller, caller.self.path));
	tv_openers_asked(&openers, c.pid, 7);
	tv_openers_noted(&openers, c.pid, 7);
	assert_int_equal(tv_openers_find(&openers, c.pid)->number, 7);
	assert_null(tv_openers_find(&openers, c.pid + 1));
	assert_false(tv_openers_follows(&openers, c.pid + 1));
	run_another(&c);
	assert_null(tv_openers_find(&openers, c.pid));
	assert_true(tv_openers_has(&openers, c.pid));
	end(&c);
	tv_openers_forget(&openers);
	assert_false(tv_openers_has(&openers, c.pid));
}

static void test_until(void **state)
{
	struct tv_caller caller;
	const int memory = resolve(&caller, getpid(), 5);

	(void)state;
	assert_int_equal(tv_openers_wait(&openers), -1);
	tv_openers_keep(&openers, getpid(), &caller, false, memory);
	assert_in_range(tv_openers_wait(&openers), 900, 1000);
	assert_non_null(tv_openers_find(&openers, getpid()));
	/* The keeper was not to note it. */
	assert_int_equal(tv_openers_find(&openers, getpid())->number, 0);
	openers.at[0].until = tv_now_ms();
	assert_null(tv_openers_find(&openers, getpid()));
	tv_openers_hurry(&openers);
	assert_true(tv_openers_has(&openers, getpid()));
	openers.until = tv_now_ms();
	assert_int_equal(tv_openers_wait(&openers), 0);
	tv_openers_hurry(&openers);
	assert_false(tv_openers_has(&openers, getpid()));
	assert_int_equal(tv_openers_wait(&openers), -1);
	/* The descriptor went with it. */
	assert_int_equal(close(memory), -1);
}

/* Nobody, and more than there is room for. */
static void test_many(void **state)
{
	struct tv_caller caller;
	const int memory = resolve(&caller, getpid(), 6);
	size_t there = 0;

	(void)state;
	assert_false(tv_openers_has(&openers, 0));
	for (int i = 1; i <= 3 * TV_OPENERS; i++)
		tv_openers_keep(&openers, i, &caller, true, dup(memory));
	for (int i = 1; i <= 3 * TV_OPENERS; i++)
		there += tv_openers_find(&openers, i) != NULL;
	assert_int_equal(there, TV_OPENERS);
	assert_non_null(tv_openers_find(&openers, 3 * TV_OPENERS));
	tv_openers_forget(&openers);
	/* All that were made are closed again. */
	assert_int_equal(dup(memory), memory + 1);
	close(memory + 1);
	close(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory), cmocka_unit_test(test_none),
		cmocka_unit_test(test_known),  cmocka_unit_test(test_until),
		cmocka_unit_test(test_many),
	};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
