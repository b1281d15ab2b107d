/* The names that editors, tools and people give to a copy of a file. */
#include <string.h>

#include "cli/checkup/copies.h"

/* What stands behind the name of the file itself. */
static bool is_ending(const char *end, bool strictly)
{
	static const char *const endings[] = {
		"~",	   ".bak",     ".orig", ".old", ".save", ".prev", ".backup",   ".rpmsave",
		".dpkg",   ".ucf-",    ".swp",	".swo", ".swn",	 ".un~",  ".kate-swp", ".part",
		".rpmnew", ".rpmorig", ".tmp",	".new", "-bak",	 "_bak",  "___jb_"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (!strncmp(end, endings[i], strlen(endings[i])))
			return true;
	}
	return !strictly && *end && strchr(".~_-# (,", *end);
}

/* `settings (copy).toml`, `settings.2024.toml`: the name with something in front of its ending. */
static bool is_inserted(const char *name, const char *original)
{
	const char *dot = strrchr(original, '.');
	const size_t stem = dot ? (size_t)(dot - original) : 0;
	const size_t len = strlen(name), end = dot ? strlen(dot) : 0;

	return stem && len > stem + end && !strncmp(name, original, stem) &&
	       !strcmp(name + len - end, dot);
}

/* .NAME.swp and #NAME#; a name that is hidden itself keeps its dot: .NAME.swp of .NAME, too. */
static bool is_editors(const char *name, const char *original)
{
	const size_t len = strlen(original);

	if (*name == '#')
		return !strncmp(name + 1, original, len) && name[1 + len] == '#';
	return *name == '.' && !strncmp(name + 1, original, len) && is_ending(name + 1 + len, true);
}

bool tv_copy_is_named_so(const char *name, const char *original, bool strictly)
{
	const size_t len = strlen(original);

	if (!strcmp(name, original))
		return false;
	if (is_editors(name, original) ||
	    (!strncmp(name, original, len) && is_ending(name + len, strictly)))
		return true;
	return !strictly && (strstr(name, original) || is_inserted(name, original));
}
