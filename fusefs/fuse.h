/* libfuse's low-level interface: the one place that names its version. */
#ifndef TV_FUSE_H
#define TV_FUSE_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#endif
