/* Collects what cron and systemd run. */
#include "cli/checkup/jobs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/checkup/look.h"

struct visitor {
	struct tv_checkup *c;
	void (*visit)(struct tv_checkup *c, const struct tv_job *job, void *arg);
	void *arg;
};

/* A line that ends in a backslash goes on. Of a unit, only what it executes. */
static void visit_text(const struct visitor *v, const char *path, char *text, bool is_unit)
{
	struct tv_job job = {.path = path};
	int number = 0;

	while (text && *text) {
		char *line = text;
		char *end = strchr(text, '\n');

		job.number = ++number;
		while (end && end > text && end[-1] == '\\') {
			end[-1] = end[0] = ' ';
			end = strchr(end, '\n');
			number++;
		}
		if (end)
			*end = '\0';
		text = end ? end + 1 : NULL;
		job.line = line + strspn(line, " \t");
		if (*job.line && *job.line != '#' && (!is_unit || !strncmp(job.line, "Exec", 4)))
			v->visit(v->c, &job, v->arg);
	}
}

static void visit_file(const struct visitor *v, const char *path, const char *called, bool is_unit)
{
	tv_auto_bytes text = {0};

	if (tv_look_read_own(&text, path))
		visit_text(v, called, (char *)text.data, is_unit);
}

static int is_shown(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void visit_directory(const struct visitor *v, const char *path, const char *called,
			    const char *ending)
{
	char at[PATH_MAX], name[PATH_MAX];
	struct dirent **members = NULL;
	int n = scandir(path, &members, is_shown, alphasort);

	for (int i = 0; i < n; i++) {
		const size_t len = strlen(members[i]->d_name), end = strlen(ending);

		snprintf(at, sizeof(at), "%.3000s/%s", path, members[i]->d_name);
		snprintf(name, sizeof(name), "%.3000s/%s", called, members[i]->d_name);
		if (len > end && !strcmp(members[i]->d_name + len - end, ending))
			visit_file(v, at, name, *ending);
		free(members[i]);
	}
	free(members);
}

static void visit_crontab(const struct visitor *v)
{
	const char *argv[] = {"crontab", "-l", NULL};
	tv_auto_bytes said = {0};

	if (!tv_look_run(&said, argv))
		visit_text(v, "your crontab", (char *)said.data, false);
}

void tv_jobs_visit(struct tv_checkup *c,
		   void (*visit)(struct tv_checkup *c, const struct tv_job *job, void *arg),
		   void *arg)
{
	static const char *const directories[] = {"/etc/cron.d", "/etc/cron.hourly",
						  "/etc/cron.daily", "/etc/cron.weekly",
						  "/etc/cron.monthly"};
	const struct visitor v = {c, visit, arg};
	char path[PATH_MAX];

	visit_crontab(&v);
	visit_file(&v, tv_look_path(path, c, "/etc/crontab"), "/etc/crontab", false);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		visit_directory(&v, tv_look_path(path, c, directories[i]), directories[i], "");
	visit_directory(&v, tv_look_path(path, c, "/etc/systemd/system"), "/etc/systemd/system",
			".service");
	snprintf(path, sizeof(path), "%.3000s/.config/systemd/user", c->cli->paths.home);
	visit_directory(&v, path, path, ".service");
}

bool tv_job_runs(const struct tv_job *job, const char *program)
{
	const size_t len = strlen(program);

	for (const char *at = strstr(job->line, program); at; at = strstr(at + 1, program)) {
		const char before = at == job->line ? ' ' : at[-1];

		if (strchr(" \t/=;&|(`\"'-@+!", before) && (!at[len] || strchr(" \t\"';", at[len])))
			return true;
	}
	return false;
}
