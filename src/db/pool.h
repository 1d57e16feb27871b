/* The connections of one bide_db_open(): who has one, which are idle, who waits.
 *
 * A connection that comes back goes to the first in line, so newcomers cannot overtake; where one
 * is closed instead, the first in line gets the room it leaves and connects himself.  The newest
 * idle one is used first, the oldest is closed first.  What must wait when a connection comes back
 * (putting its session's state back) is done by a task of the pool's group before anybody gets
 * it. */
#ifndef DB_POOL_H
#define DB_POOL_H

#include "core/alarm.h"
#include "db/driver.h"
#include "db/handle.h"

#include <stdatomic.h>

struct db_pool {
    struct bide_db handle;      /* what the program has; first */
    const bide_db_driver *driver;
    struct bide_db_opts opts;   /* url and settings are ours */
    void *config;               /* the driver's */
    bide_group *group;
    struct waitlist line;       /* who waits for a connection, or for room to make one */
    struct waitlist drainers;
    struct db_connection *newest, *oldest;      /* idle */
    struct db_connection *used; /* and those that are set up or put back; linked by newer */
    struct making *making;      /* who connects now */
    size_t open, idle, waiting; /* open: idle, used, being made and being put back */
    uint64_t connected;
    unsigned generation;        /* raised by bide_db_expire() */
    struct alarm alarm;         /* for the first idle one whose time is over */
    struct bide_db_failure failure;
    char *failure_text;         /* its texts */
    bool closed;                /* hands out nothing more */
    bool dropped;               /* the program has closed it: freed when the last one is back */
    bool emptied;               /* its group has ended */
    bool draining;              /* somebody waits until all is closed */
    bool filling;               /* a task makes connections up to size_min */
    bool keeps_one;             /* what its one connection holds would be gone with it */
    atomic_uint locked;         /* statements that wait for others' locks */
    atomic_llong locked_ns;     /* since when the first of them does */
};

/* ---- pool.c ---------------------------------------------------------------------------------- */

/* A connection, ready for statements, with a user more: one of his own, or one that he may share.
 * NULL: BIDE_ECLOSED, BIDE_ETIMEDOUT, or why none could be made. */
BIDE_WAITS struct db_connection *bide__db_pool_take(struct db_pool *pool, bool shares);
/* One that nobody uses any more comes back. */
void bide__db_pool_give(struct db_connection *c);
/* One that is in none of the pool's lists, ready for statements: to the first in line, or idle. */
void bide__db_hand_on(struct db_connection *c);
/* The same, of no use any more: closed, and its room is free. */
void bide__db_discard(struct db_connection *c);
/* Room has come free: the first in line may use it; else it may be the last that a drain waits
 * for, or a closed pool. */
void bide__db_free_room(struct db_pool *pool);
/* Into the list of those in use, and out of it. */
void bide__db_use(struct db_connection *c);
void bide__db_unuse(struct db_connection *c);
/* Is it too old, or has it expired? */
bool bide__db_is_worn(const struct db_connection *c);
/* The alarm's: closes what was idle or old for too long. */
void bide__db_pool_ring(struct alarm *alarm);
/* Hands out nothing more and closes what is idle. */
void bide__db_pool_close(struct db_pool *pool);
/* Frees it if the program has closed it, its tasks have ended and everything is back. */
void bide__db_pool_free(struct db_pool *pool);

/* ---- line.c ---------------------------------------------------------------------------------- */

/* Waits for a connection, with a user more, or NULL for room to make one: 0. */
BIDE_WAITS int bide__db_line_wait(struct db_pool *pool, bool shares, struct db_connection **c);
/* Gives it (NULL: room) to the first in line; false: there is nobody. */
bool bide__db_line_serve(struct db_pool *pool, struct db_connection *c);
/* One that a statement may share with others without waiting; NULL: none. */
struct db_connection *bide__db_line_join(struct db_pool *pool);
/* There may be room on a shared one. */
void bide__db_line_admit(struct db_pool *pool);
/* Nobody gets anything any more. */
void bide__db_line_end(struct db_pool *pool);
int bide__db_refuse_closed(void);

/* ---- make.c ---------------------------------------------------------------------------------- */

/* A new one, set up and in use, for room that is counted already; NULL: why not, and the room is
 * free. */
BIDE_WAITS struct db_connection *bide__db_connect(struct db_pool *pool);
/* Who connects fails. */
void bide__db_stop_making(struct db_pool *pool);
/* Has some made up to size_min, in the background; whoever needs one meanwhile makes it himself. */
void bide__db_fill(struct db_pool *pool);
/* Has a task put its session back, and then hand it on.  < 0: there is none. */
int bide__db_restore(struct db_connection *c);

#endif
