/* Looks at, writes and removes the files of a plan. */
#include "cli/login/own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/login/mark.h"

#define FILE_LIMIT ((size_t)4 << 20)

/* A file that is there, or is to be. */
struct spot {
	char path[PATH_MAX]; /* of a block's file, without links */
	const char *name;    /* the last part of it */
	int directory;	     /* −1: there is none */
	bool exists, is_plain;
	mode_t mode;
	struct tv_bytes text;
};

static void leave(struct spot *s)
{
	if (s->directory >= 0)
		close(s->directory);
	tv_bytes_free(&s->text);
}

#define tv_auto_spot __attribute__((cleanup(leave))) struct spot

static enum tv_status fail(const char *path, struct tv_error *err)
{
	return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
}

static enum tv_status open_directory(struct spot *s, struct tv_error *err)
{
	const char *slash = strrchr(s->path, '/');
	char above[PATH_MAX];

	s->name = slash + 1;
	snprintf(above, sizeof(above), "%.*s", slash == s->path ? 1 : (int)(slash - s->path),
		 s->path);
	s->directory = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->directory >= 0 || errno == ENOENT ? TV_OK : fail(above, err);
}

/* ~/.profile may be a link into a place where its owner keeps such files. */
static enum tv_status go(struct spot *s, const struct tv_plan *p, size_t i, struct tv_error *err)
{
	struct stat st;
	enum tv_status status;

	*s = (struct spot){.directory = -1};
	if (p->kind != TV_PLAN_PROFILE || !realpath(p->files[i].path, s->path))
		snprintf(s->path, sizeof(s->path), "%s", p->files[i].path);
	status = open_directory(s, err);
	if (status || s->directory < 0)
		return status;
	if (fstatat(s->directory, s->name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? TV_OK : fail(s->path, err);
	s->exists = true;
	s->is_plain = S_ISREG(st.st_mode);
	s->mode = st.st_mode & 07777;
	return s->is_plain ? tv_file_read(&s->text, s->directory, s->name, FILE_LIMIT, err) : TV_OK;
}

static struct tv_marked find(const struct spot *s, const struct tv_plan *p)
{
	return p->kind == TV_PLAN_PROFILE ? tv_mark_find_block(&s->text, p->name)
					  : tv_mark_find_file(&s->text);
}

/* As planned, for a file that was there before us or was not. */
static void print(struct tv_bytes *out, const struct tv_plan *p, size_t i, bool makes_file)
{
	if (p->kind == TV_PLAN_PROFILE)
		tv_mark_block(out, p->name, p->files[i].text, makes_file);
	else
		tv_mark_file(out, p->files[i].text);
}

static enum tv_own_state state_of_link(const struct spot *s, const struct tv_planned *planned)
{
	char to[PATH_MAX];
	ssize_t len = readlinkat(s->directory, s->name, to, sizeof(to));

	return len == (ssize_t)strlen(planned->text) && !memcmp(to, planned->text, (size_t)len)
		       ? TV_OWN_CURRENT
		       : TV_OWN_FOREIGN;
}

static enum tv_own_state state_of(const struct spot *s, const struct tv_plan *p, size_t i)
{
	const struct tv_marked m = find(s, p);
	tv_auto_bytes planned = {0};

	if (!s->exists)
		return TV_OWN_ABSENT;
	if (p->files[i].is_link)
		return state_of_link(s, &p->files[i]);
	if (!s->is_plain)
		return TV_OWN_FOREIGN;
	if (!m.is_there)
		return p->kind == TV_PLAN_PROFILE ? TV_OWN_ABSENT : TV_OWN_FOREIGN;
	if (!m.is_unchanged)
		return TV_OWN_CHANGED;
	print(&planned, p, i, m.made_file);
	return planned.len == m.to - m.from &&
			       !memcmp(planned.data, s->text.data + m.from, planned.len)
		       ? TV_OWN_CURRENT
		       : TV_OWN_EARLIER;
}

enum tv_status tv_own_look(enum tv_own_state *out, const struct tv_plan *p, size_t i,
			   struct tv_error *err)
{
	tv_auto_spot s = {.directory = -1};
	enum tv_status status = go(&s, p, i, err);

	if (!status)
		*out = state_of(&s, p, i);
	return status;
}

static enum tv_status check(const struct spot *s, enum tv_own_state state, struct tv_error *err)
{
	if (state == TV_OWN_CHANGED)
		return tv_fail(err, TV_EXISTS, "%s was changed by hand; move it away first",
			       s->path);
	if (state == TV_OWN_FOREIGN)
		return tv_fail(err, TV_EXISTS, "%s is not this program's; move it away first",
			       s->path);
	return TV_OK;
}

enum tv_status tv_own_check(const struct tv_plan *p, size_t i, struct tv_error *err)
{
	tv_auto_spot s = {.directory = -1};
	enum tv_status status = go(&s, p, i, err);

	return status ? status : check(&s, state_of(&s, p, i), err);
}

static enum tv_status make_way(struct spot *s, struct tv_error *err)
{
	char above[PATH_MAX];
	enum tv_status status;

	snprintf(above, sizeof(above), "%.*s", (int)(s->name - 1 - s->path), s->path);
	status = tv_dir_make(above, err);
	return status ? status : open_directory(s, err);
}

/* The file with ours in it, or, where text is NULL, without. */
static enum tv_status rewrite(struct spot *s, const struct tv_plan *p, const struct tv_bytes *text,
			      struct tv_error *err)
{
	const struct tv_marked m = find(s, p);
	const size_t from = m.is_there ? m.from : s->text.len, to = m.is_there ? m.to : s->text.len;
	tv_auto_bytes whole = {0};
	enum tv_status status;

	tv_bytes_append(&whole, s->text.data, from);
	if (text)
		tv_bytes_append(&whole, text->data, text->len);
	tv_bytes_append(&whole, s->text.data + to, s->text.len - to);
	status = tv_bytes_check(&whole, err);
	if (!status && !text && !whole.len && (p->kind != TV_PLAN_PROFILE || m.made_file))
		return unlinkat(s->directory, s->name, 0) ? fail(s->path, err) : TV_OK;
	if (!status)
		status = tv_file_replace(s->directory, s->name, whole.data, whole.len, err);
	if (!status && fchmodat(s->directory, s->name, s->exists ? s->mode : 0644, 0))
		return fail(s->path, err);
	return status;
}

enum tv_status tv_own_put(const struct tv_plan *p, size_t i, struct tv_error *err)
{
	tv_auto_spot s = {.directory = -1};
	tv_auto_bytes text = {0};
	enum tv_own_state state;
	enum tv_status status = go(&s, p, i, err);

	if (status)
		return status;
	state = state_of(&s, p, i);
	if (state == TV_OWN_CURRENT)
		return TV_OK;
	status = check(&s, state, err);
	if (!status && s.directory < 0)
		status = make_way(&s, err);
	if (status)
		return status;
	if (p->files[i].is_link)
		return symlinkat(p->files[i].text, s.directory, s.name) ? fail(s.path, err) : TV_OK;
	print(&text, p, i, !s.exists || tv_mark_made(&s.text));
	status = tv_bytes_check(&text, err);
	return status ? status : rewrite(&s, p, &text, err);
}

enum tv_status tv_own_remove(const struct tv_plan *p, size_t i, struct tv_error *err)
{
	tv_auto_spot s = {.directory = -1};
	enum tv_own_state state;
	enum tv_status status = go(&s, p, i, err);

	if (status)
		return status;
	state = state_of(&s, p, i);
	if (state != TV_OWN_CURRENT && state != TV_OWN_EARLIER)
		return TV_OK;
	if (p->files[i].is_link)
		return unlinkat(s.directory, s.name, 0) ? fail(s.path, err) : TV_OK;
	return rewrite(&s, p, NULL, err);
}
