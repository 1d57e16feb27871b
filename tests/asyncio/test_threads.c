/* Twins of threads.py. */
#include "twin.h"
#include <stdatomic.h>
#include <unistd.h>
AREA(threads)

static int answer(void *unused) { (void)unused; return 42; }
TWIN(result) { say("%d", bide_to_thread(answer, NULL)); }

static int fail(void *unused)
{
    (void)unused;
    return bide_fail(FAILED, "in the thread");
}

TWIN(failure)
{
    if (bide_to_thread(fail, NULL) == FAILED)
        say("failed: %s", bide_errmsg());
}

static atomic_bool begun_there, go_on;
static int block(void *unused)
{
    (void)unused;
    atomic_store(&begun_there, true);
    while (!atomic_load(&go_on))
        usleep(100);
    return 7;
}

static int other(void *unused)
{
    (void)unused;
    say("other");
    atomic_store(&go_on, true);
    return 0;
}

TWIN(meanwhile)
{
    BIDE_GROUP(g);
    bide_spawn(g, other, NULL);
    CHECK_EQ(bide_to_thread(block, NULL), 7);
    say("thread");
    CHECK_EQ(bide_group_wait(g), 0);
}

static int wait_for_thread(void *unused)
{
    (void)unused;
    int rc = bide_to_thread(block, NULL);
    say("result %d", rc);
    return rc;
}

TWIN_DIFFERS(cancelled, "a thread cannot be stopped and may use its caller's memory: the call "
             "returns when it has ended, and what it did is not lost",
             "result 7\ncancelled False\n")
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, wait_for_thread, NULL, .handle = &t);
    while (!atomic_load(&begun_there))
        CHECK_EQ(bide_yield(), 0);
    bide_cancel(t);
    atomic_store(&go_on, true);
    CHECK_EQ(bide_join(t), 0);
    say("cancelled %s", bide_task_result(t) == BIDE_ECANCELED ? "True" : "False");
}
