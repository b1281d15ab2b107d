/* Programs that copy or index the home directory: a mounted file gives them a token, or an error. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/checkup/jobs.h"
#include "cli/checkup/look.h"

#define HARM                                                                                       \
	"gets the tokens while the vault is unlocked, and errors (ENOKEY; EACCES for root) else"

/* How a program is found, and what it has to be told. Measured with the ones of Debian 12: restic and
 * duplicity leave out files that are mounts of their own; rsync, tar and borg only directories. */
struct backup {
	const char *name;     /* of the program, as commands have it */
	const char *command;  /* further down a command line; NULL: the name will do */
	const char *remedy;   /* any of these words of a command, with | between, is one */
	const char *advice;   /* what to add */
	bool is_for_all_uses; /* being installed is no reason to say something */
};

static const struct backup backups[] = {
	{"restic", " backup", "--one-file-system| -x|--exclude|--iexclude", "--one-file-system",
	 false},
	{"borg", " create", "--exclude|--pattern| -e ",
	 "--exclude PATH for each path in tokenvault status", false},
	{"duplicity", NULL, "--exclude-other-filesystems|--exclude", "--exclude-other-filesystems",
	 false},
	{"rsync", NULL, "--exclude|--filter| -f |--files-from",
	 "--exclude=PATH for each path in tokenvault status (-x does not do)", true},
	{"tar", " -", "--exclude| -X ",
	 "--exclude=PATH for each path in tokenvault status (--one-file-system does not do)", true},
};

/* Files that list what is left out; the first of the paths is told. */
static const struct {
	const char *name;
	const char *path; /* of the machine's, or below the home directory */
	const char *advice;
} configs[] = {
	{"borgmatic", "/etc/borgmatic/config.yaml", "exclude_patterns: [PATH…]"},
	{"borgmatic", ".config/borgmatic/config.yaml", "exclude_patterns: [PATH…]"},
	{"rsnapshot", "/etc/rsnapshot.conf", "exclude<tab>PATH"},
};

static bool has_any(const char *text, const char *words)
{
	while (*words) {
		const size_t len = strcspn(words, "|");
		char word[64];

		snprintf(word, sizeof(word), "%.*s", (int)len, words);
		if (strstr(text, word))
			return true;
		words += len + (words[len] == '|');
	}
	return false;
}

/* Whether a text names each mounted file, or a directory that it is in, in some way. */
static bool names_all(const struct tv_checkup *c, const char *text)
{
	const struct tv_json *views = tv_json_get(c->server, "views");
	const size_t home = strlen(c->cli->paths.home) + 1;
	bool all = tv_json_count(views);

	for (const struct tv_json *v = tv_json_first(views); v && all; v = tv_json_next(v)) {
		char below[PATH_MAX];

		snprintf(below, sizeof(below), "%s", tv_json_get_text(v, "path") + home);
		all = strstr(text, below);
		for (char *slash; !all && (slash = strrchr(below, '/'));) {
			*slash = '\0';
			all = strstr(text, below);
		}
	}
	return all;
}

struct found {
	const struct backup *backup;
	bool is_any;
};

/* A line that someone or something runs from time to time. */
static void look_at_job(struct tv_checkup *c, const struct tv_job *job, void *arg)
{
	struct found *f = arg;
	const struct backup *b = f->backup;
	char shown[PATH_MAX];

	if (!tv_job_runs(job, b->name) || (b->command && !strstr(job->line, b->command)))
		return;
	f->is_any = true;
	if (has_any(job->line, b->remedy))
		return;
	tv_remark_note(c, "%s, line %d runs %s, which " HARM "; add %s",
		       tv_look_tilde(shown, c, job->path), job->number, b->name, b->advice);
}

static void look_at_program(struct tv_checkup *c, const struct backup *b)
{
	struct found f = {.backup = b};
	struct tv_program ignored;

	if (!tv_look_program(&ignored, b->name))
		return;
	tv_jobs_visit(c, look_at_job, &f);
	if (!f.is_any && !b->is_for_all_uses)
		tv_remark_note(c, "%s is installed, which " HARM "; where you run it, add %s",
			       b->name, b->advice);
}

static void look_at_config(struct tv_checkup *c, const char *name, const char *path,
			   const char *advice)
{
	char own[PATH_MAX];
	struct tv_program ignored;
	tv_auto_bytes text = {0};

	if (!tv_look_program(&ignored, name))
		return;
	snprintf(own, sizeof(own), "%.3000s/%s", c->cli->paths.home, path);
	if (*path == '/' ? tv_look_read(&text, c, path) : tv_look_read_own(&text, own)) {
		if (!names_all(c, (const char *)text.data))
			tv_remark_note(c,
				       "%s%s does not leave the mounted files out, so that %s " HARM
				       "; add there: %s",
				       *path == '/' ? "" : "~/", path, name, advice);
	}
}

/* Its default is to leave home directories out. */
static void look_at_timeshift(struct tv_checkup *c)
{
	tv_auto_bytes text = {0};
	const char *home;

	if (!tv_look_read(&text, c, "/etc/timeshift/timeshift.json"))
		return;
	home = strstr((const char *)text.data, "\"+ ");
	if (home && strstr(home, c->cli->paths.home) && !names_all(c, (const char *)text.data))
		tv_remark_note(c, "timeshift includes your home directory (/etc/timeshift/"
				  "timeshift.json), so that it " HARM "; add the files to exclude: "
				  "tokenvault status lists them");
}

static void look_at_deja_dup(struct tv_checkup *c)
{
	const char *argv[] = {"gsettings", "get", "org.gnome.DejaDup", "exclude-list", NULL};
	tv_auto_bytes said = {0};
	struct tv_program ignored;

	if (!tv_look_program(&ignored, "deja-dup") ||
	    (!tv_look_run(&said, argv) && names_all(c, (const char *)said.data)))
		return;
	tv_remark_note(c,
		       "deja-dup is installed, which " HARM "; in its preferences, under Folders, "
		       "ignore the directories of the files in tokenvault status");
}

static void look_at_updatedb(struct tv_checkup *c)
{
	static const char path[] = "/etc/updatedb.conf";
	tv_auto_bytes text = {0};
	char *at, *line;

	if (!tv_look_read(&text, c, path))
		return;
	at = (char *)text.data;
	while ((line = tv_look_line(&at))) {
		line += strspn(line, " \t");
		if (!strncmp(line, "PRUNEFS", 7) && strstr(line, "fuse.tokenvault"))
			return;
	}
	tv_remark_note(c,
		       "updatedb would list the mounted directory's names; as root add "
		       "fuse.tokenvault to PRUNEFS in %s: PRUNEFS=\"… fuse.tokenvault\"",
		       path);
}

/* A path with no hidden part is one that indexers look into without being told to. */
static const char *find_visible(const struct tv_checkup *c)
{
	const struct tv_json *views = tv_json_get(c->server, "views");
	const size_t home = strlen(c->cli->paths.home);

	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		const char *path = tv_json_get_text(v, "path");

		if (!strstr(path + home, "/."))
			return path;
	}
	return NULL;
}

static void look_at_baloo(struct tv_checkup *c)
{
	char path[PATH_MAX], shown[PATH_MAX];
	const char *visible = find_visible(c);
	tv_auto_bytes text = {0};
	struct tv_program ignored;
	bool is_all;

	snprintf(path, sizeof(path), "%.3000s/.config/baloofilerc", c->cli->paths.home);
	if (!tv_look_read_own(&text, path)) {
		if (!visible || (!tv_look_program(&ignored, "balooctl") &&
				 !tv_look_program(&ignored, "balooctl6")))
			return;
		tv_bytes_append(&text, "", 1);
	}
	is_all = strstr((const char *)text.data, "index hidden folders=true");
	if (strstr((const char *)text.data, "Indexing-Enabled=false") || (!is_all && !visible) ||
	    names_all(c, (const char *)text.data))
		return;
	tv_remark_note(c,
		       "Baloo indexes %s, and gets tokens' text into its database while the vault "
		       "is unlocked; balooctl config add excludeFolders %s",
		       is_all ? "hidden directories" : tv_look_tilde(shown, c, visible),
		       is_all ? "DIRECTORY" : shown);
}

static void look_at_tracker(struct tv_checkup *c)
{
	static const char *const miners[] = {"/usr/libexec/tracker-miner-fs-3",
					     "/usr/libexec/localsearch-3",
					     "/usr/lib/tracker/tracker-miner-fs"};
	const char *visible = find_visible(c);
	char path[PATH_MAX], shown[PATH_MAX];

	for (size_t i = 0; visible && i < sizeof(miners) / sizeof(miners[0]); i++) {
		if (access(tv_look_path(path, c, miners[i]), X_OK))
			continue;
		tv_remark_note(c,
			       "GNOME's file indexer may look into %s, and get the token into its "
			       "database; gsettings org.freedesktop.Tracker3.Miner.Files "
			       "ignored-files takes its name, or choose a hidden path",
			       tv_look_tilde(shown, c, visible));
		return;
	}
}

static void look(struct tv_checkup *c)
{
	for (size_t i = 0; i < sizeof(backups) / sizeof(backups[0]); i++)
		look_at_program(c, &backups[i]);
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++)
		look_at_config(c, configs[i].name, configs[i].path, configs[i].advice);
	look_at_timeshift(c);
	look_at_deja_dup(c);
	look_at_updatedb(c);
	look_at_baloo(c);
	look_at_tracker(c);
}

const struct tv_check tv_check_backups = {
	.name = "backups",
	.fine = "no backup or index was found that would stumble over mounted files",
	.look = look,
};
