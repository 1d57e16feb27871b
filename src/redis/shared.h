/* The connection that all tasks share.
 *
 * Who asks puts the command behind those of others, takes the next place in the ring, and waits.
 * Two tasks do the rest: one writes whatever has gathered since its last write, and as it is woken
 * by the first command of a turn and runs after those who are ready then, that is what the tasks of
 * a turn had to say; the other reads, and gives each reply to the first place of the ring.
 *
 * Places have numbers that only grow: before `head` all is answered, from there to `sent` it is (or
 * may be) written, from there to `tail` it is not.  A cancelled task leaves its place empty. */
#ifndef REDIS_SHARED_H
#define REDIS_SHARED_H
#include "core/alarm.h"
#include "core/park.h"
#include "redis/command.h"
#include "redis/reply.h"

struct redis_link;

/* What one task waits for: as many replies as its command, or commands, have.  On its stack. */
struct asked {
    struct wait wait;           /* data: the struct shared */
    struct command command;
    bide_redis_reply **replies;
    size_t first, count, left;  /* number of the first place; replies; those that did not come */
    size_t tries;               /* times that it was written */
    bool repeatable;            /* one command */
};
struct place { struct asked *asked; };      /* NULL: nobody wants the reply any more */

struct shared {
    struct redis_link *link;    /* NULL: not connected */
    struct bytes out, writing;
    struct place *ring;
    size_t room;                /* of the ring, a power of two, or 0 */
    size_t head, sent, tail;
    struct waitlist writer, runner;     /* while they have nothing to do */
    struct alarm alarm;
    size_t watched;             /* head, when the alarm was set */
    size_t failed;              /* attempts since the last reply */
    uint64_t writes;
    struct bide_error why;      /* it was lost */
    bool silent;                /* it is given up for that */
};

static inline struct place *place_of(const struct shared *s, size_t number)
{
    return &s->ring[number & (s->room - 1)];
}

/* Its task, which connects when the first command comes. */
BIDE_WAITS int bide__shared_run(void *redis);
/* Asks, and waits for all replies; rc < 0: those that came were freed. */
BIDE_WAITS int bide__shared_ask(bide_redis *redis, const struct command *command,
                                bide_redis_reply **replies, size_t count, bool repeatable);
/* All who wait fail so. */
void bide__shared_fail(struct shared *s, const struct bide_error *why);
/* From now on a reply is waited for, if one is due: sets the alarm. */
void bide__shared_watch(bide_redis *redis);
void bide__shared_ring(struct alarm *alarm);
void bide__shared_end(struct shared *s);

#endif
