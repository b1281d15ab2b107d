/* Counts the holders of rendered bytes, and can wipe all of them at once. */
#include "fusefs/rendering.h"

#include <stdlib.h>

static struct tv_rendering *all;

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

void tv_rendering_detach(struct tv_rendering *r)
{
	if (r && r->home) {
		*r->home = NULL;
		r->home = NULL;
	}
}

void tv_rendering_hold(struct tv_rendering *r)
{
	r->holders++;
}

void tv_rendering_release(struct tv_rendering *r)
{
	if (!r || --r->holders)
		return;
	tv_rendering_detach(r);
	*r->link = r->next;
	if (r->next)
		r->next->link = r->link;
	tv_secret_free(&r->bytes);
	free(r);
}

void tv_renderings_wipe(void)
{
	for (struct tv_rendering *r = all; r; r = r->next) {
		tv_rendering_detach(r);
		tv_secret_free(&r->bytes);
		r->wiped = true;
	}
}
