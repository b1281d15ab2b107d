/*
 * tokenvault-read FORMAT: takes a plaintext file on standard input apart and writes its tree to standard
 * output. It can do nothing else: what the file makes of this program stays in this program.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/read/format.h"
#include "cli/read/sandbox.h"
#include "cli/read/tree.h"
#include "cli/readfile.h"

static const struct tv_format *const formats[] = {
#define TV_FORMAT(name) &tv_format_##name,
#include "cli/read/formats.def"
#undef TV_FORMAT
};

static enum tv_status find(const struct tv_format **out, const char *name, struct tv_error *err)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i]->name, name))
			continue;
		*out = formats[i];
		return TV_OK;
	}
	return tv_fail(err, TV_USAGE, "there is no format %.32s", name);
}

/* Control characters but tabs and line ends: what one reader takes for a space, another takes as it is. */
static bool has_controls(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)line[i] < ' ' && line[i] != '\t' &&
		    !(line[i] == '\r' && i + 1 == len))
			return true;
	}
	return false;
}

/* Every format is UTF-8 text; the readers behind this rely on it. */
static enum tv_status check_text(const struct tv_secret *text, struct tv_error *err)
{
	size_t line = 1;

	for (size_t at = 0; at < text->len; line++) {
		const char *start = (const char *)text->data + at;
		const char *end = memchr(start, '\n', text->len - at);
		size_t len = end ? (size_t)(end - start) : text->len - at;

		if (memchr(start, '\0', len))
			return tv_tree_wrong(err, line, "a NUL character");
		if (!tv_utf8_is_valid(start, len))
			return tv_tree_wrong(err, line, "not UTF-8");
		if (has_controls(start, len))
			return tv_tree_wrong(err, line, "a control character");
		at += len + 1;
	}
	return TV_OK;
}

static enum tv_status read_tree(struct tv_json *into, const char *name, struct tv_error *err)
{
	static const char mark[] = "\xef\xbb\xbf"; /* what some editors begin a file with */
	const struct tv_format *format = NULL;
	tv_auto_secret text = {0};
	const char *start;
	enum tv_status status = find(&format, name, err);

	if (!status)
		status = tv_secret_read(&text, STDIN_FILENO, TV_READFILE_MAX, "the file", err);
	if (!status)
		status = check_text(&text, err);
	if (status)
		return status;
	start = tv_secret_text(&text);
	if (!strncmp(start, mark, strlen(mark)))
		start += strlen(mark);
	return format->parse(into, start, err);
}

static enum tv_status write_answer(const char *name, struct tv_error *err)
{
	tv_auto_json *tree = tv_json_object(), *failure = tv_json_object();
	tv_auto_secret text = {0};
	struct tv_error why = {""};
	enum tv_status status = read_tree(tree, name, &why);

	if (status && (!tv_json_put_text(failure, "status", tv_status_name(status)) ||
		       !tv_json_put_text(failure, "detail", why.detail)))
		return tv_fail(err, TV_NO_MEMORY, "an answer");
	status = tv_json_print(&text, status ? failure : tree, err);
	return status ? status : tv_secret_write(&text, STDOUT_FILENO, err);
}

int main(int argc, char **argv)
{
	struct tv_error err = {""};
	enum tv_status status = tv_init(&err);

	if (!status && argc != 2)
		status = tv_fail(&err, TV_USAGE, "FORMAT is missing");
	if (!status)
		status = tv_read_confine(&err);
	if (!status)
		status = write_answer(argv[1], &err);
	if (status)
		dprintf(STDERR_FILENO, "tokenvault-read: %s: %s\n", tv_status_sentence(status),
			err.detail);
	return tv_status_exit(status);
}
