/* Asks by pinentry, the program that gpg-agent asks with. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/prompt/assuan.h"
#include "cli/prompt/question.h"

#define CONFIG_MAX ((size_t)64 << 10)
#define ANSWER_MS  10000 /* for what no person has to do with */
#define SPARE_MS   1000 /* so much earlier pinentry gives up by itself, and leaves a clean terminal */
#define TEXT_MAX   900 /* bytes of a line's argument */

/* libgpg-error's codes; the rest of the number says who speaks. */
#define CODE(number)   ((number)&0xffff)
#define TIMED_OUT      62
#define CANCELED       99
#define NOT_CONFIRMED  114
#define FULLY_CANCELED 198

/* The value of the last line that sets the program. */
static char *find_line(char *text)
{
	static const char name[] = "pinentry-program";
	char *found = NULL;

	for (char *line; (line = strsep(&text, "\n"));) {
		line += strspn(line, " \t-");
		if (strncmp(line, name, sizeof(name) - 1) != 0)
			continue;
		line += sizeof(name) - 1;
		if (!strchr(" \t=", *line))
			continue;
		line += strspn(line, " \t=\"");
		line[strcspn(line, "\"\r\n")] = '\0';
		for (size_t len = strlen(line); len && strchr(" \t", line[len - 1]);)
			line[--len] = '\0';
		if (*line)
			found = line;
	}
	return found;
}

static bool read_config(char out[static PATH_MAX], const char *path)
{
	tv_auto_secret text = {0};
	struct tv_error ignored;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *found = NULL;

	if (fd < 0)
		return false;
	if (!tv_secret_read(&text, fd, CONFIG_MAX, path, &ignored) && text.len)
		found = find_line((char *)text.data);
	close(fd);
	return found && snprintf(out, PATH_MAX, "%s", found) < PATH_MAX;
}

void tv_pinentry_find(char out[static PATH_MAX], const char *home)
{
	const char *own = getenv("GNUPGHOME");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s/gpg-agent.conf", own && *own ? own : home,
		 own && *own ? "" : "/.gnupg");
	if (!read_config(out, path) && !read_config(out, "/etc/gnupg/gpg-agent.conf"))
		snprintf(out, PATH_MAX, "pinentry");
}

/* Says one thing, and waits for the answer; what pinentry does not know of is no failure, unless it has to. */
static enum tv_status order(const struct tv_dialog *d, const char *command, const char *argument,
			    bool has_to, struct tv_error *err)
{
	unsigned code = 0;
	enum tv_status status = tv_assuan_say(d, command, argument, err);

	if (!status)
		status = tv_assuan_hear(NULL, &code, d, 0, ANSWER_MS, err);
	if (status == TV_CANCELLED && d->deadline > tv_dialog_now() + ANSWER_MS)
		status = tv_fail(err, TV_NO_PROMPT, "it does not answer");
	if (!status && code && has_to)
		status = tv_fail(err, TV_NO_PROMPT, "%s: error %u", command, code);
	return status;
}

static enum tv_status say_seat(const struct tv_question *q, struct tv_error *err)
{
	const char *const options[][2] = {{"ttyname", *q->seat->tty ? q->seat->tty : NULL},
					  {"ttytype", q->seat->tty_type},
					  {"lc-ctype", q->seat->language},
					  {"lc-messages", q->seat->language}};
	enum tv_status status = order(&q->dialog, "OPTION", "no-grab", false, err);

	for (size_t i = 0; i < sizeof(options) / sizeof(*options) && !status; i++) {
		char text[TEXT_MAX];

		if (!options[i][1] || snprintf(text, sizeof(text), "%s=%s", options[i][0],
					       options[i][1]) >= (int)sizeof(text))
			continue;
		tv_utf8_make_shown(text);
		status = order(&q->dialog, "OPTION", text, false, err);
	}
	return status;
}

/* As much of it as fits into a line. */
static enum tv_status say_occasion(const struct tv_question *q, struct tv_error *err)
{
	tv_auto_secret text = {0};
	enum tv_status status;

	for (size_t width = TV_OCCASION_WIDTH; width; width /= 2) {
		tv_secret_free(&text);
		tv_occasion_print(&text, q->occasion, width);
		if (tv_assuan_len("SETDESC", tv_secret_text(&text)) <= TV_ASSUAN_LINE)
			break;
	}
	status = tv_secret_check(&text, err);
	return status ? status : order(&q->dialog, "SETDESC", tv_secret_text(&text), true, err);
}

/* It gives up by itself a little before it is ended. */
static enum tv_status say_time(const struct tv_question *q, struct tv_error *err)
{
	int64_t left = q->deadline - tv_dialog_now() - SPARE_MS;
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)(left > 1000 ? left / 1000 : 1));
	return order(&q->dialog, "SETTIMEOUT", text, false, err);
}

static enum tv_status greet(const struct tv_question *q, struct tv_error *err)
{
	unsigned code = 0;
	enum tv_status status = tv_assuan_hear(NULL, &code, &q->dialog, 0, ANSWER_MS, err);

	if (!status && code)
		status = tv_fail(err, TV_NO_PROMPT, "error %u at its start", code);
	if (!status)
		status = say_seat(q, err);
	if (!status)
		status = order(&q->dialog, "SETTITLE", "tokenvault", false, err);
	return status ? status : say_occasion(q, err);
}

/* Says who failed, and ends it. */
static enum tv_status give_up(struct tv_question *q, enum tv_status status, struct tv_error *err)
{
	const struct tv_error why = *err;

	if (tv_dialog_end(&q->dialog, true) == 127)
		return tv_fail(err, TV_NO_PROMPT,
			       "%.200s does not start; to have one: apt install pinentry-curses",
			       q->pinentry);
	return *why.detail ? tv_fail(err, status, "%.200s: %.180s", q->pinentry, why.detail)
			   : status;
}

/* Has pinentry there, and told what it is about. */
static enum tv_status get_ready(struct tv_question *q, struct tv_error *err)
{
	const char *const argv[] = {q->pinentry, NULL};
	enum tv_status status;

	if (q->dialog.child)
		return TV_OK;
	if (q->program)
		snprintf(q->pinentry, sizeof(q->pinentry), "%s", q->program);
	else
		tv_pinentry_find(q->pinentry, q->home);
	status = tv_dialog_start(&q->dialog, argv, true, q->seat, q->deadline, err);
	return status ? status : greet(q, err);
}

static enum tv_status read_code(unsigned code, struct tv_error *err)
{
	err->detail[0] = '\0';
	switch (CODE(code)) {
	case 0:
		return TV_OK;
	case TIMED_OUT:
		return tv_fail(err, TV_CANCELLED, "nothing was said in time");
	case CANCELED:
	case FULLY_CANCELED:
	case NOT_CONFIRMED:
		return TV_CANCELLED;
	default:
		return tv_fail(err, TV_NO_PROMPT, "pinentry's error %u", CODE(code));
	}
}

static enum tv_status put(struct tv_secret *out, struct tv_question *q, const char *command,
			  size_t answer_max, struct tv_error *err)
{
	unsigned code = 0;
	enum tv_status status = say_time(q, err);

	if (!status)
		status = tv_assuan_say(&q->dialog, command, NULL, err);
	if (!status)
		status = tv_assuan_hear(out, &code, &q->dialog, answer_max, -1, err);
	return status ? status : read_code(code, err);
}

static enum tv_status passphrase(struct tv_secret *out, struct tv_question *q, struct tv_error *err)
{
	enum tv_status status = get_ready(q, err);

	if (!status)
		status = order(&q->dialog, "SETPROMPT", "Passphrase:", false, err);
	if (!status && q->mistake)
		status = order(&q->dialog, "SETERROR", q->mistake, false, err);
	if (!status)
		status = put(out, q, "GETPIN", TV_PASSPHRASE_MAX, err);
	return status ? give_up(q, status, err) : TV_OK;
}

static enum tv_status confirm(struct tv_question *q, struct tv_error *err)
{
	enum tv_status status = get_ready(q, err);

	if (!status)
		status = order(&q->dialog, "SETOK", "Allow", false, err);
	if (!status)
		status = order(&q->dialog, "SETCANCEL", "Refuse", false, err);
	if (!status)
		status = put(NULL, q, "CONFIRM", 0, err);
	return status ? give_up(q, status, err) : TV_OK;
}

const struct tv_asker tv_asker_pinentry = {passphrase, confirm};
