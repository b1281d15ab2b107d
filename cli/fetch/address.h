/* Which addresses are out on the Internet. */
#ifndef TV_ADDRESS_H
#define TV_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* False for every address of this machine, of a local or private network, or of no use to a service:
 * IANA's special-purpose registries, IPv4 in IPv6 included, and families that are neither. */
bool tv_address_is_public(const struct sockaddr *address);

#endif
