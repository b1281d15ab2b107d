/* Which files tokenvault-fetch may still read. */
#include "cli/fetch/sandbox.h"

#include "cli/fetch/calls.h"

#define ROOTS_MAX 2

/* Where libraries, certificates and what the resolver wants are. Homes and runtime directories are
 * not among them. */
static const char *const system_files[] = {
	"/etc",
	"/usr",
	"/lib",
	"/lib32",
	"/lib64",
	"/nix/store",
	"/gnu/store",
	"/var/lib/ca-certificates",
	"/run/systemd/resolve",
	"/run/NetworkManager",
	"/run/resolvconf",
	"/dev/null",
	"/dev/random",
	"/dev/urandom",
	"/sys/devices/system/cpu",
	"/etc/resolv.conf", /* where it leads to, which on some systems is elsewhere */
};

enum tv_status tv_fetch_confine(const char *const *roots, struct tv_error *err)
{
	const size_t count = sizeof(system_files) / sizeof(system_files[0]);
	const char *readable[sizeof(system_files) / sizeof(system_files[0]) + ROOTS_MAX + 1] = {
		NULL};
	enum tv_status status;

	for (size_t i = 0; i < count; i++)
		readable[i] = system_files[i];
	for (size_t i = 0; i < ROOTS_MAX && roots[i]; i++)
		readable[count + i] = roots[i];
	status = tv_sandbox_files(readable, true, err);
	return status ? status : tv_sandbox_calls(tv_fetch_calls, TV_OTHERWISE_ENOSYS, err);
}
