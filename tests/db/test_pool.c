/* The pool: who gets which connection, and when there is none. */
#include "fake.h"

#include <bide/group.h>
#include <bide/scope.h>

struct asking { bide_db *db; const char *sql; int64_t changed; char order; };
static char order[20];

static int ask(void *arg)
{
    struct asking *a = arg;
    a->changed = bide_db_execute(a->db, a->sql);
    if (a->order)
        order[strlen(order)] = a->order;
    return a->changed < 0 ? (int)a->changed : 0;
}

TASK_TEST(a_pool_connects_when_it_is_first_used)
{
    bide_auto(db) db = fake_open(.size_max = 2);
    CHECK(db != NULL);
    CHECK_EQ(fake.connected, 0);
    CHECK_EQ(bide_db_execute(db, "x"), 1);
    CHECK_EQ(fake.connected, 1);
    CHECK_EQ(bide_db_stats(db).idle, 1);
    CHECK_STR(bide_db_kind(db), "fake");
}

TASK_TEST(an_idle_connection_is_used_again)
{
    bide_auto(db) db = fake_open(.size_max = 5);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(bide_db_execute(db, "x"), 1);
    CHECK_SAID("1:x 1:x 1:x");
}

TASK_TEST(no_more_connections_than_size_max_and_first_come_first_served)
{
    fake.run_time = 1;
    bide_auto(db) db = fake_open(.size_max = 2);
    BIDE_GROUP(g);
    for (char c = 'a'; c <= 'f'; c++)
        bide_spawn_with(g, ask, struct asking, .db = db, .sql = "x", .order = c);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(fake.connected, 2);
    CHECK_STR(order, "abcdef");
}

TASK_TEST(who_waits_too_long_for_a_connection_is_told_so)
{
    bide_auto(db) db = fake_open(.size_max = 1, .acquire_timeout = 2);
    bide_auto(db) held = bide_db_acquire(db);
    CHECK(held != NULL);
    CHECK_EQ(bide_db_execute(db, "x"), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "no connection of 1 came free");
    CHECK_EQ(bide_db_stats(db).waiting, 0);
}

TASK_TEST(a_failed_connect_gives_its_room_to_the_next)
{
    fake.refusals = 1;
    fake.connect_time = 1;
    bide_auto(db) db = fake_open(.size_max = 1);
    struct asking first = { .db = db, .sql = "x" }, second = { .db = db, .sql = "y" };
    struct bide_call calls[] = { { .fn = ask, .arg = &first }, { .fn = ask, .arg = &second } };
    CHECK_EQ(bide_gather_all(calls, 2), 0);
    CHECK_EQ(calls[0].rc, -ECONNREFUSED);
    CHECK_EQ(calls[1].rc, 0);
    CHECK_SAID("1:y");
}

TASK_TEST(a_failed_connect_is_not_laid_to_the_statement)
{
    fake.refusals = 1;
    bide_auto(db) db = fake_open(.size_max = 1);
    CHECK_EQ(bide_db_execute(db, "x"), -ECONNREFUSED);
    CHECK_STR(bide_errmsg(), "fake: refused");
}

TASK_TEST(connecting_has_its_own_time_limit)
{
    fake.connect_time = 60;
    bide_auto(db) db = fake_open(.connect_timeout = 3);
    CHECK_EQ(bide_db_execute(db, "x"), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "connect");
    CHECK_EQ(bide_db_stats(db).open, 0);
}

TASK_TEST(a_cancelled_waiter_leaves_the_line)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) held = bide_db_acquire(db);
    BIDE_TIMEOUT(limit, 1);
    CHECK_EQ(bide_db_execute(db, "x"), BIDE_ECANCELED);
    CHECK_EQ(bide_db_stats(db).waiting, 0);
    CHECK_EQ(bide_db_stats(db).open, 1);
}

TASK_TEST(a_lost_connection_is_replaced_and_nothing_is_run_twice)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    fake.breaks = true;
    CHECK_EQ(bide_db_execute(db, "x"), -ECONNRESET);
    fake.breaks = false;
    CHECK_EQ(bide_db_execute(db, "y"), 1);
    CHECK_SAID("1:x 2:y");
    CHECK_EQ(fake.open, 1);
}

TASK_TEST(a_lent_connection_is_put_back_before_the_next_gets_it)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_db *mine = bide_db_acquire(db);
    CHECK_EQ(bide_db_execute(mine, "set x"), 1);
    bide_db_close(mine);
    CHECK_EQ(fake.resets, 0);
    CHECK_EQ(bide_db_execute(db, "y"), 1);
    CHECK_EQ(fake.resets, 1);
    CHECK_EQ(fake.connected, 1);
}

TASK_TEST(idle_connections_beyond_size_min_are_closed_in_time)
{
    bide_auto(db) db = fake_open(.size_min = 1, .size_max = 3, .idle = 10);
    {
        bide_auto(db) a = bide_db_acquire(db);
        bide_auto(db) b = bide_db_acquire(db);
        bide_auto(db) c = bide_db_acquire(db);
        CHECK_EQ(fake.open, 3);
    }
    CHECK_EQ(bide_sleep(11), 0);
    CHECK_EQ(fake.open, 1);
    CHECK_EQ(bide_db_stats(db).open, 1);
}

TASK_TEST(after_a_burst_idle_connections_are_closed_in_time)
{
    bide_auto(db) db = fake_open(.size_min = 1, .size_max = 3, .idle = 10);
    CHECK_EQ(bide_db_execute(db, "x"), 1);
    {
        bide_auto(db) a = bide_db_acquire(db);
        bide_auto(db) b = bide_db_acquire(db);
        CHECK_EQ(fake.open, 2);
    }
    CHECK_EQ(bide_sleep(11), 0);
    CHECK_EQ(fake.open, 1);
}

TASK_TEST(a_pool_closed_while_a_connection_is_put_back_closes_that_too)
{
    bide_db *db = fake_open(.size_max = 1);
    bide_db_close(bide_db_acquire(db));
    bide_db_close(db);          /* the task that puts it back has not begun */
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(fake.open, 0);
    db = fake_open(.size_max = 1);
    bide_db_close(bide_db_acquire(db));
    CHECK_EQ(bide_sleep(0.0005), 0);
    bide_db_close(db);          /* it has */
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(fake.open, 0);
}

TASK_TEST(a_pool_closed_while_it_is_filled_closes_what_comes)
{
    fake.connect_time = 1;
    bide_db *db = fake_open(.size_min = 3, .size_max = 3);
    CHECK_EQ(bide_db_execute(db, "x"), 1);
    CHECK_EQ(bide_sleep(0.5), 0);
    bide_db_close(db);
    CHECK_EQ(bide_sleep(5), 0);
    CHECK_EQ(fake.open, 0);
}

TASK_TEST(who_was_served_just_before_the_pool_closed_is_told_so)
{
    bide_db *db = fake_open(.size_max = 1);
    bide_auto(rows) rows = bide_db_stream(db, "rows 2");
    struct asking waiting = { .db = db, .sql = "x" };
    BIDE_KEEP_GOING(g);
    bide_spawn(g, ask, &waiting);
    bide_ignore(bide_yield());
    bide_rows_close(bide_steal(rows));
    bide_db_close(db);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_EQ(fake.open, 0);
}

TASK_TEST(an_old_connection_is_replaced_when_nobody_uses_it)
{
    bide_auto(db) db = fake_open(.size_min = 1, .lifetime = 100);
    CHECK_EQ(bide_db_execute(db, "x"), 1);
    CHECK_EQ(bide_sleep(101), 0);
    CHECK_EQ(bide_sleep(0.1), 0);
    CHECK_EQ(fake.connected, 2);
    CHECK_EQ(fake.open, 1);
}

TASK_TEST(size_min_connections_are_made_in_the_background)
{
    bide_auto(db) db = fake_open(.size_min = 4, .size_max = 8);
    CHECK_EQ(bide_db_execute(db, "x"), 1);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(fake.open, 4);
    CHECK_EQ(bide_db_stats(db).idle, 4);
}

TASK_TEST(expired_connections_are_not_used_again)
{
    bide_auto(db) db = fake_open(.size_max = 2);
    bide_db *mine = bide_db_acquire(db);
    CHECK_EQ(bide_db_execute(db, "x"), 1);
    bide_db_expire(db);
    CHECK_EQ(fake.open, 1);
    bide_db_close(mine);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(fake.open, 0);
}

static int close_later(void *arg)
{
    int rc = bide_sleep(5);
    bide_db_close(arg);
    return rc;
}

TASK_TEST(draining_waits_for_what_is_lent)
{
    bide_auto(db) db = fake_open(.size_max = 2);
    BIDE_GROUP(g);
    bide_spawn(g, close_later, bide_db_acquire(db));
    CHECK_EQ(bide_db_drain(db), 0);
    CHECK_EQ(fake.open, 0);
    CHECK_EQ(bide_db_execute(db, "x"), BIDE_ECLOSED);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(a_closed_pool_lets_go_of_who_waits_and_outlives_what_it_lent)
{
    bide_db *db = fake_open(.size_max = 1);
    bide_db *mine = bide_db_acquire(db);
    struct asking waiting = { .db = db, .sql = "x" };
    BIDE_KEEP_GOING(g);
    bide_spawn(g, ask, &waiting);
    bide_ignore(bide_yield());
    bide_db_close(db);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_EQ(fake.open, 1);
    bide_db_close(mine);
    CHECK_EQ(fake.open, 0);
}

TASK_TEST(an_aborted_pool_fails_what_runs)
{
    fake.run_time = 10;
    bide_db *db = fake_open(.size_max = 1);
    struct asking running = { .db = db, .sql = "x" };
    BIDE_KEEP_GOING(g);
    bide_spawn(g, ask, &running);
    CHECK_EQ(bide_sleep(1), 0);
    bide_db_abort(db);
    CHECK_EQ(bide_group_wait(g), -ECONNRESET);
    CHECK_EQ(fake.open, 0);
    bide_db_close(db);
}

static int set_up(bide_db *connection, void *arg)
{
    ++*(int *)arg;
    int64_t rc = bide_db_execute(connection, "set zone");
    return rc < 0 ? (int)rc : 0;
}

TASK_TEST(each_new_connection_is_set_up_once)
{
    int calls = 0;
    bide_auto(db) db = fake_open(.size_max = 1, .setup = set_up, .arg = &calls);
    CHECK_EQ(bide_db_execute(db, "x"), 1);
    CHECK_EQ(bide_db_execute(db, "y"), 1);
    CHECK_EQ(calls, 1);
    CHECK_SAID("1:set zone 1:x 1:y");
}

TASK_TEST(a_statement_that_takes_too_long_is_cancelled)
{
    fake.run_time = 10;
    bide_auto(db) db = fake_open(.timeout = 2);
    CHECK_EQ(bide_db_execute(db, "x"), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "timed out after 2 s");
}

TASK_TEST(a_refusal_tells_all_that_the_server_said)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    CHECK_EQ(bide_db_execute(db, "fail now"), BIDE_EDB);
    CHECK_STR(bide_errmsg(), "\"fail now\": 23505: it is there (twice)");
    CHECK_EQ(bide_db_execute(db, "fail in\n    two lines, and in more words than anybody would "
                                 "read with pleasure"), BIDE_EDB);
    CHECK_STR(bide_errmsg(), "\"fail in two lines, and in more words than anybody would "
                             "read...\": 23505: it is there (twice)");
    CHECK_STR(bide_db_failure(db)->sqlstate, "23505");
    CHECK_STR(bide_db_failure(db)->detail, "twice");
    CHECK_STR(bide_db_failure(db)->hint, "");
}

TASK_TEST(what_is_wrong_in_the_options_is_said)
{
    CHECK(bide_db_open("other:x", .drivers = BIDE_DRIVERS(&fake_driver)) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EURL);
    CHECK_HAS(bide_errmsg(), "fake:, fakedb:");
    CHECK(fake_open(.size_min = 3, .size_max = 2) == NULL);
    CHECK_HAS(bide_errmsg(), ".size_min is 3");
    CHECK(fake_open(.timeout = -1) == NULL);
    CHECK_HAS(bide_errmsg(), ".timeout");
    CHECK(bide_db_open("fake:bad", .drivers = BIDE_DRIVERS(&fake_driver)) == NULL);
    CHECK(bide_db_open(NULL) == NULL);
    CHECK_EQ(bide_db_execute(NULL, "x"), bide_errcode());
}
