/* Whether the vault can be locked before sleep and with the screen: that takes D-Bus and logind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/checkup/look.h"
#include "cli/programs.h"

#define INSTEAD "tokenvault setting set lock_idle 15m locks it by time"

static bool answers(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool good = fd >= 0 && strlen(path) < sizeof(to.sun_path);

	if (good) {
		memcpy(to.sun_path, path, strlen(path));
		good = !connect(fd, (struct sockaddr *)&to, sizeof(to));
	}
	if (fd >= 0)
		close(fd);
	return good;
}

/* An address that is no path is believed. */
static bool has_bus(const char *address, const char *usual)
{
	static const char prefix[] = "unix:path=";
	char path[PATH_MAX];

	if (!address || !*address)
		return answers(usual);
	if (strncmp(address, prefix, sizeof(prefix) - 1) != 0)
		return true;
	snprintf(path, sizeof(path), "%s", address + sizeof(prefix) - 1);
	path[strcspn(path, ",;")] = '\0';
	return answers(path);
}

static void look(struct tv_checkup *c)
{
	char path[PATH_MAX], usual[PATH_MAX];
	struct tv_error ignored;

	if (tv_program_find(path, "tokenvault-bus", "../fusefs", &ignored)) {
		tv_remark_note(c, "tokenvault was built without libsystemd, so that nothing locks "
				  "the vault before sleep or with the screen; " INSTEAD);
		return;
	}
	tv_look_path(usual, c, "/run/dbus/system_bus_socket");
	if (!has_bus(getenv("DBUS_SYSTEM_BUS_ADDRESS"), usual))
		tv_remark_note(c, "there is no system D-Bus, so that the vault is not locked "
				  "before sleep; " INSTEAD);
	else if (access(tv_look_path(path, c, "/run/systemd/seats"), F_OK))
		tv_remark_note(c, "there is no logind, so that the vault is not locked before "
				  "sleep; " INSTEAD);
	snprintf(usual, sizeof(usual), "%.4000s/bus", c->cli->paths.runtime_base);
	if (!has_bus(getenv("DBUS_SESSION_BUS_ADDRESS"), usual))
		tv_remark_note(c, "there is no session D-Bus, so that the vault is not locked with "
				  "the screen; " INSTEAD);
}

const struct tv_check tv_check_bus = {
	.name = "bus",
	.fine = "D-Bus and logind are there: the vault can be locked before sleep and with the "
		"screen",
	.look = look,
};
