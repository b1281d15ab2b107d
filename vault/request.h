/* What the handlers of READ and EDIT messages share. Only for the library itself. */
#ifndef TV_REQUEST_H
#define TV_REQUEST_H

#include "vault/agent.h"
#include "vault/entry.h"

/* The members provider and label; *label is NULL where it is missing. TV_BAD_VALUE. */
enum tv_status tv_request_name(const char **provider, const char **label,
			       const struct tv_json *request, struct tv_error *err) TV_MUST_CHECK;
/* The entry of that name; TV_NO_ENTRY, naming it and what to do. */
enum tv_status tv_request_entry(const struct tv_entry **out, const struct tv_doc *doc,
				const struct tv_json *request, struct tv_error *err) TV_MUST_CHECK;
/* The same, to be changed. */
enum tv_status tv_request_own(struct tv_entry **out, struct tv_doc *doc,
			      const struct tv_json *request, struct tv_error *err) TV_MUST_CHECK;
/* A time member: missing (*given false), null for none, or a whole number not below zero. TV_BAD_VALUE. */
enum tv_status tv_request_time(int64_t *out, bool *given, const struct tv_json *request,
			       const char *key, struct tv_error *err) TV_MUST_CHECK;
/* Puts the entry's provider and label into the reply. */
enum tv_status tv_reply_name(struct tv_json *reply, const struct tv_entry *e,
			     struct tv_error *err) TV_MUST_CHECK;
/* Puts when a version expires, and who says so; false when memory is out. */
bool tv_reply_expiry(struct tv_json *reply, const struct tv_version *v);
/* Puts a time; 0 is "none", and null in messages. */
bool tv_reply_time(struct tv_json *j, const char *key, int64_t time);
/* Puts the members of the object that a text is. */
enum tv_status tv_reply_text(struct tv_json *reply, const struct tv_secret *text,
			     struct tv_error *err) TV_MUST_CHECK;
/* TV_NO_MEMORY unless put; for chains of tv_json_put_…. */
enum tv_status tv_reply_put(bool put, struct tv_error *err) TV_MUST_CHECK;

/* The handlers, tv_request_NAME, one for each row of agent.def but SERVER's. They fill the reply. */
#define TV_HANDLER_READ(name)                                                                      \
	enum tv_status tv_request_##name(struct tv_json *reply, const struct tv_vault *vault,      \
					 const struct tv_json *request, struct tv_error *err);
#define TV_HANDLER_EDIT(name)                                                                      \
	enum tv_status tv_request_##name(struct tv_json *reply, struct tv_vault *vault,            \
					 const struct tv_json *request, int64_t now,               \
					 struct tv_error *err);
#define TV_HANDLER_KEYS(name) TV_HANDLER_EDIT(name)
#define TV_HANDLER_SERVER(name)
#define TV_AGENT(number, name, kind) TV_HANDLER_##kind(name)
#include "vault/agent.def"
#undef TV_AGENT
#undef TV_HANDLER_READ
#undef TV_HANDLER_EDIT
#undef TV_HANDLER_KEYS
#undef TV_HANDLER_SERVER

/* A time; 0 is null. */
void tv_write_time(struct tv_secret *out, const char *key, int64_t time);
/* The members that tell what is known of an entry, short of its token and fields. */
void tv_write_about(struct tv_secret *out, const struct tv_entry *e);
/* What `expiring` answers to a request's `before`, as an object. */
enum tv_status tv_write_expiring(struct tv_secret *out, const char *key,
				 const struct tv_vault *vault, const struct tv_json *request,
				 struct tv_error *err) TV_MUST_CHECK;

/* The same as the handlers, appended as text, of those whose reply may be long or is waited for. */
enum tv_status tv_print_show(struct tv_secret *out, const struct tv_vault *vault,
			     const struct tv_json *request, struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_print_list(struct tv_secret *out, const struct tv_vault *vault,
			     const struct tv_json *request, struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_print_expiring(struct tv_secret *out, const struct tv_vault *vault,
				 const struct tv_json *request, struct tv_error *err) TV_MUST_CHECK;

#endif
