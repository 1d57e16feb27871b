/* tests/core/sleepers.h -- tasks that sleep and then succeed or fail, and who hears of it. */
#ifndef TESTS_SLEEPERS_H
#define TESTS_SLEEPERS_H
#include "test.h"

#include <bide/group.h>
#include <stdio.h>
#include <string.h>

static char heard[1024];        /* what on_failure was told */
static int ended;

static inline void hear(const bide_task *task, const struct bide_error *why)
{
    size_t used = strlen(heard);
    snprintf(heard + used, sizeof heard - used, "%s: %s (%d)\n", bide_task_name(task), why->text,
             why->code);
}

static inline void run_hearing(bide_fn *fn)
{
    CHECK_EQ(bide_run(fn, NULL, .jumping_clock = true, .on_failure = hear), 0);
}

/* Tasks of the tests: each gets milliseconds to sleep. */

static inline int sleeper(void *ms)
{
    int rc = bide_sleep((double)(intptr_t)ms / 1000);
    ended++;
    return rc;
}

static inline int failer(void *ms)
{
    int rc = bide_sleep((double)(intptr_t)ms / 1000);
    ended++;
    return rc < 0 ? rc : bide_fail(-100 - (int)(intptr_t)ms, "failed after %d", (int)(intptr_t)ms);
}

#define MS(n) ((void *)(intptr_t)(n))

#endif
