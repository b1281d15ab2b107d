/* Counts the holders of rendered bytes, and can wipe all of them at once. */
#include "fusefs/rendering.h"

#include <stdlib.h>

static struct tv_rendering *all;
static struct tv_rendering *recent; /* whose last holder let go of it; it has none */

struct tv_rendering *tv_rendering_new(struct tv_secret *bytes, struct tv_rendering **home)
{
	struct tv_rendering *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	tv_secret_move(&r->bytes, bytes);
	r->holders = 1;
	r->home = home;
	*home = r;
	r->next = all;
	r->link = &all;
	if (all)
		all->link = &r->next;
	all = r;
	return r;
}

static void destroy(struct tv_rendering *r)
{
	if (r->home)
		*r->home = NULL;
	*r->link = r->next;
	if (r->next)
		r->next->link = r->link;
	tv_secret_free(&r->bytes);
	free(r);
}

static void drop_recent(void)
{
	struct tv_rendering *r = recent;

	recent = NULL;
	if (r)
		destroy(r);
}

void tv_rendering_detach(struct tv_rendering *r)
{
	if (!r || !r->home)
		return;
	*r->home = NULL;
	r->home = NULL;
	if (r == recent)
		drop_recent();
}

void tv_rendering_hold(struct tv_rendering *r)
{
	if (r == recent)
		recent = NULL;
	r->holders++;
}

/* Tools open a file more than once, and many open it in turn: what can be found by the next open is kept for it. */
void tv_rendering_release(struct tv_rendering *r)
{
	if (!r || --r->holders)
		return;
	if (!r->home) {
		destroy(r);
		return;
	}
	drop_recent();
	recent = r;
}

void tv_renderings_wipe(void)
{
	drop_recent();
	for (struct tv_rendering *r = all; r; r = r->next) {
		tv_rendering_detach(r);
		tv_secret_free(&r->bytes);
		r->wiped = true;
	}
}
