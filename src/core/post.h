/* How other threads reach a loop: they put a post into its inbox and wake its poller.
 *
 * The inbox is a stack that is pushed to with one compare-and-swap and taken as a whole, then
 * turned round, so that posts run in the order in which they came.  Only who puts the first one
 * in wakes, and only if the loop sleeps or is about to.  No lock: a loop that is woken would at
 * once wait for its waker to give the lock back.
 *
 * The inbox outlives the loop while somebody still holds it, for a thread cannot be made to
 * hurry; what is posted after the loop has ended is refused and stays the poster's. */
#ifndef CORE_POST_H
#define CORE_POST_H
#include <bide/base.h>
#include <stdatomic.h>
BIDE_BEGIN_                     /* bide-http posts too: bide.map, BIDE_PRIVATE */

struct post {
    struct post *next;
    void (*run)(struct post *p);        /* on the loop's thread, in the poller: must not wait */
};
struct inbox {
    _Atomic(struct post *) newest;      /* a stack; or the mark that it is closed */
    atomic_bool awake;          /* the loop looks at it before it sleeps: needs no waking */
    atomic_uint outside;        /* operations of other threads that will post: no deadlock yet,
                                   and a clock that jumps waits for them */
    atomic_uint awaited;        /* waits that another thread may end, or a task: no deadlock */
    atomic_uint callers;        /* who may post at any time: no deadlock either, but no reason for a
                                   jumping clock to stand still */
    atomic_uint holders;        /* of this memory */
    int wake_fd;
    struct post *first;         /* the loop's: what it took and has not yet run, in order */
    struct post *taken, *turned;        /* what it took since, not yet in order; how far it is */
};

struct inbox *bide__inbox_open(void);           /* NULL with the error held */
void bide__inbox_hold(struct inbox *in);
void bide__inbox_drop(struct inbox *in);
/* From any thread: true if it will be run.  Who has a post that the loop waits for, or holds the
 * inbox, may call this. */
bool bide__inbox_post(struct inbox *in, struct post *p);
/* From a signal handler too. */
void bide__inbox_wake(const struct inbox *in);
/* The loop's: is there anything? */
static inline bool bide__inbox_filled(struct inbox *in)
{
    return in->first || in->taken ||
           atomic_load_explicit(&in->newest, memory_order_relaxed) != NULL;
}
/* The poller's: runs what was posted, some at a time. */
void bide__inbox_run(struct inbox *in);
/* The poller's, before it sleeps: from here on it has to be woken.  True: it is not to sleep. */
bool bide__inbox_doze(struct inbox *in);
/* The poller's, where it knows levels: the wake descriptor was readable. */
void bide__inbox_drain(const struct inbox *in);
void bide__inbox_close(struct inbox *in);

BIDE_END_
#endif
