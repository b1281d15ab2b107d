/* Which files have a vault's files mounted at login, and what they say. */
#ifndef TV_PLAN_H
#define TV_PLAN_H

#include "cli/login/start.h"

enum tv_plan_kind {
	TV_PLAN_SYSTEMD,   /* units of the user's service manager */
	TV_PLAN_AUTOSTART, /* a desktop entry that desktops start */
	TV_PLAN_PROFILE,   /* lines in ~/.profile */
};

struct tv_planned {
	char *path;
	char *text; /* what is written there; of a link, where it leads */
	bool is_link;
};

#define TV_PLANNED_MAX 8

struct tv_plan {
	enum tv_plan_kind kind;
	const char *name; /* the instance's, of whose start it is */
	struct tv_planned files[TV_PLANNED_MAX];
	size_t count;
	/* Removed with the files where nothing else is in them; inner ones first. */
	char *directories[TV_PLANNED_MAX];
	size_t n_directories;
	bool failed; /* for want of memory */
};

/* Works a plan out. Nothing is made. */
enum tv_status tv_plan_make(struct tv_plan *out, enum tv_plan_kind kind,
			    const struct tv_paths *paths, const struct tv_start *start,
			    struct tv_error *err) TV_MUST_CHECK;
void tv_plan_free(struct tv_plan *plan);
#define tv_auto_plan __attribute__((cleanup(tv_plan_free))) struct tv_plan

/* For those who make plans: adds a file whose text is written by the function, a link, a directory. */
void tv_plan_file(struct tv_plan *plan, const char *directory, const char *name,
		  void (*write)(FILE *to, const struct tv_start *start),
		  const struct tv_start *start);
void tv_plan_link(struct tv_plan *plan, const char *directory, const char *name, const char *to);
void tv_plan_directory(struct tv_plan *plan, const char *directory, const char *name);

/* The kinds' own. */
void tv_plan_units(struct tv_plan *plan, const char *config, const struct tv_start *start);
void tv_plan_autostart(struct tv_plan *plan, const char *config, const struct tv_start *start);
void tv_plan_profile(struct tv_plan *plan, const char *home, const struct tv_start *start);

#endif
