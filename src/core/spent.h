/* Ended tasks that nobody reads any more, on their way back to the pools. */
#ifndef CORE_SPENT_H
#define CORE_SPENT_H
#include "core/loop.h"

/* A list, linked by next: the first few go back at once, the others soon. */
void bide__spent_put(struct loop *l, task *list);
/* Some of those others, if there are any: who spawns and finds the pool empty wants them now. */
void bide__spent_give_some(struct loop *l);

#endif
