/* Descriptors that go along with bytes over Unix sockets. */
#ifndef TV_PASS_H
#define TV_PASS_H

#include <stddef.h>
#include <sys/types.h>

/* As sendmsg(2) of the bytes, with a descriptor, unless it is −1; restarted. */
ssize_t tv_pass_send(int socket, const void *bytes, size_t len, int fd, int flags);
/* As recvmsg(2), restarted. *fd is the first descriptor that came along, close-on-exec, or −1; any other is closed. With
 * fd NULL the kernel drops them. */
ssize_t tv_pass_receive(int *fd, int socket, void *bytes, size_t len, int flags);

#endif
