/* bide_run: makes a loop, runs the main task in it, ends what is left, takes it down. */
#include "base/memory.h"
#include "core/alarm.h"
#include "core/chore.h"
#include "core/forked.h"
#include "core/group.h"
#include "core/local.h"
#include "core/overflow.h"
#include "core/park.h"
#include "core/sanitize.h"
#include "core/signals.h"
#include "core/turn.h"
#include "core/watchdog.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAIN_STACK = 1 << 20, TASK_STACK = 1 << 16, TASK_STACK_CHECKED = 1 << 18 };

static const double slow_step_seconds = 0.1;

static size_t default_task_stack(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return TASK_STACK_CHECKED;  /* the sanitizers' frames are larger */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return TASK_STACK_CHECKED;
#endif
#endif
    return TASK_STACK;
}

static bool asked(const char *name, const char *value)
{
    const char *text = getenv(name);
    return text && strcmp(text, value) == 0;
}

/* Of the option, or else of the environment, where 0 is 0. */
static int read_busy_poll(struct loop *l, const struct bide_run_opts *o)
{
    const char *text = getenv("BIDE_BUSY_POLL");
    double seconds = o->busy_poll;
    char *end;
    if (seconds == 0 && text && *text) {
        seconds = strtod(text, &end);
        if (*end || isnan(seconds))
            return bide_fail(BIDE_EINVAL, "BIDE_BUSY_POLL: '%s' is no number of seconds", text);
        seconds = seconds > 0 ? seconds : -1;
    }
    bide__busy_poll_init(&l->busy_poll, seconds);
    return 0;
}

static int read_options(struct loop *l, const struct bide_run_opts *o)
{
    const char *seed = getenv("BIDE_SHUFFLE");
    l->task_stack_size = o->task_stack_size ? o->task_stack_size : default_task_stack();
    l->task_pool = l->plain_pool = bide__stack_class(&l->stacks, l->task_stack_size);
    if (!l->task_pool)
        return bide_fail(BIDE_ESTACK, "task_stack_size: %zu bytes are too many",
                         l->task_stack_size);
    l->on_failure = o->on_failure;
    l->debug = o->debug || asked("BIDE_DEBUG", "1");
    l->jumping = o->jumping_clock || asked("BIDE_CLOCK", "jumping");
    l->shuffle = o->shuffle_seed ? o->shuffle_seed : seed ? strtoull(seed, NULL, 0) : 0;
    return read_busy_poll(l, o);
}

void bide__loop_keep(struct loop_part *part)
{
    struct loop *l = bide__here;
    part->next = l->parts;
    l->parts = part;
}

struct loop_part *bide__loop_kept(void (*close)(struct loop_part *part))
{
    struct loop_part *part = bide__here->parts;
    while (part && part->close != close)
        part = part->next;
    return part;
}

static void close_parts(struct loop *l)
{
    struct loop_part *part;
    while ((part = l->parts)) {
        l->parts = part->next;
        part->close(part);
    }
}

static void close_loop(struct loop *l)
{
    bide__watchdog_stop(l->watchdog);
    bide__alarms_close(l);
    close_parts(l);
    bide__chores_end(l);
    bide__signal_give_back(l);
    if (l->poller.ops)
        l->poller.ops->close(&l->poller);
    if (l->inbox)
        bide__inbox_close(l->inbox);
    if (l->debug)
        bide__overflow_unwatch();
    bide__heap_close(&l->timers);
    bide__fd_table_close(&l->fds);
    bide__stack_close(&l->stacks);
    bide__free(l);
}

static int open_parts(struct loop *l, const struct bide_run_opts *o)
{
    if (bide__heap_open(&l->timers) < 0)
        return bide_fail(BIDE_ENOMEM, "no address space for the timers");
    int rc = bide__poller_open(&l->poller, o->poller ? o->poller : getenv("BIDE_POLLER"));
    if (rc < 0) {
        l->poller.ops = NULL;
        return rc;
    }
    if (!(l->inbox = bide__inbox_open()))
        return bide_errcode();
    rc = l->poller.ops->watch(&l->poller, l->inbox->wake_fd, 0, true);
    if (rc < 0)
        return bide_fail(rc, "watching the wake descriptor: %s", bide_strerror(rc));
    if (l->poller.ops->want)
        l->poller.ops->want(&l->poller, l->inbox->wake_fd, 0, READY_READ);
    return o->stop_on_signal ? bide__signal_take(l) : 0;
}

/* With debug on unless told otherwise; in real time, whatever clock the loop has. */
static int start_watchdog(struct loop *l, double seconds)
{
    if (seconds == 0 && l->debug)
        seconds = slow_step_seconds;
    if (!(seconds > 0) || seconds == BIDE_FOREVER)
        return 0;
    l->watchdog = bide__watchdog_start(l, bide__deadline_ns(NULL, seconds) - bide__clock_ns(NULL));
    return l->watchdog ? 0 : bide_errcode();
}

struct loop *bide__loop_open(const struct bide_run_opts *o)
{
    struct loop *l = bide__zalloc(sizeof *l);
    if (!l) {
        bide_fail(BIDE_ENOMEM, "out of memory");
        return NULL;
    }
    bide__forked_watch();
    bide__group_root_init(&l->root);
    l->pace = 1;
    l->poller_task.loop = l;
    l->poller_task.name = "the poller";
    l->poller_task.scope = &l->root.scope;
    l->poller_task.flags = TASK_NO_WAIT;
    l->poller_task.member.group = &l->root;
    sanitize_thread(&l->poller_task);
    if (read_options(l, o) < 0 || open_parts(l, o) < 0) {
        close_loop(l);
        return NULL;
    }
    if (l->debug)
        bide__overflow_watch();
    if (start_watchdog(l, o->slow_step) < 0) {
        close_loop(l);
        return NULL;
    }
    l->looked_ns = l->trimmed_ns = bide__clock_ns(l);
    return l;
}

int bide__loop_begin(struct loop *l, bide_fn *fn, const struct bide_run_opts *o)
{
    bide__here = l;
    l->current = &l->poller_task;
    struct bide_spawn_opts main_task = {
        .abi_ = sizeof main_task, .fn_name_ = "main", .site_ = "bide_run()", .arg = o->arg,
        .name = "main", .handle = &l->main,
        .stack_size = o->stack_size ? o->stack_size : MAIN_STACK,
    };
    return bide_spawn_opts(NULL, fn, &main_task);
}

/* What a program sees of main's end: its result, and outside of all tasks the error that it
 * held. */
int bide__loop_end(struct loop *l, int begun)
{
    int rc = begun;
    struct bide_error error;
    if (rc == 0) {
        rc = l->main->result;
        error = l->main->error;
        bide__group_let_go(&l->root);
    } else {
        error = bide_error_held_();
    }
    bide__here = NULL;
    if (l->deadlocked) {
        rc = BIDE_EDEADLK;
        error = (struct bide_error){ BIDE_EDEADLK, "every task waits for another" };
    }
    close_loop(l);
    if (rc < 0)
        bide_error_restore_(&error);
    return rc;
}

/* Inside a task: a scope of its own on the same loop. */
static int run_nested(bide_fn *fn, void *arg)
{
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    BIDE_SCOPE(s);
    return fn(arg);
}

int bide_run_opts(bide_fn *fn, const struct bide_run_opts *o)
{
    if (bide__here)
        return run_nested(fn, o->arg);
    struct loop *l = bide__loop_open(o);
    if (!l)
        return bide_within("bide_run");
    l->root.locals = bide__local_chain();       /* what is set around this outlives the loop */
    int rc = bide__loop_begin(l, fn, o);
    if (rc == 0)
        bide__loop_turn(l);
    return bide__loop_end(l, rc);
}

const char *bide_poller_name(void)
{
    return bide__loop() ? bide__loop()->poller.ops->name : NULL;
}
