/* Builds and searches the directory view's tree. */
#include "fusefs/tree.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ROOT_INO 1
#define ROOT	 0
#define DEPTH	 8 /* directories above each other, the root among them */

struct tv_tree {
	struct tv_node *nodes; /* the root first */
	size_t count;
	uint32_t *slots; /* open addressing by inode number: index + 1, 0 is free */
	size_t mask;
	char **directories; /* the paths that are ours */
	size_t n_directories;
};

/* FNV-1a with a secret start. */
static uint64_t hash_begin(void)
{
	static uint64_t key;

	if (!key && getrandom(&key, sizeof key, 0) != sizeof key)
		key = 0xcbf29ce484222325;
	return key;
}

static uint64_t hash_go_on(uint64_t h, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 0x100000001b3;
	return h;
}

/* A path's number from the hash of its bytes. It is stirred: numbers tell nothing, and nobody can aim for one. */
static uint64_t number_of(uint64_t h)
{
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
	n = tv_tree_by_ino(t, number_of(hash_go_on(hash_begin(), path, (size_t)len)));
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
static size_t add(struct tv_tree *t, struct tv_node node, size_t parent)
{
	uint32_t *slot = slot_of(t, node.ino);
	size_t i = t->count;

	if (*slot)
		return *slot - 1;
	t->nodes[i] = node;
	if (i != ROOT) {
		t->nodes[i].next = t->nodes[parent].first;
		t->nodes[parent].first = i;
	}
	*slot = (uint32_t)++t->count;
	return i;
}

/* The directories above a file: the root first. */
struct above {
	size_t depth;
	struct {
		size_t node;
		size_t len;    /* of its path, with the slash behind it */
		uint64_t hash; /* of that */
	} at[DEPTH];
	const char *path; /* the file's */
};

/* Those of the file before stay which are this one's, too: most have as many in common. */
static void go_up(struct above *a, const char *path)
{
	while (a->depth && strncmp(path, a->path, a->at[a->depth].len) != 0)
		a->depth--;
	a->path = path;
}

/* The directory whose path ends before this slash; it is made when there is none. False: no memory. */
static bool go_down(struct tv_tree *t, struct above *a, const char *slash)
{
	const size_t from = a->at[a->depth].len, len = (size_t)(slash - a->path);
	const uint64_t h = hash_go_on(a->at[a->depth].hash, a->path + from, len - from);
	struct tv_node node = {.ino = number_of(h)};
	size_t at = *slot_of(t, node.ino);
	char *copy = at ? NULL : strndup(a->path, len);

	if (!at && !copy)
		return false;
	if (copy) {
		t->directories[t->n_directories++] = copy;
		node.path = copy;
		node.name = copy + from;
		at = add(t, node, a->at[a->depth].node) + 1;
	}
	a->at[++a->depth].node = at - 1;
	a->at[a->depth].len = len + 1;
	a->at[a->depth].hash = hash_go_on(h, "/", 1);
	return true;
}

static bool add_file(struct tv_tree *t, struct above *a, const struct tv_view *view, size_t file)
{
	struct tv_node node = {.path = view->path, .file = file, .mtime = view->mtime};
	const char *slash;

	go_up(a, view->path);
	while ((slash = strchr(view->path + a->at[a->depth].len, '/')) && a->depth < DEPTH - 1)
		if (!go_down(t, a, slash))
			return false;
	node.name = view->path + a->at[a->depth].len;
	node.ino = number_of(hash_go_on(a->at[a->depth].hash, node.name, strlen(node.name)));
	add(t, node, a->at[a->depth].node);
	for (size_t i = 0; i <= a->depth; i++)
		if (t->nodes[a->at[i].node].mtime < view->mtime)
			t->nodes[a->at[i].node].mtime = view->mtime;
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

/* A node for each part of each path that is not the file's before; and the root. */
static size_t count_parts(const struct tv_views *views)
{
	const char *before = "";
	size_t parts = 1;

	for (size_t i = 0; i < views->count; i++) {
		const char *path = views->at[i].path;
		const char *end = strrchr(path, '/');

		if (views->at[i].in_place)
			continue;
		parts++;
		if (end && strncmp(path, before, (size_t)(end + 1 - path)) != 0)
			for (const char *c = path; c <= end; c++)
				parts += *c == '/';
		before = path;
	}
	return parts;
}

enum tv_status tv_tree_build(struct tv_tree **out, const struct tv_views *views,
			     struct tv_error *err)
{
	struct tv_tree *t = tree_new(count_parts(views));
	struct above above = {.at[0].hash = hash_begin()};
	size_t file = 0;
	bool good = t != NULL;

	if (good)
		add(t, bare_root, ROOT);
	for (size_t i = 0; good && i < views->count; i++)
		if (!views->at[i].in_place)
			good = add_file(t, &above, &views->at[i], ++file);
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
