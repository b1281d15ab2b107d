/* The server's pulse: when it is asked for, and when it hangs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fusefs/pulse.h"

static void asks_once_a_minute(void **state)
{
	struct tv_pulse p;
	int64_t now = 5000;

	(void)state;
	tv_pulse_start(&p, now);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(tv_pulse_wait(&p, now), 60000);
		assert_int_equal(tv_pulse_beat(&p, now + 59999), TV_PULSE_NOTHING);
		now += 60000;
		assert_int_equal(tv_pulse_wait(&p, now), 0);
		assert_int_equal(tv_pulse_beat(&p, now), TV_PULSE_ASK);
		assert_int_equal(tv_pulse_wait(&p, now), 10000);
		now += 9000;
		tv_pulse_felt(&p, now);
	}
}

static void hangs_after_three_turns(void **state)
{
	struct tv_pulse p;

	(void)state;
	tv_pulse_start(&p, 0);
	assert_int_equal(tv_pulse_beat(&p, 60000), TV_PULSE_ASK);
	assert_int_equal(tv_pulse_beat(&p, 70000), TV_PULSE_NOTHING);
	assert_int_equal(tv_pulse_beat(&p, 80000), TV_PULSE_NOTHING);
	assert_int_equal(tv_pulse_beat(&p, 89999), TV_PULSE_NOTHING);
	assert_int_equal(tv_pulse_beat(&p, 90000), TV_PULSE_HANGS);
}

/* Both were stopped for an hour: the server has its time when both go on. */
static void counts_turns_and_not_the_clock(void **state)
{
	struct tv_pulse p;

	(void)state;
	tv_pulse_start(&p, 0);
	assert_int_equal(tv_pulse_beat(&p, 60000), TV_PULSE_ASK);
	assert_int_equal(tv_pulse_beat(&p, 3600000), TV_PULSE_NOTHING);
	assert_int_equal(tv_pulse_beat(&p, 3600001), TV_PULSE_NOTHING);
	assert_int_equal(tv_pulse_beat(&p, 3610000), TV_PULSE_NOTHING);
	tv_pulse_felt(&p, 3610001);
	assert_int_equal(tv_pulse_beat(&p, 3660000), TV_PULSE_NOTHING);
	assert_int_equal(tv_pulse_beat(&p, 3670001), TV_PULSE_ASK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_once_a_minute),
		cmocka_unit_test(hangs_after_three_turns),
		cmocka_unit_test(counts_turns_and_not_the_clock),
	};

	return cmocka_run_group_tests_name("pulse", tests, NULL, NULL);
}
