/* The report: what was done with each file, and whether a read-only one serves. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fusefs/doctor/record.h"

static const struct {
	const char *name;
	int error;
	const char *words;
	const char *obstacle;
} deeds[] = {
#define TV_DEED(name, error, words, obstacle) {#name, error, words, obstacle},
#include "fusefs/doctor/deeds.def"
#undef TV_DEED
};

/* The first thing that stood in the way, or TV_DEEDS. What says more comes later in the list. */
static enum tv_deed obstacle_of(const struct tv_watched *w)
{
	enum tv_deed found = TV_DEEDS;

	for (size_t i = 0; i < TV_DEEDS; i++)
		if (deeds[i].obstacle && w->notes[i].count &&
		    (found == TV_DEEDS || i == TV_DEED_replace))
			found = (enum tv_deed)i;
	return found;
}

/* `it rewrites ~/.x/y by rename: .y.tmp, refused with EBUSY` */
static void say_obstacle(char *out, size_t size, const struct tv_watched *w, enum tv_deed deed)
{
	const char *detail = w->notes[deed].detail;
	const char *words = deeds[deed].obstacle;
	const char *mark = strstr(words, "%s");
	const char *error = deeds[deed].error ? strerrorname_np(deeds[deed].error) : NULL;

	snprintf(out, size, "%.*s~/%s%s%s%s%s%s", (int)(mark - words), words, w->path, mark + 2,
		 *detail || error ? ": " : "", detail, *detail && error ? ", " : "",
		 error ? error : "");
}

static bool was_read(const struct tv_watched *w)
{
	return w->notes[TV_DEED_read].count > 0;
}

/* Puts `serves` (null: it can't be told) and `verdict`, a sentence. */
static bool put_verdict(struct tv_json *file, const struct tv_watched *w,
			const struct tv_ending *ending)
{
	bool ended_well = !ending->code && !ending->signal;
	enum tv_deed deed = obstacle_of(w);
	char obstacle[300], text[400];

	if (deed != TV_DEEDS) {
		bool serves = ended_well && was_read(w);

		say_obstacle(obstacle, sizeof obstacle, w, deed);
		snprintf(text, sizeof text, "%s%s",
			 serves ? "a read-only file serves it; the command ended well although "
				: "",
			 obstacle);
		return tv_json_put_bool(file, "serves", serves) &&
		       tv_json_put_text(file, "verdict", text);
	}
	if (was_read(w))
		return tv_json_put_bool(file, "serves", true) &&
		       tv_json_put_text(file, "verdict",
					ended_well ? "a read-only file serves it"
						   : "a read-only file serves it: nothing was "
						     "refused, though the command failed");
	if (w->notes[TV_DEED_open].count)
		snprintf(text, sizeof text,
			 "it opened ~/%s and read nothing; a shared map of such a file is refused",
			 w->path);
	else if (w->notes[TV_DEED_stat].count || w->notes[TV_DEED_access].count)
		snprintf(text, sizeof text, "it looked whether ~/%s is there, and never opened it",
			 w->path);
	else
		snprintf(text, sizeof text, "it never looked at ~/%s", w->path);
	return tv_json_put_null(file, "serves") && tv_json_put_text(file, "verdict", text);
}

static struct tv_json *deed_of(const struct tv_watched *w, size_t deed)
{
	const struct tv_note *note = &w->notes[deed];
	tv_auto_json *j = tv_json_object();
	const char *error = deeds[deed].error ? strerrorname_np(deeds[deed].error) : NULL;
	char sizes[64];
	struct tv_json *done;

	if (w->least == w->most)
		snprintf(sizes, sizeof sizes, "%zu bytes", w->most);
	else
		snprintf(sizes, sizeof sizes, "%zu to %zu bytes", w->least, w->most);
	if (!tv_json_put_text(j, "deed", deeds[deed].name) ||
	    !tv_json_put_text(j, "words", deeds[deed].words) ||
	    !tv_json_put_int(j, "count", (int64_t)note->count) ||
	    !tv_json_put_text(j, "by", note->by) ||
	    !tv_json_put_text(j, "detail",
			      deed == TV_DEED_read ? sizes
			      : *note->detail	   ? note->detail
						   : NULL) ||
	    !tv_json_put_text(j, "error", error))
		return NULL;
	done = j;
	j = NULL;
	return done;
}

static struct tv_json *file_of(const struct tv_watched *w, const struct tv_ending *ending)
{
	tv_auto_json *file = tv_json_object();
	tv_auto_json *list = tv_json_array();
	struct tv_json *done = list;

	for (size_t i = 0; i < TV_DEEDS; i++)
		if (w->notes[i].count && !tv_json_put(list, NULL, deed_of(w, i)))
			return NULL;
	list = NULL;
	if (!tv_json_put(file, "deeds", done) || !tv_json_put_text(file, "path", w->path) ||
	    !put_verdict(file, w, ending))
		return NULL;
	done = file;
	file = NULL;
	return done;
}

static struct tv_json *beside_of(const struct tv_beside *b)
{
	tv_auto_json *j = tv_json_object();
	struct tv_json *done;

	if (!tv_json_put_text(j, "path", b->path) || !tv_json_put_text(j, "by", b->by) ||
	    !tv_json_put_bool(j, "removed", b->removed) ||
	    !tv_json_put_bool(j, "renamed_over", b->renamed_over))
		return NULL;
	done = j;
	j = NULL;
	return done;
}

static bool put_ending(struct tv_json *report, const struct tv_ending *ending)
{
	if (ending->signal)
		return tv_json_put_null(report, "exit") &&
		       tv_json_put_int(report, "signal", ending->signal);
	return tv_json_put_int(report, "exit", ending->code) && tv_json_put_null(report, "signal");
}

enum tv_status tv_record_report(struct tv_json **out, const struct tv_record *r,
				const struct tv_ending *ending, struct tv_error *err)
{
	tv_auto_json *report = tv_json_object();
	struct tv_json *files = tv_json_array();
	struct tv_json *beside = tv_json_array();
	bool good = put_ending(report, ending);

	for (size_t i = 0; i < r->count; i++)
		good &= tv_json_put(files, NULL, file_of(&r->watched[i], ending));
	for (size_t i = 0; i < r->n_beside; i++)
		good &= tv_json_put(beside, NULL, beside_of(&r->beside[i]));
	good &= tv_json_put(report, "files", files);
	good &= tv_json_put(report, "beside", beside);
	if (!good)
		return tv_fail(err, TV_NO_MEMORY, "a report");
	*out = report;
	report = NULL;
	return TV_OK;
}
