/* Lists of hosts: where a token may go, and who may have private addresses. */
#include <string.h>

#include "vault/arena.h"
#include "vault/entry.h"
#include "vault/http.h"

void tv_hosts_free(struct tv_hosts *h)
{
	for (size_t i = 0; i < h->count; i++)
		tv_arena_free(h->at[i]);
	tv_arena_free(h->at);
	*h = (struct tv_hosts){0};
}

enum tv_status tv_hosts_add(struct tv_hosts *h, const char *host, size_t max, struct tv_error *err)
{
	char **at;

	if (!tv_http_host_is_valid(host))
		return tv_fail(err, TV_BAD_VALUE,
			       "%.80s is no host: a name in lower case or an address is, with "
			       ":PORT unless that is 443",
			       host);
	for (size_t i = 0; i < h->count; i++)
		if (!strcmp(h->at[i], host))
			return TV_OK;
	if (h->count >= max)
		return tv_fail(err, TV_BAD_VALUE, "%zu hosts are the most", max);
	at = tv_grow(h->at, h->count, sizeof *at);
	if (at)
		h->at = at;
	if (!at || !(at[h->count] = tv_arena_strdup(host)))
		return tv_fail(err, TV_NO_MEMORY, "for a host");
	h->count++;
	return TV_OK;
}

enum tv_status tv_hosts_from_json(struct tv_hosts *h, const struct tv_json *list, size_t max,
				  struct tv_error *err)
{
	struct tv_hosts made = {0};
	enum tv_status status = TV_OK;

	if (!tv_json_is_array(list))
		return tv_fail(err, TV_BAD_VALUE, "the hosts are no list");
	for (struct tv_json *j = tv_json_first(list); j && !status; j = tv_json_next(j))
		status = tv_json_text(j) ? tv_hosts_add(&made, tv_json_text(j), max, err)
					 : tv_fail(err, TV_BAD_VALUE, "a host is no text");
	if (status) {
		tv_hosts_free(&made);
		return status;
	}
	tv_hosts_free(h);
	*h = made;
	return TV_OK;
}

struct tv_json *tv_hosts_to_json(const struct tv_hosts *h)
{
	struct tv_json *list = tv_json_array();
	bool put = list;

	for (size_t i = 0; put && i < h->count; i++)
		put = tv_json_put_text(list, NULL, h->at[i]);
	if (put)
		return list;
	tv_json_free(list);
	return NULL;
}
