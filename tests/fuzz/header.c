/* Headers of vault files: what is taken is written back to the byte. */
#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	tv_auto_bytes again = {0};
	struct tv_header h;

	if (tv_header_parse(&h, data, size, NULL))
		return 0;
	tv_header_print(&again, &h);
	tv_bytes_append(&again, h.mac, sizeof h.mac);
	MUST(again.len == h.len && !memcmp(again.data, data, again.len));
	MUST(h.len + h.payload_len == size);
	tv_header_free(&h);
	return 0;
}
