/* Who is still there when a test's function has returned, and what they wait for. */
#ifndef TESTING_TASKS_H
#define TESTING_TASKS_H
#include "core/loop.h"
#include "testing/findings.h"

/* Tells of the root group's tasks and of open owned groups. */
void bide__test_tasks_left(struct loop *l, struct findings *f);
/* Tells of timers, where no task is there that they could belong to. */
void bide__test_timers_left(struct loop *l, struct findings *f);
/* Tells of every task in the loop. */
void bide__test_tasks_all(struct loop *l, struct findings *f);

#endif
