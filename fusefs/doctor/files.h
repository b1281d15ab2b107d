/*
 * The recording file system: a directory passed through as it is, but for the watched files in it, which
 * are shown and refused as tokenvault-fs shows and refuses them. See fusefs/files.c, fusefs/handle.c and
 * mount(2) on what a file on a read-only mount of its own can't be done to.
 */
#ifndef TV_DOCTOR_FILES_H
#define TV_DOCTOR_FILES_H

#include <fcntl.h>
#include <limits.h>

#include "fusefs/doctor/fuse.h"
#include "fusefs/doctor/record.h"

/* An open file. */
struct tv_opened {
	int fd;			    /* in the directory under the mount */
	struct tv_watched *watched; /* NULL: passed through */
	off_t reached;		    /* where the last read ended */
	off_t furthest;
};

/* In the session of a request. */
struct tv_record *tv_record_here(void);
static inline struct tv_opened *tv_opened_of(const struct fuse_file_info *fi)
{
	return (struct tv_opened *)(uintptr_t)fi->fh;
}
/* A path as the *at() calls take it, below the directory under the mount. */
const char *tv_below(const char *path);
/* The watched file that lies at a path (not following links), or NULL. fi may be NULL; with it, path may
 * be. */
struct tv_watched *tv_watched_at(const char *path, const struct fuse_file_info *fi);
/* Counts a deed of the caller's; and for one that is refused, gives the negative error. */
void tv_did(struct tv_watched *w, enum tv_deed deed, const char *detail);
int tv_refuse(struct tv_watched *w, enum tv_deed deed, const char *detail);

/* The operations, each file's part of them. */
void tv_watched_stat(struct stat *st, const struct tv_watched *w);
int tv_watched_open(struct tv_opened *opened, struct fuse_file_info *fi);
int tv_watched_read(struct tv_opened *opened, char *out, size_t size, off_t offset);
/* Looks whether the caller maps the file. */
void tv_watched_look(struct tv_watched *w);

int tv_locks_lock(const char *path, struct fuse_file_info *fi, int cmd, struct flock *lock);
int tv_locks_flock(const char *path, struct fuse_file_info *fi, int op);

int tv_names_mknod(const char *path, mode_t mode, dev_t dev);
int tv_names_mkdir(const char *path, mode_t mode);
int tv_names_unlink(const char *path);
int tv_names_rmdir(const char *path);
int tv_names_symlink(const char *target, const char *path);
int tv_names_rename(const char *from, const char *to, unsigned flags);
int tv_names_link(const char *from, const char *to);
int tv_names_readlink(const char *path, char *out, size_t size);

int tv_traits_getattr(const char *path, struct stat *st, struct fuse_file_info *fi);
int tv_traits_access(const char *path, int mask);
int tv_traits_chmod(const char *path, mode_t mode, struct fuse_file_info *fi);
int tv_traits_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *fi);
int tv_traits_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *fi);
int tv_traits_truncate(const char *path, off_t size, struct fuse_file_info *fi);
int tv_traits_getxattr(const char *path, const char *name, char *out, size_t size);
int tv_traits_listxattr(const char *path, char *out, size_t size);
int tv_traits_setxattr(const char *path, const char *name, const char *value, size_t size,
		       int flags);
int tv_traits_removexattr(const char *path, const char *name);

extern const struct fuse_operations tv_doctor_operations;

#endif
