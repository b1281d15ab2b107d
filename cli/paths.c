/* Where things are: the vault, the server's socket, the state, the user's own definitions. */
#include "cli/paths.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".vault"

/* A new string, or NULL. */
static char *print(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *print(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return text;
}

/* A directory from the environment; the XDG specification has relative ones ignored. */
static const char *absolute_env(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] == '/' ? value : NULL;
}

static enum tv_status find_home(char **out, struct tv_error *err)
{
	const char *home = absolute_env("HOME");
	struct passwd *user = home ? NULL : getpwuid(getuid());
	size_t len;

	if (user)
		home = user->pw_dir;
	if (!home || home[0] != '/')
		return tv_fail(err, TV_FAILED, "no home directory; set HOME");
	for (len = strlen(home); len > 1 && home[len - 1] == '/';)
		len--;
	*out = strndup(home, len);
	return *out ? TV_OK : tv_fail(err, TV_NO_MEMORY, "paths");
}

/* $VARIABLE/tokenvault, or HOME/FALLBACK/tokenvault, and what is below it. */
static char *xdg_dir(const char *variable, const char *home, const char *fallback,
		     const char *below)
{
	const char *base = absolute_env(variable);

	return base ? print("%s/tokenvault%s", base, below)
		    : print("%s/%s/tokenvault%s", home, fallback, below);
}

static bool is_own_dir(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

static char *runtime_base(void)
{
	const char *given = absolute_env("XDG_RUNTIME_DIR");
	unsigned uid = geteuid();
	char usual[64];

	if (given)
		return strdup(given);
	snprintf(usual, sizeof(usual), "/run/user/%u", uid);
	return is_own_dir(usual) ? strdup(usual) : print("/tmp/tokenvault-%u", uid);
}

static char *absolute(const char *path)
{
	char here[PATH_MAX];

	if (path[0] == '/')
		return strdup(path);
	return getcwd(here, sizeof(here)) ? print("%s/%s", here, path) : NULL;
}

static bool has_suffix(const char *name)
{
	size_t len = strlen(name);

	return len > strlen(SUFFIX) && !strcmp(name + len - strlen(SUFFIX), SUFFIX);
}

/* Path without symbolic links; of a vault that is yet to be made, its directory without them. */
static char *resolved(const char *path)
{
	char *real = realpath(path, NULL);
	const char *slash = strrchr(path, '/');
	char *dir, *real_dir;

	if (real)
		return real;
	dir = print("%.*s", slash == path ? 1 : (int)(slash - path), path);
	real_dir = dir ? realpath(dir, NULL) : NULL;
	free(dir);
	if (real_dir)
		real = print("%s%s", strcmp(real_dir, "/") ? real_dir : "", slash);
	free(real_dir);
	return real ? real : strdup(path);
}

/* FNV-1a: it has to tell vaults of one name apart, not to withstand anybody. */
static uint32_t hash(const char *text)
{
	uint32_t h = 2166136261u;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h;
}

/* Whether path, which is without links, lies right in the directory, which need not be there. */
static bool is_in(const char *path, const char *dir)
{
	const size_t len = (size_t)(strrchr(path, '/') - path);
	char *there, *real;
	bool is;

	/* As it nearly always is. */
	if (strlen(dir) == len && !strncmp(path, dir, len))
		return true;
	there = realpath(dir, NULL);
	real = there ? there : strdup(dir);
	is = real && strlen(real) == len && !strncmp(path, real, len);
	free(real);
	return is;
}

#define STEM 32

/* NAME of the default directory's NAME.vault; of another vault its stem, made short and plain, and a
 * hash of the whole path. A name must not be able to lead out of the runtime directory. */
static char *server_name(const char *vault, const char *vault_dir)
{
	char *real = resolved(vault), *name;
	char stem[STEM];
	size_t len;
	bool is_plain;

	if (!real)
		return NULL;
	name = strrchr(real, '/') + 1;
	len = strlen(name);
	is_plain = is_in(real, vault_dir) && has_suffix(name);
	if (has_suffix(name))
		len -= strlen(SUFFIX);
	snprintf(stem, sizeof(stem), "%.*s", (int)len, name);
	if (is_plain && len < sizeof(stem) && stem[0] != '.' && tv_label_is_valid(stem)) {
		name = strdup(stem);
	} else {
		for (char *c = stem; *c; c++) {
			if (!tv_label_is_valid((char[]){*c, '\0'}) || stem[0] == '.')
				*c = '_';
		}
		name = print("%s-%08x", stem, hash(real));
	}
	free(real);
	return name;
}

static bool is_file(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISREG(st.st_mode);
}

static enum tv_status choose_vault(struct tv_paths *p, const char *option, struct tv_error *err)
{
	const char *file = getenv("TOKENVAULT_FILE");
	const char *name = option ? option : "default";

	if (!option && file && *file) {
		p->vault = absolute(file);
	} else if (strchr(name, '/')) {
		p->vault = absolute(name);
	} else if (has_suffix(name)) {
		return tv_fail(err, TV_BAD_VALUE,
			       "--vault %s: for the file of that name here write ./%s", name, name);
	} else if (!tv_label_is_valid(name) || name[0] == '.') {
		return tv_fail(err, TV_BAD_VALUE,
			       "--vault: a name is 1 to 64 of A-Z a-z 0-9 . _ -, a path has a /");
	} else {
		p->vault = print("%s/%s" SUFFIX, p->vault_dir, name);
		/* As it nearly always is: no link, and so where it seems to be. */
		if (p->vault && strlen(name) < STEM && is_file(p->vault))
			p->name = strdup(name);
	}
	if (!p->vault)
		return tv_fail(err, TV_IO, "the vault's path: %s", strerror(errno));
	return TV_OK;
}

enum tv_status tv_paths_find(struct tv_paths *out, const char *vault_option, struct tv_error *err)
{
	enum tv_status status = find_home(&out->home, err);

	if (status)
		return status;
	out->vault_dir = xdg_dir("XDG_DATA_HOME", out->home, ".local/share", "");
	out->state = xdg_dir("XDG_STATE_HOME", out->home, ".local/state", "");
	out->device = xdg_dir("XDG_STATE_HOME", out->home, ".local/state", "/device.key");
	out->config = xdg_dir("XDG_CONFIG_HOME", out->home, ".config", "");
	out->approved = xdg_dir("XDG_CONFIG_HOME", out->home, ".config", "/paths");
	out->providers = xdg_dir("XDG_CONFIG_HOME", out->home, ".config", "/providers");
	out->runtime_base = runtime_base();
	out->runtime = out->runtime_base ? print("%s/tokenvault", out->runtime_base) : NULL;
	if (!out->vault_dir || !out->state || !out->device || !out->config || !out->approved ||
	    !out->providers || !out->runtime)
		return tv_fail(err, TV_NO_MEMORY, "paths");
	status = choose_vault(out, vault_option, err);
	if (status)
		return status;
	if (!out->name)
		out->name = server_name(out->vault, out->vault_dir);
	if (out->name)
		out->socket = print("%s/%s.sock", out->runtime, out->name);
	if (!out->socket)
		return tv_fail(err, TV_NO_MEMORY, "paths");
	return TV_OK;
}

void tv_paths_free(struct tv_paths *p)
{
	free(p->home);
	free(p->vault);
	free(p->vault_dir);
	free(p->name);
	free(p->runtime_base);
	free(p->runtime);
	free(p->socket);
	free(p->state);
	free(p->device);
	free(p->config);
	free(p->approved);
	free(p->providers);
	*p = (struct tv_paths){0};
}

/* mkdir -p; what is made is 0700. */
static enum tv_status make_dirs(const char *path, struct tv_error *err)
{
	char part[PATH_MAX];

	for (const char *end = path; *end;) {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		if ((size_t)(end - path) >= sizeof(part))
			return tv_fail(err, TV_IO, "%s: %s", path, strerror(ENAMETOOLONG));
		snprintf(part, sizeof(part), "%.*s", (int)(end - path), path);
		if (mkdir(part, 0700) && errno != EEXIST)
			return tv_fail(err, TV_IO, "%s: %s", part, strerror(errno));
	}
	return TV_OK;
}

enum tv_status tv_paths_make_vault_dir(const struct tv_paths *p, struct tv_error *err)
{
	size_t len = strlen(p->vault_dir);

	if (strncmp(p->vault, p->vault_dir, len) || p->vault[len] != '/')
		return TV_OK;
	return make_dirs(p->vault_dir, err);
}

enum tv_status tv_paths_make_config(const struct tv_paths *p, struct tv_error *err)
{
	return make_dirs(p->config, err);
}

enum tv_status tv_paths_make_state(const struct tv_paths *p, struct tv_error *err)
{
	return make_dirs(p->state, err);
}

enum tv_status tv_paths_make_runtime(const struct tv_paths *p, struct tv_error *err)
{
	bool is_given = absolute_env("XDG_RUNTIME_DIR") != NULL;
	struct stat st;

	if (mkdir(p->runtime_base, 0700) && errno != EEXIST)
		return tv_fail(err, TV_IO, "%s: %s", p->runtime_base, strerror(errno));
	if (!is_given &&
	    (!is_own_dir(p->runtime_base) || lstat(p->runtime_base, &st) || st.st_mode & 077))
		return tv_fail(err, TV_REFUSED, "%s is open to others; set XDG_RUNTIME_DIR",
			       p->runtime_base);
	if (mkdir(p->runtime, 0700) && errno != EEXIST)
		return tv_fail(err, TV_IO, "%s: %s", p->runtime, strerror(errno));
	if (!is_own_dir(p->runtime))
		return tv_fail(err, TV_REFUSED, "%s is not a directory of yours", p->runtime);
	return TV_OK;
}
