/*
 * The server's pulse: asked for once a minute, so that a server that hangs is ended, and who waits for it gets an
 * error. The time that it has is counted in turns of our own, not by the clock: those that are stopped
 * together, by a terminal say, go on together.
 */
#ifndef TV_PULSE_H
#define TV_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#define TV_PULSE_EVERY_MS 60000
#define TV_PULSE_TURN_MS  10000
#define TV_PULSE_TURNS	  3 /* without an answer, and it hangs */

/* Times are ms of CLOCK_MONOTONIC. */
struct tv_pulse {
	int64_t due;	/* when something is to be done next */
	unsigned turns; /* since it was asked; 0: it answered */
};

enum tv_pulse_deed { TV_PULSE_NOTHING, TV_PULSE_ASK, TV_PULSE_HANGS };

void tv_pulse_start(struct tv_pulse *pulse, int64_t now);
/* How many ms may pass until tv_pulse_beat is called. */
int tv_pulse_wait(const struct tv_pulse *pulse, int64_t now);
/* What is to be done now. */
enum tv_pulse_deed tv_pulse_beat(struct tv_pulse *pulse, int64_t now);
/* It answered. */
void tv_pulse_felt(struct tv_pulse *pulse, int64_t now);

#endif
