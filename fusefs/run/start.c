/* Namespaces, ground, and the one client. */
#include "fusefs/run/start.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fusefs/run/ground.h"
#include "fusefs/run/kin.h"
#include "fusefs/run/namespace.h"

enum tv_status tv_run_start(struct tv_duty *k, struct tv_error *err)
{
	enum tv_status status = TV_OK;

	/* What the terminal says is for the command. */
	setsid();
	if (chdir("/"))
		return tv_fail(err, TV_IO, "/: %s", strerror(errno));
	if (!tv_kin_begin())
		status = tv_fail(err, TV_FAILED, "whoever started this is gone, or can't be seen");
	if (!status)
		status = tv_namespace_enter(err);
	if (!status)
		status = tv_ground_prepare(&k->mounts.ground, k->config, &k->mounts.journal, err);
	if (!status)
		status = tv_namespace_send(k->config->ready_fd, err);
	k->listener = k->config->run_fd;
	return status;
}
