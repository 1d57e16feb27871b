/* Room for connections: how many all workers of a run have, and who of them waits to accept more.
 *
 * A worker that accepts has to take a place before it serves.  Two may accept when there is one
 * left: then one of the accepted connections waits, like those in the backlog.  Where nobody waits,
 * taking and leaving is one atomic step each, and for a worker that is alone not even that. */
#ifndef BIDE_WEB_ROOM_H
#define BIDE_WEB_ROOM_H

#include <bide/base.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct bide_worker;

struct room {
    bool shared;                /* by several threads */
    size_t max;
    atomic_size_t taken;
    atomic_bool wanted;         /* some place's `wants_room` is set */
    pthread_mutex_t lock;       /* over that, and what places have of it */
};

void bide__room_begin(struct room *room, size_t max, bool shared);
void bide__room_end(struct room *room);
/* Waits until there may be a place: 0, or BIDE_ECANCELED. */
BIDE_WAITS int bide__room_wait(struct bide_worker *worker);
/* Waits for a place, and takes it: 0, or BIDE_ECANCELED. */
BIDE_WAITS int bide__room_take(struct bide_worker *worker);
/* Takes a place if there is one. */
bool bide__room_take_now(struct bide_worker *worker);
/* Gives it back, and tells who waits. */
void bide__room_leave(struct bide_worker *worker);
/* The worker ends, and wants none any more. */
void bide__room_forget(struct bide_worker *worker);

#endif
