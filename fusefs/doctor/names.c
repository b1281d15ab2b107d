/* The directory's names: made, removed, renamed; what happens beside watched files is noted. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fusefs/doctor/files.h"

static int at(void)
{
	return tv_record_here()->fd;
}

static int made(int result, const char *path)
{
	if (result < 0)
		return -errno;
	tv_record_made(tv_record_here(), tv_below(path), fuse_get_context()->pid);
	return 0;
}

int tv_names_mknod(const char *path, mode_t mode, dev_t dev)
{
	return made(mknodat(at(), tv_below(path), mode, dev), path);
}

int tv_names_mkdir(const char *path, mode_t mode)
{
	return mkdirat(at(), tv_below(path), mode) ? -errno : 0;
}

int tv_names_unlink(const char *path)
{
	struct tv_watched *w = tv_watched_at(path, NULL);

	if (w)
		return tv_refuse(w, TV_DEED_remove, "");
	if (unlinkat(at(), tv_below(path), 0))
		return -errno;
	tv_record_removed(tv_record_here(), tv_below(path));
	return 0;
}

int tv_names_rmdir(const char *path)
{
	return unlinkat(at(), tv_below(path), AT_REMOVEDIR) ? -errno : 0;
}

int tv_names_symlink(const char *target, const char *path)
{
	return made(symlinkat(target, at(), tv_below(path)), path);
}

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

int tv_names_rename(const char *from, const char *to, unsigned flags)
{
	struct tv_watched *source = tv_watched_at(from, NULL);
	struct tv_watched *target = tv_watched_at(to, NULL);
	struct tv_record *r = tv_record_here();
	char detail[100];

	if (source) {
		snprintf(detail, sizeof detail, "to %s", name_of(to));
		return tv_refuse(source, TV_DEED_rename, detail);
	}
	if (target && flags & RENAME_NOREPLACE)
		return -EEXIST;
	if (target) {
		tv_record_renamed_over(r, tv_below(from));
		snprintf(detail, sizeof detail, "from %s", name_of(from));
		return tv_refuse(target, TV_DEED_replace, detail);
	}
	if (renameat2(r->fd, tv_below(from), r->fd, tv_below(to), flags))
		return -errno;
	tv_record_moved(r, tv_below(from), fuse_get_context()->pid);
	tv_record_removed(r, tv_below(from));
	tv_record_made(r, tv_below(to), fuse_get_context()->pid);
	return 0;
}

int tv_names_link(const char *from, const char *to)
{
	struct tv_watched *w = tv_watched_at(from, NULL);

	if (w)
		return tv_refuse(w, TV_DEED_link, name_of(to));
	return made(linkat(at(), tv_below(from), at(), tv_below(to), 0), to);
}

int tv_names_readlink(const char *path, char *out, size_t size)
{
	ssize_t n = readlinkat(at(), tv_below(path), out, size - 1);

	if (n < 0)
		return -errno;
	out[n] = '\0';
	return 0;
}
