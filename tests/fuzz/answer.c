/* What a server answers to a client, header and all; and, where the first byte says so, with a header that fits. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "vault/agent.h"

#define WIRE_MAX 65536

static size_t make_frame(uint8_t *out, const uint8_t *data, size_t size)
{
	struct tv_frame f = {0};
	size_t body;

	if (size < 4)
		return 0;
	body = (data[2] | (size_t)data[3] << 8) % (size - 3);
	f.code = (uint16_t)(data[1] % 40);
	f.body_len = (uint32_t)body;
	f.data_len = (uint32_t)(size - 4 - body);
	tv_frame_print(out, &f);
	memcpy(out + TV_FRAME_BYTES, data + 4, size - 4);
	return TV_FRAME_BYTES + size - 4;
}

static void call(const uint8_t *wire, size_t size)
{
	tv_auto_json *request = tv_json_object();
	tv_auto_json *reply = NULL;
	tv_auto_bytes got = {0};
	struct tv_error err = {""};
	enum tv_status status;
	int pair[2];

	MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	MUST(write(pair[1], wire, size) == (ssize_t)size);
	shutdown(pair[1], SHUT_WR);
	status = tv_agent_call(&reply, &got, pair[0], TV_AGENT_status, request, NULL, 1000, &err);
	MUST(!status == (reply != NULL));
	close(pair[0]);
	close(pair[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t wire[TV_FRAME_BYTES + WIRE_MAX];
	const size_t before = tv_arena_in_use();

	if (!size || size > WIRE_MAX)
		return 0;
	if (data[0] & 1)
		call(wire, make_frame(wire, data, size));
	else
		call(data + 1, size - 1);
	MUST(tv_arena_in_use() == before);
	return 0;
}
