/* The keeper's life: claim, clear, start the server, serve its requests, and clear away. */
#include "fusefs/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fusefs/address.h"
#include "fusefs/duty.h"
#include "fusefs/events.h"
#include "fusefs/link.h"
#include "fusefs/remembered.h"
#include "fusefs/run/ground.h"
#include "fusefs/run/start.h"
#include "fusefs/server.h"

#define PREDECESSOR_MS 3000  /* how long one that is stopping may take */
#define START_MS       20000 /* how long the server may take to be ready */

void tv_keeper_tell(int ready_fd, enum tv_status status, const char *detail)
{
	unsigned char message[1 + sizeof(struct tv_error)];
	size_t len = strnlen(detail, sizeof message - 1);

	message[0] = (unsigned char)status;
	memcpy(message + 1, detail, len);
	/* Who does not listen any more needs no telling. */
	signal(SIGPIPE, SIG_IGN);
	if (write(ready_fd, message, len + 1) < 0)
		return;
}

/* A socket's name has room for 107 bytes, so it is named by way of its directory. */
static bool bind_in(int fd, int directory, const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int len = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s.sock",
			   directory, name);

	if (len >= (int)sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return false;
	}
	return !bind(fd, (struct sockaddr *)&address, sizeof address);
}

static enum tv_status bind_socket(int *out, const struct tv_fs_config *c, struct tv_error *err)
{
	int directory = open(c->runtime, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool good = directory >= 0 && fd >= 0 && bind_in(fd, directory, c->name) &&
		    !chmod(c->socket, 0600);
	int why = errno;

	if (directory >= 0)
		close(directory);
	if (!good) {
		if (fd >= 0)
			close(fd);
		return tv_fail(err, TV_IO, "%s: %s", c->socket, strerror(why));
	}
	*out = fd;
	return TV_OK;
}

static enum tv_status open_signals(int *out, struct tv_error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) ||
	    (*out = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		return tv_fail(err, TV_FAILED, "signals: %s", strerror(errno));
	return TV_OK;
}

/* The paths that the kernel reports have no links in them. */
static enum tv_status resolve(const char **path, char real[static PATH_MAX], struct tv_error *err)
{
	if (!realpath(*path, real))
		return tv_fail(err, TV_IO, "%s: %s", *path, strerror(errno));
	*path = real;
	return TV_OK;
}

/* Everything that is ours to have before there is a server. */
static enum tv_status claim_instance(struct tv_duty *k, int wait_ms, bool *found,
				     struct tv_error *err)
{
	struct tv_fs_config *c = k->config;
	enum tv_status status;

	umask(077);
	status = tv_claim_take(&k->claim, c, wait_ms, err);
	if (!status)
		status = resolve(&c->runtime, c->real_runtime, err);
	if (!status)
		status = resolve(&c->home, c->real_home, err);
	if (!status)
		status = tv_fs_config_finish(c, err);
	if (!status)
		status = tv_journal_load(&k->mounts.journal, c->journal, err);
	if (!status)
		status = tv_mounts_clear_old(found, &k->mounts, err);
	if (!status && !unlink(c->socket))
		*found = true;
	return status;
}

/* In the background: a session of its own, and nothing of the caller's. The parent leaves quietly;
 * the ready descriptor tells how it went. */
static enum tv_status daemonize(struct tv_error *err)
{
	pid_t pid = fork();
	int fd;

	if (pid < 0)
		return tv_fail(err, TV_FAILED, "fork: %s", strerror(errno));
	if (pid > 0)
		_exit(0);
	setsid();
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int std = 0; std <= 2 && fd >= 0; std++)
		dup2(fd, std);
	if (fd > 2)
		close(fd);
	return TV_OK;
}

/* What was shown last counts for the vault that it was of: another one may lie there now. */
static enum tv_status recall(struct tv_remembered *out, struct tv_duty *k, struct tv_error *err)
{
	tv_auto_bytes file = {0};
	struct tv_header header = {0};
	enum tv_status status = tv_remembered_load(out, k->config->shown, err);

	if (!status)
		status = tv_store_read(&file, k->watch.store, err);
	if (!status)
		status = tv_header_parse(&header, file.data, file.len, err);
	if (!status && memcmp(header.vault_id, out->vault_id, TV_ID_BYTES))
		status = tv_fail(err, TV_LOCKED,
				 "%s is of another vault than %s is now; tokenvault mount, once, "
				 "writes it anew",
				 k->config->shown, k->config->vault);
	tv_header_free(&header);
	if (status)
		tv_remembered_free(out);
	return status;
}

static enum tv_status fork_server(struct tv_duty *k, struct tv_error *err)
{
	struct tv_remembered remembered = {0};
	struct tv_error forgot = {""};
	struct tv_server_birth birth = {.config = k->config,
					.providers = k->providers,
					.why_forgot = forgot.detail,
					.listener = k->listener,
					.keeper = getpid()};
	struct tv_lane who[2];
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) || !tv_lane_make(who))
		return tv_fail(err, TV_FAILED, "sockets and pipes: %s", strerror(errno));
	birth.forgot = recall(&remembered, k, &forgot);
	birth.remembered = birth.forgot ? NULL : &remembered;
	birth.link = pair[1];
	birth.who = who[1];
	k->server = fork();
	if (!k->server)
		tv_server_main(&birth);
	tv_remembered_free(&remembered);
	close(pair[1]);
	tv_lane_close(&who[1]);
	k->link = pair[0];
	k->who = who[0];
	if (k->server < 0)
		return tv_fail(err, TV_FAILED, "fork: %s", strerror(errno));
	/* The server alone accepts; were we to keep it, clients of a dead one would wait. */
	close(k->listener);
	k->listener = -1;
	k->pidfd = pidfd_open(k->server, 0);
	if (k->pidfd < 0)
		return tv_fail(err, TV_FAILED, "pidfd_open: %s", strerror(errno));
	fcntl(k->pidfd, F_SETFD, FD_CLOEXEC);
	return TV_OK;
}

static enum tv_status wait_ready(struct tv_duty *k, struct tv_error *err)
{
	struct pollfd wait = {.fd = k->link, .events = POLLIN};
	struct tv_link_message m;

	if (poll(&wait, 1, START_MS) < 1 || !tv_link_receive(&m, NULL, k->link) ||
	    m.kind != TV_LINK_READY)
		return tv_fail(err, TV_FAILED, "the server did not start");
	if (m.status != TV_OK)
		return tv_fail(err, (enum tv_status)m.status, "%s", m.text);
	return TV_OK;
}

/* The socket that clients come to, and the file that they change. */
static enum tv_status start_for_all(struct tv_duty *k, struct tv_error *err)
{
	enum tv_status status = tv_watch_open(&k->watch, k->config->vault, err);

	if (!status)
		status = bind_socket(&k->listener, k->config, err);
	if (!status && !k->config->foreground)
		status = daemonize(err);
	if (status)
		return status;
	/* Here and not in the server: this is whom clients see by SO_PEERCRED. */
	if (listen(k->listener, 128) || chdir("/"))
		return tv_fail(err, TV_IO, "%s: %s", k->config->socket, strerror(errno));
	k->address = tv_address_watch(k->config);
	return TV_OK;
}

/* A user's wrong definition is left out here; `tokenvault provider check` tells what is wrong. */
static enum tv_status start(struct tv_duty *k, struct tv_error *err)
{
	struct tv_error skipped;
	enum tv_status status;

	status = tv_providers_load(&k->providers, k->config->providers, &skipped, err);
	if (!status)
		status = k->config->is_run ? tv_run_start(k, err) : start_for_all(k, err);
	if (!status)
		status = open_signals(&k->signals, err);
	if (!status)
		status = fork_server(k, err);
	if (!status)
		status = tv_events_begin(k, err);
	if (!status)
		tv_auditor_start(&k->auditor, k->config);
	return status ? status : wait_ready(k, err);
}

static void end_server(struct tv_duty *k)
{
	if (k->server <= 0)
		return;
	kill(k->server, SIGKILL);
	while (waitpid(k->server, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The server ended. If nobody asked it to, its files must not look empty: the placeholders stay, and
 * the journal for who clears them away. */
static enum tv_status finish(struct tv_duty *k, struct tv_error *err)
{
	end_server(k);
	/* What it had still to be written. */
	while (tv_auditor_serve(&k->auditor, &k->who) >= 0)
		;
	tv_auditor_stop(&k->auditor);
	if (k->stopping)
		tv_duty_clear(k);
	if (k->cleared)
		return TV_OK;
	tv_mounts_abandon(&k->mounts);
	unlink(k->config->socket);
	tv_claim_drop(&k->claim, k->config);
	return tv_fail(err, TV_FAILED, "the server was killed, so nothing is mounted any more");
}

static void let_go(struct tv_duty *k)
{
	tv_watch_close(&k->watch);
	tv_changes_free(&k->changes);
	tv_bytes_free(&k->shown);
	if (k->address >= 0)
		close(k->address);
	if (k->epoll >= 0)
		close(k->epoll);
	tv_providers_free(k->providers);
}

enum tv_status tv_keeper_run(struct tv_fs_config *config, struct tv_error *err)
{
	struct tv_duty k = {.config = config,
			    .mounts.config = config,
			    .claim = {-1, -1},
			    .watch.fd = -1,
			    .watcher.fd = -1,
			    .prompter = TV_PROMPTER_NONE,
			    .listener = -1,
			    .link = -1,
			    .who = TV_LANE_NONE,
			    .address = -1,
			    .pidfd = -1,
			    .epoll = -1};
	enum tv_status status;
	bool found;

	/* Each mount and each client costs a descriptor, and the usual limit of 1024 is for select(2). */
	tv_limit_raise(RLIMIT_NOFILE);
	status = claim_instance(&k, PREDECESSOR_MS, &found, err);
	if (status) {
		tv_claim_drop(&k.claim, config);
		return status;
	}
	status = tv_mounter_of(config)->check(err);
	if (!status)
		status = start(&k, err);
	if (status) {
		end_server(&k);
		tv_auditor_stop(&k.auditor);
		tv_duty_clear(&k);
		let_go(&k);
		return status;
	}
	if (config->ready_fd >= 0) {
		tv_keeper_tell(config->ready_fd, TV_OK,
			       config->is_run ? tv_ground_said(k.mounts.ground) : "");
		close(config->ready_fd);
		config->ready_fd = -1;
	}
	if (!config->is_run)
		tv_events_listen(&k);
	tv_duty_run(&k);
	tv_watcher_stop(&k.watcher);
	tv_prompter_stop(&k.prompter);
	status = finish(&k, err);
	let_go(&k);
	return status;
}

enum tv_status tv_keeper_cleanup(struct tv_fs_config *config, struct tv_error *err)
{
	struct tv_duty k = {.config = config, .mounts.config = config, .claim = {-1, -1}};
	bool found = false;
	enum tv_status status = claim_instance(&k, 300, &found, err);

	if (status) {
		tv_claim_drop(&k.claim, config);
		return status;
	}
	tv_duty_clear(&k);
	return found ? TV_OK : tv_fail(err, TV_NOT_MOUNTED, "nothing was left behind");
}
