/* Writes and reads Assuan's lines. What is read may be a passphrase, so no byte of it leaves locked memory. */
#include "cli/prompt/assuan.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 1000 /* of one answer */

static bool is_encoded(char c)
{
	return c == '%' || c == '\n' || c == '\r';
}

size_t tv_assuan_len(const char *command, const char *argument)
{
	size_t len = strlen(command) + 1;

	if (argument)
		len += 1 + strlen(argument);
	for (; argument && *argument; argument++)
		len += is_encoded(*argument) ? 2 : 0;
	return len;
}

static void encode(struct tv_secret *out, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *text; text++) {
		if (!is_encoded(*text)) {
			tv_secret_putc(out, *text);
			continue;
		}
		tv_secret_putc(out, '%');
		tv_secret_putc(out, digits[(unsigned char)*text >> 4]);
		tv_secret_putc(out, digits[(unsigned char)*text & 15]);
	}
}

enum tv_status tv_assuan_say(const struct tv_dialog *d, const char *command, const char *argument,
			     struct tv_error *err)
{
	tv_auto_secret line = {0};
	enum tv_status status;

	if (tv_assuan_len(command, argument) > TV_ASSUAN_LINE)
		return tv_fail(err, TV_BAD_VALUE, "%s: too long", command);
	tv_secret_puts(&line, command);
	tv_secret_puts(&line, argument ? " " : "");
	encode(&line, argument ? argument : "");
	tv_secret_putc(&line, '\n');
	status = tv_secret_check(&line, err);
	return status ? status : tv_dialog_write(d, &line, err);
}

/* Up to and without its end. */
static enum tv_status read_line(struct tv_secret *out, const struct tv_dialog *d, int wait_ms,
				struct tv_error *err)
{
	tv_auto_secret byte = {0};
	bool more = true;

	tv_secret_fill(&byte, 1);
	while (!byte.failed) {
		enum tv_status status = tv_dialog_read(byte.data, &more, d, wait_ms, err);

		if (status)
			return status;
		if (!more)
			return tv_fail(err, TV_NO_PROMPT, "it ended without an answer");
		if (*byte.data == '\n')
			return tv_secret_check(out, err);
		if (out->len >= TV_ASSUAN_LINE)
			return tv_fail(err, TV_NO_PROMPT, "it says too long a line");
		tv_secret_append(out, byte.data, 1);
	}
	return tv_secret_check(&byte, err);
}

static int digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The rest of a D line. */
static bool decode(struct tv_secret *out, const unsigned char *at, size_t len)
{
	tv_auto_secret byte = {0};

	tv_secret_fill(&byte, 1);
	for (size_t i = 0; i < len && !byte.failed; i++) {
		if (at[i] == '%') {
			if (len - i < 3 || digit(at[i + 1]) < 0 || digit(at[i + 2]) < 0)
				return false;
			*byte.data = (unsigned char)(digit(at[i + 1]) << 4 | digit(at[i + 2]));
			i += 2;
		} else {
			*byte.data = at[i];
		}
		tv_secret_append(out, byte.data, 1);
	}
	return !byte.failed;
}

static bool is_word(const struct tv_secret *line, const char *word)
{
	const size_t len = strlen(word);

	return line->len >= len && !strncmp((const char *)line->data, word, len) &&
	       (line->len == len || line->data[len] == ' ');
}

/* What one line of an answer comes to; *ends when it is the last. */
static enum tv_status take_line(struct tv_secret *data, unsigned *code, bool *ends,
				const struct tv_secret *line, struct tv_error *err)
{
	*ends = is_word(line, "OK") || is_word(line, "ERR");
	*code = 0;
	if (is_word(line, "ERR"))
		*code = (unsigned)strtoul((const char *)line->data + 3, NULL, 10);
	if (is_word(line, "ERR") && !*code)
		return tv_fail(err, TV_NO_PROMPT, "it says an error that is none");
	if (*ends || is_word(line, "S") || (line->len && *line->data == '#'))
		return TV_OK;
	if (!data || line->len < 2 || !is_word(line, "D"))
		return tv_fail(err, TV_NO_PROMPT, "it does not speak Assuan");
	return decode(data, line->data + 2, line->len - 2)
		       ? tv_secret_check(data, err)
		       : tv_fail(err, TV_NO_PROMPT, "its data are not encoded as they should be");
}

enum tv_status tv_assuan_hear(struct tv_secret *data, unsigned *code, const struct tv_dialog *d,
			      size_t data_max, int wait_ms, struct tv_error *err)
{
	bool ends = false;

	for (int i = 0; i < LINES_MAX && !ends; i++) {
		tv_auto_secret line = {0};
		enum tv_status status = read_line(&line, d, wait_ms, err);

		if (!status)
			status = take_line(data, code, &ends, &line, err);
		if (status)
			return status;
		if (data && data->len > data_max)
			return tv_fail(err, TV_NO_PROMPT, "more than %zu bytes were typed",
				       data_max);
	}
	return ends ? TV_OK : tv_fail(err, TV_NO_PROMPT, "its answer does not end");
}
