/* The way to a server's socket. */
#ifndef TV_CONNECT_H
#define TV_CONNECT_H

/* A stream that is connected to the socket of that path, however long that is; −1. */
int tv_connect(const char *path);

#endif
