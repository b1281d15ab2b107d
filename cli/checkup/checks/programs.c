/* That the programs which tokenvault starts are there. */
#include "cli/programs.h"
#include "cli/checkup/look.h"

static void look(struct tv_checkup *c)
{
	static const struct {
		const char *name;
		const char *build_dir;
		const char *
			without; /* what can't be done; NULL: it is optional, and this said elsewhere */
	} programs[] = {
		{"tokenvault-fs", "../fusefs", "nothing can be mounted"},
		{"tokenvault-read", ".", "adopt and import can't read files"},
		{"tokenvault-fetch", ".", "no service can be asked about a token"},
		{"tokenvault-doctor", "../fusefs", "provider doctor does not work"},
	};
	char path[PATH_MAX];
	struct tv_error ignored;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (tv_program_find(path, programs[i].name, programs[i].build_dir, &ignored))
			tv_remark_wrong(c,
					"the program %s is missing, so that %s; install tokenvault "
					"again",
					programs[i].name, programs[i].without);
	}
	if (tv_program_find(path, "tokenvault-notify", ".", &ignored))
		tv_remark_note(c, "tokenvault was built without libsystemd, so that tokenvault "
				  "notify prints and shows nothing on the desktop");
}

const struct tv_check tv_check_programs = {
	.name = "programs",
	.fine = "all of tokenvault's own programs are there",
	.look = look,
};
