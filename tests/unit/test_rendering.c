/* Rendered bytes: how long they stay when nobody has their file open any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fusefs/rendering.h"
#include "vault/arena.h"

static struct tv_rendering *make(struct tv_rendering **home, const char *text)
{
	struct tv_secret bytes = {0};
	struct tv_rendering *r;

	tv_secret_append(&bytes, text, 40);
	assert_false(bytes.failed);
	r = tv_rendering_new(&bytes, home);
	assert_non_null(r);
	return r;
}

static const char token[] = "xtpYlSXpfKtHF4vUCsMehGAkWvj7FAc9QeWJKY40";

static void stays_for_the_next_open(void **state)
{
	struct tv_rendering *home = NULL, *r = make(&home, token);

	(void)state;
	tv_rendering_release(r);
	assert_ptr_equal(home, r);
	tv_rendering_hold(home);
	tv_rendering_hold(home);
	tv_rendering_release(r);
	assert_memory_equal(home->bytes.data, token, 40);
	tv_rendering_release(r);
	assert_true(tv_arena_in_use() > 0);
	tv_rendering_detach(home);
	assert_null(home);
	assert_int_equal(tv_arena_in_use(), 0);
}

static void goes_when_another_one_is_closed(void **state)
{
	struct tv_rendering *one = NULL, *two = NULL, *r = make(&one, token);
	size_t one_alone = tv_arena_in_use();

	(void)state;
	tv_rendering_release(r);
	r = make(&two, token);
	assert_non_null(one);
	tv_rendering_release(r);
	assert_null(one);
	assert_ptr_equal(two, r);
	assert_int_equal(tv_arena_in_use(), one_alone);
	tv_renderings_wipe();
	assert_null(two);
	assert_int_equal(tv_arena_in_use(), 0);
}

static void goes_with_its_last_holder_once_it_is_old(void **state)
{
	struct tv_rendering *home = NULL, *r = make(&home, token);

	(void)state;
	tv_rendering_detach(home);
	assert_null(home);
	assert_memory_equal(r->bytes.data, token, 40);
	tv_rendering_release(r);
	assert_int_equal(tv_arena_in_use(), 0);
}

static void is_wiped_with_those_that_are_held(void **state)
{
	struct tv_rendering *one = NULL, *two = NULL;
	struct tv_rendering *held = make(&one, token);

	(void)state;
	tv_rendering_release(make(&two, token));
	tv_renderings_wipe();
	assert_null(one);
	assert_null(two);
	assert_true(held->wiped);
	assert_int_equal(tv_arena_in_use(), 0);
	tv_rendering_release(held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_for_the_next_open),
		cmocka_unit_test(goes_when_another_one_is_closed),
		cmocka_unit_test(goes_with_its_last_holder_once_it_is_old),
		cmocka_unit_test(is_wiped_with_those_that_are_held),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
