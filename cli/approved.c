/* Which paths of the user's own are approved: the list's file, and what a word on the command line means. */
#include "cli/approved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LIST_MAX (1 << 20)

/* What follows a directory in a path, or NULL when the path is not below it. */
static const char *below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	if (len == 1)
		len = 0;
	return !strncmp(path, directory, len) && path[len] == '/' ? path + len + 1 : NULL;
}

/* Below the home directory by its name or, as the shell's directory may be, by where it really is. */
static const char *below_home(const char *path, const struct tv_paths *p)
{
	const char *rest = below(path, p->home);
	char real[PATH_MAX];

	if (!rest && realpath(p->home, real))
		rest = below(path, real);
	return rest;
}

/* Copies without empty parts and dots; the library's rules for places do the rest. */
static bool tidy(char out[static PATH_MAX], const char *path)
{
	size_t n = 0;

	for (size_t len; *path; path += len, path += *path == '/') {
		len = strcspn(path, "/");
		if (!len || (len == 1 && *path == '.'))
			continue;
		if (n + len + 2 > PATH_MAX)
			return false;
		if (n)
			out[n++] = '/';
		memcpy(out + n, path, len);
		n += len;
	}
	out[n] = '\0';
	return n > 0;
}

enum tv_status tv_approved_path(char out[static PATH_MAX], const struct tv_paths *p,
				const char *word, struct tv_error *err)
{
	char here[PATH_MAX], path[2 * PATH_MAX];
	const char *rest = !strncmp(word, "~/", 2) ? word + 2 : NULL;

	if (!rest && *word != '/') {
		if (!getcwd(here, sizeof(here)))
			return tv_fail(err, TV_IO, "the current directory: %s", strerror(errno));
		snprintf(path, sizeof(path), "%s/%s", here, word);
		rest = below_home(path, p);
	} else if (!rest) {
		rest = below_home(word, p);
	}
	if (!rest)
		return tv_fail(err, TV_BAD_VALUE, "%s is not below the home directory", word);
	if (!tidy(out, rest) || !tv_view_path_is_own(out))
		return tv_fail(err, TV_BAD_VALUE,
			       "%s: a path below the home directory without .., braces or control "
			       "characters",
			       word);
	return TV_OK;
}

/* The list without a path, and with it at the end where it is approved. */
static void rewrite(struct tv_bytes *out, bool *was, const char *text, const char *path)
{
	size_t len;

	*was = false;
	for (const char *at = text; *at; at += len, at += *at == '\n') {
		len = strcspn(at, "\n");
		if (len == strlen(path) && !strncmp(at, path, len)) {
			*was = true;
			continue;
		}
		if (!len)
			continue;
		tv_bytes_append(out, at, len);
		tv_bytes_append(out, "\n", 1);
	}
}

static enum tv_status read_list(struct tv_secret *out, const char *list, struct tv_error *err)
{
	int fd = open(list, O_RDONLY | O_CLOEXEC);
	enum tv_status status;

	if (fd < 0)
		return errno == ENOENT ? TV_OK
				       : tv_fail(err, TV_IO, "%s: %s", list, strerror(errno));
	status = tv_secret_read(out, fd, LIST_MAX, list, err);
	close(fd);
	return status;
}

static enum tv_status set_locked(bool *changed, int dir, const char *list, const char *path,
				 bool approved, struct tv_error *err)
{
	tv_auto_secret before = {0};
	tv_auto_bytes after = {0};
	enum tv_status status = read_list(&before, list, err);
	bool was;

	if (status)
		return status;
	rewrite(&after, &was, tv_secret_text(&before), path);
	if (approved) {
		tv_bytes_append(&after, path, strlen(path));
		tv_bytes_append(&after, "\n", 1);
	}
	status = tv_bytes_check(&after, err);
	tv_temporary_clear(dir, strrchr(list, '/') + 1);
	if (!status && was != approved)
		status = tv_file_replace(dir, strrchr(list, '/') + 1, after.data, after.len, err);
	if (!status)
		*changed = was != approved;
	return status;
}

enum tv_status tv_approved_set(bool *changed, const struct tv_paths *p, const char *path,
			       bool approved, struct tv_error *err)
{
	enum tv_status status = tv_paths_make_config(p, err);
	int fd;

	if (status)
		return status;
	/* The directory, for the list itself is replaced. */
	fd = open(p->config, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX)) {
		tv_fail(err, TV_IO, "%s: %s", p->config, strerror(errno));
		if (fd >= 0)
			close(fd);
		return TV_IO;
	}
	status = set_locked(changed, fd, p->approved, path, approved, err);
	close(fd);
	return status;
}
