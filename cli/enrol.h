/* Asking another machine for a key: the line that this one prints, and that one reads. */
#ifndef TV_ENROL_H
#define TV_ENROL_H

#include "cli/cli.h"

/* `key device`: prints the line by which this machine asks for a key of the vault. */
enum tv_status tv_enrol_ask(struct tv_cli *cli, struct tv_error *err) TV_MUST_CHECK;
/* The slot that a line on standard input asks for, of this type, and the vault it is for. label may be NULL: what
 * the line says. */
enum tv_status tv_enrol_read(struct tv_slot_new *out, unsigned char vault_id[static TV_ID_BYTES],
			     const char *type, const char *label,
			     struct tv_error *err) TV_MUST_CHECK;

#endif
