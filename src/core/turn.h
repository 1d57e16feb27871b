/* The poller: the pseudo-task on the thread's own stack that looks at clock, descriptors,
 * posts and signals. */
#ifndef CORE_TURN_H
#define CORE_TURN_H
#include "core/loop.h"

/* Makes a loop, which is not this thread's yet; NULL with the error held. */
struct loop *bide__loop_open(const struct bide_run_opts *o);
/* Makes it this thread's and spawns its main task; 0, or < 0 with the error held. */
int bide__loop_begin(struct loop *l, bide_fn *fn, const struct bide_run_opts *o);
/* Its root group is empty: takes it off the thread and down; main's result, its error held. */
int bide__loop_end(struct loop *l, int begun);

/* Runs the loop until its root group is empty. */
void bide__loop_turn(struct loop *l);
/* Runs what is ready for about time_ns, without waiting; how long nothing will be to do unless
 * the poller's descriptor becomes readable, < 0: for ever. */
int64_t bide__loop_step(struct loop *l, int64_t time_ns);
/* Every task waits and nothing can wake one: tells of each, and cancels them; the second time,
 * ends the process. */
void bide__report_deadlock(struct loop *l);

#endif
