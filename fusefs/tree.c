/* Builds and searches the directory view's tree. */
#include "fusefs/tree.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ROOT_INO 1
#define ROOT	 0

struct tv_tree {
	struct tv_node *nodes; /* the root first */
	size_t count;
	uint32_t *slots; /* open addressing by inode number: index + 1, 0 is free */
	size_t mask;
	char **directories; /* the paths that are ours */
	size_t n_directories;
};

/* FNV-1a with a secret start, stirred: numbers tell nothing, and nobody can aim for one. */
static uint64_t hash(const char *path, size_t len)
{
	static uint64_t key;
	uint64_t h;

	if (!key && getrandom(&key, sizeof key, 0) != sizeof key)
		key = 0xcbf29ce484222325;
	h = key;
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)path[i]) * 0x100000001b3;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93;
	h ^= h >> 32;
	return h > ROOT_INO ? h : h + 2;
}

static uint32_t *slot_of(const struct tv_tree *t, uint64_t ino)
{
	size_t i = (size_t)ino & t->mask;

	while (t->slots[i] && t->nodes[t->slots[i] - 1].ino != ino)
		i = (i + 1) & t->mask;
	return &t->slots[i];
}

static const struct tv_node bare_root = {.ino = ROOT_INO, .path = "", .name = ""};

const struct tv_node *tv_tree_by_ino(const struct tv_tree *t, uint64_t ino)
{
	size_t slot;

	if (!t)
		return ino == ROOT_INO ? &bare_root : NULL;
	slot = *slot_of(t, ino);
	return slot ? &t->nodes[slot - 1] : NULL;
}

const struct tv_node *tv_tree_child(const struct tv_tree *t, const struct tv_node *directory,
				    const char *name)
{
	char path[PATH_MAX];
	const struct tv_node *n;
	int len = snprintf(path, sizeof path, "%s%s%s", directory->path,
			   *directory->path ? "/" : "", name);

	if (!t || len < 0 || len >= (int)sizeof path)
		return NULL;
	n = tv_tree_by_ino(t, hash(path, (size_t)len));
	return n && !strcmp(n->path, path) ? n : NULL;
}

const struct tv_node *tv_tree_first(const struct tv_tree *t, const struct tv_node *directory)
{
	return t && directory->first ? &t->nodes[directory->first] : NULL;
}

const struct tv_node *tv_tree_next(const struct tv_tree *t, const struct tv_node *child)
{
	return child->next ? &t->nodes[child->next] : NULL;
}

/* Puts a node into the table and under its directory; the index, or of the one that was there. */
static size_t add(struct tv_tree *t, const char *path, size_t parent, size_t file, int64_t mtime)
{
	uint64_t ino = *path ? hash(path, strlen(path)) : ROOT_INO;
	uint32_t *slot = slot_of(t, ino);
	const char *slash = strrchr(path, '/');
	size_t i = t->count;

	if (*slot)
		return *slot - 1;
	t->nodes[i] = (struct tv_node){.ino = ino,
				       .path = path,
				       .name = slash ? slash + 1 : path,
				       .file = file,
				       .mtime = mtime};
	if (i != ROOT) {
		t->nodes[i].next = t->nodes[parent].first;
		t->nodes[parent].first = i;
	}
	*slot = (uint32_t)++t->count;
	return i;
}

/* The directory whose path is the first len bytes; it is made when there is none. ROOT on failure
 * too, which *good tells. */
static size_t directory(struct tv_tree *t, const char *path, size_t len, size_t parent, bool *good)
{
	const size_t slot = *slot_of(t, hash(path, len));
	char *copy;

	if (slot)
		return slot - 1;
	copy = strndup(path, len);
	if (!copy) {
		*good = false;
		return ROOT;
	}
	t->directories[t->n_directories++] = copy;
	return add(t, copy, parent, 0, 0);
}

static bool add_file(struct tv_tree *t, const struct tv_view *view, size_t file)
{
	const char *path = view->path;
	size_t above[8] = {ROOT};
	size_t depth = 0;
	bool good = true;

	for (const char *slash = strchr(path, '/'); slash && depth < 7;
	     slash = strchr(slash + 1, '/'), depth++)
		above[depth + 1] = directory(t, path, (size_t)(slash - path), above[depth], &good);
	if (!good)
		return false;
	add(t, path, above[depth], file, view->mtime);
	for (size_t i = 0; i <= depth; i++)
		if (t->nodes[above[i]].mtime < view->mtime)
			t->nodes[above[i]].mtime = view->mtime;
	return true;
}

/* For so many nodes at most. */
static struct tv_tree *tree_new(size_t most)
{
	struct tv_tree *t = calloc(1, sizeof *t);
	size_t size = 16;

	if (!t)
		return NULL;
	while (size < most * 2)
		size *= 2;
	t->mask = size - 1;
	t->nodes = calloc(most, sizeof *t->nodes);
	t->slots = calloc(size, sizeof *t->slots);
	t->directories = calloc(most, sizeof *t->directories);
	if (t->nodes && t->slots && t->directories)
		return t;
	tv_tree_free(t);
	return NULL;
}

/* A node for each part of each path, as if no two files were in one directory; and the root. */
static size_t count_parts(const struct tv_views *views)
{
	size_t parts = 1;

	for (size_t i = 0; i < views->count; i++) {
		if (views->at[i].in_place)
			continue;
		parts++;
		for (const char *c = views->at[i].path; *c; c++)
			parts += *c == '/';
	}
	return parts;
}

enum tv_status tv_tree_build(struct tv_tree **out, const struct tv_views *views,
			     struct tv_error *err)
{
	struct tv_tree *t = tree_new(count_parts(views));
	bool good = t != NULL;

	if (good)
		add(t, "", ROOT, 0, 0);
	for (size_t i = 0; good && i < views->count; i++)
		if (!views->at[i].in_place)
			good = add_file(t, &views->at[i], i + 1);
	if (!good) {
		tv_tree_free(t);
		return tv_fail(err, TV_NO_MEMORY, "the directory view");
	}
	*out = t;
	return TV_OK;
}

void tv_tree_free(struct tv_tree *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_directories; i++)
		free(t->directories[i]);
	free(t->directories);
	free(t->nodes);
	free(t->slots);
	free(t);
}
