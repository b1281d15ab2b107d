/* Reads what was found out about a caller, and hashes programs. */
#include "vault/caller.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

const char *tv_caller_text(const struct tv_caller *c, uint16_t at)
{
	return c->text + at;
}

static bool program_is_sound(const struct tv_caller *c, const struct tv_caller_program *p)
{
	return p->path < c->text_len && p->script < c->text_len && p->name < c->text_len &&
	       p->module < c->text_len;
}

/* By the beginning of their names: python3.11, lua5.4. */
bool tv_program_runs_scripts(const char *path)
{
	static const char *const names[] = {
		"sh",	"bash",	 "dash", "zsh",	    "ksh", "mksh", "fish", "busybox", "python",
		"perl", "ruby",	 "node", "deno",    "bun", "php",  "lua",  "tclsh",   "wish",
		"java", "guile", "gjs",	 "Rscript", "awk", "gawk", "mawk", "expect",  "pypy",
	};
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const size_t len = strlen(names[i]);

		if (!strncmp(base, names[i], len) &&
		    !base[len + strspn(base + len, "0123456789.-")])
			return true;
	}
	return false;
}

const char *tv_caller_script(const struct tv_caller *c, const struct tv_caller_program *p)
{
	return tv_program_runs_scripts(tv_caller_text(c, p->path)) ? tv_caller_text(c, p->script)
								   : "";
}

bool tv_caller_is_sound(const struct tv_caller *c, size_t len)
{
	const size_t front = offsetof(struct tv_caller, text);

	if (len <= front || c->text_len != len - front || c->text_len > TV_CALLER_TEXT ||
	    c->text[0] || c->text[c->text_len - 1] || c->n_ancestors > TV_CALLER_ANCESTORS ||
	    c->n_watched > TV_CALLER_WATCHED || c->cgroup >= c->text_len ||
	    c->line >= c->text_len || !program_is_sound(c, &c->self))
		return false;
	for (size_t i = 0; i < c->n_ancestors; i++)
		if (!program_is_sound(c, &c->ancestors[i]))
			return false;
	return true;
}

uint64_t tv_caller_watched(const struct tv_caller *c, int32_t pid)
{
	for (size_t i = 0; i < c->n_watched; i++)
		if (c->watched[i] == pid)
			return c->watched_start[i];
	return 0;
}

bool tv_caller_answers(const struct tv_caller *c, const struct tv_caller_question *q)
{
	if (c->trouble)
		return true;
	return !(q->wants & ~c->wants) && q->n_watched == c->n_watched &&
	       !memcmp(q->watched, c->watched, q->n_watched * sizeof *q->watched);
}

bool tv_caller_is_same(const struct tv_caller_program *a, const struct tv_caller_program *b)
{
	return a->pid == b->pid && a->start == b->start && a->dev == b->dev && a->ino == b->ino;
}

void tv_caller_digest(unsigned char out[static TV_HASH_BYTES], const struct tv_caller *c,
		      bool with_process)
{
	const struct tv_caller_program *p = &c->self;
	const uint64_t numbers[] = {p->dev, p->ino, c->is_foreign,
				    with_process ? (uint64_t)p->pid : 0,
				    with_process ? p->start : 0};
	const char *script = tv_caller_text(c, p->script);
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, TV_HASH_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)numbers, sizeof numbers);
	crypto_generichash_update(&state, (const unsigned char *)script, strlen(script));
	crypto_generichash_final(&state, out, TV_HASH_BYTES);
}

const char *tv_caller_words(enum tv_caller_trouble trouble)
{
	static const char *const words[] = {
		[TV_CALLER_KNOWN] = "",
		[TV_CALLER_NOBODY] = "the caller is in a process namespace that can't be seen",
		[TV_CALLER_GONE] = "the caller is gone",
		[TV_CALLER_CLOSED] = "the caller does not let itself be looked at",
		[TV_CALLER_BLIND] = "/proc is another process namespace's",
		[TV_CALLER_LATE] = "the keeper did not say in time who the caller is",
	};

	return trouble < sizeof words / sizeof *words ? words[trouble] : "";
}

static const char *text_or_null(const struct tv_caller *c, uint16_t at)
{
	return at ? tv_caller_text(c, at) : NULL;
}

static bool put_program(struct tv_json *j, const struct tv_caller *c,
			const struct tv_caller_program *p)
{
	return tv_json_put_int(j, "pid", p->pid) &&
	       tv_json_put_text(j, "program", text_or_null(c, p->path)) &&
	       tv_json_put_text(j, "script", text_or_null(c, p->script)) &&
	       tv_json_put_text(j, "name", text_or_null(c, p->name));
}

struct tv_json *tv_caller_to_json(const struct tv_caller *c)
{
	struct tv_json *j = tv_json_object();
	struct tv_json *list = tv_json_array();
	bool put = tv_json_put(j, "ancestors", list) && put_program(j, c, &c->self) &&
		   tv_json_put_text(j, "cgroup", text_or_null(c, c->cgroup)) &&
		   tv_json_put_bool(j, "tty", c->has_tty) &&
		   tv_json_put_bool(j, "foreign", c->is_foreign);

	for (size_t i = 0; put && i < c->n_ancestors; i++) {
		struct tv_json *one = tv_json_object();

		put = tv_json_put(list, NULL, one) && put_program(one, c, &c->ancestors[i]);
	}
	if (put)
		return j;
	tv_json_free(j);
	return NULL;
}

void tv_hash_bytes(unsigned char out[static TV_HASH_BYTES], const void *data, size_t len)
{
	crypto_generichash(out, TV_HASH_BYTES, data, len, NULL, 0);
}

bool tv_hash_file(unsigned char out[static TV_HASH_BYTES], int fd)
{
	static unsigned char part[64 << 10];
	crypto_generichash_state state;
	ssize_t n;

	crypto_generichash_init(&state, NULL, 0, TV_HASH_BYTES);
	do {
		n = read(fd, part, sizeof part);
		if (n > 0)
			crypto_generichash_update(&state, part, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	crypto_generichash_final(&state, out, TV_HASH_BYTES);
	return !n;
}
