/* One turn of the loop: look at the world, then run what is ready.
 *
 * How often the poller looks while tasks stay ready follows how long the last stretch took:
 * twice as many switches if it was short, half if it was long, so that a sleeper is never much
 * later than a task's own step, and the look (20 ns of clock) costs a switch almost nothing. */
#include "core/turn.h"
#include "base/random.h"
#include "core/alarm.h"
#include "core/chore.h"
#include "core/group.h"
#include "core/park.h"
#include "core/release.h"
#include "core/scope.h"
#include "core/signals.h"

enum { PACE_MAX = 1024, EVENTS = 256, SHUFFLED = 16, TIMERS_AT_ONCE = 64 };
static const int64_t short_ns = 50000, long_ns = 100000, very_long_ns = 1000000;
static const int64_t descriptors_ns = 100000, grace_ns = 2000000;
static const int64_t trim_ns = 1000000000, trim_pause_ns = 1000000, trim_late_ns = 10000000000;

static void adapt_pace(struct loop *l, int64_t past_ns)
{
    if (past_ns > very_long_ns)
        l->pace = 1;
    else if (past_ns > long_ns)
        l->pace = l->pace > 1 ? l->pace / 2 : 1;
    else if (past_ns < short_ns)
        l->pace = l->pace < PACE_MAX ? l->pace * 2 : PACE_MAX;
}

/* Some at a time: each is a cold stack, and a hundred thousand of them would keep everybody else
 * waiting for a tenth of a second. */
static void end_timers(struct loop *l)
{
    struct timer *timer;
    int left = TIMERS_AT_ONCE;
    l->told = 0;                /* by those that are the end of a group's time */
    while ((timer = bide__heap_first(&l->timers)) && timer->due_ns <= l->looked_ns) {
        if (l->told >= left || left-- == 0) {
            l->more_due = true;
            l->owed = 2 * TIMERS_AT_ONCE;
            return;
        }
        bide__heap_remove(&l->timers, timer);
        if (timer->kind == TIMER_SLEEP)
            bide__sleep_over(timer);
        else
            bide__scope_expire((struct scope *)(void *)((char *)timer -
                                                        offsetof(struct scope, timer)));
    }
    l->more_due = false;
}

static bool is_ready(const struct loop *l)
{
    return l->due.head || l->ready.head;
}

/* Where many are to be woken, twice as many run in between as were woken last, so that those who
 * were ready before are among them. */
static bool is_turn_of_others(const struct loop *l)
{
    return l->owed > 0 && is_ready(l);
}

static void look_at_clock(struct loop *l)
{
    l->looked_ns = bide__clock_ns(l);
    if (!l->more_due || !is_turn_of_others(l))
        end_timers(l);
    if (l->alarms && l->alarms->due_ns <= l->looked_ns)
        bide__alarms_ring(l);
}

/* The earlier of a time and the first alarm's. */
static int64_t or_alarm(const struct loop *l, int64_t due_ns)
{
    return l->alarms && l->alarms->due_ns < due_ns ? l->alarms->due_ns : due_ns;
}

static bool is_busy(const struct loop *l)
{
    return is_ready(l) || l->put_off;
}

/* Some of those whose group was cancelled, of those who were let go, and of the chores. */
static void go_on(struct loop *l)
{
    if (is_turn_of_others(l))
        return;
    if (l->untold)
        l->owed = 2 * bide__tell_more(l);
    if (l->releases.count)
        l->owed = 2 * bide__release_more(l);
    if (l->chores)
        bide__chores_go_on(l);
}

/* Where levels are told; an edge is told once, and nobody minds how far the count has come. */
static void ask_for_news(struct loop *l)
{
    bide__inbox_drain(l->inbox);
    l->poller.ops->want(&l->poller, l->inbox->wake_fd, 0, READY_READ);
}

/* Waits for events up to timeout_ns and hands them on; how many there were. */
static int look_at_descriptors(struct loop *l, int64_t timeout_ns)
{
    struct poller_event events[EVENTS];
    if (timeout_ns != 0 && bide__inbox_doze(l->inbox))
        timeout_ns = 0;
    int n = l->poller.ops->wait(&l->poller, timeout_ns, events, EVENTS);
    atomic_store_explicit(&l->inbox->awake, !l->guest, memory_order_relaxed);
    for (int i = 0; i < n; i++)
        if (events[i].fd != l->inbox->wake_fd)
            bide__fd_event(l, &events[i]);
    if (n > 0 && l->poller.ops->want)
        ask_for_news(l);
    return n;
}

static bool may_be_woken(struct loop *l)
{
    return l->fds.waiters || atomic_load(&l->inbox->outside) ||
           atomic_load(&l->inbox->awaited) || bide__inbox_filled(l->inbox) ||
           (atomic_load(&l->inbox->callers) && !l->ending) ||
           bide__signal_pending(l);
}

/* The jumping clock walks where a child process is waited for: as much time passes as does
 * outside, for nobody knows what the child is at. */
static void walk(struct loop *l, const struct timer *first)
{
    int64_t before = bide__clock_ns(NULL);
    int64_t left = !first ? -1 : first->due_ns > l->jumped_ns ? first->due_ns - l->jumped_ns : 0;
    look_at_descriptors(l, left);
    int64_t passed = bide__clock_ns(NULL) - before;
    l->jumped_ns += first && passed > left ? left : passed;
}

/* The jumping clock: time goes on only when nothing else can.  Where sockets or threads are
 * waited for, they get a moment, for the kernel may be late to deliver.  Of a thread that itself
 * waits for a task of this loop nothing is to be expected. */
static void jump(struct loop *l, const struct timer *first)
{
    if (l->walkers) {
        walk(l, first);
        return;
    }
    bool outside = atomic_load(&l->inbox->outside) > l->visitors;
    bool io = (l->fds.waiters && l->fds.operations != l->seen_operations) ||
              atomic_load(&l->inbox->awaited);
    l->seen_operations = l->fds.operations;
    int64_t grace = outside || io ? grace_ns : 0;
    int n = look_at_descriptors(l, first ? grace : -1);
    if (n > 0 || n == -EINTR || bide__inbox_filled(l->inbox))
        return;                 /* interrupted, it has not seen what may be there */
    if (first && !outside && first->due_ns > l->jumped_ns) {
        int64_t to_ns = or_alarm(l, first->due_ns);
        l->jumped_ns = to_ns > l->jumped_ns ? to_ns : l->jumped_ns;
    }
}

/* Stacks that were used are trimmed when nothing else is to be done, once a second, some at a
 * time.  Returns how long the sleep may last for that; -1: for ever. */
static int64_t trim_stacks(struct loop *l)
{
    int64_t left = l->trimmed_ns + trim_ns - l->looked_ns;
    if (!bide__stack_dirty(&l->stacks))
        return -1;
    if (left > 0)
        return left;
    if (!bide__stack_trim(&l->stacks))
        return trim_pause_ns;
    l->trimmed_ns = l->looked_ns;
    return -1;
}

/* Too short a pause to look at cold stacks, unless that was put off for long. */
static bool is_short(const struct loop *l, int64_t left_ns)
{
    return left_ns < trim_pause_ns && l->looked_ns - l->trimmed_ns < trim_late_ns;
}

/* The shorter of two sleeps; -1 is for ever. */
static int64_t shorter(int64_t a_ns, int64_t b_ns)
{
    return a_ns < 0 || (b_ns >= 0 && b_ns < a_ns) ? b_ns : a_ns;
}

/* Looks again and again for so long, and does not sleep.  True: there is something to do. */
static bool look_busily(struct loop *l, int64_t window_ns, int64_t due_ns)
{
    int64_t began = bide__clock_ns(l), now = began, before;
    int64_t until = due_ns - began < window_ns ? due_ns : began + window_ns;
    bool found;
    do {
        found = look_at_descriptors(l, 0) != 0 || bide__inbox_filled(l->inbox);
        before = now;
        now = bide__clock_ns(l);
        found = found || now >= due_ns;
    } while (!found && now < until && !bide__busy_poll_was_preempted(now - before));
    bide__busy_poll_looked(&l->busy_poll, now, now - began, found, now - before);
    return found;
}

/* Until somebody is due, at most; or until there is news. */
static void sleep_until_due(struct loop *l, int64_t due_ns)
{
    int64_t left = due_ns < INT64_MAX ? due_ns - bide__clock_ns(l) : -1;
    int64_t trimming = due_ns < INT64_MAX && is_short(l, left) ? -1 : trim_stacks(l);
    look_at_descriptors(l, shorter(due_ns < INT64_MAX && left < 0 ? 0 : left, trimming));
}

static void wait_until_due(struct loop *l, int64_t due_ns)
{
    int64_t began = l->looked_ns;
    int64_t window = bide__busy_poll_begin(&l->busy_poll, began);
    if (!window || !look_busily(l, window, due_ns)) {
        sleep_until_due(l, due_ns);
        look_at_clock(l);
        bide__busy_poll_slept(&l->busy_poll, l->looked_ns - began);
    } else {
        look_at_clock(l);
    }
}

static void sleep_until_news(struct loop *l)
{
    const struct timer *first = bide__heap_first(&l->timers);
    if (!first && !may_be_woken(l)) {
        if (!bide__group_close_left(l))
            bide__report_deadlock(l);
        return;
    }
    if (l->jumping) {
        jump(l, first);
        look_at_clock(l);
    } else {
        wait_until_due(l, or_alarm(l, first ? first->due_ns : INT64_MAX));
    }
    l->polled_ns = l->looked_ns;
}

/* A guest looks, and leaves the sleeping to its host.  That nothing can wake it is no deadlock,
 * for the host may, unless it is ending. */
static void glance(struct loop *l)
{
    const struct timer *first = bide__heap_first(&l->timers);
    if (!first && !may_be_woken(l) && l->ending) {
        sleep_until_news(l);
        return;
    }
    if (l->jumping && first)
        jump(l, first);
    else
        look_at_descriptors(l, 0);
    look_at_clock(l);
    l->polled_ns = l->looked_ns;
}

static void look(struct loop *l)
{
    int64_t before = l->looked_ns;
    look_at_clock(l);
    adapt_pace(l, l->looked_ns - before);
    bide__signal_look(l);
    bide__inbox_run(l->inbox);
    if (l->put_off)
        go_on(l);
    if (!is_busy(l)) {
        if (l->guest)
            glance(l);
        else
            sleep_until_news(l);
        bide__inbox_run(l->inbox);
        bide__signal_look(l);
    } else if (l->fds.waiters &&
               (l->jumping || l->looked_ns - l->polled_ns > descriptors_ns)) {
        l->polled_ns = l->looked_ns;
        look_at_descriptors(l, 0);
    }
}

/* Draws one of the first ready tasks, each as likely; the due ones keep their order. */
static task *take_shuffled(struct loop *l)
{
    task **link = &l->ready.head, *before = NULL;
    uint64_t count = 0;
    for (const task *t = l->ready.head; t && count < SHUFFLED; t = t->next)
        count++;
    uint64_t steps = bide__random(&l->shuffle) % count;
    while (steps--) {
        before = *link;
        link = &before->next;
    }
    task *t = *link;
    *link = t->next;
    if (l->ready.last == t)
        l->ready.last = before;
    return t;
}

static void run_out_debt(struct loop *l, int tasks)
{
    if (l->owed > 0)
        l->owed -= tasks;
}

static task *take_one(struct loop *l)
{
    l->ticks = 1;
    run_out_debt(l, 1);
    if (l->due.head) {
        l->due_count--;
        return bide__fifo_take(&l->due);
    }
    if (!l->ready.head)
        return NULL;
    return l->shuffle ? take_shuffled(l) : bide__fifo_take(&l->ready);
}

/* The switch comes back to the poller.  False: there was none. */
static bool run_one(struct loop *l)
{
    task *t = take_one(l);
    if (t)
        bide__tell_late(t);
    bide__run_ready(l, t);
    return t;
}

/* Until more are to be told; each is looked at before it runs. */
static void run_some(struct loop *l)
{
    int left = l->pace;
    while (run_one(l) && l->owed > 0 && --left > 0)
        ;
}

/* The due go before the ready, and all of them run before the poller looks again: who becomes
 * due meanwhile would come behind them anyway.  Where more are to be woken it looks as soon as
 * those have run who were woken last. */
static task *take_first(struct loop *l)
{
    bool more = l->more_due || l->releases.count;
    int most = more && l->owed < l->pace ? l->owed : l->pace;
    l->ticks = l->due_count >= most ? l->due_count + 1 : most;
    run_out_debt(l, l->ticks);
    if (l->due.head) {
        l->due.last->next = l->ready.head;
        if (!l->ready.head)
            l->ready.last = l->due.last;
        l->ready.head = l->due.head;
        l->due.head = NULL;
        l->due_count = 0;
    }
    return l->ready.head ? bide__fifo_take(&l->ready) : NULL;
}

static void turn(struct loop *l)
{
    __atomic_store_n(&l->turns, l->turns + 1, __ATOMIC_RELAXED);
    look(l);
    if (l->step)
        l->step(l);
    if (l->shuffle || l->stacks.canaries || l->step)
        run_one(l);
    else if (l->untold)
        run_some(l);
    else
        bide__run_ready(l, take_first(l));
}

void bide__loop_turn(struct loop *l)
{
    while (l->root.count)
        turn(l);
}

/* A turn at least, then for as long as tasks are ready; the host has its own things to do. */
int64_t bide__loop_step(struct loop *l, int64_t time_ns)
{
    int64_t until = bide__clock_ns(NULL) + time_ns;
    do
        turn(l);
    while (l->root.count && is_busy(l) && bide__clock_ns(NULL) < until);
    const struct timer *first = bide__heap_first(&l->timers);
    if (!l->root.count || is_busy(l) || bide__inbox_filled(l->inbox) || bide__signal_pending(l))
        return 0;
    if (!first && l->ending && !may_be_woken(l))
        return 0;
    int64_t due = first || !l->jumping ? or_alarm(l, first ? first->due_ns : INT64_MAX) : INT64_MAX;
    if (due == INT64_MAX)
        return -1;
    int64_t left = due - bide__clock_ns(l);
    return l->jumping || left < 0 ? 0 : left;
}
