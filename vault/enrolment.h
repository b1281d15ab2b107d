/*
 * An enrolment: the line by which a machine asks for a slot that only it opens, from somebody who has the
 * vault. It is confidential, since it holds the secret that goes into the wrapping: who has it can make a file
 * that the machine takes for this vault, until it has opened the real one.
 */
#ifndef TV_ENROLMENT_H
#define TV_ENROLMENT_H

#include "vault/secret.h"
#include "vault/slot.h"

#define TV_ENROLMENT_MAX 2048 /* bytes of a line */

/* The line without its end, for a slot of a type that has its public key in the parameters. */
enum tv_status tv_enrolment_print(struct tv_secret *out, const struct tv_slot_new *slot,
				  const unsigned char vault_id[static TV_ID_BYTES],
				  struct tv_error *err) TV_MUST_CHECK;
/* And back; white space around it does not count. type is the one that is wanted. TV_BAD_VALUE, without a word of the
 * line; created is left to the vault. */
enum tv_status tv_enrolment_parse(struct tv_slot_new *out,
				  unsigned char vault_id[static TV_ID_BYTES],
				  const struct tv_secret *line, const struct tv_slot_type *type,
				  struct tv_error *err) TV_MUST_CHECK;

#endif
