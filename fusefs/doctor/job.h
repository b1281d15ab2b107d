/* The job: which files the home directory is to show; making that directory, and taking it away. */
#ifndef TV_DOCTOR_JOB_H
#define TV_DOCTOR_JOB_H

#include "fusefs/doctor/record.h"

/* {home, files: [{path, mode, text}]}; home is an empty directory of the caller's, and becomes the
 * directory under the mount: the files' directories are made in it, and empty files that hold the
 * watched ones' places. What it makes refers to the JSON. */
enum tv_status tv_job_prepare(struct tv_record *out, const struct tv_json *job,
			      struct tv_error *err) TV_MUST_CHECK;
void tv_job_free(struct tv_record *r);
/* Unmounts what is mounted there and removes the directory with all that is in it. */
void tv_job_clear(const char *home);

#endif
