/* What will be mounted at a plaintext file's path, once its tokens are in the vault. */
#ifndef TV_ADOPT_SIGHT_H
#define TV_ADOPT_SIGHT_H

#include "cli/adopt/intake.h"

struct tv_sight {
	bool is_there;		      /* else nothing would be mounted at the path */
	char label[TV_LABEL_MAX + 1]; /* whose file that is; "": nobody's */
};

/* Switches the findings' files on, in the copy of the vault. */
enum tv_status tv_sight_switch_on(const struct tv_findings *findings, struct tv_scratch *vault,
				  struct tv_error *err) TV_MUST_CHECK;
/* Appends the bytes that will show at the finding's path. */
enum tv_status tv_sight_render(struct tv_secret *out, struct tv_sight *sight,
			       const struct tv_finding *f, struct tv_scratch *vault,
			       const struct tv_cli *cli, struct tv_error *err) TV_MUST_CHECK;
/* Keeps a finding that the vault can show, but not as that: says why, and what would help. false: for none of
 * the reasons that there are. */
bool tv_sight_explain(struct tv_finding *f, const struct tv_sight *sight, const struct tv_doc *doc);

#endif
