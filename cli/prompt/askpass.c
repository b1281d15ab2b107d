/* Asks by a program in the manner of ssh-askpass: the question is its argument, the answer its output. */
#include <stdlib.h>
#include <string.h>

#include "cli/prompt/question.h"

/* The argument: what it is about, and what is wanted. */
static enum tv_status make_text(struct tv_secret *out, const struct tv_question *q,
				const char *wanted, struct tv_error *err)
{
	tv_occasion_print(out, q->occasion, TV_OCCASION_WIDTH);
	tv_secret_puts(out, "\n\n");
	if (q->mistake) {
		tv_secret_puts(out, q->mistake);
		tv_secret_puts(out, "\n");
	}
	tv_secret_puts(out, wanted);
	return tv_secret_check(out, err);
}

static enum tv_status read_all(struct tv_secret *out, const struct tv_dialog *d,
			       struct tv_error *err)
{
	tv_auto_secret byte = {0};
	enum tv_status status;
	bool more = true;

	tv_secret_fill(&byte, 1);
	status = tv_secret_check(&byte, err);
	while (!status) {
		status = tv_dialog_read(byte.data, &more, d, -1, err);
		if (status || !more)
			break;
		if (out->len > TV_PASSPHRASE_MAX)
			return tv_fail(err, TV_NO_PROMPT, "its answer does not end");
		tv_secret_append(out, byte.data, 1);
	}
	return status ? status : tv_secret_check(out, err);
}

/* The answer is the first line. */
static void cut(struct tv_secret *s)
{
	const size_t len = s->data ? strcspn((const char *)s->data, "\r\n") : 0;

	while (s->len > len)
		s->data[--s->len] = '\0';
}

static enum tv_status ask(struct tv_secret *out, struct tv_question *q, const char *wanted,
			  struct tv_error *err)
{
	tv_auto_secret text = {0};
	const char *argv[] = {q->program, NULL, NULL};
	enum tv_status status = make_text(&text, q, wanted, err);
	int code;

	if (status)
		return status;
	argv[1] = tv_secret_text(&text);
	status = tv_dialog_start(&q->dialog, argv, false, q->seat, q->deadline, err);
	if (status)
		return status;
	status = read_all(out, &q->dialog, err);
	code = tv_dialog_end(&q->dialog, status != TV_OK);
	if (status)
		return status;
	if (code == 127)
		return tv_fail(err, TV_NO_PROMPT, "%.200s does not start", q->program);
	return code ? tv_fail(err, TV_CANCELLED, "%.200s ended with %d", q->program, code) : TV_OK;
}

static enum tv_status passphrase(struct tv_secret *out, struct tv_question *q, struct tv_error *err)
{
	enum tv_status status = ask(out, q, "Passphrase:", err);

	cut(out);
	return status;
}

/* As ssh's has it: such a program shows two buttons where it is told so, and its exit code is the answer. */
static enum tv_status confirm(struct tv_question *q, struct tv_error *err)
{
	tv_auto_secret ignored = {0};

	return ask(&ignored, q, "Allow it?", err);
}

const struct tv_asker tv_asker_askpass = {passphrase, confirm};
