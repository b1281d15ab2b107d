/* The command of a run: started where its files are, waited for, its signals and stops passed both ways. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/run/run.h"

static const int signals[] = {SIGCHLD, SIGINT,	SIGQUIT, SIGTERM, SIGHUP,  SIGUSR1,
			      SIGUSR2, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

/* What the child could not do. */
struct failure {
	int why;
	bool is_exec; /* else it is about the namespaces */
};

struct job {
	const struct tv_cli *cli;
	struct tv_instance *in;
	pid_t child;
	sigset_t waited; /* what we wait for */
	sigset_t before; /* the mask as it was, which is the command's */
	int state;	 /* as waitpid(2) tells it */
};

int tv_run_become(const char *const *argv)
{
	tv_cli_restore_signals();
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	return errno == ENOENT || errno == ENOTDIR ? 127 : 126;
}

/* By its path, since the directory that we are in is covered there, perhaps. */
static bool move_in(const struct tv_instance *in, const char *directory)
{
	return (in->users < 0 || !setns(in->users, CLONE_NEWUSER)) &&
	       !setns(in->mounts, CLONE_NEWNS) && !chdir(directory);
}

/* The kernel knows a file's size when it has been asked for: before that, sendfile(2) would send nothing. */
static void ask_sizes(const struct tv_instance *in)
{
	struct stat st;

	for (size_t i = 0; i < in->n_files; i++) {
		if (stat(in->files[i], &st))
			continue;
	}
}

/* The child's side of a fork. */
_Noreturn static void become(const struct job *j, const char *directory, pid_t parent, int report,
			     const char *const *argv)
{
	struct failure f = {0};

	if (move_in(j->in, directory)) {
		ask_sizes(j->in);
		/* Without us nobody looks after its files any more. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		sigprocmask(SIG_SETMASK, &j->before, NULL);
		tv_run_become(argv);
		f.is_exec = true;
	}
	f.why = errno;
	if (write(report, &f, sizeof(f)) < 0)
		_exit(1);
	_exit(127);
}

/* Whether the command runs; else it is told why not. */
static enum tv_status hear(int *exit_code, int report, const char *name, struct tv_error *err)
{
	struct tv_error why = {""};
	struct failure f;
	ssize_t n;

	do
		n = read(report, &f, sizeof(f));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(f))
		return TV_OK;
	if (!f.is_exec)
		return tv_fail(err, TV_NO_FUSE, "the command's namespaces: %s", strerror(f.why));
	*exit_code = f.why == ENOENT || f.why == ENOTDIR ? 127 : 126;
	tv_fail(&why, TV_FAILED, "%.300s: %s", name, strerror(f.why));
	tv_complain(TV_FAILED, &why);
	return TV_OK;
}

/* Stops as the command did, so that whoever waits for us sees it, and goes on with it. */
static void stop_too(struct job *j)
{
	const int sig = WSTOPSIG(j->state);
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, sig);
	raise(sig);
	/* It is pending: now it is taken. */
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	sigprocmask(SIG_BLOCK, &one, NULL);
	kill(j->child, SIGCONT);
}

/* Whether the command has ended. What it left running comes to us when it is orphaned. */
static bool reap(struct job *j)
{
	bool ended = false;
	int state;
	pid_t pid;

	while ((pid = waitpid(-1, &state, WNOHANG | WUNTRACED)) > 0) {
		if (pid == j->in->keeper) {
			j->in->keeper = 0;
			j->in->is_gone = true;
			tv_say(j->cli, "tokenvault: the server of this run has ended; its files "
				       "can't be read any more");
		}
		if (pid != j->child)
			continue;
		j->state = state;
		if (WIFSTOPPED(state))
			stop_too(j);
		else
			ended = true;
	}
	return ended;
}

/* What the terminal sent, it sent to the command too, where that is in our process group. */
static void pass_on(const struct job *j, const siginfo_t *info)
{
	if (info->si_code == SI_KERNEL && getpgid(j->child) == getpgrp())
		return;
	if (info->si_pid != j->child)
		kill(j->child, info->si_signo);
}

static void wait_for(struct job *j)
{
	siginfo_t info;

	do {
		if (sigwaitinfo(&j->waited, &info) < 0)
			continue;
		if (info.si_signo != SIGCHLD)
			pass_on(j, &info);
	} while (!reap(j));
}

static void take_signals(struct job *j)
{
	sigemptyset(&j->waited);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&j->waited, signals[i]);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &j->waited, &j->before);
}

enum tv_status tv_run_command(int *exit_code, int *sig, const struct tv_cli *cli,
			      struct tv_instance *in, const char *const *argv, struct tv_error *err)
{
	struct job j = {.cli = cli, .in = in};
	char directory[PATH_MAX];
	pid_t self = getpid();
	enum tv_status status;
	int report[2];

	if (!getcwd(directory, sizeof(directory)))
		return tv_fail(err, TV_IO, "the current directory: %s", strerror(errno));
	if (pipe2(report, O_CLOEXEC))
		return tv_fail(err, TV_FAILED, "no pipe: %s", strerror(errno));
	take_signals(&j);
	j.child = fork();
	if (!j.child)
		become(&j, directory, self, report[1], argv);
	close(report[1]);
	status = j.child > 0 ? hear(exit_code, report[0], argv[0], err)
			     : tv_fail(err, TV_FAILED, "no new process: %s", strerror(errno));
	close(report[0]);
	if (j.child > 0)
		wait_for(&j);
	/* They stay blocked: what came for the command when it had ended is not for us. */
	if (status || j.child < 0 || *exit_code)
		return status;
	if (WIFSIGNALED(j.state))
		*sig = WTERMSIG(j.state);
	*exit_code = *sig ? 128 + *sig : WEXITSTATUS(j.state);
	return TV_OK;
}
