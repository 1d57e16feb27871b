/* tests/random/things.h -- events, semaphores and queues, each beside a plain model of it. */
#ifndef RANDOM_THINGS_H
#define RANDOM_THINGS_H
#include "tree.h"

#include <bide/queue.h>
#include <bide/sync.h>

/* Made anew for each program; looked at when it has ended. */
void things_make(void);
void things_end(void);
/* Parts of it that may also happen while tasks are left. */
void things_end_queues(void);
void things_end_permits(void);

/* The calls of one actor; each is judged.  < 0: it failed. */
int call_yield(struct actor *actor);
int call_sleep(struct actor *actor);
int call_event(struct actor *actor);
int call_acquire(struct actor *actor);
int call_put(struct actor *actor);
int call_get(struct actor *actor);
int call_drain(struct actor *actor);
/* What never waits: set, clear, release, nowait forms, done, close, free. */
void act_on_event(void);
void act_on_permit(struct actor *actor);
void act_on_queue(void);
void release_all(struct actor *actor);

#endif
