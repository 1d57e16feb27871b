/* SQLite: statements that do not end as they were meant to. */
#include "test.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sqlite.h>
#include <bide/testing.h>
#include <string.h>

#define ENDLESS "with recursive n(i) as (select 1 union all select i + 1 from n) "

static bide_db *memory(void)
{
    bide_db *db = bide_sqlite_open("sqlite::memory:");
    CHECK(bide_db_execute(db, "create table t (x integer unique); insert into t values (1)") >= 0);
    return db;
}

static int64_t count(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from t");
    return bide_rows_int(row, "n");
}

static int take_too_long(void *unused)
{
    (void)unused;
    bide_auto(db) db = bide_sqlite_open("sqlite::memory:", .timeout = 0.05);
    CHECK(bide_db_query(db, ENDLESS "select count(*) from n") == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    return (int)bide_db_execute(db, "select 1");
}

/* On the clock of the wall: the other one stands while a thread works. */
TEST(a_statement_beyond_its_time_is_interrupted_and_says_so)
{
    CHECK_EQ(bide_run(take_too_long, NULL), 0);
}

static int fill_endlessly(void *change)
{
    return (int)bide_db_execute(change, "insert into t " ENDLESS "select i + 9 from n");
}

/* SQLite rolls all of it back when a change is interrupted. */
TASK_TEST(a_transaction_lost_by_an_interrupted_change_takes_no_more)
{
    bide_auto(db) db = memory();
    bide_auto(db) mine = bide_db_acquire(db);
    {
        bide_auto(db) change = bide_db_begin(mine);
        CHECK_EQ(bide_db_execute(change, "insert into t values (-1)"), 1);
        {
            BIDE_KEEP_GOING(g);
            bide_spawn(g, fill_endlessly, change);
            bide_ignore(bide_yield());
            bide_group_cancel(g);
            CHECK_EQ(bide_group_wait(g), 0);
        }
        CHECK_EQ(bide_db_execute(change, "insert into t values (-2)"), BIDE_EDB);
        CHECK_STR(bide_db_failure(db)->sqlstate, "25P02");
        CHECK_EQ(bide_db_commit(change), BIDE_EDB);
    }
    CHECK_EQ(count(mine), 1);
    CHECK_EQ(bide_db_execute(mine, "insert into t values (2)"), 1);
}

TASK_TEST(a_bulk_that_is_interrupted_or_refused_leaves_nothing_and_no_harm)
{
    bide_auto(db) db = memory();
    bide_auto(db) mine = bide_db_acquire(db);
    {
        bide_auto(bulk) bulk = bide_db_bulk(mine, "t", NULL);
        const struct bide_value two = bide_value(2), one = bide_value(1);
        CHECK_EQ(bide_db_execute(mine, "select 1"), BIDE_EBUSY);
        CHECK_EQ(bide_bulk_add(bulk, &two, 1), 0);
        CHECK_EQ(bide_bulk_add(bulk, &one, 1), 0);
        CHECK_EQ(bide_bulk_finish(bulk), BIDE_EDB);
        CHECK_HAS(bide_errmsg(), "row 2");
        CHECK_EQ(bide_bulk_add(bulk, &two, 1), BIDE_ECLOSED);
    }
    {
        bide_auto(bulk) bulk = bide_db_bulk(mine, "t", NULL);
        const struct bide_value two = bide_value(2);
        CHECK_EQ(bide_bulk_add(bulk, &two, 1), 0);
        BIDE_SCOPE(scope);
        bide_scope_cancel(scope);
        CHECK_EQ(bide_bulk_finish(bulk), BIDE_ECANCELED);
    }
    CHECK_EQ(count(mine), 1);
}

TASK_TEST(nothing_runs_where_one_statement_is_wanted_and_there_are_two)
{
    bide_auto(db) db = memory();
    CHECK(bide_db_query(db, "delete from t; select 1") == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_EQ(count(db), 1);
    bide_auto(rows) row = bide_db_row(db, "select 1 as n; -- one");
    CHECK_EQ(bide_rows_int(row, "n"), 1);
}

TASK_TEST(changes_are_those_of_the_last_statement_alone)
{
    bide_auto(db) db = memory();
    CHECK_EQ(bide_db_execute(db, "insert into t values (2), (3); create table u (y)"), 0);
    CHECK_EQ(bide_db_execute(db, "insert into t values (?1) returning x", bide_value(9)), 1);
}

TASK_TEST(a_refused_savepoint_and_those_rolled_back_leave_the_transaction_whole)
{
    bide_auto(db) db = memory();
    bide_db *outer = bide_db_begin(db);
    for (int i = 0; i < 3; i++) {
        bide_auto(db) inner = bide_db_begin(outer);
        CHECK_EQ(bide_db_execute(inner, "insert into t values (?1)", bide_value(7)), 1);
    }
    {
        BIDE_SCOPE(scope);
        bide_scope_cancel(scope);
        CHECK(bide_db_begin(outer) == NULL);
    }
    CHECK_EQ(bide_db_execute(outer, "insert into t values (8)"), 1);
    CHECK_EQ(bide_db_commit(outer), 0);
    bide_db_close(outer);
    CHECK_EQ(count(db), 2);
}

TASK_TEST(streamed_rows_of_an_aborted_pool_end)
{
    bide_db *db = memory();
    bide_auto(rows) rows = bide_db_stream(db, ENDLESS "select i from n");
    CHECK_EQ(bide_rows_next(rows), 1);
    bide_db_abort(db);
    int rc;
    while ((rc = bide_rows_next(rows)) > 0)
        continue;
    CHECK_EQ(rc, BIDE_ECLOSED);
    bide_db_close(db);
}

static int use_all(void *arg)
{
    (void)arg;
    bide_auto(db) db = bide_sqlite_open("sqlite::memory:");
    if (bide_db_execute(db, "create table t (x integer, y text)") < 0)
        return bide_errcode();
    bide_auto(db) change = bide_db_begin(db);
    {
        bide_auto(bulk) bulk = bide_db_bulk(change, "t", NULL);
        const struct bide_value row[] = { bide_value(1), bide_value("one") };
        if (bide_bulk_add(bulk, row, 2) < 0 || bide_bulk_finish(bulk) < 0)
            return bide_errcode();
    }
    bide_auto(db) inner = bide_db_begin(change);
    bide_auto(rows) rows = bide_db_stream(inner, "select x, y from t where x = ?1", bide_value(1));
    int rc = bide_rows_next(rows);
    if (rc <= 0)
        return rc < 0 ? rc : bide_fail(BIDE_EINVAL, "no row");
    if (bide_rows_int(rows, "x") != 1 || !bide_rows_text(rows, "x"))
        return bide_rows_end(rows);
    bide_rows_close(bide_steal(rows));
    rc = bide_db_commit(inner);
    return rc < 0 ? rc : bide_db_commit(change);
}

TEST(without_memory_each_call_fails_and_nothing_is_left)
{
    int faults = bide_test_each_allocation(use_all, NULL);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults > 10);
}
