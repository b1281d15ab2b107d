/* Lends the audit log's files to another process, and borrows them there. */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "vault/audit.h"
#include "vault/auditfiles.h"

/* They are in no header of Linux'. */
#define ZFS_MAGIC      0x2fc12fc1
#define BCACHEFS_MAGIC 0xca451a4e

/* File systems that are as a rule this machine's own. */
bool tv_audit_file_is_fit(int fd)
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

/* Whether all is there. */
static bool is_fit(const struct tv_audit_lent *l)
{
	struct stat a, b;

	for (size_t i = 0; i < TV_LENT_ALL; i++)
		if (l->fd[i] < 0 || !tv_audit_file_is_fit(l->fd[i]))
			return false;
	return !fstat(l->fd[TV_LENT_LOG], &a) && !fstat(l->fd[TV_LENT_TAIL], &b) &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static void open_all(struct tv_audit_lent *out, int dirfd, const char *name)
{
	char key[TV_AUDIT_NAME_CHARS + 8];

	snprintf(key, sizeof key, "%s.key", name);
	out->fd[TV_LENT_KEY] = tv_audit_file_open(dirfd, key, O_RDWR);
	out->fd[TV_LENT_LOG] = tv_audit_file_open(dirfd, name, O_WRONLY | O_APPEND);
	out->fd[TV_LENT_TAIL] = tv_audit_file_open(dirfd, name, O_RDONLY);
}

bool tv_audit_files_lend(struct tv_audit_lent *out, const struct tv_audit_files *f)
{
	const int dirfd = open(f->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*out = TV_AUDIT_LENT_NONE;
	if (dirfd >= 0 && tv_audit_file_is_fit(dirfd))
		open_all(out, dirfd, f->name);
	if (dirfd >= 0)
		close(dirfd);
	if (is_fit(out))
		return true;
	tv_audit_lent_close(out);
	return false;
}

void tv_audit_lent_close(struct tv_audit_lent *l)
{
	for (size_t i = 0; i < TV_LENT_ALL; i++) {
		if (l->fd[i] >= 0)
			close(l->fd[i]);
		l->fd[i] = -1;
	}
}

enum tv_status tv_audit_files_borrow(struct tv_audit_files *out, const struct tv_audit_lent *lent,
				     off_t most, struct tv_error *err)
{
	const enum tv_status status = tv_audit_files_start(out, "", "lent", most, err);

	out->is_lent = true;
	out->key = lent->fd[TV_LENT_KEY];
	out->log = lent->fd[TV_LENT_LOG];
	out->tail = lent->fd[TV_LENT_TAIL];
	out->size = -1;
	return status;
}
