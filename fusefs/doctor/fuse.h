/* libfuse's high-level interface, as the doctor uses it: the one place that names its version. */
#ifndef TV_DOCTOR_FUSE_H
#define TV_DOCTOR_FUSE_H

#define FUSE_USE_VERSION 314
#include <fuse.h>

#endif
