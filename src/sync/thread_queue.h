/* A queue between threads, seen from inside. */
#ifndef SYNC_THREAD_QUEUE_H
#define SYNC_THREAD_QUEUE_H
#include "sync/queue.h"
#include <pthread.h>

struct thread_queue {
    struct bide_queue shell;    /* first; its lines stay empty */
    pthread_mutex_t lock;       /* over the shell's items, closed, unfinished, and the lines */
    struct waitlist getters, putters, joiners;
    struct waitlist get_selects, put_selects;
    atomic_uint holders;        /* the owner, who waits, and who is on the way in */
};

/* Somebody in one of the lines: a task, a thread outside of all loops, or a select. */
struct thread_wait {
    struct wait node;           /* first; in the line; data is where the item is or goes */
    struct post post;           /* how the waiter's loop is told */
    struct thread_queue *q;
    struct inbox *inbox;        /* of the waiter's loop; NULL: a thread */
    struct wait *wait;          /* whom to settle there; NULL: a select that has ended */
    pthread_cond_t told;        /* a thread's */
    int rc;
    bool over;                  /* out of the line, and told or about to be */
    bool select, puts;          /* a select's note, and what it wants to do */
};

static inline void thread_queue_hold(struct thread_queue *q)
{
    atomic_fetch_add(&q->holders, 1);
}
void bide__thread_queue_drop(struct thread_queue *q);

/* Under the lock.  What is over by that is added to told.  0: put; BIDE_EAGAIN and BIDE_ECLOSED,
 * without a sentence. */
int bide__thread_try_put(struct thread_queue *q, const void *item, struct waitlist *told);
/* The same.  1: got; 0: closed and drained; BIDE_EAGAIN; BIDE_ECLOSED: freed. */
int bide__thread_try_get(struct thread_queue *q, void *item, struct waitlist *told);
/* Under the lock: the first select in the line, if there is one, is to try again. */
void bide__thread_poke(struct waitlist *selects, struct waitlist *told);
/* Gives the lock back, and then tells whose waits have ended. */
void bide__thread_unlock_and_tell(struct thread_queue *q, struct waitlist *told);

#endif
