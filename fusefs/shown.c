/* Follows the document with the list of what is shown. */
#include "fusefs/shown.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fusefs/handle.h"

static uint32_t last_number;

void tv_shown_say(char **text, const char *words)
{
	free(*text);
	*text = *words ? strdup(words) : NULL;
}

static void compare(struct tv_shown *s, const struct tv_secret *bytes)
{
	unsigned char now[TV_FINGERPRINT_BYTES];

	tv_secret_fingerprint(now, bytes);
	if (!s->has_fingerprint || memcmp(now, s->fingerprint, sizeof now) != 0)
		s->is_changed = true;
	memcpy(s->fingerprint, now, sizeof now);
	s->has_fingerprint = true;
}

/* Renders once for the size, and keeps nothing else of it. What is denied because it has expired keeps the size
 * that it would have: a file that seems empty would be taken for one. */
static void measure(struct tv_shown *s, const struct tv_doc *doc,
		    const struct tv_providers *providers)
{
	const int64_t now = time(NULL);
	struct tv_error why = {""};
	tv_auto_secret bytes = {0};

	s->stale_at = tv_view_changes_at(&s->view, doc, providers, now);
	s->broken = tv_view_render(&bytes, &s->view, doc, providers, now, &why);
	if (s->broken == TV_EXPIRED) {
		why.detail[0] = 0;
		s->broken = tv_view_render(&bytes, &s->view, doc, providers, 0, &why);
	}
	if (!s->broken)
		s->broken = tv_secret_check(&bytes, &why);
	tv_shown_say(&s->why, why.detail);
	s->size = s->broken ? 0 : bytes.len;
	compare(s, &bytes);
}

void tv_shown_follow(struct tv_shown *s, const struct tv_doc *doc,
		     const struct tv_providers *providers)
{
	const bool is_stale = s->stale_at && time(NULL) >= s->stale_at;

	if (!is_stale && s->broken != TV_NO_MEMORY)
		return;
	tv_rendering_detach(s->current);
	measure(s, doc, providers);
}

static bool has_same_sources(const struct tv_view *a, const struct tv_view *b)
{
	if (!a->sources || !b->sources)
		return a->source && a->source == b->source;
	return a->n_sources == b->n_sources &&
	       !memcmp(a->sources, b->sources, a->n_sources * sizeof(struct tv_entry *));
}

/* Whether its bytes can't be others than before: what it shows are the same entries. While they are shown its document
 * has them, so no others lie where they lie. */
static bool is_as_before(const struct tv_shown *s, const struct tv_view *fresh)
{
	const struct tv_view *before = &s->view;

	/* What there was no memory to look at was not looked at. */
	return s->has_fingerprint && s->broken != TV_NO_MEMORY && has_same_sources(before, fresh) &&
	       !strcmp(before->file, fresh->file) && !strcmp(before->provider, fresh->provider);
}

static bool has_id(const struct tv_view *v, const char *id)
{
	if (!v->sources)
		return !strcmp(v->entry, id);
	for (size_t i = 0; i < v->n_sources; i++)
		if (!strcmp(v->sources[i]->id, id))
			return true;
	return false;
}

/* Whether it shows every entry that was shown there before: what the bytes of before are judged by. */
static bool has_all_of(const struct tv_view *fresh, const struct tv_view *before)
{
	if (!before->sources)
		return has_id(fresh, before->entry);
	for (size_t i = 0; i < before->n_sources; i++)
		if (!has_id(fresh, before->sources[i]->id))
			return false;
	return true;
}

/* The old one at the place of a view, from *next on; both lists are sorted alike. */
static struct tv_shown *find(size_t *next, const struct tv_shown_list *list,
			     const struct tv_view *view)
{
	for (; *next < list->count; ++*next) {
		const int order = tv_view_order(&list->at[*next]->view, view);

		if (order >= 0)
			return order ? NULL : list->at[*next];
	}
	return NULL;
}

/* An entry for each of the fresh views: the old one, or a new one. */
static bool match(struct tv_shown_list *next, const struct tv_shown_list *list,
		  const struct tv_views *fresh)
{
	size_t from = 0;

	for (size_t i = 0; i < fresh->count; i++) {
		struct tv_shown *s = find(&from, list, &fresh->at[i]);

		if (!s)
			s = calloc(1, sizeof *s);
		if (!s)
			return false;
		s->is_as_before = is_as_before(s, &fresh->at[i]);
		next->at[next->count++] = s;
	}
	return true;
}

/* Frees the new ones of a list that is not to be. */
static void unmatch(struct tv_shown_list *next)
{
	for (size_t i = 0; i < next->count; i++)
		if (!next->at[i]->number)
			free(next->at[i]);
	free(next->at);
}

/* Gives the entries their fresh views, for which *fresh gets the old ones; what has none any more is gone. */
static void take_over(struct tv_shown_list *next, struct tv_shown_list *list,
		      struct tv_shown_list *gone, struct tv_views *fresh)
{
	for (size_t i = 0; i < next->count; i++) {
		struct tv_shown *s = next->at[i];
		const struct tv_view old = s->view;

		if (!s->is_as_before)
			tv_rendering_detach(s->current);
		if (s->handles && !has_all_of(&fresh->at[i], &s->view))
			tv_handles_pass(s);
		tv_bytes_free(&s->words);
		s->view = fresh->at[i];
		fresh->at[i] = old;
		s->is_kept = true;
		if (!s->number)
			s->number = ++last_number;
	}
	for (size_t i = 0; i < list->count; i++)
		if (!list->at[i]->is_kept)
			gone->at[gone->count++] = list->at[i];
	for (size_t i = 0; i < next->count; i++)
		next->at[i]->is_kept = false;
}

enum tv_status tv_shown_refresh(struct tv_shown_list *list, struct tv_shown_list *gone,
				struct tv_views *views, const struct tv_doc *doc,
				const struct tv_providers *providers, struct tv_error *err)
{
	struct tv_shown_list next = {.at = NULL};
	struct tv_shown_list lost = {0};

	next.at = calloc(views->count + 1, sizeof(struct tv_shown *));
	lost.at = calloc(list->count + 1, sizeof(struct tv_shown *));
	if (!next.at || !lost.at || !match(&next, list, views)) {
		unmatch(&next);
		free(lost.at);
		tv_views_free(views);
		return tv_fail(err, TV_NO_MEMORY, "the list of files");
	}
	take_over(&next, list, &lost, views);
	free(list->at);
	*list = next;
	*gone = lost;
	for (size_t i = 0; i < list->count; i++)
		if (!list->at[i]->is_as_before)
			measure(list->at[i], doc, providers);
	return TV_OK;
}

void tv_shown_forget(struct tv_shown_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		memset(list->at[i]->fingerprint, 0, sizeof list->at[i]->fingerprint);
		list->at[i]->has_fingerprint = false;
		list->at[i]->view.source = NULL;
		free(list->at[i]->view.sources);
		list->at[i]->view.sources = NULL;
	}
}

static void forget_blank(struct tv_shown_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i]);
	free(list->at);
}

/* So many that show nothing yet. */
static bool make_blank(struct tv_shown_list *list, size_t count)
{
	list->at = calloc(count + 1, sizeof(struct tv_shown *));
	while (list->at && list->count < count) {
		list->at[list->count] = calloc(1, sizeof(struct tv_shown));
		if (!list->at[list->count])
			return false;
		list->count++;
	}
	return list->at;
}

static void fill(struct tv_shown_list *list, struct tv_view *views, const uint64_t *sizes)
{
	for (size_t i = 0; i < list->count; i++) {
		*list->at[i] = (struct tv_shown){
			.number = ++last_number, .view = views[i], .size = sizes[i]};
		views[i] = (struct tv_view){0};
	}
}

enum tv_status tv_shown_recall(struct tv_shown_list *in_place, struct tv_shown_list *directory,
			       struct tv_views *views, const uint64_t *sizes, struct tv_error *err)
{
	struct tv_shown_list first = {.at = NULL}, rest = {.at = NULL};
	size_t n = 0;

	while (n < views->count && views->at[n].in_place)
		n++;
	if (!make_blank(&first, n) || !make_blank(&rest, views->count - n)) {
		forget_blank(&first);
		forget_blank(&rest);
		return tv_fail(err, TV_NO_MEMORY, "the list of files");
	}
	fill(&first, views->at, sizes);
	fill(&rest, views->at + n, sizes + n);
	*in_place = first;
	*directory = rest;
	return TV_OK;
}

struct tv_shown *tv_shown_by_number(const struct tv_shown_list *list, uint32_t number)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i]->number == number)
			return list->at[i];
	return NULL;
}

void tv_shown_free(struct tv_shown *s)
{
	tv_rendering_detach(s->current);
	tv_handles_orphan(s);
	tv_view_free(&s->view);
	tv_bytes_free(&s->words);
	free(s->why);
	free(s->detail);
	free(s->last.program);
	free(s->last.script);
	free(s);
}
