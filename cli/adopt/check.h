/* That nothing else is lost: what a plaintext file says and the rendered one would not. */
#ifndef TV_ADOPT_CHECK_H
#define TV_ADOPT_CHECK_H

#include "cli/adopt/intake.h"

/* Renders each finding's file from the copy of the vault that has its tokens, reads it back as the
 * plaintext was read, and leaves a finding alone when anything of it would be missing, naming it. */
enum tv_status tv_findings_check(struct tv_findings *findings, struct tv_scratch *vault,
				 const struct tv_cli *cli, struct tv_error *err) TV_MUST_CHECK;

#endif
