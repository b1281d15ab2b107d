/* The recording file system: files and directories, opened, read and written. */
#include "fusefs/doctor/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void *start(struct fuse_conn_info *connection, struct fuse_config *config)
{
	(void)connection;
	/* Every look is to be seen, files that are open may lose their names. */
	config->use_ino = 1;
	config->nullpath_ok = 1;
	config->hard_remove = 1;
	config->entry_timeout = 0;
	config->negative_timeout = 0;
	config->attr_timeout = 0;
	return fuse_get_context()->private_data;
}

static int keep(struct fuse_file_info *fi, const struct tv_opened *opened)
{
	struct tv_opened *kept = malloc(sizeof *kept);

	if (!kept) {
		close(opened->fd);
		return -ENOMEM;
	}
	*kept = *opened;
	fi->fh = (uintptr_t)kept;
	return 0;
}

static int open_file(const char *path, struct fuse_file_info *fi)
{
	struct tv_opened opened = {.watched = tv_watched_at(path, NULL)};
	int flags = opened.watched ? O_RDONLY : fi->flags & ~(O_NOFOLLOW | O_DIRECT);
	int error = opened.watched ? tv_watched_open(&opened, fi) : 0;

	if (error)
		return error;
	opened.fd = openat(tv_record_here()->fd, tv_below(path), flags | O_CLOEXEC);
	return opened.fd < 0 ? -errno : keep(fi, &opened);
}

static int create_file(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	struct tv_opened opened = {.watched = tv_watched_at(path, NULL)};
	int flags = (fi->flags & ~O_DIRECT) | O_CREAT | O_CLOEXEC;

	if (opened.watched)
		return open_file(path, fi);
	opened.fd = openat(tv_record_here()->fd, tv_below(path), flags, mode);
	if (opened.fd < 0)
		return -errno;
	tv_record_made(tv_record_here(), tv_below(path), fuse_get_context()->pid);
	return keep(fi, &opened);
}

static int read_file(const char *path, char *out, size_t size, off_t offset,
		     struct fuse_file_info *fi)
{
	struct tv_opened *opened = tv_opened_of(fi);
	ssize_t n;

	(void)path;
	if (opened->watched)
		return tv_watched_read(opened, out, size, offset);
	n = pread(opened->fd, out, size, offset);
	return n < 0 ? -errno : (int)n;
}

static int write_file(const char *path, const char *data, size_t size, off_t offset,
		      struct fuse_file_info *fi)
{
	ssize_t n = pwrite(tv_opened_of(fi)->fd, data, size, offset);

	(void)path;
	return n < 0 ? -errno : (int)n;
}

static int flush_file(const char *path, struct fuse_file_info *fi)
{
	struct tv_opened *opened = tv_opened_of(fi);

	(void)path;
	if (opened->watched)
		tv_watched_look(opened->watched);
	return 0;
}

static int release_file(const char *path, struct fuse_file_info *fi)
{
	struct tv_opened *opened = tv_opened_of(fi);

	(void)path;
	close(opened->fd);
	free(opened);
	return 0;
}

static int fsync_file(const char *path, int only_data, struct fuse_file_info *fi)
{
	int fd = tv_opened_of(fi)->fd;

	(void)path;
	return (only_data ? fdatasync(fd) : fsync(fd)) ? -errno : 0;
}

static int fallocate_file(const char *path, int mode, off_t offset, off_t len,
			  struct fuse_file_info *fi)
{
	(void)path;
	return fallocate(tv_opened_of(fi)->fd, mode, offset, len) ? -errno : 0;
}

static int statfs_all(const char *path, struct statvfs *all)
{
	(void)path;
	return fstatvfs(tv_record_here()->fd, all) ? -errno : 0;
}

static int open_directory(const char *path, struct fuse_file_info *fi)
{
	int fd = openat(tv_record_here()->fd, tv_below(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	fi->fh = (uintptr_t)dir;
	return 0;
}

static int read_directory(const char *path, void *out, fuse_fill_dir_t fill, off_t offset,
			  struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	DIR *dir = (DIR *)(uintptr_t)fi->fh;
	const struct dirent *e;

	(void)path, (void)offset, (void)flags;
	rewinddir(dir);
	while ((e = readdir(dir))) {
		struct stat st = {.st_ino = e->d_ino, .st_mode = DTTOIF(e->d_type)};

		if (fill(out, e->d_name, &st, 0, 0))
			return -ENOMEM;
	}
	return 0;
}

static int release_directory(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	closedir((DIR *)(uintptr_t)fi->fh);
	return 0;
}

const struct fuse_operations tv_doctor_operations = {
	.init = start,
	.getattr = tv_traits_getattr,
	.readlink = tv_names_readlink,
	.mknod = tv_names_mknod,
	.mkdir = tv_names_mkdir,
	.unlink = tv_names_unlink,
	.rmdir = tv_names_rmdir,
	.symlink = tv_names_symlink,
	.rename = tv_names_rename,
	.link = tv_names_link,
	.chmod = tv_traits_chmod,
	.chown = tv_traits_chown,
	.truncate = tv_traits_truncate,
	.open = open_file,
	.create = create_file,
	.read = read_file,
	.write = write_file,
	.statfs = statfs_all,
	.flush = flush_file,
	.release = release_file,
	.fsync = fsync_file,
	.setxattr = tv_traits_setxattr,
	.getxattr = tv_traits_getxattr,
	.listxattr = tv_traits_listxattr,
	.removexattr = tv_traits_removexattr,
	.opendir = open_directory,
	.readdir = read_directory,
	.releasedir = release_directory,
	.access = tv_traits_access,
	.lock = tv_locks_lock,
	.flock = tv_locks_flock,
	.utimens = tv_traits_utimens,
	.fallocate = fallocate_file,
};
