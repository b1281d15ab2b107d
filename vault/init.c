/* What a program does before it may hold a secret. */
#include "vault/init.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "vault/json.h"

enum tv_status tv_init_process(struct tv_error *err)
{
	struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0))
		return tv_fail(err, TV_FAILED, "core files can't be forbidden: %s",
			       strerror(errno));
	tv_json_init();
	return TV_OK;
}

void tv_limit_raise(int resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(resource, &limit);
}

enum tv_status tv_init_crypto(struct tv_error *err)
{
	return sodium_init() < 0 ? tv_fail(err, TV_FAILED, "libsodium can't start") : TV_OK;
}

enum tv_status tv_init(struct tv_error *err)
{
	enum tv_status status = tv_init_process(err);

	return status ? status : tv_init_crypto(err);
}
