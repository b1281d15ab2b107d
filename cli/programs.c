/* Looks for the other programs from where this one lies. */
#include "cli/programs.h"

#include <stdio.h>
#include <unistd.h>

enum tv_status tv_program_self(char out[static PATH_MAX], struct tv_error *err)
{
	const ssize_t len = readlink("/proc/self/exe", out, PATH_MAX - 1);

	out[len > 0 ? len : 0] = '\0';
	return len > 0 ? TV_OK : tv_fail(err, TV_FAILED, "/proc does not say where this lies");
}

enum tv_status tv_program_find(char out[static PATH_MAX], const char *name, const char *build_dir,
			       struct tv_error *err)
{
	const char *const places[] = {"", build_dir, "../libexec/tokenvault"};
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self));

	while (len > 0 && self[len - 1] != '/')
		len--;
	for (size_t i = 0; len > 0 && i < sizeof(places) / sizeof(places[0]); i++) {
		int n = snprintf(out, PATH_MAX, "%.*s%s%s%s", (int)len, self, places[i],
				 *places[i] ? "/" : "", name);

		if (n < PATH_MAX && !access(out, X_OK))
			return TV_OK;
	}
	return tv_fail(err, TV_FAILED, "the program %s is not beside tokenvault", name);
}
