/* systemd's manager of the user's services, as systemctl reaches it. */
#ifndef TV_SYSTEMCTL_H
#define TV_SYSTEMCTL_H

#include <stdbool.h>

/* Whether the machine was booted with systemd, as sd_booted(3) tells. */
bool tv_systemctl_is_booted(void);
/* Runs `systemctl --user WORD…` and gives its exit code; −1 when there is none. words ends in NULL. Unless it is
 * loud, nothing of what it says is shown. */
int tv_systemctl(bool is_loud, const char *const *words);

#endif
