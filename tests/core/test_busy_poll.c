/* tests/core/test_busy_poll.c -- the loop looks on before it sleeps where that has paid, and only
 * there.
 *
 * No time passes: clock, poller and /proc/loadavg are the test's.  A look with a timeout of 0
 * takes a microsecond, a sleep what it was asked for. */
#include "test.h"

#include "base/sys.h"
#include "core/loop.h"
#include <bide.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOADAVG_FD = 1 << 20, LOOK_NS = 1000, TRIES = 4 };

static struct sys real;
static const struct poller_ops *real_poller;
static struct {
    int64_t now_ns, look_ns, looked_ns;
    int looks, sleeps, checks;
    const char *loadavg;        /* NULL: there is none */
    void (*during)(void);       /* what happens in the next look */
} world;

static int tell_time(clockid_t clock, struct timespec *now)
{
    (void)clock;
    *now = (struct timespec){ .tv_sec = (time_t)(world.now_ns / 1000000000),
                              .tv_nsec = (long)(world.now_ns % 1000000000) };
    return 0;
}

static int look_once(struct poller *p, struct poller_event *events, int max)
{
    void (*during)(void) = world.during;
    world.during = NULL;
    world.looks++;
    world.looked_ns += world.look_ns;
    world.now_ns += world.look_ns;
    if (!during)
        return 0;               /* nothing has happened; a million looks then cost little */
    during();
    return real_poller->wait(p, 0, events, max);
}

static int wait_for_events(struct poller *p, int64_t timeout_ns, struct poller_event *events,
                           int max)
{
    if (timeout_ns == 0)
        return look_once(p, events, max);
    CHECK(timeout_ns > 0);
    world.sleeps++;
    world.now_ns += timeout_ns;
    return 0;
}

static int open_file(const char *path, int flags, mode_t permissions)
{
    if (strcmp(path, "/proc/loadavg") != 0)
        return real.open(path, flags, permissions);
    world.checks++;
    errno = ENOENT;
    return world.loadavg ? LOADAVG_FD : -1;
}

static ssize_t read_file(int fd, void *buf, size_t size)
{
    if (fd != LOADAVG_FD)
        return real.read(fd, buf, size);
    size_t length = strlen(world.loadavg);
    CHECK(length < size);
    memcpy(buf, world.loadavg, length);
    return (ssize_t)length;
}

static int close_file(int fd)
{
    return fd == LOADAVG_FD ? 0 : real.close(fd);
}

/* Each test runs in a process of its own, so nothing has to be put back. */
static void make_world(const char *loadavg)
{
    real = bide__sys;
    world.now_ns = 1000000000;
    world.look_ns = LOOK_NS;
    world.loadavg = loadavg;
    bide__sys.clock_gettime = tell_time;
    bide__sys.open = open_file;
    bide__sys.read = read_file;
    bide__sys.close = close_file;
    unsetenv("BIDE_BUSY_POLL");
}

static bide_fn *body;

static int with_the_tests_poller(void *arg)
{
    struct poller *p = &bide__loop()->poller;
    real_poller = p->ops;
    struct poller_ops ours = *p->ops;
    ours.wait = wait_for_events;
    p->ops = &ours;
    int rc = body(arg);
    p->ops = real_poller;
    return rc;
}

/* bide_run(), by whatever poller there is beneath the test's. */
#define RUN(fn, ...) (body = (fn), bide_run(with_the_tests_poller, __VA_ARGS__))

static const char quiet[] = "0.20 0.18 0.12 1/80 11206\n";

static void forget_counts(void)
{
    world.looks = world.sleeps = world.checks = 0;
    world.looked_ns = 0;
}

static void sleep_often(int count, double seconds)
{
    for (int i = 0; i < count; i++)
        CHECK_EQ(bide_sleep(seconds), 0);
}

static int sleeps_shortly(void *count)
{
    sleep_often(*(int *)count, 10e-6);
    return 0;
}

TEST(after_a_few_short_sleeps_the_loop_looks_on_and_sleeps_no_more)
{
    make_world(quiet);
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 1000 }), 0);
    CHECK_EQ(world.sleeps, TRIES);
    CHECK(world.looks >= 9 * (1000 - TRIES));
}

static int sleeps_long(void *unused)
{
    (void)unused;
    sleep_often(1000, 0.0011);
    return 0;
}

TEST(an_idle_loop_does_not_look)
{
    make_world(quiet);
    CHECK_EQ(RUN(sleeps_long, NULL), 0);
    CHECK_EQ(world.looks, 0);
    CHECK_EQ(world.checks, 0);
    CHECK_EQ(world.sleeps, 1000);
}

static int pauses_once(void *unused)
{
    (void)unused;
    sleep_often(100, 10e-6);
    CHECK_EQ(world.sleeps, TRIES);
    CHECK_EQ(bide_sleep(1), 0);                 /* looks in vain once more */
    forget_counts();
    sleep_often(TRIES, 10e-6);
    CHECK_EQ(world.looks, 0);
    CHECK_EQ(world.sleeps, TRIES);
    sleep_often(1, 10e-6);
    CHECK_EQ(world.sleeps, TRIES);
    return 0;
}

TEST(one_long_sleep_ends_it)
{
    make_world(quiet);
    CHECK_EQ(RUN(pauses_once, NULL), 0);
}

static int sleeps_too_long_for_looking(void *unused)
{
    (void)unused;
    sleep_often(100000, 200e-6);
    return 0;
}

/* Each try that fails doubles the number of sleeps before the next: 4, 8, ... 4096. */
TEST(where_looking_never_pays_it_is_tried_ever_more_rarely)
{
    make_world(quiet);
    CHECK_EQ(RUN(sleeps_too_long_for_looking, NULL), 0);
    CHECK(world.looks > 0);
    CHECK(world.looks <= 51 * (11 + 100000 / 4096));
}

TEST(it_takes_half_of_the_time_at_most)
{
    make_world(quiet);
    int64_t began = world.now_ns;
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 200000 }), 0);
    int64_t passed = world.now_ns - began;
    CHECK(passed >= 2000000000);
    CHECK(world.looked_ns > passed / 4);
    CHECK(world.looked_ns <= passed / 2 + 50000000 + 50000);
}

TEST(a_busy_machine_is_looked_at_now_and_then_and_nothing_else)
{
    make_world("9.87 8.76 7.65 99999/100000 11206\n");
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 100000 }), 0);
    CHECK_EQ(world.looks, 0);
    CHECK(world.checks >= 1);
    CHECK(world.checks <= 1 + 10);              /* in a second */
}

TEST(where_nobody_tells_how_busy_the_machine_is_it_does_not_look)
{
    make_world(NULL);
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 1000 }), 0);
    CHECK_EQ(world.looks, 0);
    world.loadavg = "what is this";
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 1000 }), 0);
    CHECK_EQ(world.looks, 0);
}

static void get_busy(void)
{
    world.loadavg = "0.20 0.18 0.12 99999/100000 11206\n";
}

static void lose_the_processor(void)
{
    world.now_ns += 60000;
    get_busy();
}

static int is_preempted(void *unused)
{
    (void)unused;
    sleep_often(100, 10e-6);
    CHECK_EQ(world.checks, 1);
    world.during = lose_the_processor;
    CHECK_EQ(bide_sleep(100e-6), 0);
    forget_counts();
    sleep_often(100, 10e-6);
    CHECK_EQ(world.looks, 0);
    CHECK_EQ(world.checks, 1);
    return 0;
}

TEST(who_loses_the_processor_while_looking_asks_anew_whether_the_machine_is_busy)
{
    make_world(quiet);
    CHECK_EQ(RUN(is_preempted, NULL), 0);
}

TEST(it_can_be_told_not_to)
{
    make_world(quiet);
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 100 }, .busy_poll = -1), 0);
    CHECK_EQ(world.looks, 0);
    setenv("BIDE_BUSY_POLL", "0", 1);
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 100 }), 0);
    CHECK_EQ(world.looks, 0);
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 100 }, .busy_poll = 20e-6), 0);
    CHECK(world.looks > 0);                     /* the option wins over the environment */
}

static int sleeps_for_the_limit(void *unused)
{
    (void)unused;
    sleep_often(TRIES + 1, 10e-6);
    forget_counts();
    CHECK_EQ(bide_sleep(0.002), 0);
    CHECK_EQ(world.sleeps, 1);
    return world.looks;
}

TEST(how_long_it_looks_can_be_set_up_to_a_millisecond)
{
    make_world(quiet);
    CHECK_EQ(RUN(sleeps_for_the_limit, NULL), 50);
    CHECK_EQ(RUN(sleeps_for_the_limit, NULL, .busy_poll = 20e-6), 20);
    CHECK_EQ(RUN(sleeps_for_the_limit, NULL, .busy_poll = 1), 1000);
    setenv("BIDE_BUSY_POLL", "0.00003", 1);
    CHECK_EQ(RUN(sleeps_for_the_limit, NULL), 30);
}

TEST(what_is_no_number_of_seconds_is_refused)
{
    make_world(quiet);
    setenv("BIDE_BUSY_POLL", "50us", 1);
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 1 }), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "BIDE_BUSY_POLL: '50us' is no number of seconds");
    setenv("BIDE_BUSY_POLL", "nan", 1);
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 1 }), BIDE_EINVAL);
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 1 }, .busy_poll = -1), 0);
}

TEST(a_jumping_clock_is_not_waited_for)
{
    make_world(quiet);
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 1000 }, .jumping_clock = true, .busy_poll = -1), 0);
    int without = world.looks;
    forget_counts();
    CHECK_EQ(RUN(sleeps_shortly, &(int){ 1000 }, .jumping_clock = true), 0);
    CHECK_EQ(world.looks, without);
}

/* Posts. */

static bide_loop *loop;
static bool written, posted;

static int is_posted(void *unused)
{
    (void)unused;
    posted = true;
    return 0;
}

/* As another thread would, in the middle of a look. */
static void post(void)
{
    uint64_t count;
    CHECK_EQ(bide_loop_post(loop, is_posted, NULL), 0);
    written = read(bide__loop()->inbox->wake_fd, &count, sizeof count) > 0;
}

static int looks_until_a_post(void *unused)
{
    (void)unused;
    loop = bide_loop_hold();
    sleep_often(TRIES + 1, 10e-6);
    forget_counts();
    world.during = post;
    CHECK_EQ(bide_sleep(30e-6), 0);
    CHECK(posted);
    CHECK(!written);
    CHECK_EQ(world.sleeps, 0);
    bide_loop_drop(loop);
    return 0;
}

TEST(what_other_threads_post_meanwhile_is_seen_without_a_wake_up)
{
    make_world(quiet);
    CHECK_EQ(RUN(looks_until_a_post, NULL), 0);
}
