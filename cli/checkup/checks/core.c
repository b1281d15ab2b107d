/* Where the memory of a program goes that crashes: one that reads a token has it there. */
#include <string.h>
#include <sys/resource.h>

#include "cli/checkup/look.h"

static void look(struct tv_checkup *c)
{
	tv_auto_bytes pattern = {0};
	struct rlimit limit;
	char *text;

	if (!tv_look_read(&pattern, c, "/proc/sys/kernel/core_pattern"))
		return;
	text = (char *)pattern.data;
	text[strcspn(text, "\n")] = '\0';
	if (*text == '|') {
		text[strcspn(text, " ")] = '\0';
		tv_remark_note(c,
			       "a program that crashes is handed to %s, with the tokens that it "
			       "read (tokenvault's own are not); see: man core",
			       text + 1);
	} else if (*text && !getrlimit(RLIMIT_CORE, &limit) && limit.rlim_cur) {
		tv_remark_note(c, "a program that crashes leaves a core file, with the tokens that "
				  "it read (tokenvault's own leave none); ulimit -c 0 ends that");
	}
}

const struct tv_check tv_check_core = {
	.name = "core",
	.fine = "no core file is kept of programs that read tokens",
	.look = look,
};
