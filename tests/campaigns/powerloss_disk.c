/*
 * A disk that remembers: powerloss_disk BACKING LOG MOUNTPOINT. The file `disk` at the mount point is BACKING; every write
 * and flush of it is appended to LOG, and so is what is written to `mark`: a kind (W, F or M), an offset, a length, bytes.
 */
#define FUSE_USE_VERSION 314
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int backing = -1;
static int recording = -1;

static int note(char kind, uint64_t offset, const void *data, size_t len)
{
	uint32_t length = (uint32_t)len;
	struct iovec parts[] = {{&kind, 1},
				{&offset, sizeof offset},
				{&length, sizeof length},
				{(void *)(uintptr_t)data, len}};
	const size_t all = 1 + sizeof offset + sizeof length + len;

	return writev(recording, parts, 4) == (ssize_t)all ? 0 : -EIO;
}

static int disk_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	(void)fi;
	memset(st, 0, sizeof *st);
	st->st_nlink = 1;
	if (!strcmp(path, "/")) {
		st->st_mode = S_IFDIR | 0700;
		return 0;
	}
	if (strcmp(path, "/disk") != 0 && strcmp(path, "/mark") != 0)
		return -ENOENT;
	if (!strcmp(path, "/disk") && fstat(backing, st))
		return -errno;
	st->st_mode = S_IFREG | 0600;
	return 0;
}

static int disk_open(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	fi->direct_io = 1;
	return 0;
}

static int disk_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	(void)size;
	(void)fi;
	return strcmp(path, "/mark") ? -EPERM : 0;
}

static int disk_read(const char *path, char *to, size_t len, off_t offset,
		     struct fuse_file_info *fi)
{
	ssize_t n;

	(void)fi;
	if (strcmp(path, "/disk") != 0)
		return 0;
	n = pread(backing, to, len, offset);
	return n < 0 ? -errno : (int)n;
}

static int disk_write(const char *path, const char *data, size_t len, off_t offset,
		      struct fuse_file_info *fi)
{
	const int is_disk = !strcmp(path, "/disk");

	(void)fi;
	if (is_disk && pwrite(backing, data, len, offset) != (ssize_t)len)
		return -EIO;
	if (note(is_disk ? 'W' : 'M', (uint64_t)offset, data, len))
		return -EIO;
	return (int)len;
}

static int disk_fsync(const char *path, int only_data, struct fuse_file_info *fi)
{
	(void)only_data;
	(void)fi;
	return strcmp(path, "/disk") ? 0 : note('F', 0, "", 0);
}

static const struct fuse_operations operations = {
	.getattr = disk_getattr,
	.open = disk_open,
	.truncate = disk_truncate,
	.read = disk_read,
	.write = disk_write,
	.fsync = disk_fsync,
};

int main(int argc, char **argv)
{
	char single[] = "-s", foreground[] = "-f";
	char *args[] = {argv[0], single, foreground, argc == 4 ? argv[3] : NULL, NULL};

	backing = argc == 4 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
	recording = argc == 4 ? open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (backing < 0 || recording < 0) {
		fprintf(stderr, "usage: powerloss_disk BACKING LOG MOUNTPOINT\n");
		return 2;
	}
	return fuse_main(4, args, &operations, NULL);
}
