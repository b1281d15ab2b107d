/* Writes what parse_back.py reads back: escaped values, or the files of a document. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vault/escape.h"
#include "vault/vault.h"

#define LIMIT (64 << 20)

/* Each value of standard input, ended by NUL, becomes "+" and its scalar, or "-"; then NUL. */
static enum tv_status write_values(const char *rule, struct tv_error *err)
{
	const struct tv_escape *escape = tv_escape_by_name(rule);
	tv_auto_secret in = {0};
	tv_auto_secret out = {0};
	enum tv_status status = tv_secret_read(&in, STDIN_FILENO, LIMIT, "the values", err);
	const char *at = tv_secret_text(&in);

	if (!escape || status)
		return escape ? status : tv_fail(err, TV_USAGE, "%s is no rule", rule);
	for (size_t i = 0; i < in.len; i += strlen(at + i) + 1) {
		tv_auto_secret scalar = {0};
		const bool taken = escape->append(&scalar, at + i, NULL) == TV_OK;

		tv_secret_putc(&out, taken ? '+' : '-');
		tv_secret_append(&out, scalar.data, scalar.len);
		tv_secret_putc(&out, '\0');
	}
	return tv_secret_write(&out, STDOUT_FILENO, err);
}

/* A view's path, with / in front when it is in place, and its bytes; each ended by NUL. */
static enum tv_status append_view(struct tv_secret *out, const struct tv_view *view,
				  const struct tv_doc *doc, const struct tv_providers *providers,
				  struct tv_error *err)
{
	enum tv_status status;

	tv_secret_puts(out, view->in_place ? "/" : "");
	tv_secret_puts(out, view->path);
	tv_secret_putc(out, '\0');
	status = tv_view_render(out, view, doc, providers, 0, err);
	tv_secret_putc(out, '\0');
	return status;
}

/* All files of the document on standard input. */
static enum tv_status write_views(struct tv_error *err)
{
	tv_auto_providers *providers = NULL;
	tv_auto_secret in = {0};
	tv_auto_secret out = {0};
	struct tv_views views = {0};
	struct tv_doc *doc = NULL;
	enum tv_status status = tv_secret_read(&in, STDIN_FILENO, LIMIT, "the document", err);

	if (!status)
		status = tv_providers_load(&providers, NULL, NULL, err);
	if (!status)
		status = tv_doc_parse(&doc, tv_secret_text(&in), in.len, err);
	if (!status)
		status = tv_views_list(&views, doc, providers, err);
	for (size_t i = 0; i < views.count && !status; i++)
		status = append_view(&out, &views.at[i], doc, providers, err);
	tv_views_free(&views);
	tv_doc_free(doc);
	return status ? status : tv_secret_write(&out, STDOUT_FILENO, err);
}

int main(int argc, char **argv)
{
	struct tv_error err = {0};
	enum tv_status status = tv_init(&err);

	if (!status && argc == 3 && !strcmp(argv[1], "escape"))
		status = write_values(argv[2], &err);
	else if (!status && argc == 2 && !strcmp(argv[1], "views"))
		status = write_views(&err);
	else if (!status)
		status = TV_USAGE;
	if (status)
		fprintf(stderr, "%s: %s\n", tv_status_sentence(status), err.detail);
	return tv_status_exit(status);
}
