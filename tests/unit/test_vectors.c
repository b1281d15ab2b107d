/* The vault files of tests/vectors/hostile, each with one fault, and the status that it says. tests/hostile.py
 * makes them, and has the second reader read them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

#define VECTORS_MAX 2000

struct vector {
	char expect[32];
	char seen[512];
	char comment[512];
	struct tv_credential credential;
	unsigned parts; /* of it */
	struct tv_bytes file;
};

static char state_dir[256];

static void free_vector(struct vector *v)
{
	tv_credential_free(&v->credential);
	tv_bytes_free(&v->file);
}

static const char *directory(void)
{
	static char path[512];

	assert_non_null(getenv("TV_VECTORS"));
	snprintf(path, sizeof path, "%s/hostile", getenv("TV_VECTORS"));
	return path;
}

/* What is written in hex. */
static void put_hex(struct tv_secret *out, const char *hex)
{
	for (; hex[0] && hex[1]; hex += 2) {
		char digits[] = {hex[0], hex[1], '\0'};

		tv_secret_putc(out, (char)strtoul(digits, NULL, 16));
	}
}

/* JSON's text of one line; \n is the only escape that is in any. */
static void put_line(char *out, const char *json)
{
	size_t n = 0;

	for (const char *at = json + 1; *at && at[1]; at++) {
		if (*at == '\\')
			at++;
		out[n++] = *at == 'n' && at[-1] == '\\' ? '\n' : *at;
	}
	out[n] = '\0';
}

/* A part of the credential. Its type is the one that is made of all that there are. */
static void read_part(struct vector *v, const char *name, const char *hex)
{
	static const char *const names[TV_PARTS] = {
		[TV_PART_PASSPHRASE] = "passphrase",
		[TV_PART_KEYFILE] = "keyfile",
		[TV_PART_DEVICE] = "device",
	};
	size_t part = 0;

	while (part < TV_PARTS && strcmp(name, names[part]) != 0)
		part++;
	assert_in_range(part, 0, TV_PARTS - 1);
	put_hex(&v->credential.part[part], hex);
	v->parts |= TV_PART_BIT(part);
	for (const struct tv_slot_type *const *t = tv_slot_types(); *t; t++)
		if ((*t)->parts == v->parts)
			v->credential.type = (*t)->name;
}

static void read_head(struct vector *v, char *line)
{
	char *value = strstr(line, ": ");

	assert_non_null(value);
	*value = '\0';
	value += 2;
	if (!strcmp(line, "expect"))
		snprintf(v->expect, sizeof v->expect, "%s", value);
	else if (!strcmp(line, "comment"))
		snprintf(v->comment, sizeof v->comment, "%s", value);
	else if (!strcmp(line, "seen"))
		put_line(v->seen, value);
	else
		read_part(v, line, value);
}

static void read_vector(struct vector *v, const char *name)
{
	char path[1024];
	char line[1024];
	unsigned char part[4096];
	size_t n;
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", directory(), name);
	file = fopen(path, "rb");
	assert_non_null(file);
	while (fgets(line, sizeof line, file) && strcmp(line, "\n") != 0) {
		line[strcspn(line, "\n")] = '\0';
		read_head(v, line);
	}
	while ((n = fread(part, 1, sizeof part, file)) > 0)
		tv_bytes_append(&v->file, part, n);
	fclose(file);
}

/* Puts the line where the library looks for it. */
static void write_seen(const struct vector *v, const unsigned char *vault_id)
{
	char path[128];
	size_t n = (size_t)snprintf(path, sizeof path, "%s/", state_dir);
	FILE *file;

	for (size_t i = 0; i < TV_ID_BYTES; i++)
		n += (size_t)snprintf(path + n, sizeof path - n, "%02x", vault_id[i]);
	snprintf(path + n, sizeof path - n, ".seen");
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(v->seen, file);
	fclose(file);
}

/* As a program opens a vault: what was seen of its id, the slot, the rest. */
static enum tv_status open_vector(const struct vector *v, bool has_seen)
{
	tv_auto_slot_key key = {0};
	tv_auto_vault *vault = NULL;
	struct tv_header h = {0};
	struct tv_header_front front;
	struct tv_seen seen;
	bool known = false;
	enum tv_status status = tv_header_parse(&h, v->file.data, v->file.len, NULL);
	const enum tv_status peeked = tv_header_peek(&front, v->file.data, v->file.len, NULL);

	/* What is wrong with the fixed part is wrong with the whole. */
	if (peeked)
		assert_int_equal(status, peeked);
	if (!status) {
		assert_memory_equal(front.vault_id, h.vault_id, sizeof h.vault_id);
		assert_int_equal(front.generation, h.generation);
		assert_int_equal(front.file_len, v->file.len);
	}

	if (!status && has_seen) {
		write_seen(v, h.vault_id);
		status = tv_seen_load(&seen, &known, state_dir, h.vault_id, NULL);
	}
	tv_header_free(&h);
	if (!status)
		status = tv_slot_unlock(&key, &v->file, &v->credential, &tv_kdf_limits, NULL);
	return status ? status : tv_vault_open(&vault, &v->file, &key, known ? &seen : NULL, NULL);
}

static void is_as_expected(void **state)
{
	struct vector v = {.seen = "\1"}; /* no line is that */
	enum tv_status status;

	read_vector(&v, *state);
	status = open_vector(&v, *v.seen != '\1');
	free_vector(&v);
	if (strcmp(tv_status_name(status), v.expect) != 0)
		fail_msg("%s: %s, not %s", v.comment, tv_status_name(status), v.expect);
	assert_int_equal(tv_arena_in_use(), 0);
}

static int is_visible(const struct dirent *d)
{
	return *d->d_name != '.';
}

static int set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	assert_ok(tv_init(NULL));
	snprintf(state_dir, sizeof state_dir, "%s/tv.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(state_dir));
	return 0;
}

static int tear_down(void **state)
{
	DIR *dir = opendir(state_dir);
	struct dirent *member;

	(void)state;
	while (dir && (member = readdir(dir)))
		if (is_visible(member))
			unlinkat(dirfd(dir), member->d_name, 0);
	if (dir)
		closedir(dir);
	return rmdir(state_dir);
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[VECTORS_MAX];
	struct dirent **names = NULL;
	const int n = scandir(directory(), &names, is_visible, alphasort);
	int failed;

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	if (n < 120 || n > VECTORS_MAX)
		return 1;
	for (int i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){names[i]->d_name, is_as_expected, NULL, NULL,
					       names[i]->d_name};
	failed = _cmocka_run_group_tests("vectors", tests, (size_t)n, set_up, tear_down);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return failed;
}
