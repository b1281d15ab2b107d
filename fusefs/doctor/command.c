/* The command under the doctor's eyes: started behind a gate, waited for, ended with all it left. */
#include "fusefs/doctor/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE  30 /* tenths of a second that an end by SIGTERM may take */
#define TENTH_NS  100000000
#define ENDS_WITH "ended by signal %d"

extern char **environ;

static void waited_for(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void tv_patient_block_signals(void)
{
	sigset_t set;

	waited_for(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Takes the variables XDG_* away whose places are in the home directory of now. */
static void leave_home(const char *home)
{
	const char *old = getenv("HOME");
	size_t len = old ? strlen(old) : 0;

	for (char **e = environ; len && *e;) {
		size_t name_len = strcspn(*e, "=");
		const char *value = *e + name_len + ((*e)[name_len] == '=');
		char name[64];

		if (strncmp(*e, "XDG_", 4) || name_len >= sizeof name || strncmp(value, old, len) ||
		    (value[len] && value[len] != '/')) {
			e++;
			continue;
		}
		memcpy(name, *e, name_len);
		name[name_len] = '\0';
		unsetenv(name); /* moves the next one here */
	}
	setenv("HOME", home, 1);
}

/* The child. What goes wrong is told through `failed`, which an exec that succeeds closes. */
static void become(char *const *argv, const char *home, int gate, int failed)
{
	sigset_t none;
	char byte;
	int error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	leave_home(home);
	if (read(gate, &byte, 1) != 1)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(argv[0], argv);
	error = errno;
	if (write(failed, &error, sizeof error) < 0)
		_exit(126);
	_exit(127);
}

enum tv_status tv_patient_fork(struct tv_patient *out, char *const *argv, const char *home,
			       struct tv_error *err)
{
	int gate[2], failed[2];
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC))
		return tv_fail(err, TV_FAILED, "no pipe: %s", strerror(errno));
	if (pipe2(failed, O_CLOEXEC)) {
		close(gate[0]);
		close(gate[1]);
		return tv_fail(err, TV_FAILED, "no pipe: %s", strerror(errno));
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (!pid) {
		close(gate[1]);
		become(argv, home, gate[0], failed[1]);
	}
	close(gate[0]);
	close(failed[1]);
	*out = (struct tv_patient){pid, gate[1], failed[0]};
	if (pid < 0)
		return tv_fail(err, TV_FAILED, "no new process: %s", strerror(errno));
	return TV_OK;
}

/* Reaps whatever has ended; whether the command has. */
static bool has_ended(struct tv_ending *out, struct tv_patient *p)
{
	bool ended = false;
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
		if (pid != p->pid)
			continue;
		ended = true;
		out->code = WIFEXITED(how) ? WEXITSTATUS(how) : 0;
		out->signal = WIFSIGNALED(how) ? WTERMSIG(how) : 0;
		p->pid = 0;
	}
	return ended;
}

enum tv_status tv_patient_run(struct tv_ending *out, struct tv_patient *p, const char *name,
			      struct tv_error *err)
{
	sigset_t set;
	int error, sig;

	waited_for(&set);
	if (write(p->gate, "", 1) != 1)
		return tv_fail(err, TV_FAILED, "%s: %s", name, strerror(errno));
	if (read(p->failed, &error, sizeof error) == sizeof error)
		return tv_fail(err, TV_FAILED, "%s: %s", name, strerror(error));
	do {
		sig = sigwaitinfo(&set, NULL);
		if (sig > 0 && sig != SIGCHLD) {
			kill(p->pid, sig);
			return tv_fail(err, TV_FAILED, "%s was " ENDS_WITH, name, sig);
		}
	} while (!has_ended(out, p));
	return TV_OK;
}

/* Signals every child, to which the children of those that end are added. */
static void signal_children(int sig)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int pid;

	while (f && fscanf(f, "%d", &pid) == 1)
		kill(pid, sig);
	if (f)
		fclose(f);
}

void tv_patient_end(struct tv_patient *p)
{
	const struct timespec tenth = {.tv_nsec = TENTH_NS};
	pid_t pid = 0;

	if (p->gate >= 0)
		close(p->gate);
	if (p->failed >= 0)
		close(p->failed);
	for (int i = 0; pid >= 0 && i < 2 * PATIENCE; i++) {
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0)
			break;
		signal_children(i < PATIENCE ? SIGTERM : SIGKILL);
		nanosleep(&tenth, NULL);
	}
	p->pid = 0;
}
