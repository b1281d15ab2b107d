/* What a file is like besides its bytes: mode, owner, times, size, extended attributes. */
#include <errno.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fusefs/doctor/files.h"

/* The path of an open descriptor or of a name that is no link, for calls that have no *at() form. */
static bool print_path(char *out, size_t size, const char *path)
{
	return snprintf(out, size, "/proc/self/fd/%d/%s", tv_record_here()->fd, tv_below(path)) <
	       (int)size;
}

int tv_traits_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	struct tv_watched *w = tv_watched_at(path, fi);
	int failed;

	if (w) {
		tv_did(w, TV_DEED_stat, "");
		tv_watched_stat(st, w);
		return 0;
	}
	failed = fi ? fstat(tv_opened_of(fi)->fd, st)
		    : fstatat(tv_record_here()->fd, tv_below(path), st, AT_SYMLINK_NOFOLLOW);
	return failed ? -errno : 0;
}

int tv_traits_access(const char *path, int mask)
{
	struct tv_watched *w = tv_watched_at(path, NULL);

	if (!w)
		return faccessat(tv_record_here()->fd, tv_below(path), mask, 0) ? -errno : 0;
	if (mask & W_OK)
		return tv_refuse(w, TV_DEED_access_write, "");
	tv_did(w, TV_DEED_access, "");
	return mask & X_OK ? -EACCES : 0;
}

int tv_traits_chmod(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	struct tv_watched *w = tv_watched_at(path, fi);
	char text[16];

	if (w) {
		snprintf(text, sizeof text, "to %04o", mode & 07777);
		return tv_refuse(w, TV_DEED_chmod, text);
	}
	if (fi)
		return fchmod(tv_opened_of(fi)->fd, mode) ? -errno : 0;
	return fchmodat(tv_record_here()->fd, tv_below(path), mode, 0) ? -errno : 0;
}

int tv_traits_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *fi)
{
	struct tv_watched *w = tv_watched_at(path, fi);

	if (w)
		return tv_refuse(w, TV_DEED_chown, "");
	if (fi)
		return fchown(tv_opened_of(fi)->fd, uid, gid) ? -errno : 0;
	return fchownat(tv_record_here()->fd, tv_below(path), uid, gid, AT_SYMLINK_NOFOLLOW)
		       ? -errno
		       : 0;
}

int tv_traits_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *fi)
{
	struct tv_watched *w = tv_watched_at(path, fi);

	if (w)
		return tv_refuse(w, TV_DEED_utimens, "");
	if (fi)
		return futimens(tv_opened_of(fi)->fd, times) ? -errno : 0;
	return utimensat(tv_record_here()->fd, tv_below(path), times, AT_SYMLINK_NOFOLLOW) ? -errno
											   : 0;
}

int tv_traits_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	struct tv_watched *w = tv_watched_at(path, fi);
	char full[PATH_MAX + 64];

	if (w)
		return tv_refuse(w, TV_DEED_truncate, "");
	if (fi)
		return ftruncate(tv_opened_of(fi)->fd, size) ? -errno : 0;
	if (!print_path(full, sizeof full, path))
		return -ENAMETOOLONG;
	return truncate(full, size) ? -errno : 0;
}

int tv_traits_getxattr(const char *path, const char *name, char *out, size_t size)
{
	struct tv_watched *w = tv_watched_at(path, NULL);
	char full[PATH_MAX + 64];
	ssize_t n;

	if (w)
		return tv_refuse(w, TV_DEED_xattr, name);
	if (!print_path(full, sizeof full, path))
		return -ENAMETOOLONG;
	n = lgetxattr(full, name, out, size);
	return n < 0 ? -errno : (int)n;
}

int tv_traits_listxattr(const char *path, char *out, size_t size)
{
	struct tv_watched *w = tv_watched_at(path, NULL);
	char full[PATH_MAX + 64];
	ssize_t n;

	if (w)
		return tv_refuse(w, TV_DEED_xattr, "");
	if (!print_path(full, sizeof full, path))
		return -ENAMETOOLONG;
	n = llistxattr(full, out, size);
	return n < 0 ? -errno : (int)n;
}

int tv_traits_setxattr(const char *path, const char *name, const char *value, size_t size,
		       int flags)
{
	struct tv_watched *w = tv_watched_at(path, NULL);
	char full[PATH_MAX + 64];

	if (w)
		return tv_refuse(w, TV_DEED_setxattr, name);
	if (!print_path(full, sizeof full, path))
		return -ENAMETOOLONG;
	return lsetxattr(full, name, value, size, flags) ? -errno : 0;
}

int tv_traits_removexattr(const char *path, const char *name)
{
	struct tv_watched *w = tv_watched_at(path, NULL);
	char full[PATH_MAX + 64];

	if (w)
		return tv_refuse(w, TV_DEED_setxattr, name);
	if (!print_path(full, sizeof full, path))
		return -ENAMETOOLONG;
	return lremovexattr(full, name) ? -errno : 0;
}
