/* That the user's own definitions of services are right. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/checkup/look.h"

static int is_definition(const struct dirent *d)
{
	const size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 5 && !strcmp(d->d_name + len - 5, ".json");
}

static void look_at(struct tv_checkup *c, const char *path)
{
	tv_auto_bytes text = {0};
	struct tv_provider *p = NULL;
	struct tv_error why = {""};
	char shown[PATH_MAX];

	tv_look_tilde(shown, c, path);
	if (!tv_look_read_own(&text, path)) {
		tv_remark_wrong(c, "%s can't be read: %s; so it does not count", shown,
				strerror(errno));
		return;
	}
	if (tv_provider_parse(&p, (const char *)text.data, text.len - 1, shown, &why))
		tv_remark_wrong(c, "%s; tokenvault provider check %s, until then it does not count",
				why.detail, shown);
	tv_provider_free(p);
}

static void look(struct tv_checkup *c)
{
	const char *at = c->cli->paths.providers;
	struct dirent **members = NULL;
	int n = scandir(at, &members, is_definition, alphasort);
	char path[PATH_MAX];

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%.3000s/%s", at, members[i]->d_name);
		look_at(c, path);
		free(members[i]);
	}
	free(members);
}

const struct tv_check tv_check_definitions = {
	.name = "definitions",
	.fine = "your own definitions of services are right, where there are any",
	.look = look,
};
