/* That nothing is lost: what a plaintext file says and the mounted one would not. */
#ifndef TV_ADOPT_CHECK_H
#define TV_ADOPT_CHECK_H

#include "cli/adopt/intake.h"

/* Renders, from the copy of the vault, what will be mounted at each finding's path once all is adopted, with
 * the entry that will be in use then; reads it back as the plaintext was read, and leaves a finding alone
 * when anything of it would be missing, naming it. Where the vault can say all of it, but the file at that
 * path would show another token or name, the finding is kept: its tokens are taken, and it is said what
 * would make the file theirs. */
enum tv_status tv_findings_check(struct tv_findings *findings, const struct tv_intakes *intakes,
				 struct tv_scratch *vault, const struct tv_cli *cli,
				 struct tv_error *err) TV_MUST_CHECK;

#endif
