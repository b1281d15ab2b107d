/* The program tokenvault-doctor as its parent sees it: started, fed, listened to, cleared up after. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/doctor/doctor.h"
#include "cli/programs.h"

#define PROGRAM	   "tokenvault-doctor"
#define JOB_FD	   3
#define REPORT_FD  4
#define REPORT_MAX (8 << 20)

struct pipes {
	int job[2];
	int report[2];
};

static volatile sig_atomic_t doctor;

/* It ends in its own way, and tells. */
static void pass_on(int sig)
{
	if (doctor > 0)
		kill(doctor, sig);
}

static void catch_signals(void (*handler)(int))
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

/* Where sockets and such go: on a disk of one's own, if there is one. */
static enum tv_status make_home(char out[static PATH_MAX], struct tv_error *err)
{
	const char *base = getenv("XDG_RUNTIME_DIR");

	if (!base || *base != '/' || access(base, W_OK))
		base = getenv("TMPDIR");
	if (!base || *base != '/')
		base = "/tmp";
	if (snprintf(out, PATH_MAX, "%s/" PROGRAM ".XXXXXX", base) >= PATH_MAX || !mkdtemp(out))
		return tv_fail(err, TV_IO, "%s: no temporary directory: %s", base, strerror(errno));
	return TV_OK;
}

/* The child's side of a fork. */
static void become(const char *program, const char *const *argv, const struct pipes *p)
{
	int job = fcntl(p->job[0], F_DUPFD_CLOEXEC, 10);
	int report = fcntl(p->report[1], F_DUPFD_CLOEXEC, 10);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(job, JOB_FD) == JOB_FD && dup2(report, REPORT_FD) == REPORT_FD)
		execv(program, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static enum tv_status start(pid_t *child, struct pipes *p, const char *program,
			    const char *const *argv, struct tv_error *err)
{
	size_t n = 0;
	const char **all;

	while (argv[n])
		n++;
	all = calloc(n + 2, sizeof(*all));
	if (!all)
		return tv_fail(err, TV_NO_MEMORY, "the command");
	all[0] = PROGRAM;
	memcpy(all + 1, argv, n * sizeof(*all));
	*child = fork();
	if (!*child)
		become(program, all, p);
	free(all);
	if (*child < 0)
		return tv_fail(err, TV_FAILED, "no new process: %s", strerror(errno));
	return TV_OK;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Gives it the job and takes the report; it reads the one before it writes the other. */
static enum tv_status converse(struct tv_secret *text, struct pipes *p, const struct tv_json *job,
			       struct tv_error *err)
{
	tv_auto_secret request = {0};
	enum tv_status status = tv_json_print(&request, job, err);

	close_end(&p->job[0]);
	close_end(&p->report[1]);
	if (!status)
		status = tv_secret_write(&request, p->job[1], err);
	close_end(&p->job[1]);
	if (!status)
		status = tv_secret_read(text, p->report[0], REPORT_MAX, "the report", err);
	return status;
}

/* Its report, or why there is none. */
static enum tv_status judge(struct tv_json **report, const struct tv_secret *text,
			    struct tv_error *err)
{
	tv_auto_json *j = NULL;
	const char *name, *detail;
	enum tv_status status;

	if (!text->len)
		return tv_fail(err, TV_FAILED, PROGRAM " ended without a report");
	status = tv_json_parse(&j, text->data, text->len, err);
	if (status)
		return status;
	name = tv_json_get_text(j, "status");
	detail = tv_json_get_text(j, "detail");
	if (name || !tv_json_get(j, "files"))
		return tv_fail(err, tv_status_by_name(name ? name : ""), "%s",
			       detail ? detail : "");
	*report = j;
	j = NULL;
	return TV_OK;
}

static void reap(pid_t child)
{
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

/* What a doctor that was killed could not end itself has become our child. */
static void end_orphans(void)
{
	const struct timespec a_little = {.tv_nsec = 10000000};
	int pid;

	for (int i = 0; i < 100; i++) {
		FILE *f = fopen("/proc/thread-self/children", "re");

		while (f && fscanf(f, "%d", &pid) == 1)
			kill(pid, SIGKILL);
		if (f)
			fclose(f);
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0)
			return;
		nanosleep(&a_little, NULL);
	}
}

/* What it could not take away itself, for it was killed. */
static void clear_up(const char *program, const char *home)
{
	pid_t child;

	if (access(home, F_OK) && errno == ENOENT)
		return;
	child = fork();
	if (!child) {
		execl(program, PROGRAM, "--clear", home, (char *)NULL);
		_exit(127);
	}
	if (child > 0)
		reap(child);
}

static enum tv_status run(struct tv_json **report, const char *program, const struct tv_json *job,
			  const char *const *argv, struct tv_error *err)
{
	struct pipes p = {{-1, -1}, {-1, -1}};
	tv_auto_secret text = {0};
	enum tv_status status = TV_OK;
	pid_t child = 0;

	if (pipe2(p.job, O_CLOEXEC) || pipe2(p.report, O_CLOEXEC))
		status = tv_fail(err, TV_FAILED, "no pipe: %s", strerror(errno));
	if (!status)
		status = start(&child, &p, program, argv, err);
	doctor = child;
	if (!status)
		status = converse(&text, &p, job, err);
	close_end(&p.job[0]);
	close_end(&p.job[1]);
	close_end(&p.report[0]);
	close_end(&p.report[1]);
	if (child > 0)
		reap(child);
	doctor = 0;
	end_orphans();
	return status ? status : judge(report, &text, err);
}

enum tv_status tv_doctor_run(struct tv_json **report, struct tv_json *job, const char *const *argv,
			     struct tv_error *err)
{
	char program[PATH_MAX], home[PATH_MAX];
	enum tv_status status = tv_program_find(program, PROGRAM, "../fusefs", err);

	if (status)
		return TV_NO_FUSE;
	/* Before there is anything to clear away. */
	catch_signals(pass_on);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	status = make_home(home, err);
	if (status)
		return status;
	if (!tv_json_put_text(job, "home", home))
		status = tv_fail(err, TV_NO_MEMORY, "the job");
	if (!status)
		status = run(report, program, job, argv, err);
	clear_up(program, home);
	return status;
}
