/* A definition on its way to a provider, for the files that read a part of it each. */
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
/* The same of a list of texts; a place without value makes an empty list. */
void tv_reading_copy_list(struct tv_reading *r, const char ***out, size_t *n,
			  const struct tv_place *list);
void tv_list_free(const char **list, size_t n);
/* A member's place; its value is NULL where there is none. */
struct tv_place tv_member_of(const struct tv_place *of, const char *name);
/* Whether a name is in a list that NULL ends. */
bool tv_is_one_of(const char *name, const char *const *names);
/* Whether the provider declares the field. */
bool tv_reading_has_field(const struct tv_reading *r, const char *name);

/* Which names a template may use: those in the two lists, which NULL ends and each of which may be
 * NULL, and the provider's fields. */
struct tv_names {
	const char *const *always;
	const char *const *more;
};

/* Reads a template, which is a text or a list of lines, and checks it. In a list, each line ends
 * with LF. The result is the caller's. */
enum tv_status tv_reading_template(struct tv_reading *r, const char **out,
				   const struct tv_place *template,
				   const struct tv_names *names) TV_MUST_CHECK;

/* Reads a member that is a pointer; leaves *out alone where there is none. */
enum tv_status tv_reading_pointer(struct tv_reading *r, const char **out, const struct tv_place *of,
				  const char *name) TV_MUST_CHECK;
/* Reads the member `fields`, an object of fields and the pointers to their values: one, or a list of
 * them of which the first that leads somewhere counts. */
enum tv_status tv_reading_taken(struct tv_reading *r, struct tv_taken **out, size_t *n,
				const struct tv_place *of) TV_MUST_CHECK;
void tv_taken_free(struct tv_taken *taken, size_t n);

/* Fill the provider's files and requests; its fields have to be there already. */
enum tv_status tv_reading_files(struct tv_reading *r, const struct tv_place *root) TV_MUST_CHECK;
enum tv_status tv_reading_requests(struct tv_reading *r, const struct tv_place *root) TV_MUST_CHECK;
/* Reads a file's member `adopt`. */
enum tv_status tv_reading_adopt(struct tv_reading *r, struct tv_file *f,
				const struct tv_place *file) TV_MUST_CHECK;
void tv_files_free(struct tv_provider *p);
void tv_requests_free(struct tv_provider *p);
void tv_adopt_free(struct tv_adopt *a);

#endif
