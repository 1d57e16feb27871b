/* What an executor is made of; only executor*.c look inside. */
#ifndef SYNC_EXECUTOR_OWN_H
#define SYNC_EXECUTOR_OWN_H
#include "sync/executor.h"

struct worker {
    struct worker *next_idle;
    struct worker *next, *prev;         /* all of the executor's, a ring */
    executor *executor;
    struct job *job;                    /* under the lock */
    atomic_uint mail;                   /* a futex: `job` has been set */
};
struct bide_executor {
    pthread_mutex_t lock;
    struct job *first;                  /* the queue, a ring */
    size_t queued;
    struct worker *idle, *workers;
    unsigned threads, threads_max;
    bool closed;                        /* takes no job */
    atomic_uint holders;                /* threads, tasks inside, the owner */
    const char *name;
};

/* Keeps its memory. */
void bide__executor_hold(executor *x);
/* The last one frees it. */
void bide__executor_drop(executor *x);

#endif
