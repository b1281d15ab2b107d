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

/* Two of them share a line of help: about has at most 16 characters, in the second half 14. */
static const struct tv_option global_options[] = {
	{"vault", 'v', false, "PATH|NAME", "another vault"},
	{"passphrase-fd", 0, false, "N", "read it from N"},
	{"keyfile", 'k', false, "PATH", "opens the vault"},
	{"json", 'j', false, NULL, "report in JSON"},
	{"quiet", 'q', false, NULL, "only errors"},
	{"accept-rollback", 0, false, NULL, "open older too"},
	{"help", 'h', false, NULL, "show this help"},
	{"version", 'V', false, NULL, "show version"},
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
