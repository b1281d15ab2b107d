/* Runs systemctl. */
#include "cli/login/systemctl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 8

bool tv_systemctl_is_booted(void)
{
	return !access("/run/systemd/system", F_OK);
}

static void exec(bool is_loud, char *const *argv)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (!is_loud)
		dup2(null, STDERR_FILENO);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	_exit(127);
}

int tv_systemctl(bool is_loud, const char *const *words)
{
	char *argv[WORDS_MAX + 3] = {(char[]){"systemctl"}, (char[]){"--user"}};
	int state;
	pid_t child;

	for (size_t i = 0; words[i] && i < WORDS_MAX; i++)
		argv[i + 2] = (char *)(uintptr_t)words[i];
	child = fork();
	if (!child)
		exec(is_loud, argv);
	if (child < 0)
		return -1;
	while (waitpid(child, &state, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return WIFEXITED(state) && WEXITSTATUS(state) != 127 ? WEXITSTATUS(state) : -1;
}
