/* Looks through the directories that the vault's files are in, and takes copies away. */
#include "cli/checkup/copies.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/adopt/check.h"
#include "cli/occupant.h"

#define COPY_MAX  (256 << 10)
#define TRIED_MAX 64 /* files of a directory that don't look like copies */

struct search {
	struct tv_checkup *c;
	struct tv_places places;
	bool (*visit)(struct tv_checkup *c, struct tv_copy *copy, void *arg);
	void *arg;
	struct tv_json *told; /* paths */
	bool is_over;
	struct tv_error *err;
};

static bool is_told(const struct search *s, const char *path)
{
	for (const struct tv_json *j = tv_json_first(s->told); j; j = tv_json_next(j)) {
		if (!strcmp(tv_json_text(j), path))
			return true;
	}
	return false;
}

static bool is_place(const struct search *s, const char *path)
{
	for (size_t i = 0; i < s->places.count; i++) {
		if (!strcmp(s->places.at[i].path, path))
			return true;
	}
	return false;
}

/* A plain file with something in it, and not too much, that nobody else tells of. */
static bool is_candidate(const struct search *s, const char *path)
{
	struct stat st;

	/* A mount is asked nothing: its server may hang. */
	return !is_place(s, path) && !is_told(s, path) &&
	       tv_occupant_at(path) == TV_OCCUPANT_FILE && !lstat(path, &st) &&
	       S_ISREG(st.st_mode) && st.st_size <= COPY_MAX;
}

/* Reads a file as if it lay at the place. */
static enum tv_status try(struct search *s, const struct tv_place *place, const char *path,
			  bool is_surely)
{
	struct tv_place there = *place;
	struct tv_copy copy = {.original = place->path};
	const struct tv_places one = {.at = &there, .count = 1};
	tv_auto_findings findings = {0};
	enum tv_status status;

	there.path = (char *)(uintptr_t)path;
	status = tv_findings_read(&findings, &one, s->err);
	if (status || !findings.count ||
	    (!findings.at[0].count && (!is_surely || findings.at[0].tree)))
		return status;
	if (!tv_json_put_text(s->told, NULL, path))
		return tv_fail(s->err, TV_NO_MEMORY, "a report");
	copy.finding = &findings.at[0];
	s->is_over = !s->visit(s->c, &copy, s->arg);
	return TV_OK;
}

/* Any text is a token to a definition that takes files as they are, and in the home directory lies much:
 * there the name has to tell. */
static bool may_try(const struct search *s, const struct tv_place *place)
{
	const char *format = place->file->adopt.format;
	const char *below = place->path + strlen(s->c->cli->paths.home) + 1;

	return format && strcmp(format, "raw") != 0 && strchr(below, '/');
}

static enum tv_status look_at(struct search *s, const struct tv_place *place, const char *name,
			      bool by_name)
{
	const char *slash = strrchr(place->path, '/');
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - place->path), place->path, name);
	if (s->is_over || !is_candidate(s, path))
		return TV_OK;
	return try(s, place, path, by_name && tv_copy_is_named_so(name, slash + 1, true));
}

static int is_no_dot(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

/* First what is called like a copy of this very file, for all places; then whatever else there is. */
static enum tv_status look_beside(struct search *s, const struct tv_place *place, bool by_name)
{
	const char *slash = strrchr(place->path, '/');
	struct dirent **members = NULL;
	enum tv_status status = TV_OK;
	char directory[PATH_MAX];
	int n, tried = 0;

	if (!by_name && !may_try(s, place))
		return TV_OK;
	snprintf(directory, sizeof(directory), "%.*s", (int)(slash - place->path), place->path);
	n = scandir(directory, &members, is_no_dot, alphasort);
	for (int i = 0; i < n; i++) {
		const char *name = members[i]->d_name;
		const bool fits =
			by_name ? tv_copy_is_named_so(name, slash + 1, false) : tried++ < TRIED_MAX;

		if (!status && fits)
			status = look_at(s, place, name, by_name);
		free(members[i]);
	}
	free(members);
	return status;
}

/* Where nothing of the vault's is, there is no file that it would be a copy of. */
static bool is_ours(const struct search *s, const struct tv_place *place)
{
	return tv_checkup_has_entry(s->c, place->provider->name) == TV_KNOWN_SO ||
	       tv_occupant_at(place->path) == TV_OCCUPANT_OURS;
}

enum tv_status tv_copies_visit(struct tv_checkup *c,
			       bool (*visit)(struct tv_checkup *c, struct tv_copy *copy, void *arg),
			       void *arg, struct tv_error *err)
{
	struct search s = {.c = c, .visit = visit, .arg = arg, .err = err};
	enum tv_status status = tv_places_list(&s.places, c->cli, NULL, 0, err);

	s.told = tv_json_array();
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < s.places.count && !status; i++) {
			if (is_ours(&s, &s.places.at[i]))
				status = look_beside(&s, &s.places.at[i], !pass);
		}
	}
	tv_json_free(s.told);
	tv_places_free(&s.places);
	return status;
}

static bool are_in_vault(const struct tv_finding *f)
{
	bool all = true;

	for (size_t i = 0; i < f->count; i++)
		all &= f->at[i].intake->exists && !f->at[i].intake->lacking;
	return all;
}

/* Whether what the vault shows at the original's path says all of it; the finding's place is that, meanwhile. */
static enum tv_status compare(struct tv_finding *f, struct tv_cli *cli, struct tv_error *err)
{
	struct tv_findings one = {.at = f, .count = 1};
	tv_auto_scratch *vault = NULL;
	tv_auto_intakes intakes = {0};
	enum tv_status status = tv_scratch_new(&vault, err);

	if (!status)
		status = tv_scratch_copy(vault, cli, f->place->provider->name, err);
	if (!status)
		status = tv_intakes_plan(&intakes, &one, vault, err);
	if (!status)
		status = tv_intakes_compare(&intakes, &one, vault, err);
	if (!status && !are_in_vault(f))
		return tv_fail(err, TV_IN_THE_WAY,
			       "%s has a token or a field that the vault does not have; left alone",
			       f->source.path);
	if (!status)
		status = tv_findings_check(&one, &intakes, vault, cli, err);
	return status;
}

enum tv_status tv_copy_remove(struct tv_checkup *c, struct tv_copy *copy, struct tv_error *err)
{
	struct tv_finding *f = copy->finding;
	const struct tv_place *own = f->place;
	struct tv_place there = *own;
	enum tv_status status;

	there.path = copy->original;
	f->place = &there;
	status = compare(f, c->cli, err);
	f->place = own;
	if (status)
		return status;
	if (f->fate != TV_FATE_READY) {
		f->why.detail[strcspn(f->why.detail, ";")] = '\0';
		return tv_fail(err, TV_IN_THE_WAY, "%s; left alone", f->why.detail);
	}
	return tv_source_destroy(&f->source, false, err);
}
