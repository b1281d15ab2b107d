/* The keeper's life: claim, clear, start the server, serve its requests, and clear away. */
#include "fusefs/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
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

#include "fusefs/claim.h"
#include "fusefs/fusermount.h"
#include "fusefs/link.h"
#include "fusefs/mount.h"
#include "fusefs/mountinfo.h"
#include "fusefs/server.h"
#include "fusefs/watch.h"

#define PREDECESSOR_MS 3000  /* how long one that is stopping may take */
#define START_MS       20000 /* how long the server may take to be ready */
#define STOP_MS	       5000  /* and to stop, before it is killed */

struct keeper {
	struct tv_fs_config *config;
	struct tv_claim claim;
	struct tv_mounts mounts;
	struct tv_watch watch;
	int listener;
	int link;
	int signals;
	int pidfd;
	pid_t server;
	bool stopping; /* the server was asked to stop */
	bool cleared;  /* nothing of ours is left: another keeper may be in our place already */
};

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

static enum tv_status bind_socket(int *out, const char *path, struct tv_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof address.sun_path)
		return tv_fail(err, TV_IO, "%s: too long for a socket's path", path);
	memcpy(address.sun_path, path, len + 1);
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || chmod(path, 0600)) {
		int why = errno;

		if (fd >= 0)
			close(fd);
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(why));
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

/* Each mount and each client costs a descriptor, and the usual limit of 1024 is for select(2). */
static void raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

/* The paths that the kernel reports have no links in them. */
static enum tv_status resolve(const char **path, struct tv_error *err)
{
	char *real = realpath(*path, NULL);

	if (!real)
		return tv_fail(err, TV_IO, "%s: %s", *path, strerror(errno));
	*path = real;
	return TV_OK;
}

/* Everything that is ours to have before there is a server. */
static enum tv_status claim_instance(struct keeper *k, int wait_ms, bool *found,
				     struct tv_error *err)
{
	struct tv_fs_config *c = k->config;
	enum tv_status status;

	umask(077);
	status = tv_claim_take(&k->claim, c, wait_ms, err);
	if (!status)
		status = resolve(&c->runtime, err);
	if (!status)
		status = resolve(&c->home, err);
	if (!status)
		status = tv_fs_config_finish(c, err);
	if (!status)
		status = tv_journal_load(&k->mounts.journal, c->journal, err);
	if (!status)
		status = tv_mounts_clear_old(found, &k->mounts, err);
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

static enum tv_status fork_server(struct keeper *k, struct tv_providers *providers,
				  struct tv_error *err)
{
	pid_t keeper = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return tv_fail(err, TV_FAILED, "socketpair: %s", strerror(errno));
	k->server = fork();
	if (!k->server)
		tv_server_main(k->config, providers, pair[1], k->listener, keeper);
	close(pair[1]);
	k->link = pair[0];
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

static enum tv_status wait_ready(struct keeper *k, struct tv_error *err)
{
	struct pollfd wait = {.fd = k->link, .events = POLLIN};
	struct tv_link_message m;
	int fd;

	if (poll(&wait, 1, START_MS) < 1 || !tv_link_receive(&m, &fd, k->link) ||
	    m.kind != TV_LINK_READY)
		return tv_fail(err, TV_FAILED, "the server did not start");
	if (m.status != TV_OK)
		return tv_fail(err, (enum tv_status)m.status, "%s", m.text);
	return TV_OK;
}

/* A user's wrong definition is left out here; `tokenvault provider check` tells what is wrong. */
static enum tv_status start(struct keeper *k, struct tv_error *err)
{
	tv_auto_providers *providers = NULL;
	struct tv_error skipped;
	enum tv_status status;

	status = tv_providers_load(&providers, k->config->providers, &skipped, err);
	if (!status)
		status = tv_watch_open(&k->watch, k->config->vault, err);
	if (!status)
		status = bind_socket(&k->listener, k->config->socket, err);
	if (!status && !k->config->foreground)
		status = daemonize(err);
	if (status)
		return status;
	/* Here and not in the server: this is whom clients see by SO_PEERCRED. */
	if (listen(k->listener, 128) || chdir("/"))
		return tv_fail(err, TV_IO, "%s: %s", k->config->socket, strerror(errno));
	status = open_signals(&k->signals, err);
	if (!status)
		status = fork_server(k, providers, err);
	return status ? status : wait_ready(k, err);
}

static void tell_server(struct keeper *k, enum tv_link_kind kind, uint32_t view,
			enum tv_status status, const char *text, int fd)
{
	struct tv_link_message m = {.kind = kind, .view = view, .status = (uint32_t)status};

	strncpy(m.text, text, sizeof m.text - 1);
	/* When the server is gone its pidfd says so. */
	if (!tv_link_send(k->link, &m, fd))
		return;
}

static void serve_mount(struct keeper *k, const struct tv_link_message *m)
{
	struct tv_error err = {""};
	int fd = -1;
	enum tv_status status = tv_mount_make(&fd, &k->mounts, m->view,
					      m->view == TV_VIEW_TREE ? NULL : m->text, &err);

	if (status) {
		tell_server(k, TV_LINK_FAILED, m->view, status, err.detail, -1);
		return;
	}
	tell_server(k, TV_LINK_MOUNTED, m->view, TV_OK, "", fd);
	/* Were it kept, readers would wait for ever when the server dies. */
	close(fd);
}

static void serve_check(struct keeper *k)
{
	tv_auto_mountpoints points = {0};
	struct tv_error err;

	if (tv_mountinfo_read(&points, k->config->name, &err))
		return;
	for (size_t i = 0; i < k->mounts.count; i++) {
		const struct tv_mount *m = &k->mounts.at[i];
		const char *now = tv_mount_present_path(&points, m);

		if (!now)
			tell_server(k, TV_LINK_LOST, m->view, TV_OK, "", -1);
		else
			tell_server(k, TV_LINK_MOVED, m->view, TV_OK,
				    strcmp(now, m->path) ? now : "", -1);
	}
}

/* Takes everything away and lets the next keeper in; only the server is still to end. */
static void clear(struct keeper *k)
{
	if (k->cleared)
		return;
	k->cleared = true;
	tv_mounts_remove_all(&k->mounts);
	unlink(k->config->socket);
	tv_claim_drop(&k->claim, k->config);
}

static void serve(struct keeper *k, const struct tv_link_message *m)
{
	switch (m->kind) {
	case TV_LINK_MOUNT:
		serve_mount(k, m);
		break;
	case TV_LINK_UNMOUNT:
		tv_mount_remove(&k->mounts, m->view);
		break;
	case TV_LINK_CHECK:
		serve_check(k);
		break;
	case TV_LINK_CLEAR:
		clear(k);
		break;
	case TV_LINK_SYNC:
		tv_link_send(k->link, m, -1);
		break;
	default:
		break;
	}
}

static void serve_vault(struct keeper *k)
{
	struct tv_error err = {""};
	enum tv_status status;
	int fd = -1;

	if (!tv_watch_drain(&k->watch))
		return;
	status = tv_watch_read(&fd, &k->watch, &err);
	tell_server(k, TV_LINK_VAULT, 0, status, err.detail, fd);
	if (fd >= 0)
		close(fd);
}

static void serve_signal(struct keeper *k)
{
	struct signalfd_siginfo info;

	if (read(k->signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGUSR1) {
		tell_server(k, TV_LINK_LOCK, 0, TV_OK, "", -1);
		return;
	}
	k->stopping = true;
	tell_server(k, TV_LINK_STOP, 0, TV_OK, "", -1);
}

/* Until the server has ended, for whatever reason. */
static void run(struct keeper *k)
{
	struct pollfd wait[] = {{.fd = k->pidfd, .events = POLLIN},
				{.fd = k->link, .events = POLLIN},
				{.fd = k->signals, .events = POLLIN},
				{.fd = k->watch.fd, .events = POLLIN}};
	struct tv_link_message m;
	int fd;

	for (;;) {
		int n = poll(wait, 4, k->stopping ? STOP_MS : -1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || wait[0].revents)
			return;
		if (wait[1].revents) {
			if (!tv_link_receive(&m, &fd, k->link))
				return;
			if (fd >= 0)
				close(fd);
			serve(k, &m);
		}
		if (wait[2].revents)
			serve_signal(k);
		if (wait[3].revents)
			serve_vault(k);
	}
}

static void end_server(struct keeper *k)
{
	if (k->server <= 0)
		return;
	kill(k->server, SIGKILL);
	while (waitpid(k->server, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The server ended. If nobody asked it to, its files must not look empty: the placeholders stay, and
 * the journal for who clears them away. */
static void finish(struct keeper *k)
{
	end_server(k);
	if (k->stopping)
		clear(k);
	if (k->cleared)
		return;
	tv_mounts_abandon(&k->mounts);
	unlink(k->config->socket);
	tv_claim_drop(&k->claim, k->config);
}

enum tv_status tv_keeper_run(struct tv_fs_config *config, struct tv_error *err)
{
	struct keeper k = {.config = config,
			   .mounts.config = config,
			   .claim = {-1, -1},
			   .watch.fd = -1,
			   .listener = -1,
			   .link = -1,
			   .pidfd = -1};
	enum tv_status status;
	bool found;

	raise_limits();
	status = claim_instance(&k, PREDECESSOR_MS, &found, err);
	if (!status)
		status = tv_fusermount_check(err);
	if (!status)
		status = start(&k, err);
	if (status) {
		end_server(&k);
		if (k.claim.runtime_lock >= 0)
			clear(&k);
		return status;
	}
	if (config->ready_fd >= 0) {
		tv_keeper_tell(config->ready_fd, TV_OK, "");
		close(config->ready_fd);
		config->ready_fd = -1;
	}
	run(&k);
	finish(&k);
	tv_watch_close(&k.watch);
	return TV_OK;
}

enum tv_status tv_keeper_cleanup(struct tv_fs_config *config, struct tv_error *err)
{
	struct keeper k = {.config = config, .mounts.config = config, .claim = {-1, -1}};
	bool found = false;
	enum tv_status status = claim_instance(&k, 300, &found, err);

	if (status) {
		tv_claim_drop(&k.claim, config);
		return status;
	}
	clear(&k);
	return found ? TV_OK : tv_fail(err, TV_NOT_MOUNTED, "nothing was left behind");
}
