/* Mounts views by mount(2), in a run's own namespace: first out of the way, then bound to their places. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "fusefs/mount.h"
#include "fusefs/run/ground.h"

static enum tv_status check(struct tv_error *err)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return tv_fail(err, TV_NO_FUSE,
			       "/dev/fuse: %s; load the kernel's module fuse, allow this user to "
			       "open it, or give it to the container (--device /dev/fuse)",
			       strerror(errno));
	close(fd);
	return TV_OK;
}

static bool room_path(char out[static PATH_MAX], const struct tv_mounts *mounts, uint32_t view)
{
	return snprintf(out, PATH_MAX, "%s/view-%u", tv_ground_room(mounts->ground), view) <
	       PATH_MAX;
}

static bool make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static enum tv_status mount_fuse(int *fuse_fd, const char *at, const char *source,
				 struct tv_error *err)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];

	if (fd < 0)
		return check(err);
	snprintf(options, sizeof options, "fd=%d,rootmode=100000,user_id=%u,group_id=%u", fd,
		 geteuid(), getegid());
	if (mount(source, at, "fuse.tokenvault", MS_NOSUID | MS_NODEV | MS_NOEXEC, options)) {
		int why = errno;

		close(fd);
		return tv_fail(err, TV_NO_FUSE, "fuse can't be mounted in the namespace: %s",
			       strerror(why));
	}
	*fuse_fd = fd;
	return TV_OK;
}

static enum tv_status begin(struct tv_mounting *mounting, struct tv_mounts *mounts,
			    const char *path, struct tv_error *err)
{
	struct tv_mount *m = &mounting->mount;
	const char *target = NULL;
	char at[PATH_MAX];
	enum tv_status status;
	int fd = -1;

	if (!path || !room_path(at, mounts, m->view) || !make_file(at))
		return tv_fail(err, TV_IO, "no place for a mount: %s", strerror(errno));
	status = mount_fuse(&fd, at, mounts->config->source, err);
	if (status)
		return status;
	status = tv_ground_show(&target, mounts->ground, path, at, err);
	m->path = status ? NULL : strdup(target);
	if (!status && !m->path)
		status = tv_fail(err, TV_NO_MEMORY, "a mount");
	if (status) {
		umount2(at, MNT_DETACH | UMOUNT_NOFOLLOW);
		close(fd);
		return status;
	}
	mounting->fuse_fd = fd;
	return TV_OK;
}

/* What is dead stays where it is, and gives errors: under it may be a file of the user's, which is not what
 * the command was to see. */
static void unmount(struct tv_mounts *mounts, size_t from, size_t to, bool is_dead)
{
	char at[PATH_MAX];

	for (size_t i = from; i < to && !is_dead; i++) {
		const struct tv_mount *m = &mounts->at[i];

		if (!room_path(at, mounts, m->view))
			continue;
		tv_ground_hide(mounts->ground, at);
		umount2(at, MNT_DETACH | UMOUNT_NOFOLLOW);
	}
}

/* That is done for all at once. */
static void displace(struct tv_mounts *mounts, const struct tv_mount *m)
{
	(void)mounts;
	(void)m;
}

static void clear(struct tv_mounts *mounts)
{
	tv_ground_clear(mounts->ground);
	mounts->ground = NULL;
}

const struct tv_mounter tv_mounter_run = {
	.check = check,
	.begin = begin,
	.unmount = unmount,
	.displace = displace,
	.clear = clear,
};
