/* tests/sync/threads.h -- threads, and loops in threads of their own.
 *
 *     pthread_t thread = start(fn, arg);
 *     struct elsewhere e; begin(&e, task, arg); ... CHECK_EQ(end(&e), 0); */
#ifndef TESTS_SYNC_THREADS_H
#define TESTS_SYNC_THREADS_H
#include "test.h"

#include <pthread.h>

static inline pthread_t start(void *(*fn)(void *), void *arg)
{
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, fn, arg), 0);
    return thread;
}

/* fn(arg) as the main task of a loop in a thread of its own. */
struct elsewhere { bide_fn *fn; void *arg; int rc; pthread_t thread; };

static inline void *runs_a_loop(void *arg)
{
    struct elsewhere *e = arg;
    e->rc = bide_run(e->fn, e->arg);
    return NULL;
}

static inline void begin(struct elsewhere *e, bide_fn *fn, void *arg)
{
    *e = (struct elsewhere){ .fn = fn, .arg = arg };
    e->thread = start(runs_a_loop, e);
}

static inline int end(struct elsewhere *e)
{
    pthread_join(e->thread, NULL);
    return e->rc;
}

#endif
