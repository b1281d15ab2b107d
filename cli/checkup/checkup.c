/* Makes the checks, and has mended what can be. */
#include "cli/checkup/checkup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TV_CHECK(name) extern const struct tv_check tv_check_##name;
#include "cli/checkup/checks.def"
#undef TV_CHECK

static const struct tv_check *const checks[] = {
#define TV_CHECK(name) &tv_check_##name,
#include "cli/checkup/checks.def"
#undef TV_CHECK
	NULL,
};

const struct tv_check *const *tv_checks(void)
{
	return checks;
}

/* By the server, or with a credential that nobody has to be asked for. No vault has no entries. */
static void ask(struct tv_checkup *c)
{
	const bool asked_nobody = c->cli->asks_nobody;
	struct tv_error ignored;

	if (c->answer == TV_NOT_MOUNTED && access(c->cli->paths.vault, F_OK) && errno == ENOENT) {
		c->entries = tv_json_object();
		return;
	}
	c->cli->asks_nobody = !tv_ask_is_automatic(&c->cli->ask);
	if ((!c->answer || c->answer == TV_NOT_MOUNTED) &&
	    tv_cli_call(&c->entries, c->cli, TV_AGENT_list, NULL, &ignored))
		c->entries = NULL;
	c->cli->asks_nobody = asked_nobody;
}

enum tv_status tv_checkup_open(struct tv_checkup *c, struct tv_error *err)
{
	struct tv_error skipped; /* the check of definitions names them all */
	enum tv_status status = TV_OK;

	if (!c->cli->providers)
		status = tv_providers_load(&c->cli->providers, c->cli->paths.providers, &skipped,
					   err);
	if (status)
		return status;
	c->answer = tv_cli_open(c->cli, &c->why);
	if (!c->answer && !tv_session_keeper(c->cli->session))
		c->answer = TV_NOT_MOUNTED;
	if (!c->answer)
		c->answer = tv_cli_call(&c->server, c->cli, TV_AGENT_status, NULL, &c->why);
	/* One that does not answer is waited for once. */
	if (c->answer && c->answer != TV_NOT_MOUNTED)
		c->cli->told_expiring = true;
	ask(c);
	return TV_OK;
}

static void forget(struct tv_remark *r)
{
	free(r->text);
	*r = (struct tv_remark){0};
}

void tv_checkup_free(struct tv_checkup *c)
{
	for (size_t i = 0; i < c->count; i++)
		forget(&c->remarks[i]);
	free(c->remarks);
	tv_json_free(c->server);
	tv_json_free(c->entries);
	c->remarks = NULL;
	c->count = 0;
}

size_t tv_checkup_count(const struct tv_checkup *c, enum tv_verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		n += c->remarks[i].verdict == verdict;
	return n;
}

static void add(struct tv_checkup *c, enum tv_verdict verdict, const char *format, va_list args)
{
	struct tv_remark *grown = reallocarray(c->remarks, c->count + 1, sizeof(*grown));
	char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	if (grown)
		c->remarks = grown;
	if (!grown || !text) {
		free(text);
		c->failed = true;
		return;
	}
	tv_utf8_make_shown(text);
	/* A path may have a line's end in it. */
	for (char *end = text; (end = strchr(end, '\n'));)
		*end = ' ';
	grown[c->count++] = (struct tv_remark){.verdict = verdict, .text = text};
}

void tv_remark_fine(struct tv_checkup *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(c, TV_VERDICT_FINE, format, args);
	va_end(args);
}

void tv_remark_note(struct tv_checkup *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(c, TV_VERDICT_NOTE, format, args);
	va_end(args);
}

void tv_remark_wrong(struct tv_checkup *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(c, TV_VERDICT_WRONG, format, args);
	va_end(args);
}

void tv_remark_unknown(struct tv_checkup *c, const char *format, ...)
{
	const size_t before = c->count;
	va_list args;

	va_start(args, format);
	add(c, TV_VERDICT_NOTE, format, args);
	va_end(args);
	if (c->count > before)
		c->remarks[before].is_unknown = true;
}

void tv_remark_can_mend(struct tv_checkup *c)
{
	if (c->count)
		c->remarks[c->count - 1].can_mend = true;
}

/* The remarks from `first` on are this check's. */
static void look(struct tv_checkup *c, const struct tv_check *check, size_t first)
{
	check->look(c);
	if (c->count == first && check->fine)
		tv_remark_fine(c, "%s", check->fine);
	for (size_t i = first; i < c->count; i++)
		c->remarks[i].check = check;
}

static bool can_mend(const struct tv_checkup *c, size_t first)
{
	for (size_t i = first; i < c->count; i++) {
		if (c->remarks[i].can_mend)
			return true;
	}
	return false;
}

static bool is_said(const struct tv_checkup *c, size_t first, size_t end, const char *text)
{
	for (size_t i = first; i < end; i++) {
		if (!strcmp(c->remarks[i].text, text))
			return true;
	}
	return false;
}

/* Of what was said before, first..middle, stays what is not said any more, as mended: without what should have
 * been done. That all is fine need not be said then. */
static void settle(struct tv_checkup *c, size_t first, size_t middle)
{
	size_t end = c->count, n = first;

	for (size_t i = first; i < middle; i++) {
		struct tv_remark r = c->remarks[i];

		if (!r.can_mend || is_said(c, middle, end, r.text)) {
			forget(&c->remarks[i]);
			continue;
		}
		r.text[strcspn(r.text, ";")] = '\0';
		r.verdict = TV_VERDICT_FINE;
		r.is_mended = true;
		r.can_mend = false;
		c->remarks[n++] = r;
	}
	if (n > first && end == middle + 1 && c->remarks[middle].verdict == TV_VERDICT_FINE)
		forget(&c->remarks[--end]);
	memmove(c->remarks + n, c->remarks + middle, (end - middle) * sizeof(*c->remarks));
	c->count = n + end - middle;
}

/* What a mend has changed may be the server itself. */
static enum tv_status look_again(struct tv_checkup *c, const struct tv_check *check, size_t first,
				 struct tv_error *err)
{
	const size_t middle = c->count;
	enum tv_status status;

	tv_json_free(c->server);
	tv_json_free(c->entries);
	c->server = c->entries = NULL;
	tv_session_free(c->cli->session);
	c->cli->session = NULL;
	status = tv_checkup_open(c, err);
	if (status)
		return status;
	look(c, check, middle);
	settle(c, first, middle);
	return TV_OK;
}

enum tv_status tv_checkup_make(struct tv_checkup *c, const struct tv_check *check, bool mends,
			       struct tv_error *err)
{
	const size_t first = c->count;
	struct tv_error why = {""};
	enum tv_status status = TV_OK;

	look(c, check, first);
	if (mends && check->mend && can_mend(c, first)) {
		enum tv_status mended = check->mend(c, &why);

		if (mended)
			tv_complain(mended, &why);
		status = look_again(c, check, first, err);
	}
	if (!status && c->failed)
		status = tv_fail(err, TV_NO_MEMORY, "a report");
	return status;
}

enum tv_status tv_checkup_make_all(struct tv_checkup *c, bool mends, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	for (const struct tv_check *const *check = checks; *check && !status; check++)
		status = tv_checkup_make(c, *check, mends, err);
	return status;
}

static bool is_of(const struct tv_json *list, const char *provider)
{
	for (const struct tv_json *j = tv_json_first(list); j; j = tv_json_next(j)) {
		const char *own = tv_json_get_text(j, "provider");

		if (own && !strcmp(own, provider))
			return true;
	}
	return false;
}

/* What the server shows is known while the vault is closed too. */
enum tv_known tv_checkup_has_entry(const struct tv_checkup *c, const char *provider)
{
	if (is_of(tv_json_get(c->entries, "entries"), provider) ||
	    is_of(tv_json_get(c->server, "views"), provider))
		return TV_KNOWN_SO;
	return c->entries ? TV_KNOWN_NOT : TV_UNKNOWN;
}

const struct tv_json *tv_checkup_view(const struct tv_checkup *c, const char *path)
{
	const struct tv_json *views = tv_json_get(c->server, "views");

	for (const struct tv_json *v = tv_json_first(views); v; v = tv_json_next(v)) {
		if (!strcmp(tv_json_get_text(v, "path"), path))
			return v;
	}
	return NULL;
}
