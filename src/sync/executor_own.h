/* What an executor is made of; only executor*.c look inside. */
#ifndef SYNC_EXECUTOR_OWN_H
#define SYNC_EXECUTOR_OWN_H
#include "sync/executor.h"
#include <bide/thread.h>

struct worker {
    struct worker *next_idle;
    struct worker *next, *prev;         /* all of the executor's, a ring */
    executor *executor;
    struct job *job;                    /* under the lock */
    atomic_uint mail;                   /* a futex: `job` has been set */
};
/* Wants to know when all is done. */
struct ender {
    struct ender *next;
    void (*tell)(struct ender *e);      /* from any thread; it may be gone afterwards */
};
struct bide_executor {
    pthread_mutex_t lock;
    struct job *first;                  /* the queue, a ring */
    struct worker *idle, *workers;
    unsigned threads, threads_max;
    unsigned starting;                  /* of the threads: have not looked for a job yet */
    size_t bounded, queue_max;          /* bounded jobs in the queue */
    struct ender *enders;
    bool leaving;                       /* freed: threads end when the queue is empty */
    atomic_bool closed;                 /* takes no job */
    atomic_size_t unfinished;           /* jobs that were taken and are not yet told as done */
    atomic_uint holders;                /* threads, tasks inside, the owner */
    const char *name;
    char name_space[32];
};

/* Keeps its memory. */
void bide__executor_hold(executor *x);
/* The last one frees it. */
void bide__executor_drop(executor *x);
/* Takes a whole queue, under the lock; they are the caller's to refuse. */
struct job *bide__executor_take_all(executor *x);
/* Refuses what was taken, without the lock. */
void bide__executor_refuse(executor *x, struct job *list);
/* Sends the idle ones away, under the lock. */
void bide__executor_dismiss(executor *x);

#endif
