/* Whoever changes the audit log is found out: each line changed, removed, moved and cut off in turn. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit_log.h"

/* Each in turn, in each file. */
static void changed(void **state)
{
	static const char *const ends[] = {"", ".1"};
	const struct world *w = *state;
	char wanted[64];

	log_fill(w);
	for (size_t e = 0; e < 2; e++) {
		char text[64 << 10], other[64 << 10];
		size_t len, n, at, line_len;

		strcpy(text, log_read(w, ends[e], &len));
		n = text_lines(text);
		for (size_t i = 0; i < n; i++) {
			at = text_line(text, i, &line_len);
			snprintf(wanted, sizeof wanted, "changed%s:%zu*1", ends[e], i + 1);
			for (size_t b = 1; b < line_len - 1; b += 13) {
				memcpy(other, text, len + 1);
				other[at + b] ^= 1;
				log_put(w, ends[e], other, len);
				assert_grave(w, "changed", i, wanted);
			}
			/* One in the place of another. */
			memcpy(other, text, len + 1);
			memcpy(strstr(other + at, "open"), "read", 4);
			log_put(w, ends[e], other, len);
			assert_found(w, wanted);
		}
		log_put(w, ends[e], text, len);
	}
	assert_found(w, "");
}

static void removed(void **state)
{
	static const char *const ends[] = {"", ".1"};
	const struct world *w = *state;

	log_fill(w);
	for (size_t e = 0; e < 2; e++) {
		char text[64 << 10], other[64 << 10];
		size_t len, n, at, line_len;

		strcpy(text, log_read(w, ends[e], &len));
		n = text_lines(text);
		for (size_t i = 0; i < n; i++) {
			const bool is_last = !e && i == n - 1;

			at = text_line(text, i, &line_len);
			memcpy(other, text, at);
			memcpy(other + at, text + at + line_len, len - at - line_len + 1);
			log_put(w, ends[e], other, len - line_len);
			assert_grave(w, "removed", i, is_last ? "cut" : "removed");
			/* All from here on. */
			log_put(w, ends[e], text, at);
			assert_grave(w, "cut", i, e ? "removed" : "cut");
			/* Half a line. */
			log_put(w, ends[e], text, at + line_len / 2);
			assert_grave(w, "half", i, e ? "changed" : "cut");
		}
		log_put(w, ends[e], text, len);
	}
	assert_found(w, "");
}

/* All lines of the epoch that a file's line i is of. */
static void epoch_removed(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a = log_open(w, TV_AUDIT_FILE_BYTES);
	char text[64 << 10], other[64 << 10];
	size_t len, at, at_len, end, end_len;

	for (int epoch = 0; epoch < 4; epoch++) {
		log_begin(a, w);
		log_write(a, "unlock", NULL);
		log_write(a, "open", "/x");
	}
	tv_audit_free(a);
	assert_found(w, "");
	strcpy(text, log_read(w, "", &len));
	for (size_t i = 0; i < 4; i++) {
		at = text_line(text, 2 * i, &at_len);
		end = text_line(text, 2 * i + 1, &end_len) + end_len;
		memcpy(other, text, at);
		strcpy(other + at, text + end);
		log_put(w, "", other, strlen(other));
		assert_grave(w, "epoch removed", i, i < 3 ? "removed" : "cut");
	}
}

static void moved(void **state)
{
	const struct world *w = *state;
	char text[64 << 10], other[64 << 10];
	size_t len, n, a, a_len, b, b_len;
	char wanted[64];

	log_fill(w);
	strcpy(text, log_read(w, "", &len));
	n = text_lines(text);
	for (size_t i = 0; i + 1 < n; i++) {
		a = text_line(text, i, &a_len);
		b = text_line(text, i + 1, &b_len);
		memcpy(other, text, len + 1);
		memcpy(other + a, text + b, b_len);
		memcpy(other + a + b_len, text + a, a_len);
		log_put(w, "", other, len);
		assert_grave(w, "swapped", i, NULL);
		/* Twice. */
		memcpy(other, text, b);
		memcpy(other + b, text + a, len - a + 1);
		log_put(w, "", other, len + a_len);
		assert_grave(w, "twice", i, "misplaced");
	}
	/* One that somebody made up. */
	memcpy(other, text, len + 1);
	strcpy(other + len, "{\"epoch\":null,\"n\":0,\"at\":\"x\"}\n");
	log_put(w, "", other, strlen(other));
	snprintf(wanted, sizeof wanted, "unsigned:%zu*1", n + 1);
	assert_found(w, wanted);
	log_put(w, "", text, len);
	assert_found(w, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, log_set_up, log_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(changed),
		TEST(removed),
		TEST(epoch_removed),
		TEST(moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
