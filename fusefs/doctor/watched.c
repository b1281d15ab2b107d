/* The watched files: shown as a mounted file is, and every deed counted. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fusefs/doctor/caller.h"
#include "fusefs/doctor/files.h"

struct tv_record *tv_record_here(void)
{
	return fuse_get_context()->private_data;
}

const char *tv_below(const char *path)
{
	return path[1] ? path + 1 : ".";
}

struct tv_watched *tv_watched_at(const char *path, const struct fuse_file_info *fi)
{
	struct tv_record *r = tv_record_here();
	struct stat st;

	if (fi && fi->fh)
		return tv_opened_of(fi)->watched;
	if (!path || fstatat(r->fd, tv_below(path), &st, AT_SYMLINK_NOFOLLOW))
		return NULL;
	for (size_t i = 0; i < r->count; i++)
		if (r->watched[i].ino == st.st_ino && r->watched[i].dev == st.st_dev)
			return &r->watched[i];
	return NULL;
}

void tv_did(struct tv_watched *w, enum tv_deed deed, const char *detail)
{
	tv_record_note(tv_record_here(), w, deed, fuse_get_context()->pid, detail);
}

int tv_refuse(struct tv_watched *w, enum tv_deed deed, const char *detail)
{
	tv_did(w, deed, detail);
	return -tv_deed_error(deed);
}

void tv_watched_stat(struct stat *st, const struct tv_watched *w)
{
	const struct tv_record *r = tv_record_here();

	*st = (struct stat){
		.st_ino = w->ino,
		.st_mode = S_IFREG | w->mode,
		.st_nlink = 1,
		.st_uid = getuid(),
		.st_gid = getgid(),
		.st_size = (off_t)w->len,
		.st_blksize = 4096,
		.st_blocks = (blkcnt_t)((w->len + 511) / 512),
		.st_atim.tv_sec = r->made,
		.st_mtim.tv_sec = r->made,
		.st_ctim.tv_sec = r->made,
	};
}

/* `O_RDWR|O_TRUNC`: those that matter. */
static void print_flags(char *out, size_t size, int flags)
{
	static const char *const modes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_RDWR"};
	static const struct {
		int flag;
		const char *name;
	} others[] = {
		{O_TRUNC, "|O_TRUNC"}, {O_APPEND, "|O_APPEND"},	    {O_DIRECT, "|O_DIRECT"},
		{O_SYNC, "|O_SYNC"},   {O_NOATIME, "|O_NOATIME"},   {O_NOFOLLOW, "|O_NOFOLLOW"},
		{O_CREAT, "|O_CREAT"}, {O_NONBLOCK, "|O_NONBLOCK"},
	};
	size_t len = (size_t)snprintf(out, size, "%s", modes[flags & O_ACCMODE]);

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if ((flags & others[i].flag) == others[i].flag && len < size)
			len += (size_t)snprintf(out + len, size - len, "%s", others[i].name);
}

int tv_watched_open(struct tv_opened *opened, struct fuse_file_info *fi)
{
	struct tv_watched *w = opened->watched;
	char flags[100];

	print_flags(flags, sizeof flags, fi->flags);
	if ((fi->flags & O_ACCMODE) != O_RDONLY || (fi->flags & O_TRUNC))
		return tv_refuse(w, TV_DEED_open_write, flags);
	tv_did(w, TV_DEED_open, flags);
	fi->direct_io = 1; /* as tokenvault-fs has it */
	fi->keep_cache = 0;
	return 0;
}

int tv_watched_read(struct tv_opened *opened, char *out, size_t size, off_t offset)
{
	struct tv_watched *w = opened->watched;
	size_t at = (size_t)offset < w->len ? (size_t)offset : w->len;
	size_t n = size < w->len - at ? size : w->len - at;
	char where[40];

	tv_record_read(tv_record_here(), w, size, fuse_get_context()->pid);
	snprintf(where, sizeof where, "from byte %zu", at);
	if (!at && n == w->len)
		tv_did(w, TV_DEED_whole, "");
	if (n && (off_t)at < opened->furthest)
		tv_did(w, TV_DEED_again, where);
	else if ((off_t)at != opened->reached)
		tv_did(w, TV_DEED_jump, where);
	opened->reached = (off_t)(at + n);
	if (opened->reached > opened->furthest)
		opened->furthest = opened->reached;
	tv_watched_look(w);
	memcpy(out, w->bytes + at, n);
	return (int)n;
}

void tv_watched_look(struct tv_watched *w)
{
	const struct tv_record *r = tv_record_here();
	char path[PATH_MAX];

	if (w->notes[TV_DEED_map].count)
		return;
	snprintf(path, sizeof path, "%s/%s", r->home, w->path);
	if (tv_caller_maps(fuse_get_context()->pid, path))
		tv_did(w, TV_DEED_map, "");
}
