/* What a descriptor is of, whatever it is called. */
#ifndef TV_INODE_H
#define TV_INODE_H

#include <stdbool.h>

/* Whether it lies on a file system that is as a rule this machine's own. */
bool tv_inode_is_local(int fd);
/* Whether a directory's member is this very file. */
bool tv_inode_is_called(int fd, int dirfd, const char *member);
/* openat(2) of what is there, without its being noted when that was, where we may: to read a file is not to write to the disk. */
int tv_inode_open(int dirfd, const char *member, int flags);

#endif
