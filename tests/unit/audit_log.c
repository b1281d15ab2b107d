/* What the tests of the audit log share. */
#include "audit_log.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int log_set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_ok(tv_init(NULL));
	w->vault = fixture_vault("first-token");
	strcpy(w->directory, "/tmp/tva.XXXXXX");
	assert_non_null(mkdtemp(w->directory));
	*state = w;
	return 0;
}

void log_path(char out[static 256], const struct world *w, const char *end)
{
	snprintf(out, 256, "%s/" LOG_NAME ".audit%s", w->directory, end);
}

int log_tear_down(void **state)
{
	static const char *const ends[] = {"",	 ".key", ".0", ".1", ".2",  ".3",
					   ".4", ".5",	 ".6", ".7", ".was"};
	struct world *w = *state;
	char path[256];

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		log_path(path, w, ends[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(w->directory), 0);
	tv_vault_free(w->vault);
	free(w);
	return tv_arena_in_use() != 0;
}

struct tv_audit *log_open(const struct world *w, off_t most)
{
	struct tv_audit *a;

	assert_ok(tv_audit_open(&a, w->directory, LOG_NAME, most, NULL));
	return a;
}

void log_begin(struct tv_audit *a, const struct world *w)
{
	struct tv_audit_epoch epoch;

	randombytes_buf(epoch.id, sizeof epoch.id);
	memcpy(epoch.vault, tv_vault_header(w->vault)->vault_id, sizeof epoch.vault);
	tv_doc_epoch_key(epoch.key, tv_vault_doc(w->vault), epoch.id);
	tv_audit_begin(a, &epoch, false);
}

void log_say(struct tv_audit *a, const char *event, const char *file)
{
	tv_auto_bytes text = {0};

	tv_line_text(&text, "event", event);
	tv_line_text(&text, "file", file);
	tv_audit_add(a, &text, NULL);
}

void log_write(struct tv_audit *a, const char *event, const char *file)
{
	struct tv_error err = {""};

	log_say(a, event, file);
	if (tv_audit_write(a, &err))
		fail_msg("%s", err.detail);
}

static enum tv_status check(bool *wrong, const struct tv_audit_page *page, void *arg,
			    struct tv_error *err)
{
	const struct found *f = arg;
	tv_auto_json *request = tv_json_object(), *reply = NULL;
	char epoch[2 * TV_EPOCH_BYTES + 1] = "";
	int64_t i;

	for (size_t b = 0; b < TV_EPOCH_BYTES; b++)
		snprintf(epoch + 2 * b, 3, "%02x", page->epoch[b]);
	assert_true(tv_json_put_text(request, "epoch", epoch) &&
		    tv_json_put_int(request, "first", (int64_t)page->first) &&
		    tv_json_put_hex(request, "digests", page->digests[0], page->n * 32) &&
		    tv_json_put_hex(request, "macs", page->macs[0], page->n * TV_LINE_MAC_BYTES));
	assert_ok(tv_agent_read(&reply, f->w->vault, TV_AGENT_audit, request, err));
	for (const struct tv_json *j = tv_json_first(tv_json_get(reply, "wrong")); j;
	     j = tv_json_next(j)) {
		assert_true(tv_json_int(j, &i) && i >= 0 && (size_t)i < page->n);
		wrong[i] = true;
	}
	return TV_OK;
}

static enum tv_status found(const struct tv_audit_finding *finding, void *arg, struct tv_error *err)
{
	struct found *f = arg;
	size_t len = strlen(f->text);

	(void)err;
	if (f->n < sizeof f->at / sizeof *f->at)
		f->at[f->n++] = *finding;
	snprintf(f->text + len, sizeof f->text - len, "%s%s%s:%d*%d", len ? " " : "",
		 tv_audit_fault_name(finding->fault), strrchr(finding->file, 't') + 1,
		 (int)finding->number, (int)finding->count);
	return TV_OK;
}

/* Every finding, as "changed:3*1 removed.1:7*2". */
struct found log_verify(const struct world *w, struct tv_audit_report *report)
{
	struct found f = {.w = w};
	const struct tv_audit_judge judge = {check, found, &f};
	struct tv_audit_report ignored;
	struct tv_audit_log *log;
	struct tv_error err = {""};

	assert_ok(tv_audit_log_open(&log, w->directory, LOG_NAME, &err));
	if (tv_audit_verify(report ? report : &ignored, log, tv_vault_header(w->vault)->vault_id,
			    &judge, &err))
		fail_msg("%s", err.detail);
	tv_audit_log_free(log);
	return f;
}

bool log_is_grave(const struct found *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (tv_audit_fault_is_grave(f->at[i].fault))
			return true;
	return false;
}

void assert_found(const struct world *w, const char *wanted)
{
	struct found f = log_verify(w, NULL);

	if (strcmp(f.text, wanted) != 0)
		fail_msg("found `%s`, not `%s`", f.text, wanted);
}

char *log_read(const struct world *w, const char *end, size_t *len)
{
	static char text[64 << 10];
	char path[256];
	int fd;
	ssize_t n;

	log_path(path, w, end);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	*len = n > 0 ? (size_t)n : 0;
	return n < 0 ? NULL : text;
}

void log_put(const struct world *w, const char *end, const char *text, size_t len)
{
	char path[256];
	int fd;

	log_path(path, w, end);
	fd = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	close(fd);
}

/* Lines of three epochs in a few files. */
size_t log_fill(const struct world *w)
{
	struct tv_audit *a = log_open(w, LOG_MOST);
	size_t n = 0;

	for (int epoch = 0; epoch < 3; epoch++) {
		log_begin(a, w);
		for (int i = 0; i < 9; i++, n++) {
			log_say(a, "open", "/home/u/.netrc");
			if (i % 4)
				continue;
			assert_ok(tv_audit_write(a, NULL));
		}
	}
	assert_ok(tv_audit_write(a, NULL));
	tv_audit_free(a);
	return n;
}

/* Where line i of a text begins, and how long it is with its line end. */
size_t text_line(const char *text, size_t i, size_t *len)
{
	const char *at = text;

	while (i--)
		at = strchr(at, '\n') + 1;
	*len = (size_t)(strchr(at, '\n') + 1 - at);
	return (size_t)(at - text);
}

size_t text_lines(const char *text)
{
	size_t n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

void assert_grave(const struct world *w, const char *what, size_t i, const char *wanted)
{
	struct found f = log_verify(w, NULL);

	if (!log_is_grave(&f) || (wanted && !strstr(f.text, wanted)))
		fail_msg("%s line %zu: found `%s`, not `%s`", what, i + 1, f.text,
			 wanted ? wanted : "anything grave");
}

void log_append(const struct world *w, const char *text)
{
	char path[256];
	int fd;

	log_path(path, w, "");
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

void log_copy(const struct world *w, const char *from, const char *to)
{
	size_t len;
	const char *text = log_read(w, from, &len);

	assert_non_null(text);
	log_put(w, to, text, len);
}

size_t log_count(const struct world *w, const char *word)
{
	struct tv_audit_log *log;
	struct tv_line line;
	const char *file;
	uint64_t number;
	size_t n = 0;
	bool end;

	assert_ok(tv_audit_log_open(&log, w->directory, LOG_NAME, NULL));
	while (!tv_audit_log_next(&line, &end, &file, &number, log, NULL) && !end)
		n += memmem(line.text, line.len, word, strlen(word)) != NULL;
	tv_audit_log_free(log);
	return n;
}
