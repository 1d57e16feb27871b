/* One trial: a loop of its own, a limit in time, and afterwards a look at what is left.
 *
 * The kit stands in two places that cost nothing when it is away: in front of the poller's way of
 * waiting, where the limit is looked at (a timer would keep the deadlock detector quiet), and in
 * the loop's `step`; in both, waits are counted.  Tasks are looked at when the function has
 * returned and all others wait, so what is on its way out has gone; descriptors and memory after
 * the loop has ended.  Threads may be a little late: what is left is looked at again for a
 * second. */
#include "testing/trial.h"
#include "core/loop.h"
#include "testing/calls.h"
#include "testing/descriptors.h"
#include "testing/memory.h"
#include "testing/tasks.h"
#include <bide/log.h>
#include <bide/scope.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static const double usual_limit = 86400, usual_real_limit = 10;
static const int64_t patience_ns = 10000000000;         /* for descriptors, nothing else to do */
enum { LATE_ROUNDS = 1000 };

struct trial {
    bide_fn *fn;
    const struct bide_test_opts *o;
    const struct trouble *trouble;
    struct findings leaks, stuck;
    char broken[128];           /* where a guard was */
    size_t stops;
    uint32_t waited_in;         /* the turn in which all were last seen waiting */
    struct poller_ops ops;      /* the loop's poller with our wait */
    const struct poller_ops *real;
    int64_t until_ns;           /* the limit; 0: none */
    bool timed_out;
    bide_scope *scope;          /* around the function */
};
static struct trial *running;
static atomic_flag taken = ATOMIC_FLAG_INIT;

void bide__test_found(struct findings *f, const char *fmt, ...)
{
    char text[sizeof f->first];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (f->count++ == 0)
        snprintf(f->first, sizeof f->first, "%s", text);
    bide_log(BIDE_LOG_ERROR, "%s: %s", f == &running->stuck ? "timed out" : "leaked", text);
}

bool bide__test_broken(const char *site)
{
    if (!running)
        return false;
    if (!*running->broken)
        snprintf(running->broken, sizeof running->broken, "%s", site);
    return true;
}

void bide__test_unheard(const bide_task *who, const struct bide_error *why)
{
    (void)who;
    (void)why;
}

/* --- the stops --- */

/* The poller's, before each step of one task. */
static void count_stop(struct loop *l)
{
    struct trial *t = running;
    if (++t->stops == t->trouble->stop && t->scope) {
        l->step = NULL;
        bide_scope_cancel(t->scope);
    }
}

/* Before the poller waits, too: where the clock jumps, a wait for it ends before the next step.  In
 * real time that would be found as well, but there each further run costs time. */
static bool strikes_while_all_wait(struct trial *t, struct loop *l)
{
    if (!l->step || !l->jumping || l->due.head || l->ready.head || t->waited_in == l->turns)
        return false;
    t->waited_in = l->turns;
    count_stop(l);
    return !l->step;
}

/* --- the limit --- */

static void time_out(struct trial *t, struct loop *l)
{
    t->timed_out = true;
    bide__test_tasks_all(l, &t->stuck);
    bide_group_cancel(bide_group_root());
}

/* How long this wait may last, where nothing but a descriptor could end it. */
static int64_t shorten(const struct loop *l, int64_t left, int64_t timeout)
{
    if (l->jumping)
        return timeout < 0 ? patience_ns : timeout;
    return timeout < 0 || timeout > left ? left : timeout;
}

static int wait_within_limit(struct poller *p, int64_t timeout_ns, struct poller_event *events,
                             int max)
{
    struct trial *t = running;
    struct loop *l = bide__loop();
    int64_t left = t->until_ns - (int64_t)(bide_now() * 1e9);
    if (strikes_while_all_wait(t, l))
        return -EINTR;
    if (t->until_ns == 0 || t->timed_out)
        return t->real->wait(p, timeout_ns, events, max);
    if (left <= 0) {
        time_out(t, l);
        return 0;
    }
    int n = t->real->wait(p, shorten(l, left, timeout_ns), events, max);
    if (n == 0 && l->jumping && timeout_ns < 0)
        time_out(t, l);
    return n;
}

static void set_limit(struct trial *t, struct loop *l)
{
    double seconds = t->o->seconds;
    if (!(seconds > 0))
        seconds = l->jumping ? usual_limit : usual_real_limit;
    double until = bide_now() + seconds;
    t->until_ns = until < 9e9 ? (int64_t)(until * 1e9) : 0;
    t->real = l->poller.ops;
    t->ops = *l->poller.ops;
    t->ops.wait = wait_within_limit;
    l->poller.ops = &t->ops;
}

/* --- the first task --- */

static int run_function(struct trial *t, struct loop *l)
{
    BIDE_SCOPE(s);
    t->scope = s;
    t->stops = 0;
    l->step = t->trouble->stop ? count_stop : NULL;
    int rc = t->fn(t->o->arg);
    l->step = NULL;
    t->scope = NULL;
    return rc;
}

static void look_at_tasks(struct trial *t, struct loop *l)
{
    BIDE_KEEP_ERROR(held);
    if (t->timed_out || l->deadlocked || bide_test_blocked() < 0)
        return;
    if (!(t->o->allow & BIDE_TEST_TASKS))
        bide__test_tasks_left(l, &t->leaks);
    if (!(t->o->allow & BIDE_TEST_TIMERS))
        bide__test_timers_left(l, &t->leaks);
}

/* waits: what the test's function does */
static int first_task(void *arg)
{
    struct trial *t = arg;
    struct loop *l = bide__loop();
    set_limit(t, l);
    int rc = run_function(t, l);
    look_at_tasks(t, l);
    return rc;
}

/* --- afterwards --- */

static void pause_shortly(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static void look_afterwards(struct trial *t, const struct descriptors *before)
{
    bool memory = !(t->o->allow & BIDE_TEST_BYTES);
    bool descriptors = !(t->o->allow & BIDE_TEST_DESCRIPTORS);
    for (int i = 0; i < LATE_ROUNDS; i++) {
        if (!(memory && bide__test_memory_left()) &&
            !(descriptors && bide__test_descriptors_new(before, NULL)))
            return;
        pause_shortly();
    }
    if (descriptors)
        bide__test_descriptors_new(before, &t->leaks);
    if (memory && bide__test_memory_left())
        bide__test_memory_tell(&t->leaks);
}

/* "x, and 2 more". */
static int fail_with(int code, const char *what, const struct findings *f)
{
    if (f->count < 2)
        return bide_fail(code, "%s%s", what, f->first);
    return bide_fail(code, "%s%s, and %zu more", what, f->first, f->count - 1);
}

/* A failure is then to be expected, a leak is not. */
static bool is_troubled(const struct trial *t)
{
    return t->trouble->allocation || t->trouble->call || t->trouble->stop;
}

static struct outcome judge(const struct trial *t, int rc)
{
    bool failed = rc < 0;
    if (rc == BIDE_EDEADLK || rc == BIDE_EUNKNOWN) {
        failed = true;
    } else if (t->timed_out) {
        rc = fail_with(BIDE_ETIMEDOUT, "the test's time is up: ", &t->stuck);
    } else if (*t->broken) {
        rc = bide_fail(BIDE_ETEST, "%s: the task stopped in a block of BIDE_TEST_NO_SWITCH",
                       t->broken);
    } else if (t->leaks.count && (!failed || is_troubled(t))) {
        rc = fail_with(BIDE_ETEST, "leaked: ", &t->leaks);
    }
    struct outcome out = { .rc = rc < 0 ? rc : 0 };
    if (rc < 0)
        out.error = bide_error_held_();
    out.unclean = t->timed_out || *t->broken || t->leaks.count || rc == BIDE_EDEADLK ||
                  rc == BIDE_EUNKNOWN || rc == BIDE_ETEST;
    return out;
}

static struct outcome run(struct trial *t)
{
    struct descriptors before;
    const struct bide_test_opts *o = t->o;
    bide__test_descriptors_list(&before);
    bide__test_memory_begin(t->trouble->allocation);
    bide__test_calls_begin(t->trouble->call, o);
    struct bide_run_opts options = {
        .abi_ = sizeof options, .arg = t, .poller = o->poller, .jumping_clock = !o->real_clock,
        .shuffle_seed = o->seed, .stack_size = o->stack_size,
        .task_stack_size = o->task_stack_size, .on_failure = o->on_failure,
    };
    int rc = bide_run_opts(first_task, &options);       /* does not wait: outside of all loops */
    struct bide_error held = bide_error_held_();
    look_afterwards(t, &before);
    bool struck = bide__test_calls_end();       /* now no thread is in one of them */
    bide_error_restore_(&held);
    struct outcome out = judge(t, rc);
    out.allocations = bide__test_memory_count();
    out.struck = struck || (t->trouble->allocation &&
                            out.allocations >= t->trouble->allocation) ||
                 (t->trouble->stop && t->stops >= t->trouble->stop);
    bide__test_memory_end();
    bide__test_descriptors_free(&before);
    return out;
}

static struct outcome refused(int code, const char *why)
{
    struct outcome out = { .rc = bide_fail(code, "%s", why), .unclean = true };
    out.error = bide_error_held_();
    return out;
}

struct outcome bide__test_try(bide_fn *fn, const struct bide_test_opts *o,
                              const struct trouble *trouble)
{
    struct trial t = { .fn = fn, .o = o, .trouble = trouble };
    if (bide__loop())
        return refused(BIDE_EPERM, "a test runs a loop of its own, so not inside of one");
    if (atomic_flag_test_and_set(&taken))
        return refused(BIDE_EBUSY, "another thread of this process runs a test");
    running = &t;
    struct outcome out = run(&t);
    running = NULL;
    atomic_flag_clear(&taken);
    return out;
}

int bide__test_result(const struct outcome *out)
{
    struct bide_error error = out->error;
    if (out->rc < 0)
        bide_error_restore_(&error);
    return out->rc;
}

int bide_test_opts(bide_fn *fn, const struct bide_test_opts *o)
{
    static const struct trouble none;
    struct outcome out = bide__test_try(fn, o, &none);
    return bide__test_result(&out);
}
