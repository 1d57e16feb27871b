/* Time: the clock, deadlines, sleeping. */
#include "base/sys.h"
#include "core/park.h"
#include <math.h>

static const int64_t far_ns = INT64_MAX / 2;

static int64_t system_ns(void)
{
    struct timespec now;
    bide__sys.clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t bide__clock_ns(struct loop *l)
{
    return l && l->jumping ? l->jumped_ns : system_ns();
}

/* A deadline is never before what was asked for: fractions of a nanosecond are rounded up. */
int64_t bide__deadline_ns(struct loop *l, double seconds)
{
    int64_t now = bide__clock_ns(l);
    if (!(seconds > 0))
        return now;
    double ns = ceil(seconds * 1e9);
    return ns < (double)(far_ns - now) ? now + (int64_t)ns : far_ns;
}

double bide_now(void)
{
    return (double)bide__clock_ns(bide__loop()) / 1e9;
}

static bool wake_up(struct wait *w)
{
    struct sleeper *s = w->data;
    bide__heap_remove(&bide__loop()->timers, &s->timer);
    return true;
}
static const struct waitkind sleeping = { .what = "sleep", .undo = wake_up };

/* The timer's end: the sleeper goes to the queue of those that are due. */
void bide__sleep_over(struct timer *timer)
{
    struct sleeper *s = (struct sleeper *)(void *)((char *)timer - offsetof(struct sleeper, timer));
    task *t = s->wait.task;
    if (t->wait != &s->wait && !t->wait->kind->chosen(t->wait, &s->wait))
        return;
    t->rc = 0;
    t->wait = NULL;
    bide__fifo_put(&t->loop->due, t);
    t->loop->due_count++;
}

int bide__sleep_begin(struct sleeper *s, int64_t due_ns)
{
    struct loop *l = bide__loop();
    s->timer = (struct timer){ .due_ns = due_ns, .kind = TIMER_SLEEP };
    s->wait.kind = &sleeping;
    s->wait.data = s;
    if (!bide__heap_put(&l->timers, &s->timer))
        return bide_fail(BIDE_ELIMIT, "sleep: too many timers at once");
    return 0;
}

int bide_sleep(double seconds)
{
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    if (isnan(seconds))
        return bide_fail(BIDE_EINVAL, "sleep: not a number of seconds");
    if (seconds <= 0)
        return bide__give_way();
    struct sleeper s;
    rc = bide__sleep_begin(&s, bide__deadline_ns(bide__loop(), seconds));
    return rc < 0 ? rc : bide__wait_alone(&s.wait);
}
