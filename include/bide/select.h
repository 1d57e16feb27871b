/* bide/select.h -- waiting for whichever of several things comes first.
 *
 *     switch (bide_select(BIDE_ON_GET(jobs, &job, &rc), BIDE_ON_EVENT(&stop), BIDE_AFTER(30))) {
 *     case 0: ...         a job was got, rc is what bide_queue_get() would have returned
 *     case 1: ...         the event is set
 *     case 2: ...         thirty seconds have passed
 *     default: ...        < 0: cancelled, or misuse
 *     }
 *
 * Exactly one of the cases takes place: the first that can, in the order written; if none can,
 * the first that comes to be able.  The others leave no trace: an item that select did not
 * hand out is still in its queue, a permit still free.  Counterparts: Go's select, tokio's
 * select! (which drops what it had begun; this does not), trio's nothing. */
#ifndef BIDE_SELECT_H
#define BIDE_SELECT_H
#include <bide/channel.h>
#include <bide/promise.h>
#include <bide/queue.h>
#include <bide/sync.h>
#include <bide/task.h>
BIDE_BEGIN_

/* One case; made by the macros below, valid during the call.  Not to be filled in by hand. */
struct bide_case {
    int kind_;
    void *on_, *item_;
    size_t size_;
    int *rc_;
    double seconds_;
    void *space_[14];           /* the wait, while it lasts */
};
enum bide_case_kind_ {
    BIDE_CASE_GET_, BIDE_CASE_PUT_, BIDE_CASE_EVENT_, BIDE_CASE_TASK_, BIDE_CASE_AFTER_,
    BIDE_CASE_READY_, BIDE_CASE_FD_, BIDE_CASE_PERMIT_, BIDE_CASE_LOCK_, BIDE_CASE_SUBSCRIBER_,
    BIDE_CASE_WATCH_, BIDE_CASE_PROMISE_,
};
#define BIDE_CASE_(kind, on, item, size, rc, seconds) \
    { kind, (void *)(on), (void *)(item), size, rc, seconds, { NULL } }

/* An item was got: *rc is 1 and *item it, or 0 (closed and drained). */
#define BIDE_ON_GET(queue, item, rc) \
    BIDE_CASE_(BIDE_CASE_GET_, queue, item, sizeof *(item), rc, 0)
/* A copy of *item was put: *rc is 0, or BIDE_ECLOSED. */
#define BIDE_ON_PUT(queue, item, rc) \
    BIDE_CASE_(BIDE_CASE_PUT_, queue, item, sizeof *(item), rc, 0)
/* The event is set. */
#define BIDE_ON_EVENT(event) BIDE_CASE_(BIDE_CASE_EVENT_, event, NULL, 0, NULL, 0)
/* The task has ended. */
#define BIDE_ON_TASK(task) BIDE_CASE_(BIDE_CASE_TASK_, task, NULL, 0, NULL, 0)
/* `seconds` have passed since the call. */
#define BIDE_AFTER(seconds) BIDE_CASE_(BIDE_CASE_AFTER_, NULL, NULL, 0, NULL, seconds)
/* At once, if nothing written before it can: Go's default.  Put it last. */
#define BIDE_READY BIDE_CASE_(BIDE_CASE_READY_, NULL, NULL, 0, NULL, 0)
/* The descriptor is ready for one of poll(2)'s events: *rc is the ready ones.  As
 * bide_fd_wait(). */
#define BIDE_ON_FD(fd, poll_events, rc) \
    BIDE_CASE_(BIDE_CASE_FD_, (intptr_t)(fd), NULL, (size_t)(poll_events), rc, 0)
/* *permit is a permit of the semaphore. */
#define BIDE_ON_PERMIT(semaphore, permit) \
    BIDE_CASE_(BIDE_CASE_PERMIT_, semaphore, permit, 0, NULL, 0)
/* *permit is the lock's. */
#define BIDE_ON_LOCK(lock, permit) BIDE_CASE_(BIDE_CASE_LOCK_, lock, permit, 0, NULL, 0)
/* A subscriber's next item: *rc as bide_subscriber_get(). */
#define BIDE_ON_SUBSCRIBER(subscriber, item, rc) \
    BIDE_CASE_(BIDE_CASE_SUBSCRIBER_, subscriber, item, sizeof *(item), rc, 0)
/* The watched value is newer than *seen, which then is its version: *rc as
 * bide_watch_changed(); read it with bide_watch_get(). */
#define BIDE_ON_WATCH(watch, seen, rc) \
    BIDE_CASE_(BIDE_CASE_WATCH_, watch, seen, sizeof *(seen), rc, 0)
/* The promise is settled: *rc is 0 and *value its value, or *rc its failure. */
#define BIDE_ON_PROMISE(promise, value, rc) \
    BIDE_CASE_(BIDE_CASE_PROMISE_, promise, value, sizeof *(value), rc, 0)

/* Waits for one of the cases (1 to 64): its index.  < 0: BIDE_ECANCELED, BIDE_EINVAL, or what
 * the case that was misused says, "select: case 2: ...". */
#define bide_select(...) \
    bide_select_cases((struct bide_case[]){ __VA_ARGS__ }, \
                      BIDE_COUNT_(struct bide_case, __VA_ARGS__))
BIDE_WAITS int bide_select_cases(struct bide_case *cases, size_t count);

/* What bide_wait() waits for. */
enum bide_wait_for { BIDE_ALL_DONE, BIDE_FIRST_DONE, BIDE_FIRST_FAILED };
/* Waits for tasks (a handle each; NULL counts as ended) until all have ended, until one has, or
 * until one has failed (or all ended); at most `seconds` (BIDE_FOREVER).  How many of them have
 * ended; bide_task_done() says which.  Nothing is cancelled, and time running out is no error.
 * < 0: BIDE_ECANCELED: you are; BIDE_EDEADLK: one of them is yourself; BIDE_EINVAL; BIDE_ENOMEM,
 * with more than 16 tasks.  Counterpart: asyncio.wait(). */
BIDE_WAITS int bide_wait(bide_task *const *tasks, size_t count, enum bide_wait_for what,
                         double seconds);

BIDE_END_
#endif
