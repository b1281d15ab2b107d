/* Goes down to a place, as far as there is something. */
#include "fusefs/run/spot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fusefs/place.h"

/* What is mounted there may be a file system that would have to be asked, and hangs. */
static bool is_there(mode_t *type, const char *path)
{
	struct statx x;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  STATX_TYPE, &x))
		return false;
	*type = x.stx_mode & S_IFMT;
	return true;
}

static enum tv_status in_the_way(const char *path, const char *what, struct tv_error *err)
{
	return tv_fail(err, TV_IN_THE_WAY, "%s is %s; move it away", path, what);
}

/* Goes to what lies at AT/part, through links, when it is there: *found is its type, else 0. */
static enum tv_status go(mode_t *found, char at[static PATH_MAX], const char *part, size_t len,
			 struct tv_error *err)
{
	char next[PATH_MAX];

	*found = 0;
	if (snprintf(next, sizeof next, "%s/%.*s", at, (int)len, part) >= (int)sizeof next)
		return tv_fail(err, TV_IO, "%s: path too long", at);
	if (!is_there(found, next))
		return errno == ENOENT ? TV_OK
				       : tv_fail(err, TV_IO, "%s: %s", next, strerror(errno));
	if (*found != S_IFLNK) {
		memcpy(at, next, strlen(next) + 1);
		return TV_OK;
	}
	if (realpath(next, at) && is_there(found, at))
		return TV_OK;
	return errno == ENOENT ? in_the_way(next, "a link to nothing", err)
			       : tv_fail(err, TV_IO, "%s: %s", next, strerror(errno));
}

/* Goes down as far as there are directories, or to the end; *rest is what is missing, or NULL. */
static enum tv_status descend(char at[static PATH_MAX], const char **rest, const char *place,
			      struct tv_error *err)
{
	for (const char *part = place;; part += strcspn(part, "/") + 1) {
		const size_t len = strcspn(part, "/");
		mode_t found;
		enum tv_status status = go(&found, at, part, len, err);

		if (status)
			return status;
		*rest = found ? NULL : part;
		if (!found || !part[len])
			return found && found != S_IFREG ? in_the_way(at, "no plain file", err)
							 : TV_OK;
		if (found != S_IFDIR)
			return in_the_way(at, "not a directory", err);
	}
}

enum tv_status tv_spot_find(struct tv_spot *out, const char *home, const char *place,
			    struct tv_error *err)
{
	struct tv_spot s = {.place = place};
	char at[PATH_MAX];
	enum tv_status status;

	if (!tv_place_is_clean(place))
		return tv_fail(err, TV_REFUSED, "%s is no path below the home directory", place);
	if (!realpath(home, at))
		return tv_fail(err, TV_IO, "%s: %s", home, strerror(errno));
	status = descend(at, &s.name, place, err);
	if (status)
		return status;
	if (s.name)
		s.above = strdup(at);
	if ((s.name && !s.above) ||
	    asprintf(&s.target, "%s%s%s", at, s.name ? "/" : "", s.name ? s.name : "") < 0) {
		free(s.above);
		return tv_fail(err, TV_NO_MEMORY, "%s", place);
	}
	*out = s;
	return TV_OK;
}

void tv_spot_free(struct tv_spot *s)
{
	free(s->target);
	free(s->above);
	*s = (struct tv_spot){0};
}
