/* bide/testing.h -- testing programs that wait.  Library bide-testing; knows no framework.
 *
 *     static int pinged(void *unused)
 *     {
 *         bide_stream *ends[2];
 *         int rc = bide_test_stream_pair(ends, .split = 1);
 *         ...                             // spawn, write, read; return < 0 if it is wrong
 *     }
 *
 *     if (bide_test(pinged, NULL) < 0)
 *         puts(bide_errmsg());        // leaked: task 'pump' (spawned at x.c:12) waits for ...
 *
 * A test is a function that runs as the first task of a loop of its own, under the jumping clock,
 * and returns 0 or < 0; where it finds something wrong, bide_fail(BIDE_ETEST, ...).  It fails as
 * well if something that was made inside is left when it returns: a task, a timer, a descriptor,
 * memory of bide's allocator.  The sentence names the first; all of them go to the log.  From a
 * plain thread, outside of all loops, one test at a time in a process: the allocator and the table
 * of system calls are the process's. */
#ifndef BIDE_TESTING_H
#define BIDE_TESTING_H
#include <bide/run.h>
#include <bide/stream.h>
BIDE_BEGIN_

/* What a test may leave behind, for .allow. */
enum bide_test_leak {
    BIDE_TEST_TASKS = 1,        /* tasks of the root group and open owned groups */
    BIDE_TEST_TIMERS = 2,
    BIDE_TEST_DESCRIPTORS = 4,
    BIDE_TEST_BYTES = 8,
};
/* What bide_test_each_call() does to the nth system call. */
enum bide_test_fault {
    BIDE_TEST_REFUSE,           /* it fails: with .code, or with what that call fails with most */
    BIDE_TEST_SHORT,            /* it does the least part: writes one byte */
    BIDE_TEST_INTERRUPT,        /* it fails with EINTR, where the system could */
};
/* Options of bide_test() and its kin; 0 is the default of each. */
struct bide_test_opts {
    size_t abi_;
    const char *fn_name_;       /* by the macro: the function's name */
    void *arg;                  /* handed to the function */
    const char *poller;         /* as in bide_run() */
    uint64_t seed;              /* ready tasks run in an order drawn from it; 0: BIDE_SHUFFLE's,
                                   else in order */
    bool real_clock;            /* time passes; else it jumps when all wait */
    double seconds;             /* the test's limit, on its clock; looked at when all wait.
                                   Default: a day, 10 s with the real clock.  BIDE_FOREVER: none */
    unsigned allow;             /* leaks that are none: BIDE_TEST_TASKS | ... */
    size_t stack_size;          /* as in bide_run() */
    size_t task_stack_size;     /* as in bide_run() */
    void (*on_failure)(const bide_task *task, const struct bide_error *why);
                                /* as in bide_run(); but bide_test_each_...() log nothing */
    size_t count;               /* bide_test_shuffled(): how many seeds; default 100 */
    enum bide_test_fault fault; /* bide_test_each_call(): what happens */
    int code;                   /* bide_test_each_call(): the failure, as in -EMFILE */
    const char *call;           /* bide_test_each_call(): this one alone, as in "recv" */
};

/* Runs fn(arg) as a test.  0; or < 0 with the error held: the function's own failure, or
 * BIDE_ETEST: it left something behind, or BIDE_TEST_NO_SWITCH was broken; BIDE_ETIMEDOUT, and the
 * log tells what every task waits for; BIDE_EDEADLK, likewise; BIDE_EPERM inside a loop.
 * Counterpart: unittest.IsolatedAsyncioTestCase. */
#define bide_test(fn, ...) bide_test_opts(fn, BIDE_TEST_OPTS_(fn, __VA_ARGS__))
BIDE_CHECK int bide_test_opts(bide_fn *fn, const struct bide_test_opts *opts);
/* Runs it with the seeds 1, 2, 3 ... count, to the first that fails: its result, "seed 17
 * (BIDE_SHUFFLE=17): ...".  Where BIDE_SHUFFLE is set, with that seed alone; .seed: the first. */
#define bide_test_shuffled(fn, ...) bide_test_shuffled_opts(fn, BIDE_TEST_OPTS_(fn, __VA_ARGS__))
BIDE_CHECK int bide_test_shuffled_opts(bide_fn *fn, const struct bide_test_opts *opts);
/* Runs it again and again, with the 1st, 2nd, 3rd ... allocation failing, until none was left to
 * fail.  The last run must succeed; the others may, or fail with a code and a sentence; none may
 * leak, hang, or fail with BIDE_ETEST or BIDE_EUNKNOWN, which says nothing.  How many faults there
 * were; or < 0, "refusing allocation 17: leaked: ...". */
#define bide_test_each_allocation(fn, ...) \
    bide_test_each_allocation_opts(fn, BIDE_TEST_OPTS_(fn, __VA_ARGS__))
BIDE_CHECK int bide_test_each_allocation_opts(bide_fn *fn, const struct bide_test_opts *opts);
/* The same with the library's system calls: .fault says what happens to the nth.  With
 * BIDE_TEST_SHORT and BIDE_TEST_INTERRUPT every run must succeed, for those are no failures. */
#define bide_test_each_call(fn, ...) bide_test_each_call_opts(fn, BIDE_TEST_OPTS_(fn, __VA_ARGS__))
BIDE_CHECK int bide_test_each_call_opts(bide_fn *fn, const struct bide_test_opts *opts);
/* The same with waits: the function and what it started in groups of its own is cancelled when some
 * task stops for the nth time.  Counterpart: none. */
#define bide_test_each_wait(fn, ...) bide_test_each_wait_opts(fn, BIDE_TEST_OPTS_(fn, __VA_ARGS__))
BIDE_CHECK int bide_test_each_wait_opts(bide_fn *fn, const struct bide_test_opts *opts);

/* Waits until every other task of the loop waits and nothing is on its way to one of them, but
 * other threads' work and time: 0.  The clock does not jump meanwhile.  Counterpart: trio's
 * wait_all_tasks_blocked(); in asyncio, a few sleep(0) and hope. */
BIDE_WAITS int bide_test_blocked(void);
/* BIDE_TEST_NO_SWITCH(n);  asserts that the task does not stop in the rest of the block: calls that
 * may wait are allowed, but what they ask for must be there.  Else the test fails, with the place;
 * outside of a test the process is aborted.  BIDE_NO_WAIT forbids the calls themselves. */
#define BIDE_TEST_NO_SWITCH(name) \
    BIDE_CLEANUP_(bide_test_no_switch_leave_) struct bide_test_no_switch_ name = \
        bide_test_no_switch_enter_(BIDE_SITE_)

/* Options of bide_test_stream_pair(); 0 is the default of each. */
struct bide_test_stream_opts {
    size_t abi_;
    size_t split;               /* one read finds at most so many bytes; default: all */
    uint64_t seed;              /* draws how many each time, 1 to split (to 64 without split) */
    double delay;               /* seconds until what was written can be read, in order */
    size_t short_writes;        /* one write of the system's kind takes at most so many bytes */
    size_t high_water;          /* bytes on their way above which writes wait */
    size_t cut;                 /* after so many bytes from ends[0] to ends[1], the connection
                                   breaks; 0: never */
    size_t cut_back;            /* the same from ends[1] to ends[0] */
    int code;                   /* how it breaks, for both: default -ECONNRESET; 1: as if the
                                   writer had closed */
};
/* Two connected ends in memory, as bide_stream_pair(), with the habits of a bad network.  0, or
 * BIDE_ENOMEM, or BIDE_EINVAL (delay). */
#define bide_test_stream_pair(ends, ...) bide_test_stream_pair_opts( \
    ends, BIDE_OPTS_(bide_test_stream_opts, __VA_ARGS__))
BIDE_CHECK int bide_test_stream_pair_opts(bide_stream *ends[2],
                                          const struct bide_test_stream_opts *opts);
/* Makes two connected streams: 0, or < 0 with the error held.  May wait. */
typedef int bide_test_make_fn(void *arg, bide_stream *ends[2]);
/* Puts pairs that make(arg, ends) makes through everything that a byte stream promises, each in a
 * test of its own: every byte once and in order, large and small and none; lines, exact counts,
 * peeking; half-closing, closing, aborting; a second reader refused; back-pressure; cancelling at
 * any moment, after which a read has taken nothing.  0, or < 0: "half_close: ...". */
#define bide_test_ordeal(make, ...) \
    bide_test_ordeal_opts(make, BIDE_TEST_OPTS_(make, __VA_ARGS__))
BIDE_CHECK int bide_test_ordeal_opts(bide_test_make_fn *make, const struct bide_test_opts *opts);

/* Behind the macros. */
#define BIDE_TEST_OPTS_(fn, ...) BIDE_OPTS_(bide_test_opts, .fn_name_ = #fn, .arg = __VA_ARGS__)
/* Behind BIDE_TEST_NO_SWITCH. */
struct bide_test_no_switch_ { const char *site; void *task; int ticks; unsigned turns; };
struct bide_test_no_switch_ bide_test_no_switch_enter_(const char *site);
void bide_test_no_switch_leave_(struct bide_test_no_switch_ *guard);

BIDE_END_
#endif
