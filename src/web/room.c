/* Taking and giving places, and telling other loops of them. */
#include "web/room.h"

#include "core/outside.h"
#include "web/run.h"

void bide__room_begin(struct room *room, size_t max, bool shared)
{
    room->max = max;
    room->shared = shared;
    atomic_init(&room->taken, 0);
    atomic_init(&room->wanted, false);
    pthread_mutex_init(&room->lock, NULL);
}

void bide__room_end(struct room *room)
{
    pthread_mutex_destroy(&room->lock);
}

/* ---- waiting ---- */

static bool is_full(const struct room *room)
{
    return atomic_load(&room->taken) >= room->max;
}

/* Who leaves looks at `wanted` after it has left, and who wants to enter looks for room after it
 * has said so: one of them sees the other. */
static void want(struct room *room, struct place *place)
{
    pthread_mutex_lock(&room->lock);
    place->wants_room = true;
    atomic_store(&room->wanted, true);
    pthread_mutex_unlock(&room->lock);
}

int bide__room_wait(struct bide_worker *worker)
{
    struct room *room = &worker->run->room;
    int rc = 0;
    while (rc == 0 && is_full(room)) {
        bide_event_clear(&worker->room);
        if (room->shared)
            want(room, &worker->run->places[worker->index]);
        if (is_full(room))
            rc = bide_event_wait(&worker->room);
    }
    return rc;
}

static bool take_alone(struct room *room)
{
    size_t taken = atomic_load_explicit(&room->taken, memory_order_relaxed);
    if (taken >= room->max)
        return false;
    atomic_store_explicit(&room->taken, taken + 1, memory_order_relaxed);
    return true;
}

static bool take(struct room *room)
{
    if (!room->shared)
        return take_alone(room);
    size_t taken = atomic_load(&room->taken);
    while (taken < room->max)
        if (atomic_compare_exchange_weak(&room->taken, &taken, taken + 1))
            return true;
    return false;
}

bool bide__room_take_now(struct bide_worker *worker)
{
    return take(&worker->run->room);
}

int bide__room_take(struct bide_worker *worker)
{
    int rc = 0;
    while (rc == 0 && !take(&worker->run->room))
        rc = bide__room_wait(worker);
    return rc;
}

/* ---- telling ---- */

/* On the thread of a worker, which may have gone meanwhile, in its poller. */
static void tell_here(struct post *post)
{
    struct place *place = (struct place *)(void *)((char *)post - offsetof(struct place, room));
    struct run *run = place->run;
    pthread_mutex_lock(&run->room.lock);
    place->room_told = false;
    pthread_mutex_unlock(&run->room.lock);
    if (place->worker)
        bide_event_set(&place->worker->room);
    bide__run_drop(run);
}

/* Under the lock, so the loop of who wants room is still there.  A post that is on its way already
 * comes after what is told now. */
static void tell(struct run *run, struct place *place)
{
    place->wants_room = false;
    if (place->room_told)
        return;
    place->room_told = true;
    place->room.run = tell_here;
    bide__run_hold(run);
    if (!bide__inbox_post(bide__inbox_of(place->loop), &place->room))
        bide__run_drop(run);
}

/* All that want it: one alone may be one to which nobody comes. */
static void tell_all(struct run *run)
{
    pthread_mutex_lock(&run->room.lock);
    atomic_store(&run->room.wanted, false);
    for (unsigned i = 0; i < run->workers; i++)
        if (run->places[i].wants_room)
            tell(run, &run->places[i]);
    pthread_mutex_unlock(&run->room.lock);
}

void bide__room_leave(struct bide_worker *worker)
{
    struct room *room = &worker->run->room;
    if (room->shared) {
        atomic_fetch_sub(&room->taken, 1);
        if (atomic_load(&room->wanted))
            tell_all(worker->run);
    } else {
        size_t taken = atomic_load_explicit(&room->taken, memory_order_relaxed);
        atomic_store_explicit(&room->taken, taken - 1, memory_order_relaxed);
    }
    bide_event_set(&worker->room);
}

void bide__room_forget(struct bide_worker *worker)
{
    struct run *run = worker->run;
    pthread_mutex_lock(&run->room.lock);
    run->places[worker->index].wants_room = false;
    pthread_mutex_unlock(&run->room.lock);
}
