/* kubectl's configuration: YAML, in which contexts name a cluster and a user; here they have them in them.
 * A cluster or user that one context names loses its name; all else that the file has is in the tree. */
#include <string.h>

#include "cli/read/format.h"
#include "cli/read/tree.h"

static const struct kind {
	const char *one, *list;
} kinds[] = {{"cluster", "clusters"}, {"user", "users"}};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* {name: TEXT, KIND: {…}} and nothing more. */
static bool is_named(const struct tv_json *element, const char *kind)
{
	return tv_json_is_object(element) && tv_json_count(element) == 2 &&
	       tv_json_get_text(element, "name") && tv_json_is_object(tv_json_get(element, kind));
}

static bool has_name(const struct tv_json *element, const char *name)
{
	const char *own = tv_json_get_text(element, "name");

	return own && !strcmp(own, name);
}

/* The one of that name, if there is one of it and no other. */
static const struct tv_json *find(const struct tv_json *root, const struct kind *kind,
				  const char *name)
{
	const struct tv_json *list = tv_json_get(root, kind->list), *found = NULL;

	if (!name || !tv_json_is_array(list))
		return NULL;
	for (const struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		if (!tv_json_is_object(j) || !has_name(j, name))
			continue;
		if (found)
			return NULL;
		found = j;
	}
	return is_named(found, kind->one) ? found : NULL;
}

/* How many contexts name it. */
static size_t count_contexts(const struct tv_json *root, const struct kind *kind, const char *name)
{
	size_t n = 0;

	for (const struct tv_json *j = tv_json_first(tv_json_get(root, "contexts")); j;
	     j = tv_json_next(j)) {
		const char *own = is_named(j, "context")
					  ? tv_json_get_text(tv_json_get(j, "context"), kind->one)
					  : NULL;

		n += own && !strcmp(own, name);
	}
	return n;
}

/* What a member of a context names, and whether the name is said here only. */
static const struct tv_json *follow(const struct kind **kind, bool *is_only,
				    const struct tv_json *root, const struct tv_json *member)
{
	for (size_t i = 0; i < KINDS; i++) {
		const struct tv_json *found;

		if (strcmp(kinds[i].one, tv_json_key(member)) != 0)
			continue;
		found = find(root, &kinds[i], tv_json_text(member));
		*kind = &kinds[i];
		*is_only = found && count_contexts(root, *kind, tv_json_text(member)) == 1;
		return found;
	}
	return NULL;
}

static enum tv_status join(struct tv_json *list, const struct tv_json *root,
			   const struct tv_json *element, struct tv_error *err)
{
	struct tv_json *out = tv_json_object(), *context = tv_json_object();
	enum tv_status status = tv_tree_put(list, NULL, out, 1, err);

	if (status)
		tv_json_free(context);
	else
		status = tv_tree_put(out, "context", context, 1, err);
	if (!status)
		status = tv_tree_put_copy(out, "name", tv_json_get(element, "name"), 1, err);
	for (const struct tv_json *j = tv_json_first(tv_json_get(element, "context")); j && !status;
	     j = tv_json_next(j)) {
		const struct kind *kind = NULL;
		bool is_only = false;
		const struct tv_json *named = follow(&kind, &is_only, root, j);

		if (named)
			status = tv_tree_put_copy(out, kind->one, tv_json_get(named, kind->one), 1,
						  err);
		if (!status && !is_only)
			status = tv_tree_put_copy(context, tv_json_key(j), j, 1, err);
	}
	return status;
}

static enum tv_status put_contexts(struct tv_json *tree, const struct tv_json *root,
				   struct tv_error *err)
{
	struct tv_json *list = tv_json_array();
	enum tv_status status = tv_tree_put(tree, "contexts", list, 1, err);

	for (const struct tv_json *j = tv_json_first(tv_json_get(root, "contexts")); j && !status;
	     j = tv_json_next(j))
		status = is_named(j, "context") ? join(list, root, j, err)
						: tv_tree_put_copy(list, NULL, j, 1, err);
	return status;
}

/* Those that no context has in it. */
static enum tv_status put_rest(struct tv_json *tree, const struct tv_json *root,
			       const struct kind *kind, struct tv_error *err)
{
	struct tv_json *list = tv_json_array();
	enum tv_status status = tv_tree_put(tree, kind->list, list, 1, err);

	for (const struct tv_json *j = tv_json_first(tv_json_get(root, kind->list)); j && !status;
	     j = tv_json_next(j)) {
		const char *name = tv_json_is_object(j) ? tv_json_get_text(j, "name") : NULL;

		if (!name || !find(root, kind, name) || !count_contexts(root, kind, name))
			status = tv_tree_put_copy(list, NULL, j, 1, err);
	}
	return status;
}

static enum tv_status put_member(struct tv_json *tree, const struct tv_json *root,
				 const struct tv_json *member, struct tv_error *err)
{
	const char *name = tv_json_key(member);

	if (tv_json_is_array(member) && !strcmp(name, "contexts"))
		return put_contexts(tree, root, err);
	for (size_t i = 0; i < KINDS; i++) {
		if (tv_json_is_array(member) && !strcmp(name, kinds[i].list))
			return put_rest(tree, root, &kinds[i], err);
	}
	return tv_tree_put_copy(tree, name, member, 1, err);
}

static enum tv_status parse(struct tv_json *into, const char *text, struct tv_error *err)
{
	tv_auto_json *read = tv_json_object();
	const struct tv_json *root;
	struct tv_json *tree;
	enum tv_status status = tv_format_yaml.parse(read, text, err);

	if (status)
		return status;
	root = tv_json_get(read, TV_TREE);
	if (!tv_json_is_object(root))
		return tv_tree_put_copy(into, TV_TREE, root, 1, err);
	tree = tv_json_object();
	status = tv_tree_put(into, TV_TREE, tree, 1, err);
	for (const struct tv_json *j = tv_json_first(root); j && !status; j = tv_json_next(j))
		status = put_member(tree, root, j, err);
	return status;
}

const struct tv_format tv_format_kubeconfig = {"kubeconfig", parse};
