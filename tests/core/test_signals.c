/* tests/core/test_signals.c -- .stop_on_signal: the first one cancels, the second one ends, and
 * afterwards all is as it was. */
#include "forked.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <pthread.h>

static int came, cleaned;

static void note(int number)
{
    came = number;
}

static int raises(void *number)
{
    raise(*(int *)number);
    int rc = bide_sleep(10);
    BIDE_SHIELD(s, 1);
    CHECK_EQ(bide_sleep(0.001), 0);
    cleaned++;
    return rc;
}

TEST(the_first_signal_cancels_everything)
{
    int numbers[] = { SIGINT, SIGTERM };
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(bide_run(raises, &numbers[i], .stop_on_signal = true), BIDE_ECANCELED);
        CHECK_EQ(cleaned, i + 1);
    }
}

static int background(void *unused)
{
    (void)unused;
    CHECK_EQ(bide_sleep(10), BIDE_ECANCELED);
    cleaned++;
    return BIDE_ECANCELED;
}

static int raises_with_others(void *number)
{
    BIDE_GROUP(g);
    bide_spawn(g, background, NULL);
    bide_spawn(NULL, background, NULL);
    CHECK_EQ(bide_yield(), 0);
    raise(*(int *)number);
    CHECK_EQ(bide_group_wait(g), BIDE_ECANCELED);
    return 7;
}

TEST(every_task_hears_of_it)
{
    CHECK_EQ(bide_run(raises_with_others, &(int){ SIGINT }, .stop_on_signal = true), 7);
    CHECK_EQ(cleaned, 2);
}

static void *kills(void *process)
{
    usleep(20000);              /* the other thread is inside its poller by then */
    kill(*(pid_t *)process, SIGTERM);
    return NULL;
}

static int sleeps_long(void *unused)
{
    (void)unused;
    return bide_sleep(60);
}

TEST(a_loop_asleep_in_its_poller_is_woken)
{
    static const char *const pollers[] = { "epoll", "poll", TEST_RING };
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        pid_t me = getpid();
        CHECK_EQ(pthread_create(&thread, NULL, kills, &me), 0);
        CHECK_EQ(bide_run(sleeps_long, NULL, .stop_on_signal = true, .poller = pollers[i]),
                 BIDE_ECANCELED);
        pthread_join(thread, NULL);
    }
}

TEST(the_old_disposition_comes_back)
{
    struct sigaction now;
    signal(SIGINT, note);
    signal(SIGTERM, SIG_IGN);
    CHECK_EQ(bide_run(raises, &(int){ SIGINT }, .stop_on_signal = true), BIDE_ECANCELED);
    CHECK_EQ(came, 0);
    sigaction(SIGINT, NULL, &now);
    CHECK(now.sa_handler == note);
    sigaction(SIGTERM, NULL, &now);
    CHECK(now.sa_handler == SIG_IGN);
    raise(SIGINT);
    CHECK_EQ(came, SIGINT);
}

static int raises_and_goes_on(void *number)
{
    raise(*(int *)number);
    return bide_sleep(0.001);
}

TEST(without_the_option_signals_are_left_alone)
{
    signal(SIGINT, note);
    CHECK_EQ(bide_run(raises_and_goes_on, &(int){ SIGINT }), 0);
    CHECK_EQ(came, SIGINT);
}

static int raises_twice(void *number)
{
    raise(*(int *)number);
    bide_ignore(bide_sleep(1));
    BIDE_SHIELD(s, 5);
    raise(*(int *)number);
    bide_ignore(bide_sleep(1));
    return 0;
}

static void run_twice(void)
{
    bide_ignore(bide_run(raises_twice, &(int){ SIGINT }, .stop_on_signal = true));
}

TEST(the_second_signal_ends_the_process)
{
    int status = run_forked(run_twice);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGINT);
}

static int runs_another(void *unused)
{
    (void)unused;
    return 0;
}

static void *runs_second_loop(void *rc)
{
    *(int *)rc = bide_run(runs_another, NULL, .stop_on_signal = true);
    return NULL;
}

static int starts_a_thread(void *rc)
{
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, runs_second_loop, rc), 0);
    pthread_join(thread, NULL);
    return 0;
}

TEST(one_loop_per_process_has_the_signals)
{
    int rc = 0;
    CHECK_EQ(bide_run(starts_a_thread, &rc, .stop_on_signal = true), 0);
    CHECK(rc < 0);
    CHECK_EQ(bide_run(runs_another, NULL, .stop_on_signal = true), 0);
}
