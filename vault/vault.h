/*
 * libvault's front door. A vault is one encrypted file that holds the access tokens of many
 * services; this library reads, changes and saves it, knows the services' definitions, renders
 * their files, and speaks with a running server. It never prints, prompts, exits or looks at the
 * environment. The other rooms include this header, vault/agent.h and, for programs that
 * confine themselves, vault/sandbox.h, nothing else of the room.
 */
#ifndef TV_VAULT_H
#define TV_VAULT_H

#include "vault/arena.h"
#include "vault/audit.h"
#include "vault/auditevent.h"
#include "vault/auditverify.h"
#include "vault/caller.h"
#include "vault/doc.h"
#include "vault/enrolment.h"
#include "vault/file.h"
#include "vault/hidden.h"
#include "vault/http.h"
#include "vault/init.h"
#include "vault/json.h"
#include "vault/listing.h"
#include "vault/pointer.h"
#include "vault/proc.h"
#include "vault/provider.h"
#include "vault/resolve.h"
#include "vault/rules.h"
#include "vault/seal.h"
#include "vault/secret.h"
#include "vault/session.h"
#include "vault/slot.h"
#include "vault/state.h"
#include "vault/status.h"
#include "vault/store.h"
#include "vault/utf8.h"
#include "vault/view.h"
#include "vault/when.h"
#include "vault/write.h"

#endif
