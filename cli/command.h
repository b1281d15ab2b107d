/*
 * What a command is. Parsing, help, completion and the check of the manual all read these tables, so
 * that they can't disagree. To add a command: cli/commands/NAME.c and a line in commands.def.
 */
#ifndef TV_COMMAND_H
#define TV_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/vault.h"

struct tv_cli;

struct tv_option {
	const char *name;  /* without its dashes */
	char letter;	   /* 0: has none */
	bool repeats;	   /* else the last one counts */
	const char *value; /* what help calls its value; NULL: takes none */
	const char *about; /* a few words */
};

struct tv_command {
	const char *name;
	const char *arguments; /* as usage shows them, "" for none */
	size_t least, most;    /* how many there may be */
	const char *summary;   /* at most 27 characters: two of them share a line of help */
	const char *help;      /* what is worth knowing besides, in lines of at most 80 */
	const struct tv_option *options;       /* ended by one without a name; NULL: none */
	const struct tv_command *const *parts; /* `key add`; NULL: has none; ended by NULL */
	enum tv_status (*run)(struct tv_cli *cli, struct tv_error *err); /* NULL: has parts */
	bool only_asks; /* the session, before it needs libsodium, which that one starts then */
};

/* What `most` says when there is no limit. */
#define TV_ANY SIZE_MAX

/* commands.def in order, ended by NULL; and the options that go with each of them. */
const struct tv_command *const *tv_commands(void);
const struct tv_option *tv_global_options(void);

/* The option of a table (NULL: an empty one), or NULL. */
const struct tv_option *tv_option_by_name(const struct tv_option *table, const char *name,
					  size_t len);
const struct tv_option *tv_option_by_letter(const struct tv_option *table, char letter);

#endif
