/* Command lines, a word behind each NUL: parsing them, and what their values may be. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/help.h"
#include "cli/span.h"
#include "fuzz.h"

#define WORDS_MAX 64

/* main.c has it, which is libFuzzer's here. */
void tv_complain(enum tv_status status, const struct tv_error *err)
{
	MUST(status && err);
}

static void read_value(const char *text)
{
	char host[TV_HOST_MAX];
	int64_t when;

	if (tv_when_read(&when, text))
		MUST(when <= TV_WHEN_LAST);
	if (!tv_http_host(host, text, NULL))
		MUST(tv_http_host_is_valid(host));
	MUST(!tv_text_is_shown(text, 100) || tv_text_is_valid(text, 100));
}

static void look(int argc, char **argv)
{
	tv_auto_args args = {0};
	struct tv_error err = {""};
	unsigned long number = 0;

	if (tv_args_parse(&args, argc, argv, &err)) {
		MUST(*err.detail && strlen(err.detail) < sizeof err.detail);
		return;
	}
	MUST(args.command || tv_args_has(&args, "help") || tv_args_has(&args, "version"));
	for (size_t i = 0; i < args.n_given; i++) {
		if (!args.given[i].value)
			continue;
		read_value(args.given[i].value);
		if (!tv_args_number(&number, &args, args.given[i].option->name, 1000, NULL))
			MUST(number <= 1000);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "tokenvault";
	char *argv[WORDS_MAX + 2] = {name};
	char *text = malloc(size + 1);
	int argc = 1;

	MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t at = 0; at < size && argc <= WORDS_MAX; at += strlen(text + at) + 1)
		argv[argc++] = text + at;
	look(argc, argv);
	free(text);
	return 0;
}
