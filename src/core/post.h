/* How other threads reach a loop: they put a post into its inbox and wake its poller.
 *
 * The inbox outlives the loop while somebody still holds it, for a thread cannot be made to
 * hurry; what is posted after the loop has ended is refused and stays the poster's. */
#ifndef CORE_POST_H
#define CORE_POST_H
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct post {
    struct post *next;
    void (*run)(struct post *p);        /* on the loop's thread, in the poller: must not wait */
};
struct inbox {
    pthread_mutex_t lock;
    struct post *first, *last;
    bool closed;
    atomic_bool filled;         /* looked at without the lock */
    atomic_uint outside;        /* operations of other threads that will post: no deadlock yet */
    unsigned holders;
    int wake_fd;
};

struct inbox *bide__inbox_open(void);           /* NULL with the error held */
void bide__inbox_hold(struct inbox *in);
void bide__inbox_drop(struct inbox *in);
/* From any thread: true if it will be run. */
bool bide__inbox_post(struct inbox *in, struct post *p);
/* From a signal handler too. */
void bide__inbox_wake(const struct inbox *in);
/* The poller's: runs what was posted. */
void bide__inbox_run(struct inbox *in);
/* The poller's: the wake descriptor was readable. */
void bide__inbox_drain(const struct inbox *in);
void bide__inbox_close(struct inbox *in);

#endif
