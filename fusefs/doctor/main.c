/* The program tokenvault-doctor: runs a command over a recording mount, for `provider doctor`; and makes a
 * trial mount for `doctor`. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fusefs/doctor/command.h"
#include "fusefs/doctor/files.h"
#include "fusefs/doctor/job.h"
#include "fusefs/doctor/namespaces.h"
#include "fusefs/doctor/trial.h"
#include "fusefs/fusermount.h"

#define JOB_MAX	  (4 << 20)
#define JOB_FD	  3 /* where the job is read from, and the report is written to */
#define REPORT_FD 4

struct session {
	struct fuse *fuse;
	pthread_t thread;
	bool is_running;
};

static void *serve(void *fuse)
{
	struct fuse_loop_config *config = fuse_loop_cfg_create();

	fuse_loop_mt(fuse, config);
	fuse_loop_cfg_destroy(config);
	return NULL;
}

static enum tv_status session_open(struct session *s, struct tv_record *r, struct tv_error *err)
{
	char *argv[] = {(char[]){"tokenvault-doctor"}, (char[]){"-o"},
			(char[]){"fsname=tokenvault-doctor,subtype=tokenvault,nosuid,nodev"}, NULL};
	struct fuse_args args = FUSE_ARGS_INIT(3, argv);
	enum tv_status status = tv_fusermount_check(err);

	if (status)
		return status;
	s->fuse = fuse_new(&args, &tv_doctor_operations, sizeof tv_doctor_operations, r);
	fuse_opt_free_args(&args);
	if (!s->fuse || fuse_mount(s->fuse, r->home))
		return tv_fail(err, TV_NO_FUSE, "%s", r->home);
	errno = pthread_create(&s->thread, NULL, serve, s->fuse);
	s->is_running = !errno;
	return errno ? tv_fail(err, TV_FAILED, "no thread: %s", strerror(errno)) : TV_OK;
}

/* With nobody left who uses it the loop ends by itself. Only then may libfuse close its descriptor. */
static void session_close(struct session *s, const char *home)
{
	struct timespec until;

	if (!s->is_running)
		return;
	tv_fusermount_unmount(&home, 1, true);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 2;
	if (pthread_timedjoin_np(s->thread, NULL, &until))
		return;
	fuse_unmount(s->fuse);
	fuse_destroy(s->fuse);
}

/* The command's process is made while there is one thread. */
static enum tv_status examine(struct tv_ending *ending, struct tv_record *r, char *const *argv,
			      struct tv_error *err)
{
	struct tv_patient patient = {.gate = -1, .failed = -1};
	struct session session = {NULL};
	mode_t mask;
	enum tv_status status;

	tv_patient_block_signals();
	status = tv_patient_fork(&patient, argv, r->home, err);
	mask = umask(0);
	if (!status)
		status = session_open(&session, r, err);
	if (!status)
		status = tv_patient_run(ending, &patient, argv[0], err);
	umask(mask);
	tv_patient_end(&patient);
	session_close(&session, r->home);
	tv_job_clear(r->home);
	return status;
}

static enum tv_status work(struct tv_json **report, char *const *argv, struct tv_error *err)
{
	tv_auto_json *job = NULL;
	tv_auto_secret text = {0};
	struct tv_record record = {.fd = -1};
	struct tv_ending ending = {0};
	enum tv_status status = tv_secret_read(&text, JOB_FD, JOB_MAX, "the job", err);

	close(JOB_FD);
	if (!status)
		status = tv_json_parse(&job, tv_secret_text(&text), text.len, err);
	if (status)
		return status;
	status = tv_job_prepare(&record, job, err);
	if (!status)
		status = examine(&ending, &record, argv, err);
	if (!status)
		status = tv_record_report(report, &record, &ending, err);
	tv_job_free(&record);
	return status;
}

/* The report, or {status, detail}. */
static void tell(struct tv_json *report, enum tv_status status, const struct tv_error *err)
{
	tv_auto_json *j = report ? report : tv_json_object();
	tv_auto_secret text = {0};
	struct tv_error ignored;

	if ((!status || (tv_json_put_text(j, "status", tv_status_name(status)) &&
			 tv_json_put_text(j, "detail", err->detail))) &&
	    !tv_json_print(&text, j, &ignored) && !tv_secret_write(&text, REPORT_FD, &ignored))
		return;
	dprintf(STDERR_FILENO, "tokenvault-doctor: the report can't be told\n");
}

/* --try-mount=DIRECTORY, --try-namespaces=DIRECTORY: says what is wrong, and nothing where all is well. */
static bool is_trial(const char *word)
{
	static const char mounting[] = "--try-mount=", namespaces[] = "--try-namespaces=";
	const char *said = NULL;
	struct tv_error err = {""};

	if (!strncmp(word, namespaces, sizeof namespaces - 1))
		said = tv_namespaces_try(word + sizeof namespaces - 1);
	else if (strncmp(word, mounting, sizeof mounting - 1) != 0)
		return false;
	else if (tv_trial_run(word + sizeof mounting - 1, &err))
		said = err.detail;
	dprintf(STDOUT_FILENO, "%s", said ? said : "");
	return true;
}

int main(int argc, char **argv)
{
	struct tv_error err = {""};
	struct tv_json *report = NULL;
	enum tv_status status;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (argc == 2 && is_trial(argv[1]))
		return 0;
	status = tv_init(&err);
	if (argc == 3 && !strcmp(argv[1], "--clear")) {
		tv_job_clear(argv[2]);
		return 0;
	}
	if (argc < 2 || fcntl(JOB_FD, F_GETFD) < 0 || fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) < 0) {
		dprintf(STDERR_FILENO, "`tokenvault provider doctor` starts this program\n");
		return tv_status_exit(TV_USAGE);
	}
	if (!status)
		status = work(&report, argv + 1, &err);
	tell(report, status, &err);
	return tv_status_exit(status);
}
