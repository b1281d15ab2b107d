/* Checks the command line's values and derives the paths from them. */
#include "fusefs/config.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static enum tv_status build(char out[static PATH_MAX], struct tv_error *err, const char *format,
			    ...) __attribute__((format(printf, 3, 4)));

static enum tv_status build(char out[static PATH_MAX], struct tv_error *err, const char *format,
			    ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(out, PATH_MAX, format, args);
	va_end(args);
	if (len < 0 || len >= PATH_MAX)
		return tv_fail(err, TV_USAGE, "a path is too long");
	return TV_OK;
}

/* The name becomes a file's name and a mount option's value. */
static enum tv_status check_name(const char *name, struct tv_error *err)
{
	if (!name || !*name || *name == '.' || strlen(name) > 64)
		return tv_fail(err, TV_USAGE, "--name wants 1 to 64 characters, no dot in front");
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 127 || strchr("/\\,:", *p))
			return tv_fail(err, TV_USAGE, "--name has a character that can't be in it");
	return TV_OK;
}

static enum tv_status check_path(const char *option, const char *path, struct tv_error *err)
{
	if (!path || *path != '/')
		return tv_fail(err, TV_USAGE, "--%s wants an absolute path", option);
	return TV_OK;
}

static enum tv_status check_paths(const struct tv_fs_config *c, struct tv_error *err)
{
	enum tv_status status = check_path("vault", c->vault, err);

	if (!status)
		status = check_path("runtime", c->runtime, err);
	if (!status)
		status = check_path("home", c->home, err);
	if (!status)
		status = check_path("state", c->state, err);
	if (!status && c->providers)
		status = check_path("config", c->providers, err);
	if (!status && c->approved)
		status = check_path("approved", c->approved, err);
	if (!status && c->cli)
		status = check_path("cli", c->cli, err);
	if (!status && c->askpass)
		status = check_path("askpass", c->askpass, err);
	return status;
}

/* Two instances of one name differ by their directories, whose locks they hold: FNV-1a tells them apart
 * in the list of mounts, where there is no room for the paths. */
static uint32_t hash_directories(const struct tv_fs_config *c)
{
	const char *const paths[] = {c->runtime, c->state};
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < 2; i++)
		for (const char *p = paths[i];; p++) {
			hash = (hash ^ (unsigned char)*p) * 16777619;
			if (!*p)
				break;
		}
	return hash;
}

enum tv_status tv_fs_config_finish(struct tv_fs_config *c, struct tv_error *err)
{
	enum tv_status status = check_name(c->name, err);

	if (!status && c->log)
		status = check_name(c->log, err);
	if (!status)
		status = check_paths(c, err);
	if (!status)
		snprintf(c->source, sizeof c->source, "tokenvault:%s-%08x", c->name,
			 hash_directories(c));
	if (!status)
		status = build(c->socket, err, "%s/%s.sock", c->runtime, c->name);
	if (!status)
		status = build(c->lock, err, "%s/%s.lock", c->runtime, c->name);
	if (!status)
		status = build(c->tree, err, "%s/%s", c->runtime, c->name);
	if (!status)
		status = build(c->journal, err, "%s/%s.mounts", c->state, c->name);
	if (!status)
		status = build(c->journal_lock, err, "%s/%s.mounts.lock", c->state, c->name);
	if (!status)
		status = build(c->shown, err, "%s/%s.shown", c->state, c->name);
	return status;
}
