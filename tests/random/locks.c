/* tests/random/locks.c -- the models: an owner and a line; so many actors that wait for each other.
 * As in things.c each call changes the model first and the runtime then. */
#include "locks.h"

#include <bide/sync.h>
#include <string.h>

enum { LOCKS = 2, BARRIERS = 2 };

struct mutex { bide_lock real; bide_permit *permit; struct actor *owner; struct line line; };
struct gathering { bide_barrier real; int parties; bool aborted; struct line line; };

static struct mutex mutexes[LOCKS];
static struct gathering gatherings[BARRIERS];

void locks_make(void)
{
    memset(mutexes, 0, sizeof mutexes);
    memset(gatherings, 0, sizeof gatherings);
    for (int i = 0; i < BARRIERS; i++) {
        gatherings[i].parties = below(4);
        gatherings[i].real = (bide_barrier)BIDE_BARRIER((size_t)gatherings[i].parties);
    }
}

void locks_end(void)
{
    for (int i = 0; i < LOCKS; i++) {
        EXPECT(!mutexes[i].owner && !mutexes[i].line.first, "the test lost lock %d", i);
        EXPECT(!bide_lock_is_held(&mutexes[i].real), "lock %d is still held", i);
        EXPECT(!mutexes[i].real.waiters_, "a waiter is left at lock %d", i);
    }
    for (int i = 0; i < BARRIERS; i++)
        EXPECT(!gatherings[i].real.waiters_, "a waiter is left at barrier %d", i);
}

/* Locks. */

/* BIDE_EAGAIN: has to wait. */
static int model_lock(struct mutex *mutex, struct actor *actor)
{
    if (mutex->owner)
        return mutex->owner == actor ? BIDE_EDEADLK : BIDE_EAGAIN;
    mutex->owner = actor;
    return 0;
}

int call_lock(struct actor *actor)
{
    calm(actor);
    struct mutex *mutex = &mutexes[below(LOCKS)];
    if (call_begin(actor, LOCK, mutex) == OPEN) {
        int rc = model_lock(mutex, actor);
        if (rc == BIDE_EAGAIN)
            line_add(&mutex->line, actor);
        else
            call_decide(actor, rc);
    }
    bide_permit *permit = bide_lock_acquire(&mutex->real);
    int rc = call_end(actor, permit ? 0 : bide_errcode());
    if (!permit)
        return rc;
    EXPECT(mutex->owner == actor, "%s holds lock %d of %s", actor->name,
           (int)(mutex - mutexes), mutex->owner ? mutex->owner->name : "nobody");
    mutex->permit = permit;
    return rc;
}

static void mutex_release(struct mutex *mutex)
{
    struct actor *next = mutex->owner = line_take(&mutex->line);
    trace("lock %d: released, for %s", (int)(mutex - mutexes), next ? next->name : "nobody");
    if (next)
        call_decide(next, 0);
    int rc = bide_permit_release(mutex->permit);
    EXPECT(rc == 0, "release returned %d: %s", rc, bide_errmsg());
    EXPECT(bide_lock_is_held(&mutex->real) == (next != NULL), "lock %d is held: %d",
           (int)(mutex - mutexes), !next);
}

/* Of what another holds, or nobody. */
static void release_wrongly(struct mutex *mutex)
{
    int expected = mutex->owner ? BIDE_EPERM : BIDE_EINVAL;
    int rc = mutex->permit ? bide_permit_release(mutex->permit) : expected;
    EXPECT(rc == expected, "releasing what is not held returned %d, not %d", rc, expected);
}

static void lock_at_once(struct mutex *mutex, struct actor *actor)
{
    int expected = model_lock(mutex, actor);
    bide_permit *permit = bide_lock_acquire_nowait(&mutex->real);
    int rc = permit ? 0 : bide_errcode();
    EXPECT(rc == expected, "%s: lock_acquire_nowait gave %d, not %d", actor->name, rc, expected);
    if (permit)
        mutex->permit = permit;
}

void act_on_lock(struct actor *actor)
{
    struct mutex *mutex = &mutexes[below(LOCKS)];
    if (below(3) == 0)
        lock_at_once(mutex, actor);
    else if (mutex->owner == actor)
        mutex_release(mutex);
    else
        release_wrongly(mutex);
}

void locks_release(struct actor *actor)
{
    for (int i = 0; i < LOCKS; i++)
        if (mutexes[i].owner == actor)
            mutex_release(&mutexes[i]);
}

/* Barriers. */

static int count_waiting(const struct gathering *gathering)
{
    int count = 0;
    for (struct actor *actor = gathering->line.first; actor; actor = actor->next_in_line)
        count++;
    return count;
}

static void model_meet(struct gathering *gathering, struct actor *actor)
{
    int place = 0;
    if (gathering->parties == 0 || gathering->aborted) {
        call_decide(actor, gathering->parties ? BIDE_ECLOSED : BIDE_EINVAL);
    } else if (count_waiting(gathering) + 1 < gathering->parties) {
        line_add(&gathering->line, actor);
    } else {
        for (struct actor *other; (other = line_take(&gathering->line)); place++)
            call_decide(other, place);
        call_decide(actor, place);
    }
}

int call_meet(struct actor *actor)
{
    calm(actor);
    struct gathering *gathering = &gatherings[below(BARRIERS)];
    if (call_begin(actor, MEET, gathering) == OPEN)
        model_meet(gathering, actor);
    int rc = bide_barrier_wait(&gathering->real);
    return call_end(actor, rc);
}

void act_on_barrier(void)
{
    struct gathering *gathering = &gatherings[below(BARRIERS)];
    int waiting = count_waiting(gathering);
    EXPECT(bide_barrier_waiting(&gathering->real) == (size_t)waiting, "%zu wait, not %d",
           bide_barrier_waiting(&gathering->real), waiting);
    if (below(3) > 0)
        return;
    for (struct actor *actor; (actor = line_take(&gathering->line));)
        call_decide(actor, BIDE_ECLOSED);
    gathering->aborted = below(3) == 0;
    trace("barrier %d: %s", (int)(gathering - gatherings), gathering->aborted ? "abort" : "reset");
    if (gathering->aborted)
        bide_barrier_abort(&gathering->real);
    else
        bide_barrier_reset(&gathering->real);
}
