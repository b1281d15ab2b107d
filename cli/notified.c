/* Which notifications were shown already, so that a timer shows none of them twice. */
#include "cli/notified.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "notified"
#define DAY	  86400

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

	snprintf(path, sizeof(path), "%s/" FILE_NAME, dir);
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

static void print_item(struct tv_bytes *out, const struct tv_notified_item *item)
{
	char line[128];
	int len = snprintf(line, sizeof(line), "%s %lld %s\n", item->id, (long long)item->when,
			   item->what);

	tv_bytes_append(out, line, (size_t)len);
}

enum tv_status tv_notified_save(const struct tv_notified *n, const char *dir, struct tv_error *err)
{
	tv_auto_bytes text = {0};
	enum tv_status status;
	int fd;

	for (size_t i = 0; i < n->n; i++)
		print_item(&text, &n->items[i]);
	status = tv_bytes_check(&text, err);
	if (status)
		return status;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", dir, strerror(errno));
	status = tv_file_replace(fd, FILE_NAME, text.data, text.len, err);
	close(fd);
	return status;
}

void tv_notified_free(struct tv_notified *n)
{
	free(n->items);
	*n = (struct tv_notified){0};
}
