/* Starts the server in its sandbox and turns its loop. */
#include "fusefs/server.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "fusefs/calls.h"
#include "fusefs/client.h"
#include "fusefs/descriptors.h"
#include "fusefs/door.h"
#include "fusefs/errand.h"
#include "fusefs/fuse.h"
#include "fusefs/link.h"
#include "fusefs/memory.h"
#include "fusefs/surface.h"

#define CLIENTS_MAX 1100
#define LEAVE_MS    2000      /* at most, for a client that still takes what it is to save */
#define MAPPED	    (1 << 20) /* bytes from which on a block has pages of its own */

/* There is nowhere to write it to, and it might quote what must not be quoted. */
static void ignore_log(enum fuse_log_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
}

/* Signals from a terminal or a service manager go to the keeper as well, which ends us in order. */
static void ignore_signals(void)
{
	static const int signals[] = {SIGINT,  SIGTERM, SIGHUP,	 SIGQUIT,
				      SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ};

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_IGN);
}

/* The mounts want descriptors too. */
static size_t most_clients(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur / 2 > CLIENTS_MAX)
		return CLIENTS_MAX;
	return files.rlim_cur / 2;
}

static void inval_ready(struct tv_source *source, uint32_t events)
{
	struct tv_server *s = (struct tv_server *)(void *)((char *)source -
							   offsetof(struct tv_server, inval_done));

	(void)events;
	tv_inval_finish(s);
	tv_server_progress(s);
}

static enum tv_status open_loop(struct tv_server *s, struct tv_error *err)
{
	s->inval_done = (struct tv_source){.fd = s->inval.ours, .ready = inval_ready};
	s->link.ready = tv_errand_ready;
	s->listener.ready = tv_door_ready;
	if (fcntl(s->link.fd, F_SETFL, O_RDWR | O_NONBLOCK) || !tv_loop_add(s->epoll, &s->link) ||
	    !tv_who_listen(s) ||
	    !(s->config->is_run ? tv_door_take_only(s) : tv_loop_add(s->epoll, &s->listener)) ||
	    !tv_loop_add(s->epoll, &s->inval_done))
		return tv_fail(err, TV_FAILED, "epoll: %s", strerror(errno));
	return TV_OK;
}

/* No powers, no files, no network. */
static enum tv_status give_up(pid_t keeper, struct tv_error *err)
{
	static const char *const no_files[] = {NULL};
	enum tv_status status = tv_sandbox_process(err);

	/* It may have died before we asked to be told. */
	if (!status && getppid() != keeper)
		_exit(1);
	return status ? status : tv_sandbox_files(no_files, false, err);
}

/* Landlock and the rest are inherited by the thread that starts after them; the filter of system calls
 * comes last, and for both. */
static enum tv_status enter(struct tv_server *s, pid_t keeper, struct tv_error *err)
{
	struct tv_lane *const who = &s->who.lane;
	int *const keep[] = {&s->link.fd, &who->in, &who->out, &who->side, &s->listener.fd};
	enum tv_status status = tv_descriptors_keep(keep, sizeof keep / sizeof *keep, err);

	/* The files of hidden memory are longer than any that a user would limit. */
	tv_limit_raise(RLIMIT_FSIZE);
	if (!status)
		status = give_up(keeper, err);
	if (!status && (s->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		status = tv_fail(err, TV_FAILED, "epoll: %s", strerror(errno));
	if (!status)
		status = tv_inval_start(&s->inval, err);
	if (!status)
		status = open_loop(s, err);
	/* It never forks again, and has no secret yet. */
	tv_arena_hide();
	tv_stack_wipe_at_rest();
	return status ? status : tv_sandbox_calls(tv_server_calls, TV_OTHERWISE_KILLED, err);
}

void tv_server_stop(struct tv_server *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	s->clear_number = tv_autolock_lock(s, TV_LOCK_COMMAND);
	tv_server_progress(s);
}

void tv_server_progress(struct tv_server *s)
{
	tv_autolock_progress(s);
	if (s->stopping && !s->clearing && s->inval.finished >= s->clear_number) {
		s->clearing = true;
		s->clear_number = tv_errand_clear(s);
	}
	if (s->clearing && !s->cleared && s->sync_done >= s->clear_number) {
		s->cleared = true;
		s->leaves_at = tv_now_ms() + LEAVE_MS;
	}
	tv_clients_progress(s);
}

/* The sooner of two times, −1 being never. */
static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Who saves an edit meanwhile gets the rest of it. */
static bool may_leave(struct tv_server *s)
{
	return s->cleared &&
	       ((!tv_clients_are_saving(s) && tv_who_is_told(s)) || tv_now_ms() >= s->leaves_at);
}

static int leave_wait(const struct tv_server *s)
{
	int64_t left;

	if (!s->cleared)
		return -1;
	left = s->leaves_at - tv_now_ms();
	return left < 0 ? 0 : (int)left;
}

/* Whether anything is due some time. Mostly nothing is, and requests of files that come one after the other are not to
 * wait for a look at all of it. */
static bool is_timed(const struct tv_server *s)
{
	return s->autolock.is_set || s->tell_at || s->follow_at || s->is_resting || s->who.first ||
	       s->who.next_deadline || s->who.openers.until || s->prompt.waiting.first ||
	       s->cleared;
}

static int wait_ms(const struct tv_server *s)
{
	return sooner(sooner(sooner(tv_door_wait(s), tv_autolock_wait(s)),
			     sooner(tv_memory_wait(s), leave_wait(s))),
		      sooner(sooner(tv_who_timeout(s), tv_openers_wait(&s->who.openers)),
			     tv_prompt_timeout(s)));
}

static void hurry(struct tv_server *s)
{
	tv_who_hurry(s);
	tv_openers_hurry(&s->who.openers);
	if (!s->who.openers.until)
		tv_pen_drop(&s->pen);
	tv_prompt_hurry(s);
	tv_memory_hurry(s);
	tv_door_hurry(s);
}

static int wait_for(const struct tv_server *s)
{
	if (is_timed(s))
		return wait_ms(s);
#ifdef TV_SANITIZED
	if (wait_ms(s) >= 0)
		abort();
#endif
	return -1;
}

/* The time is looked at before the request is: what comes too late is not served. */
static void turn(struct tv_server *s)
{
	const bool was_timed = is_timed(s);
	uint32_t events = 0;
	struct tv_source *source = tv_loop_wait(&events, s->epoll, wait_for(s));

	if (!(was_timed && tv_autolock_run(s)) && source)
		source->ready(source, events);
	/* Not before: it may free what a source belongs to. */
	if (is_timed(s))
		hurry(s);
	tv_errand_go_on(s);
	/* While memory is hidden the machine can't hibernate. */
	if (!s->vault)
		tv_arena_trim();
	tv_stack_rest();
}

_Noreturn void tv_server_main(const struct tv_server_birth *birth)
{
	static struct tv_server server;
	struct tv_error err = {""};
	enum tv_status status;

	server = (struct tv_server){.config = birth->config,
				    .providers = birth->providers,
				    .remembered = birth->remembered,
				    .pid = getpid(),
				    .uid = getuid(),
				    .gid = getgid(),
				    .link.fd = birth->link,
				    .listener.fd = birth->listener,
				    .most_clients = most_clients(),
				    .since = time(NULL)};
	/* Else what is freed of a vault's bytes would stay with the heap, in large pages. */
	mallopt(M_MMAP_THRESHOLD, MAPPED);
	server.errands_end = &server.errands;
	server.forgot = tv_fail(&server.why_forgot, birth->forgot, "%s", birth->why_forgot);
	tv_who_start(&server, &birth->who);
	tv_pen_start(&server.pen);
	tv_prompt_start(&server);
	ignore_signals();
	fuse_set_log_func(ignore_log);
	status = enter(&server, birth->keeper, &err);
	tv_errand_started(&server, status, err.detail);
	while (!status && !may_leave(&server))
		turn(&server);
	_exit(tv_status_exit(status));
}
