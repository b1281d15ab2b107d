/* Finds programs by name, and the interpreters of scripts. */
#include "cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum tv_status resolve(char out[static PATH_MAX], const char *path, struct tv_error *err)
{
	struct stat st;

	if (!realpath(path, out) || stat(out, &st))
		return tv_fail(err, TV_NO_ENTRY, "%.200s: %s", path, strerror(errno));
	return S_ISREG(st.st_mode) ? TV_OK : tv_fail(err, TV_BAD_VALUE, "%.200s is no file", path);
}

static enum tv_status find_in_path(char out[static PATH_MAX], const char *name,
				   struct tv_error *err)
{
	const char *at = getenv("PATH");
	char path[PATH_MAX];

	while (at && *at) {
		const size_t len = strcspn(at, ":");

		if (len &&
		    (size_t)snprintf(path, sizeof(path), "%.*s/%s", (int)len, at, name) <
			    sizeof(path) &&
		    !access(path, X_OK) && !resolve(out, path, err))
			return TV_OK;
		at += len + (at[len] == ':');
	}
	return tv_fail(err, TV_NO_ENTRY, "no program %.200s; a path has a slash", name);
}

static enum tv_status find(char out[static PATH_MAX], const char *program, struct tv_error *err)
{
	return strchr(program, '/') ? resolve(out, program, err) : find_in_path(out, program, err);
}

enum tv_status tv_program_resolve(char out[static PATH_MAX], const char *program,
				  struct tv_error *err)
{
	enum tv_status status = find(out, program, err);

	if (!status && access(out, X_OK))
		return tv_fail(err, TV_BAD_VALUE, "%.200s can't be run", out);
	return status;
}

/* The first line behind "#!", or "" where there is none. */
static void read_first_line(char *out, size_t size, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, out, size - 1) : 0;

	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	if (n > 2 && !strncmp(out, "#!", 2)) {
		out[strcspn(out, "\n")] = '\0';
		memmove(out, out + 2, strlen(out + 2) + 1);
	} else {
		out[0] = '\0';
	}
}

/* The interpreter; of `env`, or `env -S`, the program that it is to find. */
static enum tv_status find_interpreter(char out[static PATH_MAX], char *line, struct tv_error *err)
{
	char *rest = NULL;
	char *word = strtok_r(line, " \t", &rest);
	const char *slash = word ? strrchr(word, '/') : NULL;

	if (slash && !strcmp(slash, "/env")) {
		do
			word = strtok_r(NULL, " \t", &rest);
		while (word && (*word == '-' || strchr(word, '=')));
	}
	return word ? find(out, word, err)
		    : tv_fail(err, TV_BAD_VALUE, "a script without an interpreter");
}

enum tv_status tv_program_find_out(struct tv_program *out, const char *program, const char *script,
				   struct tv_error *err)
{
	char line[512];
	enum tv_status status = find(out->path, program, err);

	out->script[0] = '\0';
	if (status)
		return status;
	if (script)
		return resolve(out->script, script, err);
	read_first_line(line, sizeof(line), out->path);
	if (!*line)
		return TV_OK;
	memcpy(out->script, out->path, sizeof(out->script));
	return find_interpreter(out->path, line, err);
}

enum tv_status tv_program_hash(char out[static 2 * TV_HASH_BYTES + 1], const char *path,
			       struct tv_error *err)
{
	unsigned char hash[TV_HASH_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && tv_hash_file(hash, fd);
	int why = errno;

	if (fd >= 0)
		close(fd);
	if (!good)
		return tv_fail(err, TV_IO, "%.200s: %s", path, strerror(why));
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
	return TV_OK;
}

uint64_t tv_program_start(pid_t pid)
{
	char path[32], text[1024];
	unsigned long long start = 0;
	const char *behind;
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	behind = strrchr(text, ')');
	if (!behind || sscanf(behind + 1,
			      " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
			      "%*d %*d %*d %llu",
			      &start) != 1)
		return 0;
	return start;
}
