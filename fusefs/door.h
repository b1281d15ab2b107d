/* Where clients come in. */
#ifndef TV_DOOR_H
#define TV_DOOR_H

#include <stdbool.h>
#include <stdint.h>

struct tv_server;
struct tv_source;

/* The listener's source. */
void tv_door_ready(struct tv_source *source, uint32_t events);
/* How many ms until tv_door_hurry has something to do; −1: for ever. */
int tv_door_wait(const struct tv_server *server);
/* Lets in who waits before the door, once it is time. */
void tv_door_hurry(struct tv_server *server);
/* Of a run: what stands in the listener's place is its only client. false when that can't be. */
bool tv_door_take_only(struct tv_server *server);

#endif
