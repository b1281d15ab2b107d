/* That nobody else can put something into tokenvault's directories, or in their place. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/checkup/look.h"

struct visit {
	struct tv_checkup *c;
	bool mends;
	enum tv_status status;
	struct tv_error *err;
};

/* What others may write to. One of its own group may be a user's alone. */
static bool is_exposed(const struct stat *st, bool is_own)
{
	return st->st_mode & S_IWOTH ||
	       (st->st_mode & S_IWGRP && (is_own || st->st_gid != getegid()));
}

/* A directory that is not tokenvault's may be shared with a group on purpose. */
static mode_t wrong_bits(const struct stat *st, bool is_own)
{
	return st->st_mode & (is_own ? S_IWGRP | S_IWOTH : S_IWOTH);
}

static void mend_one(struct visit *v, const char *path, const struct stat *st, mode_t wrong)
{
	if (wrong && chmod(path, st->st_mode & 07777 & ~wrong) && !v->status)
		v->status = tv_fail(v->err, TV_IO, "%s: %s", path, strerror(errno));
}

static void say_exposed(struct visit *v, const char *path, const struct stat *st, bool is_own)
{
	const mode_t wrong = wrong_bits(st, is_own);
	char shown[PATH_MAX];

	if (v->mends) {
		mend_one(v, path, st, wrong);
		return;
	}
	tv_look_tilde(shown, v->c, path);
	tv_remark_wrong(v->c, "others can write to %s (mode %04o); chmod go-w %s", shown,
			(unsigned)st->st_mode & 07777, shown);
	if (wrong)
		tv_remark_can_mend(v->c);
}

static void look_at(struct visit *v, const char *path, bool is_own)
{
	char shown[PATH_MAX];
	struct stat st;

	if (stat(path, &st))
		return;
	if (st.st_uid != geteuid() && (is_own || st.st_uid)) {
		if (!v->mends)
			tv_remark_wrong(v->c,
					"%s belongs to another user, who can put other files into "
					"it; take it over (chown), or move what is yours elsewhere",
					tv_look_tilde(shown, v->c, path));
	} else if (is_exposed(&st, is_own) && !(st.st_mode & S_ISVTX)) {
		say_exposed(v, path, &st, is_own);
	}
}

/* From the home directory down to it, both without; each directory on two ways is told once. */
static void look_above(struct visit *v, const char *path, const char *before)
{
	const size_t home = strlen(v->c->cli->paths.home);
	char part[PATH_MAX];

	if (strncmp(path, v->c->cli->paths.home, home) != 0 || path[home] != '/')
		return;
	for (const char *slash = strchr(path + home + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		const size_t len = (size_t)(slash - path);

		if (before && !strncmp(before, path, len + 1))
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		look_at(v, part, false);
	}
}

static void visit_all(struct visit *v)
{
	const struct tv_paths *p = &v->c->cli->paths;
	char vault[PATH_MAX];
	const char *const own[] = {vault, p->state, p->config, p->providers};
	const char *before = NULL;

	snprintf(vault, sizeof(vault), "%s", p->vault);
	*strrchr(vault, '/') = '\0';
	look_at(v, p->home, false);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		/* Where the vault lies by choice is not tokenvault's own. */
		const bool is_own = own[i] != vault || !strcmp(vault, p->vault_dir);

		look_above(v, own[i], before);
		look_at(v, own[i], is_own);
		before = own[i];
	}
	look_at(v, p->approved, true);
}

static void look(struct tv_checkup *c)
{
	struct visit v = {.c = c};

	visit_all(&v);
}

static enum tv_status mend(struct tv_checkup *c, struct tv_error *err)
{
	struct visit v = {.c = c, .mends = true, .err = err};

	visit_all(&v);
	return v.status;
}

const struct tv_check tv_check_directories = {
	.name = "directories",
	.fine = "nobody else can write to tokenvault's directories",
	.look = look,
	.mend = mend,
};
