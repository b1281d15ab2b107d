/*
 * The namespace of a run: what is mounted there, nobody outside sees. It is made with what powers there
 * are: a mount namespace alone by who may, else one in a user namespace in which each has the numbers that
 * they have outside.
 */
#ifndef TV_NAMESPACE_H
#define TV_NAMESPACE_H

#include "vault/vault.h"

/* Moves this process, which must have one thread, into new namespaces. TV_NO_FUSE, saying what is switched
 * off. */
enum tv_status tv_namespace_enter(struct tv_error *err) TV_MUST_CHECK;
/* Sends descriptors of them over a socket: the mount namespace, and the user namespace where it was made
 * too. */
enum tv_status tv_namespace_send(int socket, struct tv_error *err) TV_MUST_CHECK;

#endif
