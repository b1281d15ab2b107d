/* Puts the server's events into words, and sends them. */
#include "fusefs/record.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fusefs/client.h"

static void put_file(struct tv_bytes *out, const struct tv_server *s, const struct tv_shown *shown)
{
	const struct tv_fs_config *c = s->config;
	char path[2 * PATH_MAX];

	if (shown)
		snprintf(path, sizeof path, "%s/%s", shown->view.in_place ? c->home : c->tree,
			 shown->view.path);
	else
		snprintf(path, sizeof path, "%s", c->tree);
	tv_line_text(out, "file", path);
}

/* While locked it is only known what the files are called. */
static void put_shown(struct tv_bytes *out, const struct tv_server *s, const struct tv_shown *shown)
{
	size_t n = 0;
	const struct tv_entry **entries =
		s->vault ? tv_view_entries(&n, &shown->view, tv_vault_doc(s->vault), s->providers)
			 : NULL;

	put_file(out, s, shown);
	if (entries)
		tv_line_entries(out, entries, n);
	else
		tv_line_entry_name(out, shown->view.provider, shown->view.label);
	free(entries);
}

/* What does not change from open to open is put together once. */
void tv_record_access(struct tv_bytes *out, const struct tv_server *s, struct tv_shown *shown,
		      const char *event, int err, const char *why, const char *rule)
{
	tv_line_text(out, "event", event);
	if (shown && !shown->words.len) {
		shown->words.failed = false;
		put_shown(&shown->words, s, shown);
	}
	if (shown && !shown->words.failed) {
		tv_bytes_append(out, ",", 1);
		tv_bytes_append(out, shown->words.data, shown->words.len);
	}
	tv_line_text(out, "verdict", err ? "refused" : "allowed");
	if (err)
		tv_line_text(out, "why", *why ? why : strerror(err));
	tv_line_text(out, "rule", rule && *rule ? rule : NULL);
}

/* Takes the event over. Of what nobody did there is nobody to be told. */
static void send(struct tv_server *s, struct tv_bytes *event, struct tv_client *who, uint32_t flags,
		 const struct tv_audit_epoch *epoch)
{
	struct tv_asking a = {
		.flags = flags,
		.event = *event,
		.client = who,
		.answered = tv_client_noted,
	};

	a.question.task = who ? who->pid : 0;
	if (epoch)
		a.epoch = *epoch;
	tv_who_record(s, &a);
	a.epoch = (struct tv_audit_epoch){0};
}

/* Whoever does it waits for the line with its reply, for else it may be gone before it is looked at. */
static uint32_t waiting(const struct tv_server *s)
{
	if (!s->actor || s->actor->is_asking)
		return TV_ASK_SILENT;
	s->actor->is_asking = true;
	return 0;
}

/* An event with which an epoch begins, where there is a key for one. */
static void send_beginning(struct tv_server *s, struct tv_bytes *event)
{
	struct tv_audit_epoch epoch;

	s->has_epoch = tv_audit_epoch_make(&epoch, s->vault);
	if (!s->has_epoch) {
		send(s, event, s->actor, waiting(s), NULL);
		return;
	}
	send(s, event, s->actor, TV_ASK_BEGIN | waiting(s), &epoch);
	epoch = (struct tv_audit_epoch){0};
}

void tv_record_unlock(struct tv_server *s)
{
	struct tv_bytes event = {0};

	s->kept.unaudited = tv_vault_doc(s->vault)->settings.unaudited;
	s->has_epoch = false;
	if (s->kept.unaudited)
		return;
	tv_line_text(&event, "event", "unlock");
	send_beginning(s, &event);
}

void tv_record_follow(struct tv_server *s)
{
	struct tv_bytes event = {0};

	s->kept.unaudited = tv_vault_doc(s->vault)->settings.unaudited;
	if (s->kept.unaudited || s->has_epoch || !tv_vault_doc(s->vault)->has_audit)
		return;
	tv_line_text(&event, "event", "epoch");
	send_beginning(s, &event);
}

void tv_record_lock(struct tv_server *s, const char *cause)
{
	struct tv_bytes event = {0};

	s->has_epoch = false;
	if (s->kept.unaudited)
		return;
	tv_line_text(&event, "event", "lock");
	tv_line_text(&event, "by", cause);
	send(s, &event, s->actor, waiting(s), NULL);
}

void tv_record_mount(struct tv_server *s, const struct tv_shown *shown, bool is_mounted)
{
	struct tv_bytes event = {0};

	if (s->kept.unaudited)
		return;
	tv_line_text(&event, "event", is_mounted ? "mount" : "unmount");
	put_file(&event, s, shown);
	send(s, &event, NULL, TV_ASK_SILENT, NULL);
}

void tv_record_edit(struct tv_server *s, unsigned message, const struct tv_json *request,
		    const struct tv_json *reply)
{
	struct tv_asking a = {.client = s->actor,
			      .answered = tv_client_edit_noted,
			      .flags = TV_ASK_EDIT | (s->actor->is_noting ? TV_ASK_SILENT : 0)};

	if (!tv_message_is_noted(tv_vault_doc(s->vault), message, request))
		return;
	tv_line_edit(&a.event, message, request, reply);
	a.question.task = s->actor->pid;
	s->actor->is_noting = true;
	tv_who_record(s, &a);
}
