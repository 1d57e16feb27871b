/* tests/random/locks.h -- locks and barriers, each beside a plain model of it. */
#ifndef RANDOM_LOCKS_H
#define RANDOM_LOCKS_H
#include "tree.h"

/* Made anew for each program; looked at when it has ended. */
void locks_make(void);
void locks_end(void);

/* The calls of one actor; each is judged.  < 0: it failed. */
int call_lock(struct actor *actor);
int call_meet(struct actor *actor);
/* What never waits: nowait form, release, also of what others hold; abort, reset. */
void act_on_lock(struct actor *actor);
void act_on_barrier(void);
/* What it holds, before it ends. */
void locks_release(struct actor *actor);

#endif
