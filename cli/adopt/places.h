/* Places: where the definitions' files may lie, as paths that exist below the home directory. */
#ifndef TV_ADOPT_PLACES_H
#define TV_ADOPT_PLACES_H

#include "cli/cli.h"

struct tv_place {
	const struct tv_provider *provider;
	const struct tv_file *file;
	char *path;		      /* absolute */
	char label[TV_LABEL_MAX + 1]; /* what stands for {{label}} in it; "": it has none */
	bool is_own;		      /* a path that the user has added to the vault */
	bool is_named;		      /* the user asked for this service by name */
};

struct tv_places {
	struct tv_place *at;
	size_t count;
};

/* The places of these services' files (none named: of all); those with {{label}} by the directories and
 * files that there are. A path that two definitions have is the first one's. */
enum tv_status tv_places_list(struct tv_places *out, struct tv_cli *cli, const char *const *names,
			      size_t n_names, struct tv_error *err) TV_MUST_CHECK;
/* Adds the user's own paths among the definitions': the member `paths` of the message `views`. */
enum tv_status tv_places_add_own(struct tv_places *p, const struct tv_cli *cli,
				 const struct tv_json *paths, struct tv_error *err) TV_MUST_CHECK;
void tv_places_free(struct tv_places *p);
#define tv_auto_places __attribute__((cleanup(tv_places_free))) struct tv_places

#endif
