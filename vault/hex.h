/* Bytes as hex text in JSON: ids, public keys, pins. */
#ifndef TV_HEX_H
#define TV_HEX_H

#include <stdbool.h>
#include <stddef.h>

#include "vault/json.h"

/* Puts lower-case hex; false when memory is out. */
bool tv_json_put_hex(struct tv_json *object, const char *key, const unsigned char *data,
		     size_t len);
/* Exactly len bytes of lower-case hex; false for anything else. */
bool tv_json_hex(const struct tv_json *text, unsigned char *out, size_t len);
bool tv_json_get_hex(const struct tv_json *object, const char *key, unsigned char *out, size_t len);

#endif
