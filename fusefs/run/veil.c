/* overlayfs, mounted without privileges: needs Linux 5.11, and a file system that it can write to. */
#include "fusefs/run/veil.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fusefs/removal.h"
#include "fusefs/run/scrub.h"

#define BINDS_MAX 4000

struct tv_veil *tv_veil_new(const char *path, int real)
{
	struct tv_veil *v = calloc(1, sizeof *v);

	if (!v) {
		if (real >= 0)
			close(real);
		return NULL;
	}
	v->real = real;
	v->top = -1;
	v->path = real >= 0 ? strdup(path) : NULL;
	if (!v->path) {
		tv_veil_free(v);
		return NULL;
	}
	return v;
}

void tv_veil_free(struct tv_veil *v)
{
	if (!v)
		return;
	if (v->real >= 0)
		close(v->real);
	if (v->top >= 0)
		close(v->top);
	for (size_t i = 0; i < v->n_names; i++)
		free(v->names[i]);
	free(v->names);
	free(v->work);
	free(v->path);
	free(v);
}

bool tv_veil_add(struct tv_veil *v, const char *name)
{
	char **grown, *copy;

	for (size_t i = 0; i < v->n_names; i++)
		if (!strcmp(v->names[i], name))
			return true;
	grown = reallocarray(v->names, v->n_names + 1, sizeof *grown);
	copy = strdup(name);
	if (grown)
		v->names = grown;
	if (!grown || !copy) {
		free(copy);
		return false;
	}
	v->names[v->n_names++] = copy;
	return true;
}

/* Whether a directory is not there yet, or there because an overlay made it. */
static bool is_ours(const struct tv_veil *v, const char *part)
{
	int fd = openat(v->real, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool made = fd >= 0 && fgetxattr(fd, TV_SCRUB_MADE, NULL, 0) >= 0;

	if (fd < 0)
		return errno == ENOENT;
	close(fd);
	return made;
}

/* The directory itself, or one below it. Once the user's own, always so: an overlay may mark what it has not made. */
static bool record(struct tv_journal *j, const struct tv_veil *v, const char *part)
{
	struct tv_error ignored;
	char path[PATH_MAX];
	bool may_be_ours;
	char kind;

	if (snprintf(path, sizeof path, "%s%s%s", v->path, *part ? "/" : "", part) >=
	    (int)sizeof path)
		return false;
	may_be_ours = !tv_journal_has(j, 'o', path) && (*part || tv_journal_has(j, 'm', path));
	kind = may_be_ours && is_ours(v, *part ? part : ".") ? 'm' : 'o';
	return tv_journal_has(j, kind, path) || !tv_journal_add(j, kind, path, &ignored);
}

/* Makes the directories above a name in the skeleton. Copied up, they become the user's own. */
static bool make_directories(int skeleton, struct tv_journal *j, const struct tv_veil *v,
			     const char *name)
{
	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		char part[PATH_MAX];

		snprintf(part, sizeof part, "%.*s", (int)(slash - name), name);
		if (mkdirat(skeleton, part, 0700) ? errno != EEXIST : !record(j, v, part))
			return false;
	}
	return true;
}

static bool make_skeleton(const char *path, struct tv_journal *j, const struct tv_veil *v)
{
	int skeleton = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool good = skeleton >= 0;

	for (size_t i = 0; good && i < v->n_names; i++) {
		int fd = -1;

		good = make_directories(skeleton, j, v, v->names[i]);
		if (good)
			fd = openat(skeleton, v->names[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				    0);
		good = fd >= 0;
		if (fd >= 0)
			close(fd);
	}
	if (skeleton >= 0)
		close(skeleton);
	return good;
}

/* What the directory's mount keeps programs from, the overlay's keeps them from too. */
static unsigned long flags_of(int fd)
{
	struct statvfs st;

	if (fstatvfs(fd, &st))
		return 0;
	return (st.f_flag & ST_NOSUID ? MS_NOSUID : 0) | (st.f_flag & ST_NODEV ? MS_NODEV : 0) |
	       (st.f_flag & ST_NOEXEC ? MS_NOEXEC : 0);
}

/* By descriptors: paths may have what separates options, and some lie below what is covered by now. */
static bool mount_overlay(struct tv_veil *v, const char *at, const char *skeleton, const char *work)
{
	int lower = open(skeleton, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int spare = open(work, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char options[256];
	bool mounted = false;

	v->flags = flags_of(v->real);
	snprintf(options, sizeof options,
		 "userxattr,index=off,lowerdir=/proc/self/fd/%d,upperdir=/proc/self/fd/%d,"
		 "workdir=/proc/self/fd/%d",
		 lower, v->real, spare);
	if (lower >= 0 && spare >= 0)
		mounted = !mount("overlay", at, "overlay", v->flags, options);
	if (lower >= 0)
		close(lower);
	if (spare >= 0)
		close(spare);
	return mounted;
}

static void remove_work(struct tv_veil *v, struct tv_journal *j)
{
	if (!v->work)
		return;
	tv_removal_tree(v->work);
	if (access(v->work, F_OK))
		tv_journal_strike(j, v->work);
	free(v->work);
	v->work = NULL;
}

/* The spare directory that overlayfs wants has to be on the same mount, and not below: where it works, it
 * is. */
static bool try_base(struct tv_veil *v, const char *at, const char *base, const char *skeleton,
		     struct tv_journal *j, const struct tv_fs_config *c)
{
	static unsigned n;
	struct stat there, here;
	struct tv_error ignored;

	if (stat(base, &there) || fstat(v->real, &here) || there.st_dev != here.st_dev ||
	    asprintf(&v->work, "%s/" TV_WORK_PREFIX "%s-%u", base, c->name, n++) < 0) {
		v->work = NULL;
		return false;
	}
	if (!tv_journal_add(j, 'w', v->work, &ignored) && !mkdir(v->work, 0700) &&
	    mount_overlay(v, at, skeleton, v->work))
		return true;
	remove_work(v, j);
	return false;
}

static bool try_bases(struct tv_veil *v, const char *at, const char *skeleton, struct tv_journal *j,
		      const struct tv_fs_config *c)
{
	char above[PATH_MAX];
	const char *const bases[] = {c->state, "/var/tmp", "/tmp", above};
	const size_t len = (size_t)(strrchr(v->path, '/') - v->path);

	snprintf(above, sizeof above, "%.*s", len ? (int)len : 1, v->path);
	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
		if (try_base(v, at, bases[i], skeleton, j, c))
			return true;
	return false;
}

bool tv_veil_try(struct tv_veil *v, const char *at, struct tv_journal *j,
		 const struct tv_fs_config *c)
{
	bool good = try_bases(v, at, at, j, c);

	if (good)
		umount2(at, MNT_DETACH | UMOUNT_NOFOLLOW);
	remove_work(v, j);
	return good;
}

/* Directories, and whatever is mounted there already. */
static bool is_to_be_bound(int parent, const struct dirent *d)
{
	struct statx x;

	if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
		return false;
	if (d->d_type == DT_DIR)
		return true;
	return (d->d_type == DT_REG || d->d_type == DT_UNKNOWN) &&
	       !statx(parent, d->d_name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		      STATX_TYPE, &x) &&
	       (S_ISDIR(x.stx_mode) || x.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static bool bind_child(const struct tv_veil *v, const char *name)
{
	char from[NAME_MAX + 64], to[PATH_MAX];

	snprintf(from, sizeof from, "/proc/self/fd/%d/%s", v->real, name);
	if (snprintf(to, sizeof to, "%s/%s", v->path, name) >= (int)sizeof to)
		return false;
	return !mount(from, to, NULL, MS_BIND | MS_REC, NULL) || errno == ENOENT;
}

static bool bind_children(const struct tv_veil *v)
{
	int fd = openat(v->real, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *all = fd >= 0 ? fdopendir(fd) : NULL;
	bool good = all;
	int n = 0;

	for (const struct dirent *d; good && (d = readdir(all));)
		if (is_to_be_bound(v->real, d))
			good = ++n <= BINDS_MAX && bind_child(v, d->d_name);
	if (all)
		closedir(all);
	else if (fd >= 0)
		close(fd);
	return good;
}

dev_t tv_device_at(const char *path, int flags)
{
	struct statx x;

	if (statx(AT_FDCWD, path, flags | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE, &x))
		return 0;
	return makedev(x.stx_dev_major, x.stx_dev_minor);
}

bool tv_veil_has(const struct tv_veil *v, const char *path)
{
	return v->is_up && v->dev && tv_device_at(path, 0) == v->dev;
}

bool tv_veil_is_there(const struct tv_veil *v)
{
	return tv_veil_has(v, v->path);
}

/* A path of "/" leads below what is mounted over it. */
enum tv_status tv_veil_raise(struct tv_veil *v, const char *skeleton, struct tv_journal *j,
			     const struct tv_fs_config *c, struct tv_error *err)
{
	if (!v->path[1] || !record(j, v, "") || !make_skeleton(skeleton, j, v) ||
	    !try_bases(v, v->path, skeleton, j, c))
		return tv_fail(err, TV_NO_FUSE, "%s: no overlay: %s", v->path, strerror(errno));
	v->is_up = true;
	v->dev = tv_device_at(v->path, 0);
	v->top = open(v->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (v->top >= 0 && bind_children(v))
		return TV_OK;
	tv_fail(err, TV_NO_FUSE, "%s: what is in it can't be bound: %s", v->path, strerror(errno));
	tv_veil_lower(v, j);
	return TV_NO_FUSE;
}

void tv_veil_refresh(const struct tv_veil *v)
{
	if (tv_veil_is_there(v))
		mount(NULL, v->path, NULL, MS_REMOUNT | v->flags, NULL);
}

/* Wherever it is by now. */
void tv_veil_lower(struct tv_veil *v, struct tv_journal *j)
{
	char link[40];

	if (v->top >= 0) {
		snprintf(link, sizeof link, "/proc/self/fd/%d", v->top);
		umount2(link, MNT_DETACH);
		close(v->top);
		v->top = -1;
	}
	remove_work(v, j);
	v->is_up = false;
}
