/* The front over cJSON: strict parsing, building with sticky truth, reading. */
#include "vault/json.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/jsonline.h"
#include "vault/jsontext.h"
#include "vault/write.h"

#define MEMBERS_MAX  4096
#define EXACT_NUMBER 9007199254740992.0 /* 2^53 */
#define LONG_NUMBER  1e15

static cJSON *in(const struct tv_json *j)
{
	return (cJSON *)(uintptr_t)j;
}

static struct tv_json *out_of(cJSON *c)
{
	return (struct tv_json *)c;
}

void tv_json_init(void)
{
	cJSON_Hooks hooks = {tv_arena_alloc, tv_arena_free};

	cJSON_InitHooks(&hooks);
}

static bool is_number(const cJSON *j)
{
	return cJSON_IsNumber(j) || cJSON_IsRaw(j);
}

static bool is_whole(const cJSON *j)
{
	return is_number(j) && j->valuedouble >= -EXACT_NUMBER && j->valuedouble <= EXACT_NUMBER &&
	       j->valuedouble == (double)(int64_t)j->valuedouble;
}

/* Makes a whole number raw text beside its value. */
static bool keep_digits(cJSON *j)
{
	char room[TV_DIGITS];
	cJSON *raw = cJSON_CreateRaw(tv_digits(room, (int64_t)j->valuedouble));

	if (!raw)
		return false;
	j->valuestring = raw->valuestring;
	j->type ^= cJSON_Number ^ cJSON_Raw;
	raw->valuestring = NULL;
	cJSON_Delete(raw);
	return true;
}

/* cJSON writes 15 digits where it takes the others for nothing. */
static bool keep_if_long(cJSON *j)
{
	return !cJSON_IsNumber(j) || !is_whole(j) ||
	       (j->valuedouble > -LONG_NUMBER && j->valuedouble < LONG_NUMBER) || keep_digits(j);
}

static const cJSON *find_twice(const cJSON *object)
{
	size_t members = 0;

	for (const cJSON *a = object->child; a; a = a->next) {
		if (++members > MEMBERS_MAX)
			return a;
		for (const cJSON *b = object->child; b != a; b = b->next)
			if (!strcmp(a->string, b->string))
				return a;
	}
	return NULL;
}

/* The text that a tree came from, and the way to where it is looked at. */
struct way {
	const char *text;
	size_t len;
	size_t steps[TV_JSON_DEPTH + 1];
};

static enum tv_status fail_twice(struct way *way, size_t depth, const cJSON *object,
				 const cJSON *twice, struct tv_error *err)
{
	way->steps[depth] = 0;
	for (const cJSON *c = object->child; c != twice; c = c->next)
		way->steps[depth]++;
	return tv_fail(err, TV_DAMAGED, "line %zu: JSON member occurs twice: %.64s",
		       tv_json_line(way->text, way->len, way->steps, depth + 1), twice->string);
}

static enum tv_status check_tree(cJSON *j, struct way *way, size_t depth, struct tv_error *err)
{
	const cJSON *twice = cJSON_IsObject(j) ? find_twice(j) : NULL;

	if (twice)
		return fail_twice(way, depth, j, twice, err);
	if (!keep_if_long(j))
		return tv_fail(err, TV_NO_MEMORY, "for JSON");
	way->steps[depth] = 0;
	for (cJSON *c = j->child; c; c = c->next, way->steps[depth]++) {
		enum tv_status status = check_tree(c, way, depth + 1, err);

		if (status)
			return status;
	}
	return TV_OK;
}

enum tv_status tv_json_parse(struct tv_json **out, const void *data, size_t len,
			     struct tv_error *err)
{
	struct way way = {.text = data, .len = len};
	enum tv_status status = tv_json_check_text(data, len, err);
	cJSON *j;

	if (status)
		return status;
	j = cJSON_ParseWithLength(data, len);
	if (!j)
		return tv_fail(err, TV_NO_MEMORY, "for JSON");
	status = check_tree(j, &way, 0, err);
	if (status) {
		cJSON_Delete(j);
		return status;
	}
	*out = out_of(j);
	return TV_OK;
}

static enum tv_status take_text(struct tv_secret *out, char *text, struct tv_error *err)
{
	if (!text)
		return tv_fail(err, TV_NO_MEMORY, "JSON can't be written");
	tv_secret_puts(out, text);
	cJSON_free(text);
	return tv_secret_check(out, err);
}

enum tv_status tv_json_print(struct tv_secret *out, const struct tv_json *j, struct tv_error *err)
{
	return take_text(out, cJSON_PrintUnformatted(in(j)), err);
}

enum tv_status tv_json_print_indented(struct tv_secret *out, const struct tv_json *j,
				      struct tv_error *err)
{
	return take_text(out, cJSON_Print(in(j)), err);
}

void tv_json_free(struct tv_json *j)
{
	cJSON_Delete(in(j));
}

void tv_json_cleanup(struct tv_json **j)
{
	tv_json_free(*j);
	*j = NULL;
}

struct tv_json *tv_json_copy(const struct tv_json *j)
{
	return out_of(cJSON_Duplicate(in(j), true));
}

struct tv_json *tv_json_object(void)
{
	return out_of(cJSON_CreateObject());
}

struct tv_json *tv_json_array(void)
{
	return out_of(cJSON_CreateArray());
}

static bool add(cJSON *parent, const char *key, cJSON *child)
{
	if (!key)
		return cJSON_AddItemToArray(parent, child);
	if (cJSON_GetObjectItemCaseSensitive(parent, key))
		return cJSON_ReplaceItemInObjectCaseSensitive(parent, key, child);
	return cJSON_AddItemToObject(parent, key, child);
}

bool tv_json_put(struct tv_json *parent, const char *key, struct tv_json *child)
{
	if (parent && child && add(in(parent), key, in(child)))
		return true;
	tv_json_free(child);
	return false;
}

void tv_json_remove(struct tv_json *object, const char *key)
{
	cJSON_DeleteItemFromObjectCaseSensitive(in(object), key);
}

bool tv_json_put_text(struct tv_json *parent, const char *key, const char *text)
{
	return tv_json_put(parent, key,
			   out_of(text ? cJSON_CreateString(text) : cJSON_CreateNull()));
}

bool tv_json_put_int(struct tv_json *parent, const char *key, int64_t number)
{
	cJSON *j = cJSON_CreateNumber((double)number);

	/* To write what is no text yet cJSON prints it and reads it back. */
	if (j && is_whole(j) && !keep_digits(j)) {
		cJSON_Delete(j);
		j = NULL;
	}
	return tv_json_put(parent, key, out_of(j));
}

bool tv_json_put_bool(struct tv_json *parent, const char *key, bool truth)
{
	return tv_json_put(parent, key, out_of(cJSON_CreateBool(truth)));
}

bool tv_json_put_null(struct tv_json *parent, const char *key)
{
	return tv_json_put(parent, key, out_of(cJSON_CreateNull()));
}

struct tv_json *tv_json_get(const struct tv_json *object, const char *key)
{
	return out_of(cJSON_GetObjectItemCaseSensitive(in(object), key));
}

struct tv_json *tv_json_first(const struct tv_json *parent)
{
	return parent ? out_of(in(parent)->child) : NULL;
}

struct tv_json *tv_json_next(const struct tv_json *child)
{
	return child ? out_of(in(child)->next) : NULL;
}

size_t tv_json_count(const struct tv_json *parent)
{
	size_t n = 0;

	for (struct tv_json *c = tv_json_first(parent); c; c = tv_json_next(c))
		n++;
	return n;
}

const char *tv_json_key(const struct tv_json *child)
{
	return child ? in(child)->string : NULL;
}

bool tv_json_is_object(const struct tv_json *j)
{
	return cJSON_IsObject(in(j));
}

bool tv_json_is_array(const struct tv_json *j)
{
	return cJSON_IsArray(in(j));
}

bool tv_json_is_null(const struct tv_json *j)
{
	return cJSON_IsNull(in(j));
}

bool tv_json_is_true(const struct tv_json *j)
{
	return cJSON_IsTrue(in(j));
}

bool tv_json_is_bool(const struct tv_json *j)
{
	return cJSON_IsBool(in(j));
}

const char *tv_json_text(const struct tv_json *j)
{
	return cJSON_GetStringValue(in(j));
}

const char *tv_json_get_text(const struct tv_json *object, const char *key)
{
	return tv_json_text(tv_json_get(object, key));
}

bool tv_json_int(const struct tv_json *j, int64_t *out)
{
	if (!is_whole(in(j)))
		return false;
	*out = (int64_t)in(j)->valuedouble;
	return true;
}

bool tv_json_is_exact(const struct tv_json *j)
{
	return is_number(in(j)) && in(j)->valuedouble > -EXACT_NUMBER &&
	       in(j)->valuedouble < EXACT_NUMBER;
}

bool tv_json_get_int(const struct tv_json *object, const char *key, int64_t *out)
{
	return tv_json_int(tv_json_get(object, key), out);
}

bool tv_json_get_true(const struct tv_json *object, const char *key)
{
	return tv_json_is_true(tv_json_get(object, key));
}
