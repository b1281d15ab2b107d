/* Veils over a home directory of our own, in a namespace of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fusefs/removal.h"
#include "fusefs/run/namespace.h"
#include "fusefs/run/veils.h"

#define NO_NAMESPACE 77

static char top[PATH_MAX - 8], home[PATH_MAX], state_directory[PATH_MAX];
static struct tv_fs_config config = {.name = "veils", .home = home, .state = state_directory};

static bool is_there(const char *name)
{
	char path[2 * PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", home, name);
	return !access(path, F_OK);
}

static bool cover(struct tv_veils *all, const char *below, const char *name)
{
	char directory[2 * PATH_MAX];
	struct tv_error err;

	snprintf(directory, sizeof directory, "%s%s", home, below);
	return !tv_veils_cover(all, directory, name, &err);
}

/* A directory that there is only on a veil: who goes down to a place comes to it. */
static int cover_what_a_veil_made(struct tv_veils *all)
{
	struct tv_error err;

	if (!cover(all, "", ".choreo/deep/token") || tv_veils_raise(all, &err))
		return 1;
	if (!is_there(".choreo/deep/token"))
		return 2;
	if (!cover(all, "/.choreo/deep", "config.toml"))
		return 3;
	tv_veils_raise_again(all);
	tv_veils_forget_lost(all);
	if (!is_there(".choreo/deep/token") || !is_there(".choreo/deep/config.toml"))
		return 4;
	return all->count == 1 ? 0 : 5;
}

/* The same, where the directory has been made by now: it is bound first, and covered then. */
static int cover_what_was_made_on_a_veil(struct tv_veils *all)
{
	char made[2 * PATH_MAX];
	struct tv_error err;

	snprintf(made, sizeof made, "%s/.choreo", home);
	if (!cover(all, "", ".choreo/token") || tv_veils_raise(all, &err) || chmod(made, 0755))
		return 1;
	for (int turn = 0; turn < 2; turn++) {
		if (!cover(all, "/.choreo", "config.toml"))
			return 2;
		tv_veils_raise_again(all);
		tv_veils_forget_lost(all);
	}
	return is_there(".choreo/config.toml") ? 0 : 3;
}

/* What lies beside a veil's directory and is called alike lies on none. */
static int cover_beside(struct tv_veils *all)
{
	struct tv_error err;

	if (!cover(all, "/a", "token") || tv_veils_raise(all, &err) || !cover(all, "/ab", "token"))
		return 1;
	tv_veils_raise_again(all);
	return all->count == 2 && is_there("a/token") && is_there("ab/token") ? 0 : 2;
}

static int run_in_namespace(int (*test)(struct tv_veils *))
{
	char log[PATH_MAX + 8];
	struct tv_journal journal = {.path = log};
	struct tv_veils all;
	struct tv_error err;
	int code;

	if (tv_namespace_enter(&err) || mkdir(config.tree, 0700) ||
	    mount("tokenvault", config.tree, "tmpfs", 0, "mode=0700"))
		return NO_NAMESPACE;
	snprintf(log, sizeof log, "%s/log", top);
	tv_veils_init(&all, &config, &journal);
	code = test(&all);
	tv_veils_lower(&all);
	tv_journal_undo(&journal);
	tv_journal_free(&journal);
	return code;
}

/* In a child, with an empty home. */
static void runs(int (*test)(struct tv_veils *))
{
	const char *tmp = getenv("TMPDIR");
	int state = 0;
	pid_t child;

	snprintf(top, sizeof top, "%s/veils-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(top));
	snprintf(home, sizeof home, "%s/home", top);
	snprintf(state_directory, sizeof state_directory, "%s/state", top);
	snprintf(config.tree, sizeof config.tree, "%s/room", top);
	assert_int_equal(mkdir(home, 0700), 0);
	assert_int_equal(mkdir(state_directory, 0700), 0);
	for (const char *const *d = (const char *const[]){"/a", "/ab", NULL}; *d; d++) {
		char path[2 * PATH_MAX];

		snprintf(path, sizeof path, "%s%s", home, *d);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	child = fork();
	if (!child)
		_exit(run_in_namespace(test));
	assert_int_equal(waitpid(child, &state, 0), child);
	tv_removal_tree(top);
	assert_true(WIFEXITED(state));
	if (WEXITSTATUS(state) == NO_NAMESPACE)
		skip();
	assert_int_equal(WEXITSTATUS(state), 0);
}

static void test_below_a_veil(void **unused)
{
	(void)unused;
	runs(cover_what_a_veil_made);
}

static void test_made_meanwhile(void **unused)
{
	(void)unused;
	runs(cover_what_was_made_on_a_veil);
}

static void test_beside_a_veil(void **unused)
{
	(void)unused;
	runs(cover_beside);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_below_a_veil),
		cmocka_unit_test(test_made_meanwhile),
		cmocka_unit_test(test_beside_a_veil),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
