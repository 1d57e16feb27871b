/* tests/sync/elsewhere.h -- a task of another loop that stays as it is while a test looks.
 *
 *     elsewhere_begin(body);          // runs body() as a task of a loop in a thread of its own
 *     ...                             // body called elsewhere_hold(): it stands still there
 *     elsewhere_end();                // lets it go on, and waits for its end */
#ifndef TESTS_SYNC_ELSEWHERE_H
#define TESTS_SYNC_ELSEWHERE_H
#include "test.h"

#include <pthread.h>

static pthread_t elsewhere_thread;
static pthread_barrier_t elsewhere_barrier;

/* In body: the test goes on, until it calls elsewhere_end(). */
static inline void elsewhere_hold(void)
{
    pthread_barrier_wait(&elsewhere_barrier);
    pthread_barrier_wait(&elsewhere_barrier);
}

static inline int elsewhere_task(void *body)
{
    (*(void (**)(void))body)();
    return 0;
}

static inline void *elsewhere_loop(void *body)
{
    CHECK_EQ(bide_run(elsewhere_task, body, .jumping_clock = true), 0);
    return NULL;
}

static inline void elsewhere_begin(void (**body)(void))
{
    pthread_barrier_init(&elsewhere_barrier, NULL, 2);
    CHECK_EQ(pthread_create(&elsewhere_thread, NULL, elsewhere_loop, body), 0);
    pthread_barrier_wait(&elsewhere_barrier);
}

static inline void elsewhere_end(void)
{
    pthread_barrier_wait(&elsewhere_barrier);
    pthread_join(elsewhere_thread, NULL);
}

#endif
