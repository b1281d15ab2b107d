/* The way to a server's socket. */
#ifndef TV_CONNECT_H
#define TV_CONNECT_H

#include <stdbool.h>

/* A stream that is connected to the socket of that path, however long that is; −1. */
int tv_connect(const char *path);
/* Whether a server that cut us off is there for others: one that is ending lets nobody in any more, soon. */
bool tv_connect_lasts(const char *path);

#endif
