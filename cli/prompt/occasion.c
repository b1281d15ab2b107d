/* Reads what a prompt is about and puts it into words that nobody else can have put there. */
#include "cli/prompt/occasion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOLD_MAX ((size_t)64 << 10)

enum tv_status tv_occasion_read(struct tv_occasion *out, int fd, struct tv_error *err)
{
	tv_auto_secret text = {0};
	enum tv_status status;

	if (isatty(fd))
		return TV_OK;
	status = tv_secret_read(&text, fd, TOLD_MAX, "what the prompt is about", err);
	if (status || !text.len)
		return status;
	status = tv_json_parse(&out->told, text.data, text.len, err);
	if (status || !tv_json_is_object(out->told))
		return tv_fail(
			err, TV_USAGE,
			"--prompt reads what it is about from standard input: JSON, or nothing");
	return TV_OK;
}

void tv_occasion_free(struct tv_occasion *o)
{
	tv_json_free(o->told);
	*o = (struct tv_occasion){0};
}

bool tv_occasion_asks(const struct tv_occasion *o)
{
	return tv_json_get_true(o->told, "asks");
}

int64_t tv_occasion_wait(const struct tv_occasion *o)
{
	int64_t wait = 0;

	return tv_json_get_int(o->told, "wait", &wait) && wait > 0 && wait <= TV_PROMPT_MAX ? wait
											    : 0;
}

const char *tv_occasion_waits(pid_t *pid, uint64_t *start, const struct tv_occasion *o)
{
	int64_t number = 0, since = 0;

	if (!tv_json_get_int(o->told, "pid", &number) || number < 0 || number > INT32_MAX ||
	    !tv_json_get_int(o->told, "start", &since) || since < 0)
		number = since = 0;
	*pid = (pid_t)number;
	*start = (uint64_t)since;
	return tv_json_get_text(o->told, "tty");
}

/* Where a text of UTF-8 can be cut, at or before a byte. */
static size_t boundary(const char *text, size_t at)
{
	while (at && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* A name that somebody else chose: on one line, and no longer than that its ends can be seen. */
static void put_name(struct tv_secret *out, const char *name, size_t width)
{
	char *copy = strdup(name);
	size_t len, tail = 0;

	if (!copy) {
		out->failed = true;
		return;
	}
	for (char *c = copy; *c; c++)
		if (*c == '\n')
			*c = '?';
	tv_utf8_make_shown(copy);
	len = strlen(copy);
	if (len > width) {
		tail = boundary(copy, len - (width - width / 3));
		tv_secret_append(out, copy, boundary(copy, width / 3));
		tv_secret_puts(out, "…");
	}
	tv_secret_puts(out, copy + tail);
	free(copy);
}

/* A line for a member, where it is there. */
static void put_line(struct tv_secret *out, const struct tv_occasion *o, const char *title,
		     const char *member, size_t width)
{
	const char *text = tv_json_get_text(o->told, member);

	if (!text)
		return;
	tv_secret_puts(out, "\n");
	tv_secret_puts(out, title);
	put_name(out, text, width);
}

/* The program is what the kernel says it is, and so stands first and alone. Its first argument, which is the
 * script where it is an interpreter, is its own word, and is said to be. */
static void put_program(struct tv_secret *out, const struct tv_occasion *o, size_t width)
{
	const char *trouble = tv_json_get_text(o->told, "trouble");
	const char *script = tv_json_get_text(o->told, "script");
	const char *file = tv_json_get_text(o->told, "file");

	if (trouble) {
		tv_secret_puts(out, "\nProgram: unknown; ");
		put_name(out, trouble, width);
		return;
	}
	put_line(out, o, "Program: ", "program", width);
	if (tv_json_get_true(o->told, "gone"))
		tv_secret_puts(out, "\n  (another file is at that path now)");
	if (tv_json_get_true(o->told, "foreign"))
		tv_secret_puts(out, "\n  (in a container or sandbox, where that path is another)");
	if (script && file && strcmp(script, file))
		put_line(out, o, "Its first argument, it says: ", "script", width);
}

void tv_occasion_print(struct tv_secret *out, const struct tv_occasion *o, size_t width)
{
	if (tv_occasion_asks(o)) {
		tv_secret_puts(out, "A program wants to read a token. May it?\n");
	} else if (o->told) {
		tv_secret_puts(out,
			       "A program wants to read a file of this vault, which is locked: ");
		put_name(out, o->vault, width);
		tv_secret_puts(out, "\n");
	} else {
		tv_secret_puts(out, "The passphrase of the vault ");
		put_name(out, o->vault, width);
	}
	if (!o->told)
		return;
	put_program(out, o, width);
	put_line(out, o, "File: ", "file", width);
	put_line(out, o, "Entry: ", "entry", width);
}
