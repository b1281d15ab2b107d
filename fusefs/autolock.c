/* Knows when to lock, and that it was done. */
#include "fusefs/autolock.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "fusefs/bus/bus.h"
#include "fusefs/custody.h"
#include "fusefs/errand.h"
#include "fusefs/link.h"
#include "fusefs/record.h"

/* epoll's clock stands still while the machine sleeps: the secrets of a vault whose time came meanwhile
 * stay for so long at most. Nobody reads them even then, for the time is looked at before each request. */
#define LOOK_MS 15000

static const char *const causes[] = {
	[TV_LOCK_NONE] = NULL,	   [TV_LOCK_COMMAND] = "command", [TV_LOCK_IDLE] = "idle",
	[TV_LOCK_AFTER] = "after", [TV_LOCK_SLEEP] = "sleep",	  [TV_LOCK_SCREEN] = "screen",
	[TV_LOCK_KEY] = "key",
};

static int64_t clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t now(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

/* When it is to be locked, and why then; INT64_MAX: never. */
static int64_t deadline(enum tv_lock_cause *cause, const struct tv_server *s)
{
	const struct tv_settings *set;
	int64_t at = INT64_MAX;

	*cause = TV_LOCK_NONE;
	if (!s->autolock.is_set)
		return at;
	set = &tv_vault_doc(s->vault)->settings;
	if (set->lock_after) {
		at = s->autolock.unlocked + set->lock_after * 1000;
		*cause = TV_LOCK_AFTER;
	}
	if (set->lock_idle && s->autolock.used + set->lock_idle * 1000 < at) {
		at = s->autolock.used + set->lock_idle * 1000;
		*cause = TV_LOCK_IDLE;
	}
	return at;
}

void tv_autolock_follow(struct tv_server *s)
{
	const struct tv_settings *set = s->vault ? &tv_vault_doc(s->vault)->settings : NULL;

	s->autolock.is_set = set && (set->lock_after || set->lock_idle);
}

/* What is served after the time has come, in one turn with what came before, gives it no more time. */
void tv_autolock_use(struct tv_server *s)
{
	enum tv_lock_cause cause;
	const int64_t at = now();

	if (at < deadline(&cause, s))
		s->autolock.used = at;
}

void tv_autolock_unlocked(struct tv_server *s)
{
	s->autolock.unlocked = s->autolock.used = now();
	s->autolock.cause = TV_LOCK_NONE;
}

uint32_t tv_autolock_lock(struct tv_server *s, enum tv_lock_cause cause)
{
	if (s->vault) {
		s->autolock.cause = cause;
		tv_record_lock(s, causes[cause]);
	}
	return tv_custody_lock(s);
}

int tv_autolock_wait(const struct tv_server *s)
{
	enum tv_lock_cause cause;
	int64_t at = deadline(&cause, s), left;

	if (at == INT64_MAX)
		return -1;
	left = at - now();
	return left < 0 ? 0 : left < LOOK_MS ? (int)left : LOOK_MS;
}

bool tv_autolock_run(struct tv_server *s)
{
	enum tv_lock_cause cause;
	int64_t at = deadline(&cause, s);

	if (at == INT64_MAX || now() < at)
		return false;
	tv_autolock_lock(s, cause);
	return true;
}

static bool is_wanted(const struct tv_server *s, enum tv_lock_cause cause)
{
	const struct tv_settings *set = s->vault ? &tv_vault_doc(s->vault)->settings : NULL;

	if (cause == TV_LOCK_SLEEP)
		return !set || !set->open_at_sleep;
	return cause != TV_LOCK_SCREEN || !set || !set->open_at_screen;
}

void tv_autolock_heard(struct tv_server *s, const struct tv_link_message *m)
{
	enum tv_lock_cause cause = TV_LOCK_COMMAND;
	uint32_t inval = s->inval.finished;

	if (!strcmp(m->text, causes[TV_LOCK_SLEEP]))
		cause = TV_LOCK_SLEEP;
	else if (!strcmp(m->text, causes[TV_LOCK_SCREEN]))
		cause = TV_LOCK_SCREEN;
	/* Locked already is not forgotten already: an earlier lock may still be on its way. */
	if (is_wanted(s, cause))
		inval = tv_autolock_lock(s, cause);
	if (!m->number)
		return;
	s->autolock.owed = m->number;
	s->autolock.inval = inval;
	tv_autolock_progress(s);
}

void tv_autolock_progress(struct tv_server *s)
{
	if (!s->autolock.owed || s->inval.finished < s->autolock.inval)
		return;
	tv_errand_locked(s, s->autolock.owed);
	s->autolock.owed = 0;
}

/* What can be heard of, and is wanted. */
static bool put_events(struct tv_json *object, const struct tv_server *s)
{
	struct tv_json *list = tv_json_array();
	const uint32_t heard = s->vault ? s->autolock.watched : 0;
	bool good = tv_json_put(object, "locks_on", list);

	if (heard & TV_BUS_SLEEP && is_wanted(s, TV_LOCK_SLEEP))
		good = good && tv_json_put_text(list, NULL, causes[TV_LOCK_SLEEP]);
	if (heard & TV_BUS_SCREEN && is_wanted(s, TV_LOCK_SCREEN))
		good = good && tv_json_put_text(list, NULL, causes[TV_LOCK_SCREEN]);
	return good;
}

bool tv_autolock_report(struct tv_json *object, const struct tv_server *s)
{
	enum tv_lock_cause cause;
	const int64_t at = deadline(&cause, s);
	bool good = tv_json_put_text(object, "locked_by", causes[s->autolock.cause]);

	good = good && tv_json_put_text(object, "locks_by", causes[cause]);
	if (at == INT64_MAX)
		good = good && tv_json_put_null(object, "locks_at");
	else
		good = good && tv_json_put_int(object, "locks_at",
					       (clock_ms(CLOCK_REALTIME) + at - now()) / 1000);
	return good && put_events(object, s);
}
