/* Mounts that nobody serves any more: what is read there fails, and nothing can be put in their place. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/checkup/look.h"
#include "cli/keeper.h"

#define PATIENCE_MS 3000

enum state { SERVED, STALE, HANGS };

/* A process of its own asks, so that a server which hangs holds up nobody else. */
static enum state ask(const char *path)
{
	pid_t child = fork();
	struct pollfd p = {.events = POLLIN};
	struct statx x;
	bool ended;
	int how = 0;

	if (!child)
		_exit(statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC,
			    STATX_BASIC_STATS, &x) &&
		      errno == ENOTCONN);
	if (child < 0)
		return SERVED;
	p.fd = (int)syscall(SYS_pidfd_open, child, 0);
	ended = p.fd < 0 || poll(&p, 1, PATIENCE_MS) > 0;
	if (p.fd >= 0)
		close(p.fd);
	if (!ended)
		kill(child, SIGKILL);
	while (waitpid(child, &how, 0) < 0 && errno == EINTR)
		;
	return !ended ? HANGS : WIFEXITED(how) && WEXITSTATUS(how) ? STALE : SERVED;
}

static void look(struct tv_checkup *c)
{
	tv_auto_mounted mounts = {0};
	const char *hanging = NULL;
	char shown[PATH_MAX];

	if (!tv_look_mounts(&mounts, c))
		return;
	for (size_t i = 0; i < mounts.count; i++) {
		const struct tv_mounted *m = &mounts.at[i];
		enum state state;

		/* A server that hangs is waited for once. */
		if (!m->is_ours || (hanging && !strcmp(hanging, m->source)))
			continue;
		state = ask(m->path);
		hanging = state == HANGS ? m->source : hanging;
		tv_look_tilde(shown, c, m->path);
		if (state == STALE) {
			tv_remark_wrong(
				c,
				"%s is a stale mount: its server is gone; tokenvault unmount "
				"clears it, or fusermount3 -u %s",
				shown, shown);
			tv_remark_can_mend(c);
		} else if (state == HANGS) {
			tv_remark_wrong(c,
					"the server of %s does not answer; tokenvault unmount ends "
					"it, then tokenvault mount",
					shown);
		}
	}
}

static bool unmount_stale(const struct tv_checkup *c, char left[static PATH_MAX])
{
	tv_auto_mounted mounts = {0};
	bool all = true;

	if (!tv_look_mounts(&mounts, c))
		return true;
	/* What was mounted last goes first: a directory may hold another mount. */
	for (size_t i = mounts.count; i-- > 0;) {
		const char *argv[] = {"fusermount3", "-u", "-z", "--", mounts.at[i].path, NULL};
		tv_auto_bytes said = {0};

		if (!mounts.at[i].is_ours || ask(mounts.at[i].path) != STALE ||
		    !tv_look_run(&said, argv))
			continue;
		snprintf(left, PATH_MAX, "%s", mounts.at[i].path);
		all = false;
	}
	return all;
}

/* The keeper's own way first, which also knows what was made for them; then those of other vaults. */
static enum tv_status mend(struct tv_checkup *c, struct tv_error *err)
{
	enum tv_status status = TV_OK;
	char left[PATH_MAX] = "";

	if (c->answer == TV_NOT_MOUNTED)
		status = tv_keeper_clean_up(&c->cli->paths, c->cli->paths.name, err);
	if (status && status != TV_NOT_MOUNTED)
		return status;
	return unmount_stale(c, left)
		       ? TV_OK
		       : tv_fail(err, TV_FAILED, "fusermount3 can't unmount %s", left);
}

const struct tv_check tv_check_stale = {
	.name = "stale",
	.fine = "no mount was left behind by a server that is gone",
	.look = look,
	.mend = mend,
};
