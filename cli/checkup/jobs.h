/* Command lines that run from time to time: crontabs, systemd's units, the scripts of /etc/cron.daily. */
#ifndef TV_CHECKUP_JOBS_H
#define TV_CHECKUP_JOBS_H

#include "cli/checkup/checkup.h"

struct tv_job {
	const char *path; /* where it stands */
	int number;	  /* of the line */
	const char *line;
};

/* Visits the lines that are no comments. */
void tv_jobs_visit(struct tv_checkup *c,
		   void (*visit)(struct tv_checkup *c, const struct tv_job *job, void *arg),
		   void *arg);
/* Whether its line has that program's name as a word, or at the end of a path. */
bool tv_job_runs(const struct tv_job *job, const char *program);

#endif
