/* What clients send to a server, as it comes or, where the first byte says so, as a frame that fits: message, object and
 * the vault's bytes. The server is the real one, with a vault in it, but without a keeper, a sandbox or mounts. */
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fusefs/client.h"
#include "fusefs/custody.h"
#include "fusefs/door.h"
#include "fusefs/server.h"
#include "fusefs/tree.h"
#include "fuzz.h"
#include "vault/agent.h"
#include "vault/open.h"

#define WIRE_MAX  65536
#define BODY_MAX  32768
#define TURNS_MAX 64

static struct tv_fs_config config = {.source = "fuzz", .tree = "/nowhere/fuzz"};
static struct tv_providers *providers;
static struct tv_bytes file;	/* the vault's */
static struct tv_vault *opened; /* from them */
static char slot_hex[2 * TV_ID_BYTES + 1];
static char key_hex[2 * TV_KEY_BYTES + 1];

static const char *hex(char *out, const unsigned char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", data[i]);
	return out;
}

/* A vault with entries of two services, and a keyfile. */
static void make_vault(void)
{
	static const struct tv_kdf_limits any = {.most = {16, 1 << 20},
						 .most_product_kib = 1 << 30};
	static const char *const adds[] = {
		"{\"provider\":\"azion\",\"token\":\"first\"}",
		"{\"provider\":\"azion\",\"label\":\"work\",\"token\":\"second\"}",
		"{\"provider\":\"github\",\"token\":\"third\",\"note\":\"n\"}",
	};
	struct tv_credential c = {.type = "keyfile"};
	tv_auto_slot_key key = {0};
	struct tv_slot_new slot;

	tv_secret_fill(&c.part[TV_PART_KEYFILE], 64);
	MUST(!tv_slot_prepare(&slot, &c, "fuzz", NULL, NULL, &any, NULL));
	MUST(!tv_vault_create(&opened, &slot, NULL));
	for (size_t i = 0; i < sizeof adds / sizeof *adds; i++) {
		tv_auto_json *request = NULL;
		tv_auto_json *reply = NULL;

		MUST(!tv_json_parse(&request, adds[i], strlen(adds[i]), NULL));
		MUST(!tv_agent_edit(&reply, opened, TV_AGENT_add, request, 1 + (int64_t)i, NULL));
	}
	MUST(!tv_vault_seal(&file, opened, NULL));
	MUST(!tv_slot_unlock(&key, &file, &c, &any, NULL));
	hex(slot_hex, key.uuid, sizeof key.uuid);
	hex(key_hex, key.key, sizeof key.key);
	tv_credential_free(&c);
}

static void start(void)
{
	if (opened)
		return;
	MUST(!tv_providers_load(&providers, NULL, NULL, NULL));
	make_vault();
}

/* The key's and slot's hex stand for SLOT and KEY. */
static size_t put_body(uint8_t *out, const uint8_t *data, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < size && len < BODY_MAX; i++) {
		const char *stands = size - i >= 4 && !memcmp(data + i, "SLOT", 4)   ? slot_hex
				     : size - i >= 4 && !memcmp(data + i, "PKEY", 4) ? key_hex
										     : NULL;

		if (stands) {
			memcpy(out + len, stands, strlen(stands));
			len += strlen(stands);
			i += 3;
		} else {
			out[len++] = data[i];
		}
	}
	return len;
}

/* A frame of an input: flags, message, object. */
static size_t make_frame(uint8_t *out, const uint8_t *data, size_t size)
{
	struct tv_frame f = {.code = data[1]};

	f.body_len = (uint32_t)put_body(out + TV_FRAME_BYTES, data + 2, size - 2);
	if (data[0] & 2) {
		f.data_len = (uint32_t)file.len;
		memcpy(out + TV_FRAME_BYTES + f.body_len, file.data, file.len);
	}
	tv_frame_print(out, &f);
	return TV_FRAME_BYTES + f.body_len + f.data_len;
}

/* The other ends of the server's sockets. */
struct world {
	struct tv_server server;
	int client, keeper, thread;
	struct tv_lane who;
};

static int pair(int *other, int type)
{
	int two[2];

	MUST(!socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, two));
	*other = two[1];
	return two[0];
}

static void open_world(struct world *w, bool is_locked)
{
	struct tv_server *s = &w->server;
	struct tv_lane ends[2];

	*s = (struct tv_server){.config = &config,
				.providers = providers,
				.uid = getuid(),
				.epoll = epoll_create1(0),
				.link.fd = pair(&w->keeper, SOCK_SEQPACKET),
				.listener.fd = pair(&w->client, SOCK_STREAM),
				.inval.ours = pair(&w->thread, SOCK_STREAM),
				.most_clients = 10,
				.since = 1};
	s->errands_end = &s->errands;
	MUST(tv_lane_make(ends));
	w->who = ends[1];
	tv_who_start(s, &ends[0]);
	MUST(s->epoll >= 0 && tv_door_take_only(s));
	if (!is_locked)
		MUST(!tv_vault_reopen(&s->vault, &file, opened, NULL, NULL));
}

static void free_errands(struct tv_server *s)
{
	/* The next one is an errand's first member. */
	for (struct tv_errand *next; s->errands; s->errands = next) {
		memcpy(&next, s->errands, sizeof(void *));
		free(s->errands);
	}
}

static void free_shown(struct tv_shown_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		tv_shown_free(list->at[i]);
	free(list->at);
}

static void close_world(struct world *w)
{
	struct tv_server *s = &w->server;
	const int fds[] = {w->client, w->keeper, w->thread, s->link.fd, s->inval.ours, s->epoll};

	while (s->clients) {
		shutdown(w->client, SHUT_RDWR);
		s->clients->source.ready(&s->clients->source, EPOLLHUP);
	}
	tv_who_flush(s);
	tv_vault_free(s->vault);
	tv_vault_free(s->edited);
	tv_vault_free(s->directory.of);
	free_shown(&s->shown);
	free_shown(&s->directory.shown);
	for (size_t i = 0; i < s->n_mounted; i++)
		free(s->mounted[i]);
	free(s->mounted);
	free(s->inval.items);
	tv_tree_free(s->directory.tree);
	free_errands(s);
	tv_lane_close(&w->who);
	tv_lane_close(&s->who.lane);
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		close(fds[i]);
}

/* Lets the client be served until nothing more comes of it. What keeper and thread would do is done at once, but who a
 * caller is nobody says. */
static void turn(struct world *w)
{
	struct tv_server *s = &w->server;
	static char drop[TV_FRAME_BYTES + WIRE_MAX];

	for (int i = 0; i < TURNS_MAX && s->clients && !s->clients->is_asking; i++) {
		struct tv_client *c = s->clients;
		const uint32_t wanted = c->source.events;

		s->sync_done = s->sync_asked;
		s->inval.finished = s->inval.asked;
		s->inval.busy = s->inval.again = false;
		c->is_noting = false;
		tv_server_progress(s);
		if (s->clients == c && wanted & (EPOLLIN | EPOLLOUT))
			c->source.ready(&c->source, wanted & EPOLLOUT ? EPOLLOUT : EPOLLIN);
		/* Now and then somebody looks there. */
		if (i % 2)
			MUST(!tv_directory_follow(s, NULL));
		tv_who_hurry(s);
		while (recv(w->client, drop, sizeof drop, MSG_DONTWAIT) > 0)
			;
		while (recv(w->keeper, drop, sizeof drop, MSG_DONTWAIT) > 0)
			;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t wire[TV_FRAME_BYTES + WIRE_MAX];
	struct world w;
	size_t before;
	ssize_t sent;

	if (size < 2 || size > BODY_MAX)
		return 0;
	start();
	before = tv_arena_in_use();
	open_world(&w, data[0] & 4);
	if (data[0] & 1)
		sent = write(w.client, data + 1, size - 1);
	else
		sent = write(w.client, wire, make_frame(wire, data, size));
	MUST(sent > 0);
	turn(&w);
	close_world(&w);
	MUST(tv_arena_in_use() == before);
	return 0;
}
