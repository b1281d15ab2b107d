/* Has the directory view follow the vault. */
#include "fusefs/directory.h"

#include <stdlib.h>

#include "fusefs/server.h"
#include "fusefs/tree.h"

void tv_directory_fall_behind(struct tv_directory *d, struct tv_vault *before)
{
	/* What is shown is older still. */
	if (d->is_behind)
		tv_vault_free(before);
	else
		d->of = before;
	d->is_behind = true;
}

static void let_go_of_vault(struct tv_directory *d)
{
	tv_vault_free(d->of);
	d->of = NULL;
}

/* Nothing of it is mounted by itself. */
static void let_go(struct tv_shown_list *gone)
{
	for (size_t i = 0; i < gone->count; i++)
		tv_shown_free(gone->at[i]);
	free(gone->at);
}

static enum tv_status follow(struct tv_directory *d, const struct tv_doc *doc,
			     const struct tv_providers *providers, struct tv_error *err)
{
	struct tv_shown_list gone = {0};
	struct tv_views views = {0};
	struct tv_tree *tree = NULL;
	enum tv_status status = tv_views_directory(&views, doc, providers, err);

	if (!status)
		status = tv_tree_build(&tree, &views, err);
	if (!status)
		status = tv_shown_refresh(&d->shown, &gone, &views, doc, providers, err);
	if (status) {
		tv_tree_free(tree);
		tv_views_free(&views);
		return status;
	}
	let_go(&gone);
	/* The strings of the old one are those of the old views. */
	tv_tree_free(d->tree);
	tv_views_free(&views);
	d->tree = tree;
	return TV_OK;
}

enum tv_status tv_directory_follow(struct tv_server *s, struct tv_error *err)
{
	struct tv_directory *d = &s->directory;
	enum tv_status status = TV_OK;

	if (!d->is_behind)
		return TV_OK;
	if (s->vault)
		status = follow(d, tv_vault_doc(s->vault), s->providers, err);
	d->is_behind = status;
	/* What an edit has taken away is not kept until there is memory: then all is made anew. */
	if (status)
		tv_shown_forget(&d->shown);
	let_go_of_vault(d);
	return status;
}

void tv_directory_lock(struct tv_server *s)
{
	struct tv_directory *d = &s->directory;
	struct tv_error ignored;

	/* After `unmount` nobody will look. Without memory it shows what it did. */
	if (s->stopping || tv_directory_follow(s, &ignored))
		d->is_behind = false;
	let_go_of_vault(d);
	tv_shown_forget(&d->shown);
}
