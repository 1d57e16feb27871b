/* tests/sync/test_signals.c -- signals that arrive in tasks. */
#include "../core/forked.h"

#include "core/signals.h"
#include <bide/group.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <bide/signal.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int came;

static void note(int number)
{
    came = number;
}

/* What has been sent is told to who listens. */
static void look(void)
{
    bide__signal_look(bide__loop());
}

TASK_TEST(a_signal_arrives_in_a_task)
{
    bide_auto(signals) s = bide_signals_open(SIGHUP);
    CHECK(s);
    CHECK_EQ(bide_signals_sender(s), 0);
    raise(SIGHUP);
    CHECK_EQ(bide_signals_wait(s), SIGHUP);
    CHECK_EQ(bide_signals_sender(s), getpid());
}

TASK_TEST(signals_arrive_in_the_order_in_which_they_came)
{
    bide_auto(signals) s = bide_signals_open(SIGHUP, SIGUSR1, SIGUSR2, SIGRTMIN);
    int sent[] = { SIGUSR2, SIGHUP, SIGRTMIN, SIGUSR1 };
    for (int i = 0; i < 4; i++)
        raise(sent[i]);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(bide_signals_wait(s), sent[i]);
    for (int i = 3; i >= 0; i--) {
        raise(sent[i]);
        look();
    }
    for (int i = 3; i >= 0; i--)
        CHECK_EQ(bide_signals_wait(s), sent[i]);
}

TASK_TEST(a_signal_that_comes_again_is_kept_once)
{
    bide_auto(signals) s = bide_signals_open(SIGHUP, SIGUSR1, SIGHUP);
    raise(SIGHUP);
    raise(SIGHUP);
    look();
    raise(SIGUSR1);
    raise(SIGHUP);
    CHECK_EQ(bide_signals_wait(s), SIGHUP);
    CHECK_EQ(bide_signals_wait(s), SIGUSR1);
    CHECK_EQ(bide_timeout(0.1, (bide_fn *)bide_signals_wait, s), BIDE_ETIMEDOUT);
}

TASK_TEST(all_who_opened_it_get_it)
{
    bide_auto(signals) a = bide_signals_open(SIGHUP);
    bide_auto(signals) b = bide_signals_open(SIGUSR1, SIGHUP);
    raise(SIGHUP);
    CHECK_EQ(bide_signals_wait(b), SIGHUP);
    CHECK_EQ(bide_signals_wait(a), SIGHUP);
    bide_signals_close(bide_steal(a));
    raise(SIGHUP);
    CHECK_EQ(bide_signals_wait(b), SIGHUP);
}

static char order[8];
static int ordered;

struct waits { bide_signals *from; char name; };

static int waits(void *arg)
{
    struct waits *w = arg;
    int number = bide_signals_wait(w->from);
    order[ordered++] = w->name;
    return number;
}

TASK_TEST(who_waits_longest_gets_the_next)
{
    bide_auto(signals) s = bide_signals_open(SIGHUP);
    BIDE_GROUP(g);
    for (char c = 'a'; c <= 'c'; c++)
        bide_spawn_with(g, waits, struct waits, s, c);
    CHECK_EQ(bide_yield(), 0);
    for (int i = 0; i < 3; i++) {
        raise(SIGHUP);
        CHECK_EQ(bide_sleep(0.001), 0);
        CHECK_EQ(ordered, i + 1);
    }
    CHECK_STR(order, "abc");
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(closing_gives_the_old_disposition_back)
{
    struct sigaction now;
    signal(SIGHUP, note);
    signal(SIGUSR1, SIG_IGN);
    bide_signals *a = bide_signals_open(SIGHUP, SIGUSR1);
    bide_signals *b = bide_signals_open(SIGHUP);
    raise(SIGHUP);
    raise(SIGUSR1);
    bide_signals_close(a);
    CHECK_EQ(sigaction(SIGUSR1, NULL, &now), 0);
    CHECK(now.sa_handler == SIG_IGN);
    CHECK_EQ(bide_signals_wait(b), SIGHUP);
    CHECK_EQ(came, 0);
    bide_signals_close(b);
    raise(SIGHUP);
    CHECK_EQ(came, SIGHUP);
    bide_signals_close(NULL);
}

static int opens_and_leaves(void *kept)
{
    bide_signals *s = bide_signals_open(SIGHUP, SIGTERM);
    CHECK(s);
    *(bide_signals **)kept = s;
    return 0;
}

TEST(the_end_of_the_loop_gives_it_back_too)
{
    bide_signals *s;
    signal(SIGHUP, note);
    CHECK_EQ(bide_run(opens_and_leaves, &s, .stop_on_signal = true), 0);
    raise(SIGHUP);
    CHECK_EQ(came, SIGHUP);
    bide_signals_close(s);
    struct sigaction now;
    CHECK_EQ(sigaction(SIGTERM, NULL, &now), 0);
    CHECK(now.sa_handler == SIG_DFL);
}

static int once(void *unused)
{
    (void)unused;
    return bide_signal_wait(SIGUSR1, SIGUSR2);
}

TASK_TEST(one_signal_can_be_waited_for_in_one_call)
{
    bide_task *t;
    struct sigaction now;
    BIDE_GROUP(g);
    bide_spawn(g, once, NULL, .handle = &t);
    CHECK_EQ(bide_yield(), 0);
    raise(SIGUSR2);
    CHECK_EQ(bide_join(t), 0);
    CHECK_EQ(bide_task_result(t), SIGUSR2);
    CHECK_EQ(sigaction(SIGUSR2, NULL, &now), 0);
    CHECK(now.sa_handler == SIG_DFL);
}

/* Beside .stop_on_signal */

static int takes_int(void *unused)
{
    (void)unused;
    bide_signals *s = bide_signals_open(SIGINT);
    for (int i = 0; i < 3; i++) {
        raise(SIGINT);
        CHECK_EQ(bide_signals_wait(s), SIGINT);
    }
    CHECK(!bide_cancelled());
    bide_signals_close(s);
    raise(SIGINT);
    return bide_sleep(10);
}

TEST(who_opens_it_gets_it_instead_of_the_stop)
{
    CHECK_EQ(bide_run(takes_int, NULL, .stop_on_signal = true), BIDE_ECANCELED);
}

static int listens_while_it_stops(void *unused)
{
    (void)unused;
    raise(SIGTERM);
    CHECK_EQ(bide_sleep(10), BIDE_ECANCELED);
    BIDE_SHIELD(tidying, 10);
    bide_auto(signals) s = bide_signals_open(SIGTERM);
    raise(SIGTERM);
    CHECK_EQ(bide_signals_wait(s), SIGTERM);
    return 5;
}

TEST(a_program_that_stops_can_hear_of_the_second_signal)
{
    CHECK_EQ(bide_run(listens_while_it_stops, NULL, .stop_on_signal = true), 5);
}

static int stops_twice(void *unused)
{
    (void)unused;
    raise(SIGINT);
    CHECK_EQ(bide_sleep(10), BIDE_ECANCELED);
    bide_signals_close(bide_signals_open(SIGINT));
    raise(SIGINT);
    return 0;
}

static void run_twice(void)
{
    bide_ignore(bide_run(stops_twice, NULL, .stop_on_signal = true));
}

TEST(after_that_the_second_one_ends_the_process_again)
{
    int status = run_forked(run_twice);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGINT);
}

/* In groups */

static int stop(void *group)
{
    int number = bide_signal_wait(SIGTERM, SIGINT);
    if (number > 0)
        bide_group_cancel(group);
    return number < 0 ? number : 0;
}

static int reloads;

static int reload(void *signals)
{
    int number;
    while ((number = bide_signals_wait(signals)) > 0)
        reloads++;
    return number;
}

static int serve(void *unused)
{
    (void)unused;
    return bide_sleep(3600);
}

TASK_TEST(a_group_reloads_on_one_signal_and_ends_with_another)
{
    bide_auto(signals) hangups = bide_signals_open(SIGHUP);
    BIDE_GROUP(g);
    bide_spawn(g, reload, hangups);
    bide_spawn(g, stop, g);
    bide_spawn(g, serve, NULL);
    for (int i = 1; i <= 3; i++) {
        CHECK_EQ(bide_sleep(1), 0);
        raise(SIGHUP);
        CHECK_EQ(bide_sleep(1), 0);
        CHECK_EQ(reloads, i);
    }
    raise(SIGTERM);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(bide_now() >= 6);
}

/* Misuse */

static int run_opens_hangup(void *rc)
{
    bide_auto(signals) s = bide_signals_open(SIGUSR1, SIGHUP);
    *(int *)rc = s ? 0 : bide_errcode();
    if (!s)
        CHECK_STR(bide_errmsg(), "signals: another loop has SIGHUP");
    return 0;
}

static void *other_thread(void *rc)
{
    CHECK_EQ(bide_run(run_opens_hangup, rc), 0);
    return NULL;
}

static void in_other_thread(int *rc)
{
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, other_thread, rc), 0);
    pthread_join(thread, NULL);
}

TASK_TEST(another_loop_cannot_have_it)
{
    int rc;
    bide_signals *s = bide_signals_open(SIGHUP);
    in_other_thread(&rc);
    CHECK_EQ(rc, BIDE_EBUSY);
    struct sigaction now;
    CHECK_EQ(sigaction(SIGUSR1, NULL, &now), 0);
    CHECK(now.sa_handler == SIG_DFL);           /* what it had got, it gave back */
    bide_signals_close(s);
    in_other_thread(&rc);
    CHECK_EQ(rc, 0);
}

TASK_TEST(signals_that_nobody_can_have_are_refused)
{
    int numbers[] = { SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, -1, 65, 1000, 32 };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        CHECK(!bide_signals_open(SIGHUP, numbers[i]));
        CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    }
    CHECK(!bide_signals_open(SIGKILL));
    CHECK_STR(bide_errmsg(), "signals: nobody can wait for SIGKILL");
    CHECK(!bide_signals_open(0));
    CHECK_STR(bide_errmsg(), "signals: nobody can wait for signal 0");
    CHECK(!bide_signals_open(1000));
    CHECK_STR(bide_errmsg(), "signals: nobody can wait for signal 1000");
    CHECK_EQ(bide_signals_wait(NULL), BIDE_EINVAL);
    CHECK_EQ(bide_signal_wait(SIGKILL), BIDE_EINVAL);
}

TEST(outside_of_a_loop_there_are_none)
{
    CHECK(!bide_signals_open(SIGHUP));
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
}

static int waits_for_another_loops(void *s)
{
    CHECK_EQ(bide_signals_wait(s), BIDE_EPERM);
    return 0;
}

TEST(signals_of_another_loop_cannot_be_waited_for)
{
    bide_signals *s;
    CHECK_EQ(bide_run(opens_and_leaves, &s), 0);
    CHECK_EQ(bide_run(waits_for_another_loops, s), 0);
    bide_signals_close(s);
}

/* Cancelled, closed */

TASK_TEST(who_is_cancelled_before_takes_none)
{
    bide_auto(signals) s = bide_signals_open(SIGHUP);
    raise(SIGHUP);
    look();
    {
        BIDE_SCOPE(inner);
        bide_scope_cancel(inner);
        CHECK_EQ(bide_signals_wait(s), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_signals_wait(s), SIGHUP);
}

TASK_TEST(who_is_cancelled_while_waiting_leaves_the_line)
{
    bide_auto(signals) s = bide_signals_open(SIGHUP);
    CHECK_EQ(bide_timeout(1, (bide_fn *)bide_signals_wait, s), BIDE_ETIMEDOUT);
    raise(SIGHUP);
    CHECK_EQ(bide_signals_wait(s), SIGHUP);
    CHECK_EQ(bide__loop()->fds.waiters, 0);
}

TASK_TEST(a_signal_given_at_the_moment_of_cancelling_is_got)
{
    bide_task *t;
    bide_auto(signals) s = bide_signals_open(SIGHUP);
    BIDE_GROUP(g);
    bide_spawn(g, (bide_fn *)bide_signals_wait, s, .handle = &t);
    CHECK_EQ(bide_yield(), 0);
    raise(SIGHUP);
    look();
    bide_cancel(t);
    CHECK_EQ(bide_join(t), 0);
    CHECK_EQ(bide_task_result(t), SIGHUP);
}

TASK_TEST(closing_lets_all_go_who_wait)
{
    bide_task *t[2];
    bide_signals *s = bide_signals_open(SIGHUP);
    BIDE_GROUP(g);
    for (int i = 0; i < 2; i++)
        bide_spawn(g, (bide_fn *)bide_signals_wait, s, .handle = &t[i]);
    CHECK_EQ(bide_yield(), 0);
    bide_signals_close(s);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(t[0]), 0);
    CHECK_EQ(bide_task_result(t[1]), 0);
    CHECK_EQ(bide__loop()->fds.waiters, 0);
}

static int wait_on_the_way_in(void *s)
{
    bide__self()->credit = 1;           /* the next call yields on its way in */
    return bide_signals_wait(s);
}

TASK_TEST(closing_ends_who_yields_on_the_way_in)
{
    bide_task *t;
    bide_signals *s = bide_signals_open(SIGHUP);
    BIDE_GROUP(g);
    bide_spawn(g, wait_on_the_way_in, s, .handle = &t);
    CHECK_EQ(bide_yield(), 0);
    bide_signals_close(s);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_task_result(t), 0);
}

static void *no_memory(size_t size)
{
    (void)size;
    return NULL;
}

TASK_TEST(out_of_memory_is_told_and_takes_nothing)
{
    struct sigaction now;
    CHECK_EQ(bide_allocator_set(&(struct bide_allocator){ no_memory, realloc, free }), 0);
    bide_signals *s = bide_signals_open(SIGHUP);
    bide_allocator_set(NULL);
    CHECK(!s);
    CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
    CHECK_EQ(sigaction(SIGHUP, NULL, &now), 0);
    CHECK(now.sa_handler == SIG_DFL);
}

/* From elsewhere */

/* Is the main thread inside its poller?  The thread sanitizer keeps a signal that comes earlier for
 * the task that runs, which then waits for ever. */
static bool main_sleeps(void)
{
    char path[64], line[64] = "";
    /* Not /proc/self/stat, of which an emulator makes one of its own. */
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)getpid());
    FILE *f = fopen(path, "re");
    CHECK(f && fgets(line, sizeof line, f));
    fclose(f);
    const char *end = strrchr(line, ')');
    return end && end[2] == 'S';
}

static void *kills(void *number)
{
    for (int in_a_row = 0; in_a_row < 20; in_a_row = main_sleeps() ? in_a_row + 1 : 0)
        usleep(1000);
    kill(getpid(), *(int *)number);
    return NULL;
}

static int waits_for_hangup(void *unused)
{
    (void)unused;
    return bide_signal_wait(SIGHUP);
}

TEST(a_loop_asleep_is_woken_and_waiting_is_no_deadlock)
{
    static const char *const pollers[] = { "epoll", "poll", TEST_RING };
    for (int i = 0; i < 6; i++) {
        pthread_t thread;
        signal(SIGHUP, SIG_IGN);
        CHECK_EQ(pthread_create(&thread, NULL, kills, &(int){ SIGHUP }), 0);
        CHECK_EQ(bide_run(waits_for_hangup, NULL, .poller = pollers[i / 2],
                          .jumping_clock = i % 2), SIGHUP);
        pthread_join(thread, NULL);
    }
}

/* Under qemu's user mode a handler that another thread has just taken away is called all the same,
 * whatever program does this. */
#ifndef TEST_EMULATED
enum { SENDERS = 4, SENT = 300 };

static void *sends_many(void *stop_at)
{
    (void)stop_at;
    for (int i = 0; i < SENT; i++)
        kill(getpid(), i % 2 ? SIGHUP : SIGUSR1);
    return NULL;
}

static int opens_and_closes(void *unused)
{
    pthread_t threads[SENDERS];
    (void)unused;
    for (int i = 0; i < SENDERS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, sends_many, NULL), 0);
    for (int i = 0; i < 50; i++) {
        bide_auto(signals) a = bide_signals_open(SIGHUP);
        bide_auto(signals) b = bide_signals_open(SIGUSR1, SIGHUP);
        CHECK(a && b);
        CHECK_EQ(bide_yield(), 0);
    }
    for (int i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}

TEST(they_are_taken_and_given_back_while_they_come_from_all_sides)
{
    signal(SIGHUP, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_run(opens_and_closes, NULL), 0);
}
#endif

static int forks(void *unused)
{
    int status;
    (void)unused;
    bide_auto(signals) s = bide_signals_open(SIGHUP, SIGTERM);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        bool refused = bide_sleep(1) == BIDE_EPERM && !bide_signals_open(SIGHUP);
        int rc = 0;
        bool ran = bide_run(run_opens_hangup, &rc) == 0 && rc == 0;
        if (refused && ran)
            raise(SIGTERM);
        _exit(1);
    }
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGTERM);
    raise(SIGHUP);
    return bide_signals_wait(s);
}

#ifndef TEST_UNDER_TSAN
static int raises_twice(void *unused)
{
    (void)unused;
    raise(SIGTERM);
    raise(SIGTERM);
    return 0;
}

static int forks_while_it_listens(void *unused)
{
    int status;
    (void)unused;
    bide_auto(signals) s = bide_signals_open(SIGTERM);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        bide_ignore(bide_run(raises_twice, NULL, .stop_on_signal = true));
        _exit(1);
    }
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status));
    return 0;
}

TEST(the_second_signal_ends_a_forked_child_whatever_its_parent_listened_to)
{
    CHECK_EQ(bide_run(forks_while_it_listens, NULL), 0);
}
#endif

TEST(a_forked_child_has_no_loop_and_the_old_dispositions)
{
    CHECK_EQ(bide_run(forks, NULL), SIGHUP);
}
