/* The registry of commands, and the options that all of them share. */
#include "cli/command.h"

#include <string.h>

#define TV_COMMAND(name) extern const struct tv_command tv_command_##name;
#include "cli/commands.def"
#undef TV_COMMAND

static const struct tv_command *const commands[] = {
#define TV_COMMAND(name) &tv_command_##name,
#include "cli/commands.def"
#undef TV_COMMAND
	NULL,
};

static const struct tv_option global_options[] = {
	{"vault", 'v', false, "PATH|NAME", "another vault than `default`; a PATH has a slash"},
	{"passphrase-fd", 0, false, "N", "read the passphrase, one line, from descriptor N"},
	{"keyfile", 'k', false, "PATH", "open with this file instead of a passphrase"},
	{"json", 'j', false, NULL, "report in JSON"},
	{"quiet", 'q', false, NULL, "say nothing on stderr but errors"},
	{"accept-rollback", 0, false, NULL, "open although an older state or other history"},
	{"help", 'h', false, NULL, "this, or a COMMAND's own help"},
	{"version", 'V', false, NULL, "print the version"},
	{0},
};

const struct tv_command *const *tv_commands(void)
{
	return commands;
}

const struct tv_option *tv_global_options(void)
{
	return global_options;
}

const struct tv_option *tv_option_by_name(const struct tv_option *table, const char *name,
					  size_t len)
{
	for (const struct tv_option *o = table; o && o->name; o++) {
		if (strlen(o->name) == len && !strncmp(o->name, name, len))
			return o;
	}
	return NULL;
}

const struct tv_option *tv_option_by_letter(const struct tv_option *table, char letter)
{
	for (const struct tv_option *o = table; o && o->name; o++) {
		if (o->letter && o->letter == letter)
			return o;
	}
	return NULL;
}
