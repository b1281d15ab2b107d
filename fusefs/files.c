/* The operations of a file in place: a file system that is one regular file, its root. */
#include <errno.h>

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
	.open = file_open,
	.read = file_read,
	.release = file_release,
	.statfs = tv_surface_statfs,
};
