/* Headers of vault files, with what follows them and without: what is taken is written back to the byte. */
#include <string.h>

#include "fuzz.h"

#define LENGTH_AT  12
#define PAYLOAD_AT 104
#define COUNT_AT   112
#define SLOTS_AT   120
#define SLOT_MIN   8 /* up to and with its length */
#define MAC_BYTES  32

static void put_u32(uint8_t *at, size_t value)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static size_t get_u32(const uint8_t *at)
{
	return at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
}

/* Has slots, whatever is in them, fill a header of that size, and all lengths say so. */
static void make_whole(uint8_t *data, size_t size)
{
	static const uint8_t front[LENGTH_AT] = "\x89TKV\r\n\x1a\n\1\0\1";
	const size_t end = size - MAC_BYTES;
	uint8_t n = 0;

	memcpy(data, front, sizeof front);
	put_u32(data + LENGTH_AT, size);
	put_u32(data + PAYLOAD_AT, TV_PAYLOAD_MIN);
	memset(data + PAYLOAD_AT + 4, 0, SLOTS_AT - PAYLOAD_AT - 4);
	for (size_t at = SLOTS_AT, len; at + SLOT_MIN <= end; at += len, n++) {
		len = get_u32(data + at + 4);
		if (len < SLOT_MIN || len > end - at) {
			len = end - at;
			put_u32(data + at + 4, len);
		}
	}
	data[COUNT_AT] = n;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	size = LLVMFuzzerMutate(data, size, most);
	if (seed % 8 && size >= SLOTS_AT + SLOT_MIN + MAC_BYTES)
		make_whole(data, size);
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	tv_auto_bytes again = {0};
	struct tv_header h, whole;
	bool is_whole;

	if (tv_header_parse_front(&h, data, size, NULL))
		return 0;
	tv_header_print(&again, &h);
	tv_bytes_append(&again, h.mac, sizeof h.mac);
	MUST(again.len == h.len && !memcmp(again.data, data, again.len));
	is_whole = h.len + h.payload_len == size;
	MUST(is_whole || h.len == size);
	MUST(is_whole == !tv_header_parse(&whole, data, size, NULL));
	if (is_whole)
		tv_header_free(&whole);
	tv_header_free(&h);
	return 0;
}
