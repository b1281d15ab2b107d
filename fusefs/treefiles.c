/* The operations of the directory view. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fusefs/handle.h"
#include "fusefs/server.h"
#include "fusefs/surface.h"
#include "fusefs/tree.h"

/* A directory as it was when it was opened. */
struct listing {
	size_t len;
	char entries[];
};

static struct tv_server *server_of(fuse_req_t req)
{
	return ((struct tv_surface *)fuse_req_userdata(req))->server;
}

/* As the vault is now; NULL: there is none, or no memory to look, as *err says. */
static const struct tv_node *node_of(fuse_req_t req, fuse_ino_t ino, int *err)
{
	struct tv_server *s = server_of(req);
	struct tv_error ignored;

	*err = tv_directory_follow(s, &ignored) ? ENOMEM : ESTALE;
	return *err == ENOMEM ? NULL : tv_tree_by_ino(s->directory.tree, ino);
}

static struct tv_shown *shown_of(const struct tv_server *s, const struct tv_node *n)
{
	return n->file ? s->directory.shown.at[n->file - 1] : NULL;
}

static void node_stat(struct stat *st, fuse_req_t req, const struct tv_node *n)
{
	const struct tv_server *server = server_of(req);

	if (n->file) {
		tv_handle_stat(st, req, server, shown_of(server, n), n->ino);
		return;
	}
	*st = (struct stat){.st_ino = n->ino,
			    .st_mode = S_IFDIR | 0500,
			    .st_nlink = 2,
			    .st_uid = server->uid,
			    .st_gid = server->gid,
			    .st_mtim.tv_sec = n->mtime,
			    .st_ctim.tv_sec = n->mtime,
			    .st_atim.tv_sec = n->mtime};
}

static void tree_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	int err;
	const struct tv_node *directory = node_of(req, parent, &err);
	const struct tv_node *n =
		directory ? tv_tree_child(server_of(req)->directory.tree, directory, name) : NULL;
	struct fuse_entry_param entry = {0};

	if (!n) {
		fuse_reply_err(req, directory ? ENOENT : err);
		return;
	}
	entry.ino = n->ino;
	node_stat(&entry.attr, req, n);
	fuse_reply_entry(req, &entry);
}

static void tree_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	int err;
	const struct tv_node *n = node_of(req, ino, &err);
	struct stat st;

	(void)fi;
	if (!n) {
		fuse_reply_err(req, err);
		return;
	}
	node_stat(&st, req, n);
	fuse_reply_attr(req, &st, 0);
}

/* Appends an entry, or with a NULL listing says how much it takes. */
static size_t append(fuse_req_t req, struct listing *l, size_t size, const struct tv_node *n,
		     const char *name)
{
	const struct stat st = {.st_ino = n->ino, .st_mode = n->file ? S_IFREG : S_IFDIR};
	size_t need = fuse_add_direntry(req, NULL, 0, name, NULL, 0);

	if (l) {
		fuse_add_direntry(req, l->entries + l->len, size - l->len, name, &st,
				  (off_t)(l->len + need));
		l->len += need;
	}
	return need;
}

/* The parent's number in `..` is the kernel's business: it asks for none. */
static size_t list(fuse_req_t req, struct listing *l, size_t size, const struct tv_node *directory)
{
	const struct tv_tree *tree = server_of(req)->directory.tree;
	size_t need = append(req, l, size, directory, ".");

	need += append(req, l, size, directory, "..");
	for (const struct tv_node *n = tv_tree_first(tree, directory); n; n = tv_tree_next(tree, n))
		need += append(req, l, size, n, n->name);
	return need;
}

static void tree_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	int err;
	const struct tv_node *n = node_of(req, ino, &err);
	struct listing *l;
	size_t size;

	if (!n || n->file) {
		fuse_reply_err(req, n ? ENOTDIR : err);
		return;
	}
	size = list(req, NULL, 0, n);
	l = calloc(1, sizeof *l + size);
	if (!l) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	list(req, l, size, n);
	fi->fh = (uintptr_t)l;
	if (fuse_reply_open(req, fi))
		free(l);
}

/* An entry that is cut off at the end is read again by the next call, from its start. */
static void tree_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
			 struct fuse_file_info *fi)
{
	const struct listing *l = (const struct listing *)(uintptr_t)fi->fh;
	size_t at = offset < 0 || (size_t)offset > l->len ? l->len : (size_t)offset;

	(void)ino;
	if (size > l->len - at)
		size = l->len - at;
	fuse_reply_buf(req, l->entries + at, size);
}

static void tree_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	free((struct listing *)(uintptr_t)fi->fh);
	fuse_reply_err(req, 0);
}

static struct tv_shown *tree_shown(fuse_req_t req, fuse_ino_t ino)
{
	int ignored;
	const struct tv_node *n = node_of(req, ino, &ignored);

	return n ? shown_of(server_of(req), n) : NULL;
}

static void tree_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	tv_handle_open(req, server_of(req), tree_shown, ino, fi);
}

static void tree_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		      struct fuse_file_info *fi)
{
	(void)ino;
	tv_handle_read(req, server_of(req), size, offset, fi);
}

static void tree_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	tv_handle_release(req, fi);
}

const struct fuse_lowlevel_ops tv_tree_operations = {
	.init = tv_surface_init,
	.lookup = tree_lookup,
	.getattr = tree_getattr,
	.opendir = tree_opendir,
	.readdir = tree_readdir,
	.releasedir = tree_releasedir,
	.open = tree_open,
	.read = tree_read,
	.release = tree_release,
	.statfs = tv_surface_statfs,
};
