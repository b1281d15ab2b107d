/*
 * The socket's name, watched. Who ends a user's last session takes the runtime directory away, with the socket
 * in it: nobody could reach the server any more, not even to end it, and the next one could not start.
 */
#ifndef TV_ADDRESS_H
#define TV_ADDRESS_H

#include "fusefs/config.h"

/* To be polled; −1: the system would not let us watch. */
int tv_address_watch(const struct tv_fs_config *config);
/* To be called when it is ready: whether the socket has gone. */
bool tv_address_is_gone(int watch, const struct tv_fs_config *config);

#endif
