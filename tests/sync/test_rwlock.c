/* tests/sync/test_rwlock.c -- many readers or one writer, first come, first served. */
#include "elsewhere.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <string.h>

static bide_rwlock lock;
static int readers, writers, most;
static char order[64];

static int reads_a_while(void *unused)
{
    (void)unused;
    bide_auto(permit) held = bide_rwlock_read(&lock);
    if (!held)
        return bide_errcode();
    CHECK_EQ(writers, 0);
    readers++;
    most = readers > most ? readers : most;
    int rc = bide_sleep(0.001);
    readers--;
    return rc;
}

static int writes_a_while(void *unused)
{
    (void)unused;
    bide_auto(permit) held = bide_rwlock_write(&lock);
    if (!held)
        return bide_errcode();
    CHECK_EQ(writers++, 0);
    CHECK_EQ(readers, 0);
    int rc = bide_sleep(0.001);
    writers--;
    return rc;
}

static int mixes(void *unused)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 60; i++)
        bide_spawn(g, i % 6 ? reads_a_while : writes_a_while, unused);
    return bide_group_wait(g);
}

TEST(many_read_or_one_writes_however_shuffled)
{
    struct bide_run_opts opts = { .abi_ = sizeof opts, .jumping_clock = true };
    for (opts.shuffle_seed = 0; opts.shuffle_seed < 10; opts.shuffle_seed++) {
        most = 0;
        CHECK_EQ(bide_run_opts(mixes, &opts), 0);
        CHECK(most > 1);
        CHECK_EQ(lock.readers_, 0);
        CHECK_PTR(lock.writer_, NULL);
    }
}

/* Notes its letter when it is let in, lower case a reader, upper case a writer; '-' if not. */
static int notes(void *arg)
{
    const char *name = arg;
    bide_permit *held = *name >= 'a' ? bide_rwlock_read(&lock) : bide_rwlock_write(&lock);
    strcat(order, held ? name : "-");
    int rc = held ? bide_sleep(0.010) : bide_errcode();
    CHECK_EQ(bide_permit_release(held), 0);
    return rc;
}

static void spawn_notes(bide_group *g, const char *name, bide_task **handle)
{
    bide_spawn(g, notes, (void *)(uintptr_t)name, .handle = handle);
    CHECK_EQ(bide_sleep(0.001), 0);
}

TASK_TEST(readers_next_to_each_other_go_in_together)
{
    static const char *const names[] = { "a", "b", "C", "d", "e", "F", "G", "h" };
    bide_task *unused;
    BIDE_GROUP(g);
    bide_permit *held = bide_rwlock_write(&lock);
    double start = bide_now();
    for (int i = 0; i < 8; i++)
        spawn_notes(g, names[i], &unused);
    CHECK_STR(order, "");
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "abCdeFGh");
    CHECK_NEAR(bide_now() - start, 0.008 + 6 * 0.010, 1e-9);
}

TASK_TEST(a_waiting_writer_stops_newcomers)
{
    bide_task *unused;
    bide_permit *held = bide_rwlock_read(&lock);
    BIDE_GROUP(g);
    spawn_notes(g, "W", &unused);
    CHECK_PTR(bide_rwlock_read_nowait(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
    CHECK_PTR(bide_rwlock_write_nowait(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
    spawn_notes(g, "r", &unused);
    CHECK_STR(order, "");
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "Wr");
}

TASK_TEST(at_once_if_nobody_is_in_the_way)
{
    bide_permit *first = bide_rwlock_read_nowait(&lock);
    bide_permit *second = bide_rwlock_read_nowait(&lock);
    CHECK(first && second);
    CHECK_PTR(bide_rwlock_write_nowait(&lock), NULL);
    CHECK_EQ(bide_permit_release(first), 0);
    CHECK_PTR(bide_rwlock_write_nowait(&lock), NULL);
    CHECK_EQ(bide_permit_release(second), 0);
    first = bide_rwlock_write_nowait(&lock);
    CHECK(first);
    CHECK_EQ(bide_permit_release(first), 0);
}

/* Cancelling. */

TASK_TEST(cancelled_before_it_is_not_taken)
{
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK_PTR(bide_rwlock_read(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    CHECK_PTR(bide_rwlock_write(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    CHECK_EQ(lock.readers_, 0);
    CHECK_PTR(lock.writer_, NULL);
}

TASK_TEST(a_cancelled_writer_no_longer_holds_up_the_readers_behind_it)
{
    bide_task *tasks[4];
    bide_permit *held = bide_rwlock_read(&lock);
    BIDE_GROUP(g);
    spawn_notes(g, "W", &tasks[0]);
    spawn_notes(g, "a", &tasks[1]);
    spawn_notes(g, "b", &tasks[2]);
    spawn_notes(g, "X", &tasks[3]);
    bide_cancel(tasks[0]);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK(strcmp(order, "-ab") == 0 || strcmp(order, "ab-") == 0);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_HAS(order, "X");
    CHECK_EQ(bide_task_result(tasks[0]), BIDE_ECANCELED);
}

TASK_TEST(handed_over_and_then_cancelled_it_is_held)
{
    bide_task *task;
    bide_permit *held = bide_rwlock_write(&lock);
    BIDE_GROUP(g);
    spawn_notes(g, "W", &task);
    CHECK_EQ(bide_permit_release(held), 0);
    bide_cancel(task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(order, "W");
    CHECK_PTR(lock.writer_, NULL);
}

TASK_TEST(a_whole_line_may_be_cancelled_at_once)
{
    static const char *const names[] = { "W", "a", "X", "b", "c" };
    bide_task *unused;
    bide_permit *held = bide_rwlock_read(&lock);
    {
        BIDE_GROUP(g);
        for (int i = 0; i < 5; i++)
            spawn_notes(g, names[i], &unused);
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    CHECK_PTR(lock.waiters_, NULL);
    CHECK_EQ(lock.readers_, 1);
    CHECK_EQ(bide_permit_release(held), 0);
}

/* Misuse. */

TASK_TEST(a_writer_that_asks_again_is_no_hang)
{
    bide_permit *held = bide_rwlock_write(&lock);
    CHECK_PTR(bide_rwlock_write(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDEADLK);
    CHECK_PTR(bide_rwlock_read(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDEADLK);
    CHECK_PTR(bide_rwlock_read_nowait(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDEADLK);
    CHECK_EQ(bide_permit_release(held), 0);
}

TASK_TEST(releasing_what_is_not_held_is_an_error)
{
    bide_permit *held = bide_rwlock_write(&lock);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_permit_release(held), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "nobody writes");
    held = bide_rwlock_read(&lock);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ(bide_permit_release(held), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "nobody reads");
}

static int releases(void *held)
{
    return bide_permit_release(held);
}

TASK_TEST(only_the_writer_itself_releases)
{
    bide_task *task;
    bide_permit *held = bide_rwlock_write(&lock);
    {
        BIDE_KEEP_GOING(g);
        bide_spawn(g, releases, held, .handle = &task);
        CHECK_EQ(bide_group_wait(g), BIDE_EPERM);
    }
    CHECK_EQ(bide_permit_release(held), 0);
    held = bide_rwlock_read(&lock);             /* what is read is everybody's */
    BIDE_GROUP(g);
    bide_spawn(g, releases, held);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(lock.readers_, 0);
}

TEST(outside_of_a_task_nothing_is_held)
{
    CHECK_PTR(bide_rwlock_read_nowait(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_PTR(bide_rwlock_write(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
}

static void reads_there(void)
{
    bide_permit *held = bide_rwlock_read(&lock);
    elsewhere_hold();
    CHECK_EQ(bide_permit_release(held), 0);
}

TASK_TEST(what_another_loop_s_task_holds_is_not_shared)
{
    void (*body)(void) = reads_there;
    elsewhere_begin(&body);
    CHECK_PTR(bide_rwlock_read(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_PTR(bide_rwlock_write(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_PTR(bide_rwlock_write_nowait(&lock), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    elsewhere_end();
    CHECK_EQ(bide_permit_release(bide_rwlock_write(&lock)), 0);
}

/* ---- readers, who let each other in ---- */

enum { MANY = 5000, PORTION = 64 };
static int gone, refused;

static int reads_in_turn(void *number)
{
    bide_auto(permit) held = bide_rwlock_read(&lock);
    if (!held) {
        refused++;
        return bide_errcode();
    }
    CHECK_EQ((int)(intptr_t)number, gone);
    gone++;
    return bide_yield();
}

static int writes_after(void *after)
{
    bide_auto(permit) held = bide_rwlock_write(&lock);
    if (!held)
        return bide_errcode();
    CHECK_EQ(gone, (int)(intptr_t)after);
    return 0;
}

static void spawn_readers(bide_group *g, int from)
{
    for (intptr_t i = 0; i < MANY; i++)
        bide_spawn(g, reads_in_turn, (void *)(from + i));
    CHECK_EQ(bide_sleep(0.001), 0);
}

TASK_TEST(many_readers_are_let_in_in_their_order_and_writers_keep_their_place)
{
    BIDE_GROUP(g);
    bide_permit *held = bide_rwlock_write_nowait(&lock);
    spawn_readers(g, 0);
    bide_spawn(g, writes_after, (void *)(intptr_t)MANY);
    spawn_readers(g, MANY);
    CHECK_EQ(bide_permit_release(held), 0);
    CHECK_EQ((int)lock.readers_, PORTION);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(gone, 2 * MANY);
    CHECK(!lock.readers_ && !lock.waiters_);
}

static int counts_gone(void *when)
{
    bide_auto(permit) held = bide_rwlock_write(&lock);
    *(int *)when = gone + refused;
    return held ? 0 : bide_errcode();
}

/* Who has not been told may still be let in. */
TASK_TEST(many_readers_may_be_cancelled_while_they_are_let_in)
{
    int when = -1;
    BIDE_GROUP(g);
    BIDE_GROUP(last);
    bide_permit *held = bide_rwlock_write_nowait(&lock);
    spawn_readers(g, 0);
    bide_spawn(last, counts_gone, &when);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_permit_release(held), 0);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(gone >= PORTION);
    CHECK_EQ(gone + refused, MANY);
    CHECK_EQ(bide_group_wait(last), 0);
    CHECK_EQ(when, MANY);
}
