/* The status screen of a status that is made up: screen_drive HOME NOW, with the JSON on standard input, times
 * in seconds. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/status/screen.h"

#define STATUS_MAX (1 << 20)

void tv_complain(enum tv_status status, const struct tv_error *err)
{
	fprintf(stderr, "screen_drive: %s: %s\n", tv_status_sentence(status), err->detail);
}

int main(int argc, char **argv)
{
	tv_auto_secret text = {0};
	tv_auto_json *j = NULL;
	struct tv_error err = {""};
	enum tv_status status = tv_init(&err);

	if (argc != 3)
		return 2;
	if (!status)
		status = tv_secret_read(&text, 0, STATUS_MAX, "the status", &err);
	if (!status)
		status = tv_json_parse(&j, text.data, text.len, &err);
	if (!status)
		tv_screen_print(j, argv[1], strtoll(argv[2], NULL, 10));
	else
		tv_complain(status, &err);
	return tv_status_exit(status);
}
