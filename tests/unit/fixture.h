/* What the unit tests of the vault share: a cheap KDF, two credentials, a vault with both. */
#ifndef TV_FIXTURE_H
#define TV_FIXTURE_H

/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vault/agent.h"
#include "vault/vault.h"

#define assert_ok(expression) assert_status(expression, TV_OK)
#define assert_status(expression, wanted)                                                          \
	assert_string_equal(tv_status_name(expression), tv_status_name(wanted))

/* 8 to 64 KiB, 1 to 2 passes. */
extern const struct tv_kdf_limits fixture_limits;
extern const struct tv_kdf fixture_cost;

#define FIXTURE_PASSPHRASE "correct horse battery staple"
#define FIXTURE_KEYFILE	   "0123456789abcdef0123456789abcdef0123456789abcdef"
#define FIXTURE_DEVICE	   "a machine's own key: 32 bytes..."

/* With this text for every part. */
struct tv_credential fixture_credential(const char *type, const char *secret);
/* A credential of this type that is usable and right for fixture_slot's, and one in which a part is usable, but another. */
struct tv_credential fixture_right(const char *type);
struct tv_credential fixture_wrong(const char *type, enum tv_part part);
/* A slot of this type, for a vault; NULL: of one that is yet to be made. */
struct tv_slot_new fixture_slot(const char *type, const struct tv_vault *vault);
/* A vault with a passphrase and a keyfile, and one entry azion/default with this token. */
struct tv_vault *fixture_vault(const char *token);
/* And a slot of every type that it has not. */
void fixture_add_types(struct tv_vault *vault);
/* Its next generation. */
void fixture_seal(struct tv_bytes *file, struct tv_vault *vault);
/* A directory of its own for a test program, and in it a store for a.vault: into it, rid of what is there, and away again. */
int fixture_enter(char *dir, struct tv_store **store);
void fixture_clear(void);
int fixture_leave(const char *dir, struct tv_store *store);
/* Commits a text as a vault's file, with the lock. */
enum tv_status fixture_save(struct tv_store *store, const char *text, bool fresh,
			    enum tv_backup backup, struct tv_error *err);
/* Finds the slot and opens. */
enum tv_status fixture_open(struct tv_vault **out, const struct tv_bytes *file, const char *type,
			    const struct tv_seen *seen);
/* An object from text; single quotes stand for double ones. */
struct tv_json *fixture_json(const char *text);
/* An EDIT, or a READ, on an open vault; reply may be NULL. */
enum tv_status fixture_edit(struct tv_json **reply, struct tv_vault *vault,
			    enum tv_agent_message message, const char *request);
enum tv_status fixture_read(struct tv_json **reply, const struct tv_vault *vault,
			    enum tv_agent_message message, const char *request);

#endif
