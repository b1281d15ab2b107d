/* What a descriptor is of, whatever it is called. */
#include "vault/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* They are in no header of Linux'. */
#define ZFS_MAGIC      0x2fc12fc1
#define BCACHEFS_MAGIC 0xca451a4e

bool tv_inode_is_local(int fd)
{
	static const uint32_t local[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
					 F2FS_SUPER_MAGIC, TMPFS_MAGIC,	    OVERLAYFS_SUPER_MAGIC,
					 ZFS_MAGIC,	   BCACHEFS_MAGIC};
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return false;
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		if ((uint32_t)fs.f_type == local[i])
			return true;
	return false;
}

bool tv_inode_is_called(int fd, int dirfd, const char *member)
{
	struct stat its, there;

	return !fstat(fd, &its) && !fstatat(dirfd, member, &there, AT_SYMLINK_NOFOLLOW) &&
	       its.st_ino == there.st_ino && its.st_dev == there.st_dev;
}

int tv_inode_open(int dirfd, const char *member, int flags)
{
	int fd = openat(dirfd, member, flags | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = openat(dirfd, member, flags);
	/* By now another file has the name of one that has just been taken (temporary.h). */
	return fd < 0 && errno == EWOULDBLOCK ? openat(dirfd, member, flags) : fd;
}
