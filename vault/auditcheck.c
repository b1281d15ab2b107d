/* The message audit: which of some lines of the audit log were not written by who had the key then. */
#include <sodium.h>
#include <string.h>

#include "vault/arena.h"
#include "vault/audit.h"
#include "vault/derive.h"
#include "vault/hex.h"
#include "vault/ratchet.h"
#include "vault/request.h"

#define LINES_MAX 1024
#define FIRST_MAX (1LL << 40) /* it takes time to get there */

/* What a request brings: a digest and a MAC for each line, behind each other. */
struct lines {
	unsigned char epoch[TV_EPOCH_BYTES];
	int64_t first;
	size_t n;
	unsigned char digests[LINES_MAX][32];
	unsigned char macs[LINES_MAX][TV_LINE_MAC_BYTES];
};

static enum tv_status read_lines(struct lines *out, const struct tv_json *request,
				 struct tv_error *err)
{
	static const char *const known[] = {"epoch", "first", "digests", "macs", NULL};
	const char *digests = tv_json_get_text(request, "digests");
	enum tv_status status = tv_request_only(request, known, err);

	if (status)
		return status;
	out->n = digests ? strlen(digests) / (2 * sizeof *out->digests) : 0;
	if (!out->n || out->n > LINES_MAX || !tv_json_get_int(request, "first", &out->first) ||
	    out->first < 0 || out->first > FIRST_MAX ||
	    !tv_json_get_hex(request, "epoch", out->epoch, sizeof out->epoch) ||
	    !tv_json_get_hex(request, "digests", out->digests[0], out->n * sizeof *out->digests) ||
	    !tv_json_get_hex(request, "macs", out->macs[0], out->n * sizeof *out->macs))
		return tv_fail(err, TV_BAD_VALUE, "1 to %d lines of an epoch expected", LINES_MAX);
	return TV_OK;
}

void tv_doc_make_audit(struct tv_doc *doc)
{
	if (!doc->has_audit)
		randombytes_buf(doc->audit, sizeof doc->audit);
	doc->has_audit = true;
}

void tv_doc_epoch_key(unsigned char *key, const struct tv_doc *doc, const unsigned char *epoch)
{
	tv_derive(key, TV_KEY_BYTES, doc->audit, "tokenvault audit epoch v1", epoch,
		  TV_EPOCH_BYTES);
}

/* Says which are wrong, and never what would have been right. */
static bool put_wrong(struct tv_json *list, const struct tv_doc *doc, const struct lines *lines)
{
	unsigned char key[TV_KEY_BYTES], mac[TV_LINE_MAC_BYTES];
	struct tv_ratchet ratchet;
	bool put = true;

	tv_doc_epoch_key(key, doc, lines->epoch);
	tv_ratchet_start(&ratchet, key);
	tv_ratchet_to(&ratchet, (uint64_t)lines->first);
	for (size_t i = 0; put && i < lines->n; i++) {
		tv_ratchet_mac(mac, &ratchet, lines->digests[i]);
		if (!doc->has_audit || sodium_memcmp(mac, lines->macs[i], sizeof mac))
			put = tv_json_put_int(list, NULL, (int64_t)i);
		tv_ratchet_to(&ratchet, ratchet.n + 1);
	}
	sodium_memzero(key, sizeof key);
	sodium_memzero(mac, sizeof mac);
	sodium_memzero(&ratchet, sizeof ratchet);
	return put;
}

enum tv_status tv_request_audit(struct tv_json *reply, const struct tv_vault *vault,
				const struct tv_json *request, struct tv_error *err)
{
	struct lines *lines = tv_arena_alloc(sizeof *lines);
	struct tv_json *list = tv_json_array();
	bool put = tv_json_put(reply, "wrong", list);
	enum tv_status status = lines ? read_lines(lines, request, err)
				      : tv_fail(err, TV_NO_MEMORY, "for a request");

	if (!status)
		status = tv_reply_put(put && put_wrong(list, tv_vault_doc(vault), lines), err);
	tv_arena_free(lines);
	return status;
}
