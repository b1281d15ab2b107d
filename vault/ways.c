/* Which ways to unlock are tried, and in which order, when a vault is to be opened. */
#include "vault/ways.h"

#include <stdio.h>
#include <string.h>

struct trial {
	const struct tv_ways *ways;
	const struct tv_bytes *file;
	struct tv_header header;
	struct tv_credential credential;
	unsigned asked; /* parts that are in it, or are not to be had */
	enum tv_status worst;
	struct tv_error why; /* of worst */
};

static bool has_slot(const struct tv_header *h, const struct tv_slot_type *type)
{
	for (size_t i = 0; i < h->n_slots; i++)
		if (h->slots[i].known && h->slots[i].type == type->number)
			return true;
	return false;
}

static bool is_way(const struct trial *t, const struct tv_slot_type *type, bool by_person)
{
	const struct tv_ways *w = t->ways;

	return !(type->parts & ~w->parts) && !(w->named & ~type->parts) &&
	       !(type->parts & ~w->at_hand) == !by_person && has_slot(&t->header, type);
}

/* The parts that the way takes, of which some may be there from the one before. */
static enum tv_status gather(struct trial *t, const struct tv_slot_type *type, struct tv_error *err)
{
	for (size_t i = 0; i < TV_PARTS; i++) {
		enum tv_status status;

		if (!(type->parts & ~t->asked & TV_PART_BIT(i)))
			continue;
		t->asked |= TV_PART_BIT(i);
		status = t->ways->ask(&t->credential.part[i], i, t->ways->ask_arg, err);
		if (status)
			return status;
	}
	for (size_t i = 0; i < TV_PARTS; i++)
		if (type->parts & TV_PART_BIT(i) && !t->credential.part[i].data)
			return TV_NO_ENTRY;
	return TV_OK;
}

/* What a slot asks for too much says more than that another one does not fit. */
static void note(struct trial *t, enum tv_status status, const struct tv_error *why)
{
	if (t->worst && t->worst != TV_WRONG_KEY)
		return;
	t->worst = status;
	t->why = *why;
}

/* TV_OK, or TV_WRONG_KEY to go on, or what ends it. */
static enum tv_status try_way(struct tv_slot_key *out, struct trial *t,
			      const struct tv_slot_type *type, struct tv_error *err)
{
	struct tv_error why = {""};
	enum tv_status status = gather(t, type, err);

	if (status == TV_NO_ENTRY)
		return TV_WRONG_KEY;
	if (status)
		return status;
	t->credential.type = type->name;
	status = tv_slot_unlock(out, t->file, &t->credential, &tv_kdf_limits, &why);
	if (status == TV_WRONG_KEY || status == TV_KDF_BOUNDS) {
		note(t, status, &why);
		return TV_WRONG_KEY;
	}
	return status ? tv_fail(err, status, "%s", why.detail) : TV_OK;
}

/* No way was tried: what the vault would want. */
static enum tv_status other_kinds(const struct trial *t, struct tv_error *err)
{
	char kinds[128] = "";
	bool takes_keyfile = false;

	for (const struct tv_slot_type *const *type = tv_slot_types(); *type; type++) {
		size_t len = strlen(kinds);

		if (!has_slot(&t->header, *type))
			continue;
		takes_keyfile |= (*type)->parts & TV_PART_BIT(TV_PART_KEYFILE);
		snprintf(kinds + len, sizeof kinds - len, "%s%s", len ? ", " : "", (*type)->name);
	}
	return tv_fail(err, TV_WRONG_KEY, "the vault's keys are of other kinds: %s%s",
		       *kinds ? kinds : "none that this program knows",
		       takes_keyfile && !(t->ways->named & TV_PART_BIT(TV_PART_KEYFILE))
			       ? "; --keyfile PATH names a keyfile"
			       : "");
}

static enum tv_status try_all(struct tv_slot_key *out, struct trial *t, bool alone,
			      struct tv_error *err)
{
	for (int by_person = 0; by_person <= !alone; by_person++) {
		for (const struct tv_slot_type *const *type = tv_slot_types(); *type; type++) {
			enum tv_status status;

			if (!is_way(t, *type, by_person))
				continue;
			status = try_way(out, t, *type, err);
			if (status != TV_WRONG_KEY)
				return status;
		}
	}
	if (t->worst)
		return tv_fail(err, t->worst, "%s", t->why.detail);
	return alone ? TV_LOCKED : other_kinds(t, err);
}

enum tv_status tv_ways_try(struct tv_slot_key *out, const struct tv_bytes *file,
			   const struct tv_ways *ways, bool alone, struct tv_error *err)
{
	struct trial t = {.ways = ways, .file = file};
	enum tv_status status = tv_header_parse(&t.header, file->data, file->len, err);

	if (!status)
		status = try_all(out, &t, alone, err);
	tv_header_free(&t.header);
	tv_credential_free(&t.credential);
	return status;
}
