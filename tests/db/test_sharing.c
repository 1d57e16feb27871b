/* Statements given to a pool that share its connections (.share). */
#include "fake.h"

#include <bide/group.h>
#include <bide/scope.h>

#define piping_open(...) \
    bide_db_open("piping:x", .drivers = BIDE_DRIVERS(FAKE_DRIVERS), __VA_ARGS__)

static int query(void *db)
{
    bide_auto(rows) rows = bide_db_query(db, "rows 1");
    return rows ? 0 : bide_errcode();
}

static int script(void *db)
{
    int64_t rc = bide_db_execute(db, "x");
    return rc < 0 ? (int)rc : 0;
}

/* Seconds that so many take. */
static double time_of(bide_db *db, bide_fn *fn, int tasks)
{
    double since = bide_now();
    BIDE_GROUP(g);
    for (int i = 0; i < tasks; i++)
        bide_spawn(g, fn, db);
    CHECK_EQ(bide_group_wait(g), 0);
    return bide_now() - since;
}

TASK_TEST(statements_share_connections_when_there_are_no_more)
{
    fake.run_time = 1;
    bide_auto(db) db = piping_open(.size_max = 2, .share = 3);
    CHECK_NEAR(time_of(db, query, 6), 1, 0.1);
    CHECK_EQ(fake.connected, 2);
    CHECK_NEAR(time_of(db, query, 7), 2, 0.1);
    CHECK_EQ(bide_db_stats(db).idle, 2);
}

TASK_TEST(who_waits_while_the_first_connects_shares_it)
{
    fake.run_time = 1;
    fake.connect_time = 5;
    bide_auto(db) db = piping_open(.size_max = 1, .share = 10);
    CHECK_NEAR(time_of(db, query, 10), 6, 0.1);
    CHECK_EQ(fake.connected, 1);
}

TASK_TEST(without_share_each_statement_has_its_own_connection)
{
    fake.run_time = 1;
    bide_auto(db) db = piping_open(.size_max = 2);
    CHECK_NEAR(time_of(db, query, 4), 2, 0.1);
    bide_auto(db) other = fake_open(.size_max = 1, .share = 5);     /* does not pipeline */
    CHECK_NEAR(time_of(other, query, 2), 2, 0.1);
}

TASK_TEST(scripts_transactions_and_streams_do_not_share)
{
    fake.run_time = 1;
    bide_auto(db) db = piping_open(.size_max = 1, .share = 10, .acquire_timeout = 3);
    CHECK_NEAR(time_of(db, script, 3), 3, 0.1);
    {
        bide_auto(db) mine = bide_db_begin(db);
        CHECK_EQ(query(db), BIDE_ETIMEDOUT);
    }
    bide_auto(rows) rows = bide_db_stream(db, "rows 2");
    CHECK(rows != NULL);
    CHECK_EQ(query(db), BIDE_ETIMEDOUT);
}

static int query_again_and_again(void *db)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 10; i++)
        rc = query(db);
    return rc;
}

TASK_TEST(who_wants_a_connection_for_himself_gets_it_in_his_turn)
{
    fake.run_time = 1;
    bide_auto(db) db = piping_open(.size_max = 1, .share = 10);
    double since = bide_now();
    BIDE_GROUP(g);
    for (int i = 0; i < 4; i++)
        bide_spawn(g, query_again_and_again, db);
    CHECK_EQ(bide_sleep(0.5), 0);
    {
        bide_auto(db) mine = bide_db_acquire(db);
        CHECK(mine != NULL);
        CHECK_NEAR(bide_now() - since, 1, 0.1);
    }
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(an_old_connection_is_shared_no_more)
{
    fake.run_time = 1;
    bide_auto(db) db = piping_open(.size_max = 1, .share = 2, .lifetime = 5);
    BIDE_GROUP(g);
    bide_spawn(g, query_again_and_again, db);
    CHECK_EQ(bide_sleep(0.5), 0);
    bide_spawn(g, query_again_and_again, db);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(fake.connected >= 2);
}

TASK_TEST(a_lost_connection_is_told_to_all_that_share_it)
{
    fake.run_time = 1;
    bide_auto(db) db = piping_open(.size_max = 1, .share = 3);
    fake.breaks = true;
    BIDE_KEEP_GOING(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, query, db);
    CHECK_EQ(bide_group_wait(g), -ECONNRESET);
    fake.breaks = false;
    CHECK_EQ(query(db), 0);
    CHECK_EQ(fake.open, 1);
}

TASK_TEST(a_cancelled_waiter_of_a_shared_connection_takes_nothing_with_it)
{
    fake.run_time = 2;
    bide_auto(db) db = piping_open(.size_max = 1, .share = 2);
    BIDE_GROUP(g);
    bide_spawn(g, query, db);
    bide_spawn(g, query, db);
    CHECK_EQ(bide_sleep(0.5), 0);
    {
        BIDE_TIMEOUT(limit, 1);
        CHECK_EQ(query(db), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_db_stats(db).idle, 1);
}

TASK_TEST(a_pool_that_is_closed_lets_shared_statements_end)
{
    fake.run_time = 2;
    bide_db *db = piping_open(.size_max = 1, .share = 2);
    BIDE_KEEP_GOING(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, query, db);
    CHECK_EQ(bide_sleep(1), 0);
    bide_db_close(db);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_EQ(bide_group_failures(g, NULL, 0), 1);
    CHECK_EQ(fake.open, 0);
}
