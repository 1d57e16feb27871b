/* tests/sync/gate.h -- jobs for threads that stand before a gate until the test opens it. */
#ifndef TESTS_GATE_H
#define TESTS_GATE_H
#include "test.h"

#include <bide/task.h>
#include <bide/thread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

static sem_t gate;
static atomic_int begun, ended;

__attribute__((constructor)) static void make_gate(void)
{
    sem_init(&gate, 0, 0);
}

static inline void open_gate(int times)
{
    while (times--)
        sem_post(&gate);
}

static inline void pass_gate(void)
{
    while (sem_wait(&gate) < 0)
        ;
}

static inline int gated(void *unused)
{
    (void)unused;
    atomic_fetch_add(&begun, 1);
    pass_gate();
    atomic_fetch_add(&ended, 1);
    return 0;
}

static inline int until_told(void *unused)
{
    struct timespec moment = { .tv_nsec = 100000 };
    (void)unused;
    atomic_fetch_add(&begun, 1);
    while (!bide_thread_cancelled())
        nanosleep(&moment, NULL);
    return BIDE_ECANCELED;
}

/* In a task: until so many jobs have begun. */
static inline void await_begun(int count)
{
    while (atomic_load(&begun) < count)
        CHECK_EQ(bide_yield(), 0);
}

static inline int seven(void *unused)
{
    (void)unused;
    return 7;
}

static inline int fails(void *text)
{
    return bide_fail(-ENOENT, "%s: nothing there", (const char *)text);
}

#endif
