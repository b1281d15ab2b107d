/*
 * The keeper: mounts and unmounts, watches the server and the vault's file, and takes everything
 * away again. It never holds a secret.
 */
#ifndef TV_KEEPER_H
#define TV_KEEPER_H

#include "fusefs/config.h"

/* Runs an instance to its end. Once the server is ready, the ready descriptor has got its status
 * and is closed (config->ready_fd is −1 then). TV_BUSY, TV_NO_FUSE, TV_IO. */
enum tv_status tv_keeper_run(struct tv_fs_config *config, struct tv_error *err) TV_MUST_CHECK;

/* Clears away what a killed instance left. TV_NOT_MOUNTED when there was nothing, TV_BUSY when one
 * is running. */
enum tv_status tv_keeper_cleanup(struct tv_fs_config *config, struct tv_error *err) TV_MUST_CHECK;

/* Writes one byte, the status, and the detail, to whoever started us. */
void tv_keeper_tell(int ready_fd, enum tv_status status, const char *detail);

#endif
