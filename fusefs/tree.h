/*
 * The directory view's tree, PROVIDER/LABEL/FILE. Inode numbers are a keyed hash of the path: the same
 * path keeps its number over every change, and a lookup is one probe however many entries there are.
 */
#ifndef TV_TREE_H
#define TV_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "vault/vault.h"

struct tv_tree;

struct tv_node {
	uint64_t ino;
	const char *path; /* below the root; "" is the root */
	const char *name; /* its last part */
	size_t file;	  /* which of these it is, counted from 1; 0: a directory */
	int64_t mtime;
	size_t first, next; /* child and sibling; 0: none */
};

/* Of those of the views that are not in place. The strings of files are the views'. */
enum tv_status tv_tree_build(struct tv_tree **out, const struct tv_views *views,
			     struct tv_error *err) TV_MUST_CHECK;
void tv_tree_free(struct tv_tree *tree);

/* NULL when there is none. tree may be NULL: just a root. */
const struct tv_node *tv_tree_by_ino(const struct tv_tree *tree, uint64_t ino);
const struct tv_node *tv_tree_child(const struct tv_tree *tree, const struct tv_node *directory,
				    const char *name);
const struct tv_node *tv_tree_first(const struct tv_tree *tree, const struct tv_node *directory);
const struct tv_node *tv_tree_next(const struct tv_tree *tree, const struct tv_node *child);

#endif
