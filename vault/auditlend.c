/* Lends the audit log's files to another process, and borrows them there. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/audit.h"
#include "vault/auditfiles.h"
#include "vault/inode.h"

/* Whether all is there, and nobody may have to wait for a network. */
static bool is_fit(const struct tv_audit_lent *l)
{
	struct stat a, b;

	for (size_t i = 0; i < TV_LENT_ALL; i++)
		if (l->fd[i] < 0 || !tv_inode_is_local(l->fd[i]))
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
	if (dirfd >= 0 && tv_inode_is_local(dirfd))
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
