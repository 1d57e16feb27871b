/* SQLite with every allocation failing once, and cancelled wherever anything is waited for: what is
 * changed is changed whole or not at all, and a database in memory stays. */
#include "test.h"

#include <bide/scope.h>
#include <bide/sqlite.h>

#define COUNTING "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) "

static int add_in_bulk(bide_db *db, int rows, bool finished)
{
    bide_auto(bulk) bulk = bide_db_bulk(db, "t", NULL);
    for (int i = 0; i < rows; i++) {
        const struct bide_value row[] = { bide_value(i), bide_value("in bulk") };
        if (bide_bulk_add(bulk, row, 2) < 0)
            return bide_errcode();
    }
    int64_t rc = finished ? bide_bulk_finish(bulk) : 0;
    return rc < 0 ? (int)rc : 0;
}

static int read_some(bide_db *db, int rows)
{
    bide_auto(rows) left = bide_db_stream(db, COUNTING "select i, 'row ' || i as text from n");
    int rc = 1;
    for (int i = 0; rc > 0 && i < rows; i++)
        rc = bide_rows_next(left);
    if (rc > 0 && !bide_rows_text(left, "i"))
        rc = bide_rows_end(left);
    return rc < 0 ? rc : 0;
}

/* Ten rows. */
static int change(bide_db *db)
{
    bide_auto(db) outer = bide_db_begin(db);
    int rc = add_in_bulk(outer, 5, true);
    {
        bide_auto(db) left = bide_db_begin(outer);
        if (rc == 0)
            rc = add_in_bulk(left, 7, true);
        if (rc == 0)
            rc = add_in_bulk(left, 3, false);
    }
    bide_auto(db) inner = rc == 0 ? bide_db_begin(outer) : NULL;
    for (int i = 0; rc == 0 && i < 5; i++)
        if (bide_db_execute(inner, "insert into t values (?1, ?2)", bide_value(i),
                            bide_value("a text")) < 0)
            rc = bide_errcode();
    if (rc == 0)
        rc = read_some(inner, 300);
    if (rc == 0)
        rc = bide_db_commit(inner);
    return rc < 0 ? rc : bide_db_commit(outer);
}

static int work(bide_db *db)
{
    static const struct bide_value values[20] = { { .type = BIDE_VALUE_NULL } };
    int rc = change(db);
    bide_auto(db) mine = rc == 0 ? bide_db_acquire(db) : NULL;
    if (rc == 0)
        rc = change(mine);
    if (rc == 0 && bide_db_execute_many(mine, "insert into t values (?1, ?2)", values, 2, 10) < 0)
        rc = bide_errcode();
    if (rc == 0)
        rc = read_some(mine, 10);
    return rc;
}

/* The fault comes once, so asking twice is enough. */
static int check_whole(bide_db *db)
{
    for (int i = 0; i < 2; i++) {
        bide_auto(rows) row = bide_db_row(db, "select count(*) as n from t");
        int64_t rows = bide_rows_int(row, "n");
        if (row && rows % 10)
            return bide_fail(BIDE_ETEST, "there are %lld rows", (long long)rows);
        if (row)
            return 0;
    }
    return bide_fail(BIDE_ETEST, "the database is gone: %s", bide_errmsg());
}

static int converse(void *unused)
{
    (void)unused;
    bide_auto(db) db = bide_sqlite_open("sqlite::memory:");
    if (bide_db_execute(db, "create table t (x, y)") < 0)
        return bide_errcode();
    int rc = work(db);
    BIDE_KEEP_ERROR(why);
    BIDE_SHIELD(ending, 60);
    int whole = check_whole(db);
    if (whole < 0)
        why = bide_error_held_();
    return whole < 0 ? whole : rc;
}

static void survives(int faults, int least)
{
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults >= least);
}

TEST(every_allocation_may_fail)
{
    survives(bide_test_each_allocation(converse, NULL), 20);
}

TEST(every_wait_may_be_cancelled)
{
    survives(bide_test_each_wait(converse, NULL), 20);
}
