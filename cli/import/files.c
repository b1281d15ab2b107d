/* Plaintext files whose tokens are imported: environment files and password managers' CSV. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/import/import.h"
#include "cli/readfile.h"

#define LEFT_IN_THE_CLEAR                                                                          \
	"%s still holds the tokens in the clear. When they work from the vault, remove it (shred " \
	"-u); copies may remain on the disk and in backups, and a new token is the cure: "         \
	"tokenvault "                                                                              \
	"rotate"

enum tv_status tv_import_read(struct tv_secret *out, const char *path, struct tv_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum tv_status status;

	if (fd < 0)
		return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	status = tv_secret_read(out, fd, TV_READFILE_MAX, path, err);
	close(fd);
	return status;
}

static enum tv_status read_tree(struct tv_json **out, const char *format, const char *path,
				struct tv_error *err)
{
	tv_auto_secret text = {0};
	enum tv_status status = tv_import_read(&text, path, err);

	return status ? status : tv_readfile(out, format, &text, path, err);
}

static const char *file_of(const struct tv_cli *cli)
{
	return tv_args_word(cli->args, 1);
}

static enum tv_status no_memory(struct tv_error *err)
{
	return tv_fail(err, TV_NO_MEMORY, "what is imported");
}

static enum tv_status gather_dotenv(struct tv_json *items, struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *tree = NULL;
	enum tv_status status = read_tree(&tree, "env", file_of(cli), err);

	for (const struct tv_json *j = tv_json_first(tree); j && !status; j = tv_json_next(j)) {
		struct tv_json *item = tv_json_object();

		if (!tv_json_put(items, NULL, item) ||
		    !tv_json_put_text(item, "name", tv_json_key(j)) ||
		    !tv_json_put_text(item, "variable", tv_json_key(j)) ||
		    !tv_json_put_text(item, "token", tv_json_text(j)))
			status = no_memory(err);
	}
	return status;
}

const struct tv_import_source tv_import_dotenv = {
	"dotenv", "as label", true, gather_dotenv, LEFT_IN_THE_CLEAR, file_of,
};

/* A column, by its head in any case; the first of the names that is there. */
static const char *column(const struct tv_json *row, const char *const *names)
{
	for (; *names; names++) {
		const char *text = tv_json_text(tv_pointer_get(row, *names));

		if (text)
			return text;
	}
	return NULL;
}

static enum tv_status add_row(struct tv_json *items, const struct tv_json *row, const char *file,
			      struct tv_error *err)
{
	static const char *const titles[] = {"/title", "/name", NULL};
	static const char *const tokens[] = {"/password", NULL};
	static const char *const urls[] = {"/url", "/website", "/websites", NULL};
	static const char *const users[] = {"/username", NULL};
	static const char *const notes[] = {"/notes", "/note", NULL};
	static const char *const groups[] = {"/group", NULL};
	const char *title = column(row, titles), *token = column(row, tokens);
	const char *group = column(row, groups);
	struct tv_json *item = tv_json_object();

	if (!title || !token) {
		tv_json_free(item);
		return tv_fail(err, TV_BAD_VALUE, "%s: no column %s", file,
			       title ? "Password" : "Title");
	}
	if (!tv_json_put(items, NULL, item) || !tv_json_put_text(item, "name", title) ||
	    !tv_json_put_text(item, "token", token) ||
	    !tv_json_put_text(item, "url", column(row, urls)) ||
	    !tv_json_put_text(item, "username", column(row, users)) ||
	    !tv_json_put_text(item, "note", column(row, notes)))
		return no_memory(err);
	if (group && strstr(group, "Recycle Bin") &&
	    !tv_json_put_text(item, "reason", "in the recycle bin"))
		return no_memory(err);
	return TV_OK;
}

static enum tv_status gather_csv(struct tv_json *items, struct tv_cli *cli, struct tv_error *err)
{
	tv_auto_json *tree = NULL;
	enum tv_status status = read_tree(&tree, "csv", file_of(cli), err);

	for (const struct tv_json *j = tv_json_first(tree); j && !status; j = tv_json_next(j))
		status = add_row(items, j, file_of(cli), err);
	return status;
}

const struct tv_import_source tv_import_keepassxc = {
	"keepassxc", "as", true, gather_csv, LEFT_IN_THE_CLEAR, file_of,
};
const struct tv_import_source tv_import_1password = {
	"1password", "as", true, gather_csv, LEFT_IN_THE_CLEAR, file_of,
};
