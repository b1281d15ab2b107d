/* Calls the server, and saves what it makes of edits. */
#include "vault/served.h"

#include "vault/connect.h"
#include "vault/header.h"

enum tv_status tv_served_explain(enum tv_status status, const struct tv_served *s,
				 struct tv_error *err)
{
	if (status == TV_NOT_MOUNTED && tv_connect_lasts(s->path))
		return tv_fail(err, TV_SERVER, "it hung up on us, but is still there");
	return status;
}

enum tv_status tv_served_call(struct tv_json **reply, struct tv_bytes *got,
			      const struct tv_served *s, enum tv_agent_message message,
			      const struct tv_json *request, const struct tv_bytes *data,
			      struct tv_error *err)
{
	tv_auto_json *ignored = NULL, *plain = NULL;
	struct tv_json **to = reply ? reply : &ignored;
	enum tv_status status =
		tv_agent_call(to, got, s->socket, message, request, data, TV_SERVED_MS, err);

	if (status == TV_BAD_VALUE && (plain = tv_request_without_wishes(message, request)))
		status = tv_agent_call(to, got, s->socket, message, plain, data, TV_SERVED_MS, err);
	return tv_served_explain(status, s, err);
}

static enum tv_status receive_text(struct tv_secret *text, const struct tv_served *s,
				   enum tv_agent_message message, const struct tv_json *request,
				   struct tv_error *err)
{
	enum tv_status status = tv_agent_send(s->socket, message, request, NULL, TV_SERVED_MS, err);

	return status ? status : tv_agent_receive_text(text, s->socket, TV_SERVED_MS, err);
}

enum tv_status tv_served_text(struct tv_secret *text, const struct tv_served *s,
			      enum tv_agent_message message, const struct tv_json *request,
			      struct tv_error *err)
{
	tv_auto_json *plain = NULL;
	enum tv_status status = receive_text(text, s, message, request, err);

	if (status == TV_BAD_VALUE && (plain = tv_request_without_wishes(message, request)))
		status = receive_text(text, s, message, plain, err);
	return tv_served_explain(status, s, err);
}

/* An edit that is under way. */
struct work {
	const struct tv_served *server;
	bool is_told; /* what is on the disk now, and has not answered */
};

static void take(void *arg, const unsigned char *data, size_t have, size_t whole)
{
	tv_store_take(arg, data, have, whole);
}

/* Sends what an edit is made of. Meanwhile the new file is made, and gets what has come; if it can't, the commit says why. */
static enum tv_status ask(struct tv_json **reply, struct tv_bytes *next, const struct tv_served *s,
			  struct tv_store *store, enum tv_agent_message message,
			  const struct tv_json *request, const struct tv_bytes *data,
			  struct tv_error *err)
{
	const struct tv_inlet inlet = {take, store};
	struct tv_error ignored;
	enum tv_status status = tv_agent_send(s->socket, message, request, data, TV_SERVED_MS, err);

	if (!status && tv_store_prepare(store, &ignored))
		*ignored.detail = '\0';
	if (!status)
		status = tv_agent_receive(reply, next, &inlet, s->socket, TV_SERVED_MS, err);
	return tv_served_explain(status, s, err);
}

/* The server makes the next generation of the file that we hold locked; we save it. It nearly always has the file
 * open as it is, and then the header is enough. */
static enum tv_status edit(struct tv_json **reply, struct tv_bytes *next, void *arg,
			   const struct tv_basis *basis, enum tv_agent_message message,
			   const struct tv_json *request, struct tv_error *err)
{
	const struct work *w = arg;
	tv_auto_bytes file = {0};
	enum tv_status status =
		ask(reply, next, w->server, basis->store, message, request, &basis->front, err);

	if (status != TV_DAMAGED)
		return status;
	status = tv_store_read(&file, basis->store, err);
	return status ? status
		      : ask(reply, next, w->server, basis->store, message, request, &file, err);
}

/* Tells the server what is in place now, which it has made itself, by the header. It shows that while the directory comes to
 * the disk: whoever looks there sees it as well. */
static void tell(void *arg, const struct tv_bytes *file)
{
	struct work *w = arg;
	const struct tv_bytes front = {.data = file->data,
				       .len = tv_header_length(file->data, file->len)};
	tv_auto_json *request = tv_json_object();
	struct tv_error ignored;

	w->is_told = !tv_agent_send(w->server->socket, TV_AGENT_reload, request, &front,
				    TV_SERVED_MS, &ignored);
}

/* Waits until it is shown; where the server has not kept it all, sends that. When the server can't be told the edit is made
 * all the same, and the keeper, which watches the file, will tell it. */
static void wait_for_it(const struct work *w, const struct tv_bytes *file)
{
	tv_auto_json *request = tv_json_object(), *answer = NULL;
	struct tv_error ignored;
	enum tv_status status;

	if (!w->is_told)
		return;
	status = tv_agent_receive(&answer, NULL, NULL, w->server->socket, TV_SERVED_MS, &ignored);
	if (status != TV_DAMAGED ||
	    tv_served_call(NULL, NULL, w->server, TV_AGENT_reload, request, file, &ignored))
		return;
}

enum tv_status tv_served_edit(struct tv_json **reply, const struct tv_served *s,
			      const struct tv_local *local, enum tv_agent_message message,
			      const struct tv_json *request, struct tv_error *err)
{
	struct work work = {.server = s};
	const struct tv_editor editor = {.edit = edit, .placed = tell, .arg = &work};
	tv_auto_bytes file = {0};
	enum tv_status status =
		tv_local_commit(reply, &file, local, &editor, message, request, err);

	if (!status)
		tv_local_remember_edit(local, *reply);
	wait_for_it(&work, &file);
	return status;
}
