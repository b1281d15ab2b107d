/* The operations of a file in place: a file system that is one regular file, its root. */
#include <errno.h>
#include <unistd.h>

#include "fusefs/handle.h"
#include "fusefs/server.h"
#include "fusefs/surface.h"

static struct tv_surface *surface_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

static void file_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	const struct tv_surface *s = surface_of(req);
	struct stat st;

	(void)fi;
	if (!s->shown) {
		fuse_reply_err(req, ESTALE);
		return;
	}
	tv_handle_stat(&st, req, s->server, s->shown, ino);
	fuse_reply_attr(req, &st, 0);
}

/* Times may be set to what they are: by that the keeper raises events (see fusefs/changes.h). */
static bool is_no_change(const struct stat *now, const struct stat *wanted, int which)
{
	const int times = FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME;

	return !(which & ~times) &&
	       (!(which & FUSE_SET_ATTR_ATIME) ||
		(wanted->st_atim.tv_sec == now->st_atim.tv_sec && !wanted->st_atim.tv_nsec)) &&
	       (!(which & FUSE_SET_ATTR_MTIME) ||
		(wanted->st_mtim.tv_sec == now->st_mtim.tv_sec && !wanted->st_mtim.tv_nsec));
}

static void file_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *wanted, int which,
			 struct fuse_file_info *fi)
{
	const struct tv_surface *s = surface_of(req);
	struct stat st;

	(void)fi;
	if (!s->shown) {
		fuse_reply_err(req, ESTALE);
		return;
	}
	tv_handle_stat(&st, req, s->server, s->shown, ino);
	if (is_no_change(&st, wanted, which))
		fuse_reply_attr(req, &st, 0);
	else
		fuse_reply_err(req, EROFS);
}

static void file_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
	(void)ino;
	fuse_reply_err(req, mask & W_OK ? EROFS : mask & X_OK ? EACCES : 0);
}

static void file_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value,
			  size_t size, int flags)
{
	(void)ino, (void)name, (void)value, (void)size, (void)flags;
	fuse_reply_err(req, EROFS);
}

static void file_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	(void)ino, (void)name;
	fuse_reply_err(req, EROFS);
}

static struct tv_shown *file_shown(fuse_req_t req, fuse_ino_t ino)
{
	(void)ino;
	return surface_of(req)->shown;
}

static void file_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	tv_handle_open(req, surface_of(req)->server, file_shown, ino, fi);
}

static void file_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		      struct fuse_file_info *fi)
{
	(void)ino;
	tv_handle_read(req, surface_of(req)->server, size, offset, fi);
}

static void file_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	tv_handle_release(req, fi);
}

const struct fuse_lowlevel_ops tv_file_operations = {
	.init = tv_surface_init,
	.getattr = file_getattr,
	.setattr = file_setattr,
	.access = file_access,
	.setxattr = file_setxattr,
	.removexattr = file_removexattr,
	.open = file_open,
	.read = file_read,
	.release = file_release,
	.statfs = tv_surface_statfs,
};
