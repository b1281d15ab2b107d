/* The table of statuses and the writing of an error's detail. */
#include "vault/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int exit;
	int err;
	const char *sentence;
} rows[] = {
#define TV_STATUS(name, exit, err, sentence) {#name, exit, err, sentence},
#include "vault/status.def"
#undef TV_STATUS
};

#define ROWS ((int)(sizeof rows / sizeof *rows))

static int row(enum tv_status status)
{
	return (int)status >= 0 && (int)status < ROWS ? (int)status : TV_FAILED;
}

enum tv_status tv_fail(struct tv_error *err, enum tv_status status, const char *format, ...)
{
	if (err) {
		va_list args;

		va_start(args, format);
		vsnprintf(err->detail, sizeof err->detail, format, args);
		va_end(args);
	}
	return status;
}

int tv_status_exit(enum tv_status status)
{
	return rows[row(status)].exit;
}

int tv_status_errno(enum tv_status status)
{
	return rows[row(status)].err;
}

const char *tv_status_sentence(enum tv_status status)
{
	return rows[row(status)].sentence;
}

const char *tv_status_name(enum tv_status status)
{
	return rows[row(status)].name;
}

enum tv_status tv_status_by_name(const char *name)
{
	for (int i = 0; i < ROWS; i++)
		if (!strcmp(rows[i].name, name))
			return (enum tv_status)i;
	return TV_FAILED;
}

int tv_status_count(void)
{
	return ROWS;
}
