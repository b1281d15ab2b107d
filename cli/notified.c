/* Which notifications were shown already, so that a timer shows none of them twice. */
#include "cli/notified.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY 86400

bool tv_notified_has(const struct tv_notified *n, const struct tv_notified_item *item)
{
	for (size_t i = 0; i < n->n; i++) {
		if (!strcmp(n->items[i].id, item->id) && n->items[i].when == item->when &&
		    !strcmp(n->items[i].what, item->what))
			return true;
	}
	return false;
}

bool tv_notified_add(struct tv_notified *n, const struct tv_notified_item *item)
{
	struct tv_notified_item *items = realloc(n->items, (n->n + 1) * sizeof(*items));

	if (!items)
		return false;
	n->items = items;
	n->items[n->n++] = *item;
	return true;
}

void tv_notified_load(struct tv_notified *out, const char *dir, int64_t now)
{
	struct tv_notified_item item;
	char path[PATH_MAX], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/notified", dir);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		long long when;

		if (sscanf(line, "%32[0-9a-f] %lld %11s", item.id, &when, item.what) != 3 ||
		    when < now - TV_NOTIFIED_DAYS * DAY)
			continue;
		item.when = when;
		if (!tv_notified_add(out, &item))
			break;
	}
	if (file)
		fclose(file);
}

static bool write_items(const struct tv_notified *n, int fd)
{
	FILE *file = fdopen(fd, "w");
	bool is_written = file;

	for (size_t i = 0; i < n->n && is_written; i++)
		is_written = fprintf(file, "%s %lld %s\n", n->items[i].id,
				     (long long)n->items[i].when, n->items[i].what) > 0;
	if (!file)
		close(fd);
	else if (fflush(file) || fsync(fd))
		is_written = false;
	return (!file || !fclose(file)) && is_written;
}

enum tv_status tv_notified_save(const struct tv_notified *n, const char *dir, struct tv_error *err)
{
	char path[PATH_MAX], made[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/notified", dir);
	snprintf(made, sizeof(made), "%s/notified.new", dir);
	unlink(made);
	fd = open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", made, strerror(errno));
	if (!write_items(n, fd) || rename(made, path)) {
		tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
		unlink(made);
		return TV_IO;
	}
	return TV_OK;
}

void tv_notified_free(struct tv_notified *n)
{
	free(n->items);
	*n = (struct tv_notified){0};
}
