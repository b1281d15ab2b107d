/* Counts the turns that a server has left without an answer. */
#include "fusefs/pulse.h"

void tv_pulse_start(struct tv_pulse *p, int64_t now)
{
	*p = (struct tv_pulse){.due = now + TV_PULSE_EVERY_MS};
}

int tv_pulse_wait(const struct tv_pulse *p, int64_t now)
{
	return p->due <= now ? 0 : (int)(p->due - now);
}

enum tv_pulse_deed tv_pulse_beat(struct tv_pulse *p, int64_t now)
{
	if (now < p->due)
		return TV_PULSE_NOTHING;
	p->due = now + TV_PULSE_TURN_MS;
	if (!p->turns++)
		return TV_PULSE_ASK;
	return p->turns > TV_PULSE_TURNS ? TV_PULSE_HANGS : TV_PULSE_NOTHING;
}

void tv_pulse_felt(struct tv_pulse *p, int64_t now)
{
	tv_pulse_start(p, now);
}
