/* tokenvault-bus: hears by D-Bus that the machine goes to sleep or the screen is locked. It knows no vault,
 * and the server no D-Bus. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "fusefs/bus/bus.h"

#define CALL_USEC  (2 * 1000000ULL)  /* nobody is waited for longer */
#define RETRY_USEC (10 * 1000000ULL) /* between attempts to find a bus again */

#define LOGIND	"org.freedesktop.login1"
#define MANAGER LOGIND ".Manager"
#define SESSION LOGIND ".Session"

struct watcher {
	sd_event *event;
	sd_event_source *retry;
	sd_bus *system; /* NULL while there is none */
	sd_bus *user;
	bool had_system; /* one that was there is looked for again */
	bool had_user;
	int inhibitor; /* while it is open logind waits with sleeping, five seconds at most */
	uint32_t asked;
	uint32_t before_sleep; /* the answer that lets the machine sleep; 0: none is waited for */
	uint32_t told;	       /* what the keeper believes that is watched */
};

static void say(const struct watcher *w, enum tv_bus_kind kind, uint32_t what, uint32_t number)
{
	const struct tv_bus_message m = {.kind = kind, .what = what, .number = number};

	if (send(STDIN_FILENO, &m, sizeof m, MSG_NOSIGNAL) != sizeof m)
		sd_event_exit(w->event, EXIT_FAILURE);
}

/* Sleep is watched only while it would wait for us. */
static void tell_watched(struct watcher *w)
{
	uint32_t what = w->user ? TV_BUS_SCREEN : 0;

	if (w->inhibitor >= 0)
		what |= TV_BUS_SLEEP | TV_BUS_SCREEN;
	if (what != w->told)
		say(w, TV_BUS_WATCHES, what, 0);
	w->told = what;
}

static void drop_inhibitor(struct watcher *w)
{
	if (w->inhibitor >= 0)
		close(w->inhibitor);
	w->inhibitor = -1;
}

/* https://systemd.io/INHIBITOR_LOCKS */
static void take_inhibitor(struct watcher *w)
{
	sd_bus_message *reply = NULL;
	int fd;

	drop_inhibitor(w);
	if (w->system &&
	    sd_bus_call_method(w->system, LOGIND, "/org/freedesktop/login1", MANAGER, "Inhibit",
			       NULL, &reply, "ssss", "sleep", "tokenvault",
			       "The vault is locked first", "delay") >= 0 &&
	    sd_bus_message_read(reply, "h", &fd) >= 0)
		w->inhibitor = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	sd_bus_message_unref(reply);
}

static void ask_to_lock(struct watcher *w, enum tv_bus_what why)
{
	say(w, TV_BUS_LOCK, why, ++w->asked);
}

static int on_sleep(sd_bus_message *m, void *arg, sd_bus_error *err)
{
	struct watcher *w = arg;
	int is_coming;

	(void)err;
	if (sd_bus_message_read(m, "b", &is_coming) < 0)
		return 0;
	if (is_coming) {
		ask_to_lock(w, TV_BUS_SLEEP);
		w->before_sleep = w->asked;
		return 0;
	}
	w->before_sleep = 0;
	if (w->inhibitor < 0)
		take_inhibitor(w);
	tell_watched(w);
	return 0;
}

/* Other users' sessions are locked too. In doubt it is ours. */
static bool is_ours(sd_bus *bus, const char *session)
{
	sd_bus_message *reply = NULL;
	uint32_t uid = getuid();

	if (sd_bus_get_property(bus, LOGIND, session, SESSION, "User", NULL, &reply, "(uo)") < 0 ||
	    sd_bus_message_read(reply, "(uo)", &uid, NULL) < 0)
		uid = getuid();
	sd_bus_message_unref(reply);
	return uid == getuid();
}

static int on_session_lock(sd_bus_message *m, void *arg, sd_bus_error *err)
{
	struct watcher *w = arg;

	(void)err;
	if (is_ours(w->system, sd_bus_message_get_path(m)))
		ask_to_lock(w, TV_BUS_SCREEN);
	return 0;
}

static int on_screen(sd_bus_message *m, void *arg, sd_bus_error *err)
{
	int is_active;

	(void)err;
	if (sd_bus_message_read(m, "b", &is_active) >= 0 && is_active)
		ask_to_lock(arg, TV_BUS_SCREEN);
	return 0;
}

/* logind came, went, or is another: an inhibitor of an earlier one holds nothing. */
static int on_logind(sd_bus_message *m, void *arg, sd_bus_error *err)
{
	struct watcher *w = arg;
	const char *owner = "";

	(void)err;
	if (sd_bus_message_read(m, "sss", NULL, NULL, &owner) < 0)
		return 0;
	if (*owner)
		take_inhibitor(w);
	else
		drop_inhibitor(w);
	tell_watched(w);
	return 0;
}

static int on_lost(sd_bus_message *m, void *arg, sd_bus_error *err)
{
	struct watcher *w = arg;
	sd_bus **lost = sd_bus_message_get_bus(m) == w->system ? &w->system : &w->user;

	(void)err;
	if (lost == &w->system)
		drop_inhibitor(w);
	/* Its own dispatcher, which is calling, holds it as long as it needs it. */
	*lost = sd_bus_close_unref(*lost);
	tell_watched(w);
	sd_event_source_set_time_relative(w->retry, RETRY_USEC);
	sd_event_source_set_enabled(w->retry, SD_EVENT_ONESHOT);
	return 0;
}

static bool attach(struct watcher *w, sd_bus *bus)
{
	return sd_bus_set_method_call_timeout(bus, CALL_USEC) >= 0 &&
	       sd_bus_attach_event(bus, w->event, 0) >= 0 &&
	       sd_bus_match_signal(bus, NULL, "org.freedesktop.DBus.Local", NULL,
				   "org.freedesktop.DBus.Local", "Disconnected", on_lost, w) >= 0;
}

static bool open_system(struct watcher *w)
{
	if (sd_bus_open_system(&w->system) < 0)
		return false;
	if (!attach(w, w->system) ||
	    sd_bus_match_signal(w->system, NULL, LOGIND, NULL, MANAGER, "PrepareForSleep", on_sleep,
				w) < 0 ||
	    sd_bus_match_signal(w->system, NULL, LOGIND, NULL, SESSION, "Lock", on_session_lock,
				w) < 0 ||
	    sd_bus_add_match(w->system, NULL,
			     "type='signal',sender='org.freedesktop.DBus',"
			     "interface='org.freedesktop.DBus',member='NameOwnerChanged',"
			     "arg0='" LOGIND "'",
			     on_logind, w) < 0) {
		w->system = sd_bus_close_unref(w->system);
		return false;
	}
	take_inhibitor(w);
	return true;
}

/* Each desktop has an interface of its own for one signal. */
static bool open_user(struct watcher *w)
{
	static const char *const interfaces[] = {
		"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver",
		"org.mate.ScreenSaver",	       "org.xfce.ScreenSaver",
	};
	bool good;

	if (sd_bus_open_user(&w->user) < 0)
		return false;
	good = attach(w, w->user);
	for (size_t i = 0; good && i < sizeof interfaces / sizeof *interfaces; i++)
		good = sd_bus_match_signal(w->user, NULL, NULL, NULL, interfaces[i],
					   "ActiveChanged", on_screen, w) >= 0;
	if (!good)
		w->user = sd_bus_close_unref(w->user);
	return good;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *arg)
{
	struct watcher *w = arg;

	(void)usec;
	if (w->had_system && !w->system)
		open_system(w);
	if (w->had_user && !w->user)
		open_user(w);
	tell_watched(w);
	if ((w->had_system && !w->system) || (w->had_user && !w->user)) {
		sd_event_source_set_time_relative(source, RETRY_USEC);
		sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	}
	return 0;
}

/* The machine may sleep now. */
static int on_keeper(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct watcher *w = arg;
	struct tv_bus_message m;

	(void)source;
	(void)events;
	if (recv(fd, &m, sizeof m, 0) != sizeof m)
		return sd_event_exit(w->event, EXIT_SUCCESS);
	if (m.kind == TV_BUS_LOCKED && w->before_sleep && m.number >= w->before_sleep) {
		drop_inhibitor(w);
		w->before_sleep = 0;
	}
	return 0;
}

int main(void)
{
	struct watcher w = {.inhibitor = -1};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (sd_event_new(&w.event) < 0 ||
	    sd_event_add_io(w.event, NULL, STDIN_FILENO, EPOLLIN, on_keeper, &w) < 0 ||
	    sd_event_add_time_relative(w.event, &w.retry, CLOCK_MONOTONIC, RETRY_USEC, 0, on_retry,
				       &w) < 0 ||
	    sd_event_source_set_enabled(w.retry, SD_EVENT_OFF) < 0)
		return EXIT_FAILURE;
	w.had_system = open_system(&w);
	w.had_user = open_user(&w);
	/* Where there is no D-Bus there is nothing to hear. */
	if (!w.had_system && !w.had_user)
		return EXIT_SUCCESS;
	tell_watched(&w);
	return sd_event_loop(w.event) < 0;
}
