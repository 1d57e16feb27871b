/* Two things about switches: to wait until nobody else moves, and to see that one did not stop
 * oneself.
 *
 * Every switch counts the loop's `ticks` down, so a guard puts a number there that nothing else
 * does, and looks whether it still stands; that costs the loop nothing. */
#include "core/park.h"
#include "testing/trial.h"
#include <bide/testing.h>
#include <stdlib.h>
#include <time.h>

enum { MARK = 1 << 20 };
static const int64_t moment_ns = 50000, delivery_ns = 2000000;

static __thread unsigned waiting;       /* tasks in bide_test_blocked() */

static unsigned length(const struct fifo *q, unsigned most)
{
    unsigned count = 0;
    for (const task *t = q->head; t && count <= most; t = t->next)
        count++;
    return count;
}

/* Is anybody ready who does not wait for the same? */
static bool others_move(struct loop *l)
{
    unsigned peers = waiting - 1;
    return length(&l->ready, peers) + length(&l->due, peers) > peers ||
           bide__inbox_filled(l->inbox);
}

/* The kernel may be late to deliver what was just written. */
static void give_the_kernel_time(struct loop *l)
{
    int64_t ns = l->fds.operations != l->seen_operations ? delivery_ns : moment_ns;
    l->seen_operations = l->fds.operations;
    nanosleep(&(struct timespec){ .tv_nsec = (long)ns }, NULL);
}

/* Each round goes through the poller, which looks at the descriptors. */
static int wait_for_quiet(struct loop *l)
{
    for (bool paused = false; ; ) {
        l->ticks = 1;
        int rc = bide_yield();
        if (rc < 0)
            return rc;
        if (others_move(l)) {
            paused = false;
        } else if (!l->fds.waiters || paused) {
            return 0;
        } else {
            give_the_kernel_time(l);
            paused = true;
        }
    }
}

int bide_test_blocked(void)
{
    struct loop *l = bide__loop();
    if (!l)
        return bide__enter();
    waiting++;
    int rc = wait_for_quiet(l);
    waiting--;
    return rc;
}

/* A call that finds what it asks for yields now and then; here it is given the time not to. */
struct bide_test_no_switch_ bide_test_no_switch_enter_(const char *site)
{
    struct loop *l = bide__loop();
    struct bide_test_no_switch_ guard = { .site = site };
    if (!l)
        return guard;
    guard.task = l->current;
    guard.ticks = l->ticks;
    guard.turns = l->turns;
    l->ticks = MARK;
    if (l->current->credit > 0)
        l->current->credit = CREDIT;
    return guard;
}

/* Some calls let the poller look with the next switch (a first stack without a guard, a large
 * group cancelled): that is none yet. */
void bide_test_no_switch_leave_(struct bide_test_no_switch_ *guard)
{
    struct loop *l = bide__loop();
    if (!l || !guard->task)
        return;
    bool touched = l->ticks != MARK;
    bool stopped = touched && (l->ticks != 1 || l->turns != guard->turns);
    l->ticks = touched ? 1 : guard->ticks;
    if (!stopped)
        return;
    bide_log(BIDE_LOG_ERROR, "%s: task '%s' stopped in a block of BIDE_TEST_NO_SWITCH",
             guard->site, l->current->name);
    if (!bide__test_broken(guard->site))
        abort();
}
