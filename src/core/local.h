/* Task-locals, seen from inside: chains of nodes, the nearest first. */
#ifndef CORE_LOCAL_H
#define CORE_LOCAL_H
#include "core/task.h"
#include <bide/local.h>

/* All that the running task sees; outside of tasks, the thread.  While the task waits the chain
 * stays as it is, and another thread may read it. */
struct bide_local_ *bide__local_chain(void);
/* This thread, which runs no loop, sees that chain from now on: of a task that waits for what the
 * thread does for it.  Returns what it saw before, to be adopted again afterwards. */
struct bide_local_ *bide__local_adopt(struct bide_local_ *chain);

/* A task of g that is being spawned gets copies of what its spawner sees and g's tasks do not.
 * 0, or BIDE_ENOMEM with the error held and nothing copied. */
int bide__local_inherit(task *t, const struct group *g);
/* Ends the copies of a task that has ended and is still a member of its group. */
void bide__local_let_go(task *t);

#endif
