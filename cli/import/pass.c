/* The password store of pass: a tree of files that gpg opens, with the user's own agent. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/import/import.h"

#define DEPTH_MAX  32
#define SECRET_MAX (128 * 1024)

static const char suffix[] = ".gpg";

struct walk {
	struct tv_json *items;
	struct tv_cli *cli;
	size_t n_opened;
	struct tv_error *err;
};

static const char *store_of(const struct tv_cli *cli)
{
	static char path[PATH_MAX];
	const char *given = tv_args_word(cli->args, 1), *env = getenv("PASSWORD_STORE_DIR");

	if (!given && env && *env)
		given = env;
	if (given)
		return given;
	snprintf(path, sizeof(path), "%s/.password-store", cli->paths.home);
	return path;
}

/* The child's side of a fork. The environment is the user's own: gpg needs its agent and terminal. */
static void exec_gpg(const char *path, int out)
{
	static const char *const names[] = {"gpg2", "gpg"};

	signal(SIGPIPE, SIG_DFL);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	for (size_t i = 0; i < 2; i++)
		execlp(names[i], names[i], "--quiet", "--yes", "--decrypt", "--", path,
		       (char *)NULL);
	_exit(127);
}

/* Runs gpg; *code is its exit code, or 128 and more. */
static enum tv_status decrypt(struct tv_secret *out, int *code, const char *path,
			      struct tv_error *err)
{
	int ends[2], state = 0;
	enum tv_status status;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return tv_fail(err, TV_FAILED, "no pipe: %s", strerror(errno));
	child = fork();
	if (!child)
		exec_gpg(path, ends[1]);
	close(ends[1]);
	status = child < 0 ? tv_fail(err, TV_FAILED, "no new process: %s", strerror(errno))
			   : tv_secret_read(out, ends[0], SECRET_MAX, path, err);
	close(ends[0]);
	while (child > 0 && waitpid(child, &state, 0) < 0 && errno == EINTR)
		;
	*code = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
	if (!status && *code == 127)
		return tv_fail(err, TV_FAILED, "gpg is not installed: apt-get install gnupg");
	return status;
}

/* The rest of `KEY: VALUE`, or NULL. */
static const char *value_of(const char *line, size_t *key_len)
{
	const char *colon = strchr(line, ':');

	if (!colon || colon == line || strcspn(line, " \t") < (size_t)(colon - line))
		return NULL;
	*key_len = (size_t)(colon - line);
	return colon + 1 + strspn(colon + 1, " \t");
}

static bool is_any(const char *key, size_t len, const char *const *names)
{
	for (; *names; names++) {
		if (strlen(*names) == len && !strncasecmp(*names, key, len))
			return true;
	}
	return false;
}

/* A line behind the first: a pair, or a line of the note. */
static bool take_line(struct tv_json *item, struct tv_json *pairs, struct tv_secret *note,
		      const char *line)
{
	static const char *const users[] = {"user", "username", "login", NULL};
	static const char *const urls[] = {"url", "site", "website", NULL};
	size_t len = 0;
	const char *value = value_of(line, &len);
	char key[64];

	if (value && is_any(line, len, urls))
		return tv_json_put_text(item, "url", value);
	if (value && is_any(line, len, users) && !tv_json_put_text(item, "username", value))
		return false;
	if (value && len < sizeof(key)) {
		snprintf(key, sizeof(key), "%.*s", (int)len, line);
		return tv_json_put_text(pairs, key, value);
	}
	if (*line) {
		tv_secret_puts(note, note->len ? "\n" : "");
		tv_secret_puts(note, line);
	}
	return !note->failed;
}

/* The first line is the token. */
static bool take_text(struct tv_json *item, struct tv_secret *text)
{
	struct tv_json *pairs = tv_json_object();
	tv_auto_secret note = {0};
	bool good = tv_json_put(item, "pairs", pairs), is_first = true;
	char *line = (char *)text->data, *next;

	for (; good && line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		line[strcspn(line, "\r")] = '\0';
		good = is_first ? tv_json_put_text(item, "token", line)
				: take_line(item, pairs, &note, line);
		is_first = false;
	}
	return good && (!note.len || tv_json_put_text(item, "note", tv_secret_text(&note)));
}

static enum tv_status take_file(struct walk *w, const char *path, const char *name)
{
	struct tv_json *item = tv_json_object();
	tv_auto_secret text = {0};
	int code = 0;
	enum tv_status status;

	if (!tv_json_put(w->items, NULL, item) || !tv_json_put_text(item, "name", name))
		return tv_fail(w->err, TV_NO_MEMORY, "what is imported");
	status = decrypt(&text, &code, path, w->err);
	if (status)
		return status;
	if (code && !w->n_opened)
		return tv_fail(w->err, TV_FAILED, "gpg can't decrypt %s (it ended with %d)", path,
			       code);
	w->n_opened++;
	if (code || memchr(tv_secret_text(&text), '\0', text.len) ||
	    !tv_utf8_is_valid(tv_secret_text(&text), text.len))
		return tv_json_put_text(item, "reason",
					code ? "gpg can't decrypt it" : "it is no text")
			       ? TV_OK
			       : tv_fail(w->err, TV_NO_MEMORY, "what is imported");
	return take_text(item, &text) ? TV_OK : tv_fail(w->err, TV_NO_MEMORY, "what is imported");
}

static int no_hidden(const struct dirent *d)
{
	return *d->d_name != '.';
}

static enum tv_status walk(struct walk *w, const char *path, const char *name, int depth);

/* One name in a directory: a directory, an encrypted file, or neither. */
static enum tv_status step(struct walk *w, const char *dir, const char *above, const char *base,
			   int depth)
{
	char path[PATH_MAX], name[PATH_MAX];
	size_t len = strlen(base), end = sizeof(suffix) - 1;
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s", dir, base) >= (int)sizeof(path) ||
	    snprintf(name, sizeof(name), "%s%s%s", above, *above ? "/" : "", base) >=
		    (int)sizeof(name) ||
	    !tv_text_is_valid(name, 1000) || stat(path, &st))
		return TV_OK;
	if (S_ISDIR(st.st_mode))
		return walk(w, path, name, depth + 1);
	if (!S_ISREG(st.st_mode) || len <= end || strcmp(base + len - end, suffix) != 0)
		return TV_OK;
	name[strlen(name) - end] = '\0';
	return take_file(w, path, name);
}

static enum tv_status walk(struct walk *w, const char *path, const char *name, int depth)
{
	struct dirent **list;
	enum tv_status status = TV_OK;
	int n;

	if (depth > DEPTH_MAX)
		return tv_fail(w->err, TV_BAD_VALUE, "%s: too deep", path);
	n = scandir(path, &list, no_hidden, alphasort);
	if (n < 0)
		return tv_fail(w->err, TV_IO, "%s: %s", path, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (!status)
			status = step(w, path, name, list[i]->d_name, depth);
		free(list[i]);
	}
	free(list);
	return status;
}

static enum tv_status gather(struct tv_json *items, struct tv_cli *cli, struct tv_error *err)
{
	struct walk w = {.items = items, .cli = cli, .err = err};

	return walk(&w, store_of(cli), "", 0);
}

const struct tv_import_source tv_import_pass = {
	"pass",
	"as",
	false,
	gather,
	"%s still has the tokens, encrypted to your key; pass rm NAME removes one",
	store_of,
};
