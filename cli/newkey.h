/* New keys of a vault: the slot that new parts make, or that another machine asked for. */
#ifndef TV_NEWKEY_H
#define TV_NEWKEY_H

#include "cli/cli.h"

/* The options of every command that makes a passphrase slot, for its table. */
#define TV_NEWKEY_OPTIONS                                                                          \
	{"memory", 'm', false, "MIB", "memory that trying a passphrase costs: 64 to 1024"},        \
	{                                                                                          \
		"passes", 'p', false, "N", "and how often it is gone through: 1 to 16"             \
	}

/* A slot of a type, by its name. The passphrase is the descriptor's next, or asked for twice; its cost comes from
 * the options. path is the keyfile's, which is made where it is missing; *made says so. label may be NULL: the
 * type's name. */
enum tv_status tv_newkey(struct tv_slot_new *out, bool *made, struct tv_cli *cli, const char *type,
			 const char *path, const char *label, struct tv_error *err) TV_MUST_CHECK;
/* Refuses the cost options where no passphrase is to be made, and values out of bounds. */
enum tv_status tv_newkey_check(const struct tv_cli *cli, const char *type,
			       struct tv_error *err) TV_MUST_CHECK;
/* The slot as messages carry it; NULL when memory is out. */
struct tv_json *tv_newkey_json(const struct tv_slot_new *slot);

#endif
