/* Starts a keeper for one command, fills its server, and ends both. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/keeper.h"
#include "cli/run/run.h"

#define PREFIX	 "run."
#define SUFFIX	 ".mounts"
#define START_MS 20000
#define STOP_MS	 10000

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "a run");
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The paths of the files in place, which stay the views'. */
static enum tv_status list_places(const char ***out, size_t *n, const struct tv_views *views,
				  struct tv_error *err)
{
	const char **list = calloc(views->count + 1, sizeof(*list));

	*n = 0;
	if (!list)
		return no_memory(err);
	for (size_t i = 0; i < views->count; i++) {
		if (views->at[i].in_place && !views->at[i].clashes)
			list[(*n)++] = views->at[i].path;
	}
	*out = list;
	if (*n)
		return TV_OK;
	return tv_fail(err, TV_NO_ENTRY,
		       "no file to show: all are switched off, or there is no definition of the "
		       "service; tokenvault view list shows them, --env and --stdin need none");
}

static enum tv_status take_namespaces(struct tv_instance *in, int ready, struct tv_error *err)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	char report[sizeof(err->detail)];
	struct iovec iov = {report, sizeof(report) - 1};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	ssize_t n;
	const struct cmsghdr *c;
	int fds[2] = {-1, -1};

	do
		n = recvmsg(ready, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len <= CMSG_LEN(sizeof(fds))) {
		memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
		in->mounts = fds[0];
		in->users = fds[1];
		return TV_OK;
	}
	if (n <= 0 || !report[0] || (unsigned char)report[0] >= tv_status_count())
		return tv_fail(err, TV_SERVER, "tokenvault-fs ended before it was ready");
	report[n] = '\0';
	return tv_fail(err, (enum tv_status)report[0], "%s", report + 1);
}

/* Words for people about what had to be done on the disk come with the good status. */
static enum tv_status wait_ready(struct tv_instance *in, const struct tv_cli *cli, int ready,
				 struct tv_error *err)
{
	struct pollfd wait = {.fd = ready, .events = POLLIN};
	struct tv_error said = {""};
	enum tv_status status;

	if (poll(&wait, 1, START_MS) <= 0)
		return tv_fail(err, TV_SERVER, "tokenvault-fs does not get ready");
	status = take_namespaces(in, ready, err);
	if (!status)
		status = tv_keeper_read_ready(ready, &said);
	if (status && *said.detail)
		*err = said;
	else if (*said.detail)
		tv_say(cli, "%s", said.detail);
	return status;
}

static enum tv_status start_keeper(struct tv_instance *in, const struct tv_cli *cli,
				   const struct tv_views *views, struct tv_error *err)
{
	int client[2] = {-1, -1}, ready[2] = {-1, -1};
	struct tv_keeper_run run = {.paths = &in->cli->paths, .name = in->name};
	const char **places = NULL;
	enum tv_status status = list_places(&places, &run.n_places, views, err);

	if (!status && (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, client) ||
			socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ready)))
		status = tv_fail(err, TV_FAILED, "no sockets: %s", strerror(errno));
	run.places = places;
	run.client = client[1];
	run.ready = ready[1];
	if (!status)
		status = tv_keeper_start_run(&in->keeper, &run, err);
	close_one(&client[1]);
	close_one(&ready[1]);
	in->client = client[0];
	if (!status)
		status = wait_ready(in, cli, ready[0], err);
	close_one(&ready[0]);
	free(places);
	return status;
}

static enum tv_status unlock(const struct tv_instance *in, struct tv_scratch *vault,
			     struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *ignored = NULL;
	tv_auto_slot_key key = {0};
	tv_auto_bytes file = {0};
	enum tv_status status = tv_scratch_seal(&file, &key, vault, err);

	if (status)
		return status;
	if (!tv_json_put_hex(request, "slot", key.uuid, sizeof(key.uuid)) ||
	    !tv_json_put_hex(request, "key", key.key, sizeof(key.key)))
		return no_memory(err);
	return tv_agent_call(&ignored, NULL, in->client, TV_AGENT_unlock, request, &file, START_MS,
			     err);
}

static bool note_file(struct tv_instance *in, const struct tv_json *view)
{
	char **grown = reallocarray(in->files, in->n_files + 1, sizeof(*grown));
	char *path = strdup(tv_json_get_text(view, "path"));

	if (grown)
		in->files = grown;
	if (grown && path)
		grown[in->n_files++] = path;
	else
		free(path);
	return grown && path;
}

/* A place of the user's own may not be approved here; all else has to be as it should. */
static enum tv_status judge(struct tv_instance *in, const struct tv_json *views,
			    struct tv_error *err)
{
	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		const char *name = tv_json_get_text(v, "status");
		const char *detail = tv_json_get_text(v, "detail");
		enum tv_status status = name ? tv_status_by_name(name) : TV_OK;
		struct tv_error why = {""};

		if (!status && !note_file(in, v))
			return no_memory(err);
		if (!status)
			continue;
		tv_fail(&why, status, "%s", detail ? detail : tv_json_get_text(v, "path"));
		if (status == TV_REFUSED) {
			tv_complain(status, &why);
		} else {
			*err = why;
			return status;
		}
	}
	return in->n_files ? TV_OK
			   : tv_fail(err, TV_REFUSED, "none of the files can be shown here");
}

static enum tv_status mount_all(struct tv_instance *in, struct tv_error *err)
{
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	enum tv_status status = tv_agent_call(&reply, NULL, in->client, TV_AGENT_mount, request,
					      NULL, START_MS, err);

	return status ? status : judge(in, tv_json_get(reply, "views"), err);
}

static bool make_name(struct tv_instance *in)
{
	unsigned number;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return false;
	snprintf(in->name, sizeof(in->name), PREFIX "%d.%08x", (int)getpid(), number);
	return true;
}

enum tv_status tv_instance_start(struct tv_instance *out, struct tv_cli *cli,
				 struct tv_scratch *vault, struct tv_error *err)
{
	struct tv_views views = {0};
	enum tv_status status = tv_cli_load_providers(cli, err);

	*out = (struct tv_instance){.client = -1, .mounts = -1, .users = -1, .cli = cli};
	if (!status && !make_name(out))
		status = tv_fail(err, TV_FAILED, "no random bytes: %s", strerror(errno));
	if (!status)
		status = tv_paths_make_runtime(&cli->paths, err);
	if (!status)
		status = tv_views_list(&views, tv_scratch_doc(vault), cli->providers, err);
	if (!status)
		status = start_keeper(out, cli, &views, err);
	tv_views_free(&views);
	if (!status)
		status = unlock(out, vault, err);
	if (!status)
		status = mount_all(out, err);
	out->is_ready = !status;
	if (status)
		tv_instance_stop(out);
	return status;
}

/* By its own way, else by force. */
static bool end_keeper(struct tv_instance *in)
{
	struct pollfd p = {.fd = (int)syscall(SYS_pidfd_open, in->keeper, 0), .events = POLLIN};
	bool ended = false;

	if (p.fd >= 0)
		ended = poll(&p, 1, STOP_MS) > 0;
	close_one(&p.fd);
	if (!ended)
		kill(in->keeper, SIGKILL);
	return !tv_keeper_exit_code(in->keeper) && ended;
}

void tv_instance_stop(struct tv_instance *in)
{
	struct tv_error ignored;
	bool is_clean = !in->is_gone;

	/* It ends when its only client is gone. */
	close_one(&in->client);
	close_one(&in->mounts);
	close_one(&in->users);
	if (in->keeper > 0)
		is_clean = end_keeper(in);
	if (!is_clean && in->is_ready && !in->is_gone)
		tv_say(in->cli, "tokenvault: tokenvault-fs did not end as it should");
	/* What it could not take away itself; else the next run tries. */
	if (!is_clean && tv_keeper_clean_up(&in->cli->paths, in->name, &ignored))
		in->is_gone = true;
	in->keeper = 0;
	in->is_gone = false;
	while (in->n_files)
		free(in->files[--in->n_files]);
	free(in->files);
	in->files = NULL;
}

/* Whether somebody still holds the journal. */
static bool is_alive(int state, const char *journal)
{
	char name[NAME_MAX + 8];
	bool held;
	int fd;

	if (snprintf(name, sizeof(name), "%s.lock", journal) >= (int)sizeof(name))
		return true;
	fd = openat(state, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno != ENOENT;
	held = flock(fd, LOCK_EX | LOCK_NB);
	close(fd);
	return held;
}

static void clear_one(const struct tv_paths *paths, int state, const char *journal)
{
	const size_t len = strlen(journal);
	struct tv_error ignored;
	char name[64];

	if (strncmp(journal, PREFIX, strlen(PREFIX)) != 0 || len <= strlen(SUFFIX) ||
	    strcmp(journal + len - strlen(SUFFIX), SUFFIX) != 0 || len >= sizeof(name) ||
	    is_alive(state, journal))
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(len - strlen(SUFFIX)), journal);
	/* Where it can't be cleared away, the next run tries again. */
	if (tv_keeper_clean_up(paths, name, &ignored))
		return;
}

void tv_instance_clear_old(const struct tv_paths *paths)
{
	DIR *all = opendir(paths->state);

	for (const struct dirent *d; all && (d = readdir(all));)
		clear_one(paths, dirfd(all), d->d_name);
	if (all)
		closedir(all);
}
