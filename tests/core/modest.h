/* A modest task, which always yields: it tells how many of the others come between two of its
 * turns. */
#ifndef TEST_MODEST_H
#define TEST_MODEST_H
#include "test.h"

#include <bide/task.h>

static int turns, since_turn, since_turn_max;

static int modest(void *unused)
{
    (void)unused;
    while (bide_yield() == 0) {
        turns++;
        since_turn = 0;
    }
    return 0;
}

/* One of the others has come. */
static inline void count_between(void)
{
    if (++since_turn > since_turn_max)
        since_turn_max = since_turn;
}

#endif
