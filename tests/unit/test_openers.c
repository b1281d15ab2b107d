/* Who opened a moment ago: what is known of them for as long as they have had no page fault, and no longer. */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

/* It waits, and has no faults meanwhile. */
static void await_rest(pid_t pid)
{
	char text[512], path[32], *at = NULL;

	snprintf(path, sizeof path, "/proc/%d", (int)pid);
	for (int i = 0; i < 5000 && !(at && at[2] == 'S'); i++) {
		const int proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

		assert_true(tv_proc_read(text, sizeof text, proc, "stat") > 0);
		close(proc);
		at = strrchr(text, ')');
		usleep(1000);
	}
	assert_true(at && at[2] == 'S');
}

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
	await_rest(c.pid);
	return c;
}

static void run_another(const struct child *c)
{
	char byte;

	assert_int_equal(write(c->say, "\n", 1), 1);
	assert_int_equal(read(c->hear, &byte, 1), 1);
	await_rest(c->pid);
}

static void end(const struct child *c)
{
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
	close(c->say);
	close(c->hear);
}

static int resolve(struct tv_caller *out, pid_t pid)
{
	const struct tv_caller_question q = {.task = pid, .with_faults = 1, .with_line = 1};
	int file;

	tv_caller_resolve(out, &file, &q);
	return file;
}

static void test_faults(void **state)
{
	struct child c = start();
	struct tv_caller caller;
	uint64_t before;
	int file;

	(void)state;
	file = resolve(&caller, c.pid);
	assert_int_equal(caller.trouble, TV_CALLER_KNOWN);
	assert_true(file >= 0 && caller.faults);
	before = tv_proc_faults(file, true);
	assert_int_equal(before, caller.faults);
	run_another(&c);
	assert_in_range(tv_proc_faults(file, true), before + 1, INT64_MAX);
	end(&c);
	assert_int_equal(tv_proc_faults(file, true), 0);
	close(file);
	assert_int_equal(tv_proc_faults(-1, true), 0);
}

/* As the program itself has it, whatever it calls itself. */
static void test_counted(void **state)
{
	const char *const names[] = {"plain", "a) b (c", ") S 1 2 3 4 5", "(("};
	const int proc = tv_proc_open(getpid());
	const int file = tv_proc_open_stat(proc);
	struct rusage used;
	uint64_t faults;

	(void)state;
	assert_false(getrusage(RUSAGE_SELF, &used));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_false(prctl(PR_SET_NAME, names[i]));
		tv_proc_faults(file, true);
		faults = tv_proc_faults(file, true);
		assert_false(getrusage(RUSAGE_SELF, &used));
		assert_int_equal(faults, used.ru_minflt + used.ru_majflt);
	}
	close(file);
	close(proc);
}

static sem_t is_there, may_go;

static void *wait_there(void *number)
{
	*(pid_t *)number = gettid();
	sem_post(&is_there);
	while (sem_wait(&may_go))
		;
	return NULL;
}

/* Another thread may be on its way to another program, and has the first one's number then. */
static void test_threads(void **state)
{
	const int proc = tv_proc_open(getpid());
	const int file = tv_proc_open_stat(proc);
	struct tv_caller caller;
	int others, others_file;
	pthread_t thread;
	pid_t number = 0;

	(void)state;
	assert_false(sem_init(&is_there, 0, 0) || sem_init(&may_go, 0, 0));
	assert_true(tv_proc_faults(file, true));
	assert_false(pthread_create(&thread, NULL, wait_there, &number));
	assert_false(sem_wait(&is_there));
	assert_int_equal(tv_proc_faults(file, true), 0);
	others = tv_proc_open(number);
	others_file = tv_proc_open_stat(others);
	assert_true(tv_proc_faults(others_file, false));
	close(resolve(&caller, getpid()));
	assert_int_equal(caller.faults, 0);
	/* Only once it is known to be none is one of the others looked at so. */
	for (int i = 0; i < 100 && !caller.faults; i++)
		close(resolve(&caller, number));
	assert_int_equal(caller.self.pid, getpid());
	assert_true(caller.faults);
	tv_openers_keep(&openers, number, &caller, tv_proc_faults(others_file, false),
			dup(others_file));
	tv_openers_keep(&openers, getpid(), &caller, tv_proc_faults(file, false), dup(file));
	assert_null(tv_openers_find(&openers, getpid()));
	assert_int_equal(tv_openers_faults(&openers, getpid()), 0);
	assert_true(tv_openers_follows(&openers, getpid()));
	assert_true(tv_openers_faults(&openers, number));
	sem_post(&may_go);
	pthread_join(thread, NULL);
	/* That is told a moment before it is gone. */
	for (int i = 0; i < 5000 && !tv_proc_faults(file, true); i++)
		usleep(1000);
	assert_null(tv_openers_find(&openers, number));
	assert_false(tv_openers_follows(&openers, number));
	assert_int_equal(tv_proc_faults(others_file, false), 0);
	assert_true(tv_proc_faults(file, true));
	tv_openers_forget(&openers);
	close(others_file);
	close(others);
	close(file);
	close(proc);
}

/* Only a question that wants them gets them, and what the log says of it. */
static void test_none(void **state)
{
	struct child c = start();
	struct tv_caller_question q = {.task = c.pid};
	struct tv_caller caller, again;
	int file = 0;

	(void)state;
	tv_caller_resolve(&caller, &file, &q);
	assert_int_equal(caller.trouble, TV_CALLER_KNOWN);
	assert_int_equal(file, -1);
	assert_int_equal(caller.faults, 0);
	assert_int_equal(caller.line, 0);
	q.with_line = 1;
	tv_caller_resolve(&caller, &file, &q);
	assert_memory_equal(tv_caller_text(&caller, caller.line), "\"pid\":", 6);
	assert_string_equal(tv_caller_text(&caller, caller.line),
			    (const char *)tv_caller_note(&again, 0, c.pid)->data);
	end(&c);
}

/* Whatever else takes its time here. */
static void keep(int32_t task, const struct tv_caller *caller, uint64_t faults, int file)
{
	tv_openers_keep(&openers, task, caller, faults, file);
	for (size_t i = 0; i < TV_OPENERS; i++)
		openers.at[i].until += 60000;
}

static void test_known(void **state)
{
	struct child c = start();
	const struct tv_opener *o;
	struct tv_caller caller;
	int file;

	(void)state;
	file = resolve(&caller, c.pid);
	assert_false(tv_openers_has(&openers, c.pid));
	keep(c.pid, &caller, 0, -1);
	assert_true(tv_openers_has(&openers, c.pid));
	assert_null(tv_openers_find(&openers, c.pid));
	assert_int_equal(tv_openers_faults(&openers, c.pid), 0);
	keep(c.pid, &caller, caller.faults, file);
	assert_int_equal(tv_openers_faults(&openers, c.pid), caller.faults);
	o = tv_openers_find(&openers, c.pid);
	assert_non_null(o);
	assert_int_equal(o->caller->self.pid, c.pid);
	assert_string_equal(tv_caller_text(o->caller, o->caller->self.path),
			    tv_caller_text(&caller, caller.self.path));
	assert_null(tv_openers_find(&openers, c.pid + 1));
	run_another(&c);
	assert_null(tv_openers_find(&openers, c.pid));
	assert_true(tv_openers_has(&openers, c.pid));
	/* Asked about anew it is known by the same file. */
	keep(c.pid, &caller, tv_openers_faults(&openers, c.pid), -1);
	assert_non_null(tv_openers_find(&openers, c.pid));
	end(&c);
	assert_null(tv_openers_find(&openers, c.pid));
	assert_int_equal(tv_openers_faults(&openers, c.pid), 0);
	tv_openers_forget(&openers);
	assert_false(tv_openers_has(&openers, c.pid));
}

/* Of faults that nobody knows there are none fewer. */
static void test_unknown(void **state)
{
	struct child c = start();
	struct tv_caller caller;
	const int file = resolve(&caller, c.pid);

	(void)state;
	end(&c);
	keep(c.pid, &caller, 0, file);
	assert_null(tv_openers_find(&openers, c.pid));
	tv_openers_forget(&openers);
}

static void test_until(void **state)
{
	struct child c = start();
	struct tv_caller caller;
	const int file = resolve(&caller, c.pid);

	(void)state;
	assert_int_equal(tv_openers_wait(&openers), -1);
	keep(c.pid, &caller, caller.faults, file);
	assert_in_range(tv_openers_wait(&openers), 900, 1000);
	assert_non_null(tv_openers_find(&openers, c.pid));
	openers.at[0].until = tv_now_ms();
	assert_null(tv_openers_find(&openers, c.pid));
	tv_openers_hurry(&openers);
	assert_true(tv_openers_has(&openers, c.pid));
	openers.until = tv_now_ms();
	assert_int_equal(tv_openers_wait(&openers), 0);
	tv_openers_hurry(&openers);
	assert_false(tv_openers_has(&openers, c.pid));
	assert_int_equal(tv_openers_wait(&openers), -1);
	/* The descriptor went with it. */
	assert_int_equal(close(file), -1);
	end(&c);
}

/* Nobody, and more than there is room for. */
static void test_many(void **state)
{
	struct child c = start();
	struct tv_caller caller;
	const int file = resolve(&caller, c.pid);
	size_t there = 0;

	(void)state;
	assert_false(tv_openers_has(&openers, 0));
	for (int i = 1; i <= 3 * TV_OPENERS; i++)
		keep(i, &caller, caller.faults, dup(file));
	for (int i = 1; i <= 3 * TV_OPENERS; i++)
		there += tv_openers_find(&openers, i) != NULL;
	assert_int_equal(there, TV_OPENERS);
	assert_non_null(tv_openers_find(&openers, 3 * TV_OPENERS));
	tv_openers_forget(&openers);
	/* All that were made are closed again. */
	assert_int_equal(dup(file), file + 1);
	close(file + 1);
	close(file);
	end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),	cmocka_unit_test(test_counted),
		cmocka_unit_test(test_threads), cmocka_unit_test(test_none),
		cmocka_unit_test(test_known),	cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_until),	cmocka_unit_test(test_many),
	};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
