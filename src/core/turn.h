/* The poller: the pseudo-task on the thread's own stack that looks at clock, descriptors,
 * posts and signals. */
#ifndef CORE_TURN_H
#define CORE_TURN_H
#include "core/loop.h"

/* Runs the loop until its root group is empty. */
void bide__loop_turn(struct loop *l);
/* Every task waits and nothing can wake one: tells of each, and cancels them; the second time,
 * ends the process. */
void bide__report_deadlock(struct loop *l);

#endif
