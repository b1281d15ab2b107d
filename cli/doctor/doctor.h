/* `provider doctor`: a tool is run over a recording mount, by the program tokenvault-doctor. */
#ifndef TV_DOCTOR_H
#define TV_DOCTOR_H

#include "cli/cli.h"

/* A part of the command provider. */
extern const struct tv_command tv_command_provider_doctor;

/* The files that the service would get for an entry with a made-up token, the label and fields of the
 * command line, and made-up fields where it needs some: {files: [{path, mode, text}]}. */
enum tv_status tv_doctor_job(struct tv_json **out, struct tv_cli *cli,
			     const struct tv_provider *provider,
			     struct tv_error *err) TV_MUST_CHECK;
/* Gives the job a temporary home directory, and runs the command there (argv is ended by NULL). What was
 * seen is in *report: {exit, signal, files, beside}. Nothing is left, also when a signal ends it. */
enum tv_status tv_doctor_run(struct tv_json **report, struct tv_json *job, const char *const *argv,
			     struct tv_error *err) TV_MUST_CHECK;

#endif
