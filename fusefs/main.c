/* The program tokenvault-fs: its options, and how it tells whoever started it what came of it. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fusefs/keeper.h"

enum takes { TEXT, TEXTS, NUMBER, FLAG };

static const struct {
	const char *name;
	enum takes takes;
	size_t offset;
} options[] = {
	{"--vault", TEXT, offsetof(struct tv_fs_config, vault)},
	{"--name", TEXT, offsetof(struct tv_fs_config, name)},
	{"--runtime", TEXT, offsetof(struct tv_fs_config, runtime)},
	{"--home", TEXT, offsetof(struct tv_fs_config, home)},
	{"--log", TEXT, offsetof(struct tv_fs_config, log)},
	{"--state", TEXT, offsetof(struct tv_fs_config, state)},
	{"--config", TEXT, offsetof(struct tv_fs_config, providers)},
	{"--approved", TEXT, offsetof(struct tv_fs_config, approved)},
	{"--cli", TEXT, offsetof(struct tv_fs_config, cli)},
	{"--askpass", TEXT, offsetof(struct tv_fs_config, askpass)},
	{"--ready-fd", NUMBER, offsetof(struct tv_fs_config, ready_fd)},
	{"--run", NUMBER, offsetof(struct tv_fs_config, run_fd)},
	{"--place", TEXTS, offsetof(struct tv_fs_config, places)},
	{"--foreground", FLAG, offsetof(struct tv_fs_config, foreground)},
	{"--cleanup", FLAG, offsetof(struct tv_fs_config, cleanup)},
};

#define OPTIONS (sizeof options / sizeof *options)

static enum tv_status set_number(int *out, const char *name, const char *text, struct tv_error *err)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < 3 || number > 1 << 20 ||
	    fcntl((int)number, F_GETFD) < 0)
		return tv_fail(err, TV_USAGE, "%s wants an open descriptor above 2, not `%s`", name,
			       text);
	*out = (int)number;
	return TV_OK;
}

/* Sets option i; *used is how many words it took. */
static enum tv_status set_option(struct tv_fs_config *config, int *used, size_t i, char **words,
				 struct tv_error *err)
{
	void *at = (char *)config + options[i].offset;

	*used = options[i].takes == FLAG ? 1 : 2;
	if (options[i].takes == FLAG) {
		*(bool *)at = true;
		return TV_OK;
	}
	if (!words[1])
		return tv_fail(err, TV_USAGE, "%s wants a value", words[0]);
	if (options[i].takes == NUMBER)
		return set_number(at, words[0], words[1], err);
	if (options[i].takes == TEXTS)
		config->places[config->n_places++] = words[1];
	else
		*(const char **)at = words[1];
	return TV_OK;
}

static enum tv_status parse(struct tv_fs_config *config, int argc, char **argv,
			    struct tv_error *err)
{
	char **words = argv + (argc > 0);
	enum tv_status status;
	int used;

	config->places = calloc((size_t)argc + 1, sizeof *config->places);
	if (!config->places)
		return tv_fail(err, TV_NO_MEMORY, "options");
	for (; *words; words += used) {
		size_t i = 0;

		while (i < OPTIONS && strcmp(options[i].name, *words))
			i++;
		if (i == OPTIONS)
			return tv_fail(err, TV_USAGE,
				       "`%s` is no option; `tokenvault mount` starts this program",
				       *words);
		status = set_option(config, &used, i, words, err);
		if (status)
			return status;
	}
	config->is_run = config->run_fd >= 0;
	return tv_fs_config_finish(config, err);
}

/* Closes what lies between; *from is where the next gap begins. */
static void close_up_to(unsigned *from, int keep)
{
	if (keep < 0)
		return;
	if ((unsigned)keep > *from)
		close_range(*from, (unsigned)keep - 1, 0);
	*from = (unsigned)keep + 1;
	fcntl(keep, F_SETFD, FD_CLOEXEC);
}

/* Descriptors 0 to 2 exist from here on, and what else the caller left open does not. */
static void tidy_descriptors(const struct tv_fs_config *c)
{
	const bool is_first = c->run_fd < c->ready_fd;
	unsigned from = 3;
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
	close_up_to(&from, is_first ? c->run_fd : c->ready_fd);
	close_up_to(&from, is_first ? c->ready_fd : c->run_fd);
	close_range(from, ~0U, 0);
}

/* Whoever waits at the ready descriptor prints the error; alone, we do. */
static void tell(const struct tv_fs_config *config, enum tv_status status,
		 const struct tv_error *err)
{
	if (config->ready_fd >= 0)
		tv_keeper_tell(config->ready_fd, status, err->detail);
	else
		dprintf(2, "tokenvault-fs: %s%s%s\n", tv_status_sentence(status),
			*err->detail ? ": " : "", err->detail);
}

int main(int argc, char **argv)
{
	struct tv_fs_config config = {.ready_fd = -1, .run_fd = -1};
	struct tv_error err = {""};
	enum tv_status status = parse(&config, argc, argv, &err);

	tidy_descriptors(&config);
	if (!status)
		status = tv_init(&err);
	if (!status)
		status = config.cleanup ? tv_keeper_cleanup(&config, &err)
					: tv_keeper_run(&config, &err);
	if (status)
		tell(&config, status, &err);
	free(config.places);
	return tv_status_exit(status);
}
