/*
 * Runs commands in turn and tells how long each took, in microseconds, a line for each command:
 * pair ROUNDS INPUT PASSPHRASE [BEFORE… ,,,] COMMAND… [::: [BEFORE… ,,,] COMMAND…]…
 * BEFORE is run each time before the command, and not timed. An @ in an argument becomes the number of the run. INPUT
 * is a file for standard input and PASSPHRASE one for descriptor 9; output goes nowhere. A command that fails ends it
 * all.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16
#define WORDS_MAX    40
#define WARM	     2 /* runs of each before any counts */

extern char **environ;

struct words {
	char *at[WORDS_MAX + 1];
	size_t n;
};

struct command {
	struct words before;
	struct words timed;
	double *times;
};

struct job {
	struct command at[COMMANDS_MAX];
	size_t count;
	const char *input;
	const char *passphrase;
};

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "pair: %s: %s\n", what, why);
	exit(1);
}

/* The argument with the run's number in it. */
static char *numbered(const char *word, unsigned run)
{
	const char *at = strchr(word, '@');
	char *made = NULL;

	if (!at)
		return strdup(word);
	return asprintf(&made, "%.*s%u%s", (int)(at - word), word, run, at + 1) < 0 ? NULL : made;
}

static double run_once(const struct job *j, const struct words *w, unsigned run)
{
	posix_spawn_file_actions_t actions;
	char *words[WORDS_MAX + 1] = {NULL};
	double start;
	int status;
	pid_t pid;

	for (size_t i = 0; i < w->n; i++)
		words[i] = numbered(w->at[i], run);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, j->input, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 9, j->passphrase, O_RDONLY, 0);
	start = now_us();
	errno = posix_spawnp(&pid, words[0], &actions, NULL, words, environ);
	if (errno)
		die(words[0], strerror(errno));
	while (waitpid(pid, &status, 0) < 0)
		;
	start = now_us() - start;
	if (status)
		die(words[0], "it failed");
	posix_spawn_file_actions_destroy(&actions);
	for (size_t i = 0; i < w->n; i++)
		free(words[i]);
	return start;
}

static void take_word(struct job *j, char *word)
{
	struct command *c = &j->at[j->count];

	if (!strcmp(word, ":::")) {
		if (++j->count == COMMANDS_MAX)
			die(word, "too many commands");
		return;
	}
	if (!strcmp(word, ",,,")) {
		c->before = c->timed;
		c->timed = (struct words){.n = 0};
		return;
	}
	if (c->timed.n == WORDS_MAX)
		die(word, "too many words");
	c->timed.at[c->timed.n++] = word;
}

/* Each round begins with another command, so that none always follows the same one. */
static void measure(struct job *j, unsigned rounds)
{
	for (unsigned r = 0; r < rounds + WARM; r++)
		for (size_t i = 0; i < j->count; i++) {
			struct command *c = &j->at[(i + r) % j->count];
			double took;

			if (c->before.n)
				run_once(j, &c->before, r);
			took = run_once(j, &c->timed, r);
			if (r >= WARM)
				c->times[r - WARM] = took;
		}
}

static void print(const struct job *j, unsigned rounds)
{
	for (size_t i = 0; i < j->count; i++) {
		for (unsigned r = 0; r < rounds; r++)
			printf("%s%.1f", r ? " " : "", j->at[i].times[r]);
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	struct job job = {0};
	unsigned rounds = argc > 4 ? (unsigned)atoi(argv[1]) : 0;

	if (!rounds)
		die("usage", "see the source");
	job.input = argv[2];
	job.passphrase = argv[3];
	for (int i = 4; i < argc; i++)
		take_word(&job, argv[i]);
	job.count++;
	for (size_t i = 0; i < job.count; i++)
		job.at[i].times = calloc(rounds, sizeof(double));
	measure(&job, rounds);
	print(&job, rounds);
	return 0;
}
