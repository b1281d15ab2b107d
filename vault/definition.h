/* A definition on its way to a provider, for definition.c and filedef.c. */
#ifndef TV_DEFINITION_H
#define TV_DEFINITION_H

#include <stdbool.h>

#include "vault/provider.h"
#include "vault/schema.h"

struct tv_reading {
	struct tv_source source;
	struct tv_provider *provider;
	bool out_of_memory; /* sticks; asked at the end */
};

/* A copy on the plain heap: a definition is no secret, and outlives a lock. NULL stays NULL. */
const char *tv_reading_copy(struct tv_reading *r, const char *text);
/* A member's place; its value is NULL where there is none. */
struct tv_place tv_member_of(const struct tv_place *of, const char *name);
/* Whether a name is in a list that NULL ends. */
bool tv_is_one_of(const char *name, const char *const *names);
/* Fills the provider's files; its fields have to be there already. */
enum tv_status tv_reading_files(struct tv_reading *r, const struct tv_place *root) TV_MUST_CHECK;

#endif
