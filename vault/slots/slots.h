/* The slot types, declared from their list. */
#ifndef TV_SLOTS_H
#define TV_SLOTS_H

#include "vault/slot.h"

#define TV_SLOT(name) extern const struct tv_slot_type tv_slot_##name;
#include "vault/slots/slots.def"
#undef TV_SLOT

#endif
