/* The audit log through crashes, troubles and company: what was acknowledged is there, what is lost is told. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit_log.h"

/* Killed between the line and the key: the key comes after. */
static void key_behind(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a;

	log_fill(w);
	log_copy(w, ".key", ".was");
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "open", "/one");
	log_write(a, "open", "/two");
	tv_audit_free(a);
	log_copy(w, ".was", ".key");
	assert_found(w, "");
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "open", "/three");
	tv_audit_free(a);
	assert_found(w, "");
}

/* A line that the key's file knows nothing of. */
static void leave_behind(const struct world *w)
{
	struct tv_audit *a;

	log_fill(w);
	log_copy(w, ".key", ".was");
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "open", "/one");
	tv_audit_free(a);
	log_copy(w, ".was", ".key");
}

/* The same with lines that are not those that were written. */
static void key_behind_changed(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a;
	char text[64 << 10];
	size_t len;

	leave_behind(w);
	strcpy(text, log_read(w, "", &len));
	memcpy(strstr(text, "/one"), "/two", 4);
	log_put(w, "", text, len);
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "open", "/three");
	tv_audit_free(a);
	assert_grave(w, "behind", 0, "changed");
	assert_non_null(strstr(log_read(w, "", &len), "\"event\":\"gap\",\"why\":\"changed\""));
}

/* The same, by somebody who made the file so long that nobody can read it. */
static void key_behind_far(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a;
	char path[256], line[4096];
	size_t len, at;

	leave_behind(w);
	at = text_line(log_read(w, "", &len), text_lines(log_read(w, "", &len)) - 1, &len);
	line[0] = '\n';
	memcpy(line + 1, log_read(w, "", &(size_t){0}) + at, len);
	line[len + 1] = 0;
	log_path(path, w, "");
	assert_int_equal(truncate(path, (off_t)1 << 40), 0);
	log_append(w, line);
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "open", "/three");
	tv_audit_free(a);
	assert_non_null(strstr(log_read(w, "", &len), "\"event\":\"gap\",\"why\":\"changed\""));
}

static void key_ahead(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a;
	char text[64 << 10], wanted[64];
	size_t len;

	log_fill(w);
	strcpy(text, log_read(w, "", &len));
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "open", "/one");
	log_put(w, "", text, len);
	snprintf(wanted, sizeof wanted, "cut:%zu*1", text_lines(text));
	assert_found(w, wanted);
	/* Whoever writes next, this process or another one, says so. */
	log_write(a, "open", "/two");
	tv_audit_free(a);
	assert_grave(w, "ahead", 0, "cut");
	assert_non_null(strstr(log_read(w, "", &len), "\"event\":\"gap\",\"why\":\"missing\""));
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "open", "/three");
	tv_audit_free(a);
	assert_int_equal(text_lines(log_read(w, "", &len)), text_lines(text) + 3);
}

/* A line that was not written to its end was never acknowledged. */
static void half_line(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a;
	char text[64 << 10];
	size_t len;

	log_fill(w);
	strcpy(text, log_read(w, "", &len));
	strcpy(text + len, "{\"epoch\":\"00");
	log_put(w, "", text, strlen(text));
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "open", "/one");
	tv_audit_free(a);
	assert_found(w, "");
}

static void no_key(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a;
	char path[256];

	log_fill(w);
	log_path(path, w, ".key");
	assert_int_equal(unlink(path), 0);
	assert_grave(w, "key", 0, "no key");
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "lock", NULL);
	log_begin(a, w);
	log_write(a, "unlock", NULL);
	tv_audit_free(a);
	assert_grave(w, "key", 0, "no key");
}

/* Half a write, or somebody's hand: what does not fit itself is no state. */
static void key_torn(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a;
	char text[256];
	size_t len;

	log_fill(w);
	memcpy(text, log_read(w, ".key", &len), sizeof text);
	assert_int_equal(len, sizeof text);
	for (size_t at = 0; at < sizeof text; at += 15) {
		text[at] ^= 1;
		log_put(w, ".key", text, sizeof text);
		assert_grave(w, "torn", at, "no key");
		text[at] ^= 1;
	}
	log_put(w, ".key", text, 100);
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "lock", NULL);
	tv_audit_free(a);
	assert_grave(w, "short", 0, "no key");
}

/* A command that opened the vault itself begins an epoch where there is no key, and only there. */
static void begin_unless_there(void **state)
{
	const struct world *w = *state;
	struct tv_audit_epoch epoch = {.id = {1}};
	struct tv_audit *a;
	struct stat st;
	char path[256];

	memcpy(epoch.vault, tv_vault_header(w->vault)->vault_id, sizeof epoch.vault);
	tv_doc_epoch_key(epoch.key, tv_vault_doc(w->vault), epoch.id);
	for (int i = 0; i < 4; i++) {
		a = log_open(w, TV_AUDIT_FILE_BYTES);
		/* The last one is of another vault that has this name. */
		epoch.id[0] = (unsigned char)i;
		epoch.vault[0] ^= i == 3;
		tv_audit_begin(a, &epoch, true);
		log_write(a, "edit", NULL);
		tv_audit_free(a);
		/* Nobody else reads the key. */
		log_path(path, w, ".key");
		assert_int_equal(chmod(path, 0644), 0);
	}
	assert_int_equal(log_count(w, "\"vault\":"), 2);
	assert_int_equal(log_count(w, "\"after\":null"), 1);
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "edit", NULL);
	tv_audit_free(a);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Who has the key keeps it, though its file is deleted, or an older one put in its place. */
static void key_replaced(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a;
	struct found f;
	char path[256];

	log_fill(w);
	log_copy(w, ".key", ".was");
	a = log_open(w, TV_AUDIT_FILE_BYTES);
	log_write(a, "open", "/one");
	log_path(path, w, ".key");
	assert_int_equal(unlink(path), 0);
	log_write(a, "open", "/two");
	log_copy(w, ".was", ".key");
	log_write(a, "open", "/three");
	assert_found(w, "");
	/* The same when the log was touched as well, so that it looks. */
	log_copy(w, ".was", ".key");
	log_append(w, "{\"epoch\":null,\"n\":0,\"at\":\"x\"}\n");
	log_write(a, "open", "/four");
	tv_audit_free(a);
	f = log_verify(w, NULL);
	assert_null(strstr(f.text, "misplaced"));
	assert_non_null(strstr(f.text, "unsigned"));
}

/* ---- troubles */

static void deleted(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a = log_open(w, TV_AUDIT_FILE_BYTES);
	char path[256], other[256];
	size_t len;

	log_begin(a, w);
	log_write(a, "open", "/one");
	log_path(path, w, "");
	assert_int_equal(unlink(path), 0);
	log_write(a, "open", "/two");
	assert_grave(w, "deleted", 0, "cut");
	assert_non_null(strstr(log_read(w, "", &len), "/two"));
	/* Renamed, which its descriptor does not tell: known within a second. */
	log_path(other, w, ".was");
	assert_int_equal(rename(path, other), 0);
	usleep(1100000);
	log_write(a, "open", "/three");
	tv_audit_free(a);
	assert_non_null(strstr(log_read(w, "", &len), "/three"));
}

/* A FIFO, a link to a device, a link to a file. */
static void in_the_way(void **state)
{
	const struct world *w = *state;
	char path[256], other[256], wanted[64];
	struct tv_error err;
	size_t len;

	log_path(path, w, "");
	log_path(other, w, ".was");
	for (int kind = 0; kind < 3; kind++) {
		struct tv_audit *a = log_open(w, TV_AUDIT_FILE_BYTES);

		log_put(w, ".was", "", 0);
		log_begin(a, w);
		assert_int_equal(!kind ? mkfifo(path, 0600)
				       : symlink(kind == 1 ? "/dev/null" : other, path),
				 0);
		for (int i = 0; i <= kind; i++) {
			log_say(a, "open", "/one");
			assert_status(tv_audit_write(a, &err), TV_IO);
			assert_non_null(strstr(err.detail, "no regular file of yours"));
		}
		assert_non_null(log_read(w, ".was", &len));
		assert_int_equal(len, 0);
		assert_int_equal(unlink(path), 0);
		log_write(a, "open", "/two");
		tv_audit_free(a);
		snprintf(wanted, sizeof wanted, "\"why\":\"unwritten\",\"count\":%d", kind + 1);
		assert_non_null(strstr(log_read(w, "", &len), wanted));
		assert_found(w, kind ? "cut:1*0 gap:2*0 removed:0*0" : "gap:2*0");
		assert_int_equal(unlink(path), 0);
	}
	log_put(w, "", "", 0);
}

static void disk_full(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a = log_open(w, TV_AUDIT_FILE_BYTES);
	struct rlimit limit, was;
	size_t len;

	log_begin(a, w);
	log_write(a, "open", "/one");
	log_read(w, "", &len);
	/* As a disk is full: half of a line fits. */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	limit = (struct rlimit){len + 100, was.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 3; i++) {
		log_say(a, "open", "/lost");
		assert_status(tv_audit_write(a, NULL), TV_IO);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_null(strstr(log_read(w, "", &len), "/lost"));
	assert_found(w, "");
	log_write(a, "open", "/two");
	tv_audit_free(a);
	assert_non_null(strstr(log_read(w, "", &len), "\"why\":\"unwritten\",\"count\":3"));
	assert_found(w, "gap:2*0");
}

/* Somebody holds the lock and does not let go. */
static void held(void **state)
{
	const struct world *w = *state;
	struct tv_audit *a = log_open(w, TV_AUDIT_FILE_BYTES);
	char path[256];
	int fd;

	log_begin(a, w);
	log_write(a, "open", "/one");
	log_path(path, w, ".key");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	log_say(a, "open", "/lost");
	assert_status(tv_audit_write(a, NULL), TV_BUSY);
	assert_found(w, "");
	close(fd);
	log_write(a, "open", "/two");
	tv_audit_free(a);
	assert_found(w, "gap:2*0");
}

/* ---- several at once */

#define WRITERS 4
#define EACH	150

static void together(void **state)
{
	const struct world *w = *state;
	int status;

	for (int i = 0; i < WRITERS; i++) {
		if (fork())
			continue;
		for (int k = 0; k < EACH; k++) {
			char file[32];
			struct tv_audit *a = log_open(w, 64 << 10);

			/* The first one that comes along begins. */
			if (!k)
				log_begin(a, w);
			snprintf(file, sizeof file, "/w%d-%d.", i, k);
			log_write(a, "open", file);
			if (k % 3 == 0)
				log_write(a, "open", "/more");
			tv_audit_free(a);
		}
		_exit(0);
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(log_count(w, "\"/w"), WRITERS * EACH);
	assert_found(w, "");
}

/* Writes lines until it is killed, and says of each when it is written. */
static void write_on(const struct world *w, int out, int cycle)
{
	struct tv_audit *a = log_open(w, 16 << 10);

	log_begin(a, w);
	for (int k = 0;; k++) {
		char file[64];

		snprintf(file, sizeof file, "/c%d-%d.%0*d", cycle, k, 1 + k % 40, 0);
		log_say(a, "open", file);
		log_say(a, "open", "/beside");
		if (tv_audit_write(a, NULL) || write(out, "", 1) != 1)
			_exit(1);
	}
}

/* What was acknowledged is there, and all of it verifies. */
static void killed(void **state)
{
	const struct world *w = *state;

	for (int cycle = 0; cycle < 40; cycle++) {
		int ends[2], acknowledged = 0;
		char text[64], word[64];
		pid_t child;
		ssize_t n;

		assert_int_equal(pipe(ends), 0);
		child = fork();
		if (!child) {
			close(ends[0]);
			write_on(w, ends[1], cycle);
		}
		close(ends[1]);
		n = read(ends[0], text, 1);
		acknowledged += (int)n;
		usleep((useconds_t)(random() % 4000));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		while ((n = read(ends[0], text, sizeof text)) > 0)
			acknowledged += (int)n;
		close(ends[0]);
		assert_true(acknowledged > 0);
		assert_found(w, "");
		snprintf(word, sizeof word, "/c%d-%d.", cycle, acknowledged - 1);
		assert_int_equal(log_count(w, word), 1);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, log_set_up, log_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(key_behind),   TEST(key_behind_changed), TEST(key_behind_far),
		TEST(key_ahead),    TEST(half_line),	      TEST(no_key),
		TEST(key_replaced), TEST(key_torn),	      TEST(begin_unless_there),
		TEST(deleted),	    TEST(in_the_way),	      TEST(disk_full),
		TEST(held),	    TEST(together),	      TEST(killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
