/* SQLite: a real file, statements and rows. */
#include "test.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sqlite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bide_db *memory(void)
{
    bide_db *db = bide_sqlite_open("sqlite::memory:");
    CHECK(db != NULL);
    CHECK(bide_db_execute(db, "create table t (id integer primary key, name text unique, "
                              "x real, b blob); insert into t values (1, 'one', 1.5, x'00ff'), "
                              "(2, 'two', null, null)") >= 0);
    return db;
}

TASK_TEST(values_come_back_as_they_were)
{
    bide_auto(db) db = memory();
    bide_auto(rows) rows = bide_db_query(db, "select * from t where id = ?1", bide_value(1));
    CHECK_EQ(bide_rows_count(rows), 1);
    CHECK_EQ(bide_rows_next(rows), 1);
    size_t size;
    CHECK_EQ(bide_rows_int(rows, "id"), 1);
    CHECK_STR(bide_rows_text(rows, "name"), "one");
    CHECK(bide_rows_real(rows, "x") == 1.5);
    CHECK(memcmp(bide_rows_bytes(rows, "b", &size), "\0\377", 2) == 0);
    CHECK_EQ(size, 2);
    CHECK_EQ(bide_rows_next(rows), 0);
    CHECK_STR(bide_rows_type(rows, 1), "TEXT");
}

TASK_TEST(a_null_is_told_apart)
{
    bide_auto(db) db = memory();
    bide_auto(rows) row = bide_db_row(db, "select x, b from t where id = $1", bide_value(2));
    CHECK(bide_rows_is_null(row, "x"));
    CHECK(bide_rows_text(row, "x") == NULL);
    CHECK_EQ(bide_rows_end(row), 0);
    CHECK(bide_rows_real(row, "x") == 0);
    CHECK_EQ(bide_rows_end(row), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "column \"x\": is NULL, not a number");
}

TASK_TEST(a_refusal_has_its_sqlstate)
{
    bide_auto(db) db = memory();
    CHECK_EQ(bide_db_execute(db, "insert into t (name) values (?)", bide_value("one")), BIDE_EDB);
    CHECK_STR(bide_db_failure(db)->sqlstate, "23505");
    CHECK_HAS(bide_errmsg(), "UNIQUE constraint failed: t.name");
    CHECK_EQ(bide_db_execute(db, "select 1 frm t"), BIDE_EDB);
    CHECK_STR(bide_db_failure(db)->sqlstate, "42000");
    CHECK_EQ(bide_db_failure(db)->position, 14);
}

TASK_TEST(the_number_of_values_must_fit)
{
    bide_auto(db) db = memory();
    CHECK(bide_db_query(db, "select ?1, ?2", bide_value(1)) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "parameters for 2 values, not for 1");
    CHECK(bide_db_query(db, "select :name", bide_value(1)) == NULL);
    CHECK_HAS(bide_errmsg(), ":name has a name");
    CHECK(bide_db_query(db, "select 1; select 2") == NULL);
    CHECK_HAS(bide_errmsg(), "one statement is wanted");
}

TASK_TEST(changes_are_counted_and_ids_told)
{
    bide_auto(db) db = memory();
    CHECK_EQ(bide_db_execute(db, "update t set x = 2"), 2);
    CHECK_EQ(bide_db_execute(db, "select * from t"), 0);
    bide_auto(db) mine = bide_db_acquire(db);
    CHECK_EQ(bide_db_execute(mine, "insert into t (name) values ('x')"), 1);
    CHECK_EQ(bide_sqlite_last_id(mine), 3);
    CHECK_EQ(bide_sqlite_last_id(db), BIDE_EINVAL);
}

TASK_TEST(a_million_rows_are_streamed_in_bounded_memory)
{
    bide_auto(db) db = memory();
    bide_auto(rows) rows = bide_db_stream(db, "with recursive n(i) as (select 1 union all "
        "select i + 1 from n where i < 100000) select i, 'row ' || i as text from n");
    int64_t sum = 0;
    int rc;
    while ((rc = bide_rows_next(rows)) > 0)
        sum += bide_rows_int(rows, "i");
    CHECK_EQ(rc, 0);
    CHECK_EQ(sum, INT64_C(5000050000));
    CHECK_EQ(bide_rows_count(rows), 100000);
}

TASK_TEST(rows_may_be_left_in_the_middle)
{
    bide_auto(db) db = memory();
    for (int i = 0; i < 3; i++) {
        bide_auto(rows) rows = bide_db_stream(db, "with recursive n(i) as (select 1 union all "
            "select i + 1 from n where i < 100000) select i from n");
        CHECK_EQ(bide_rows_next(rows), 1);
    }
    CHECK_EQ(bide_db_execute(db, "update t set x = 1"), 2);
}

TASK_TEST(a_result_beyond_its_limit_is_refused)
{
    bide_auto(db) db = bide_sqlite_open("sqlite::memory:", .result_max = 10000);
    CHECK(bide_db_query(db, "with recursive n(i) as (select 1 union all select i + 1 from n "
                            "where i < 100000) select i from n") == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), ".result_max");
}


static int endless(void *arg)
{
    bide_auto(rows) rows = bide_db_query(arg, "with recursive n(i) as (select 1 union all "
                                              "select i + 1 from n) select count(*) from n");
    return rows ? 0 : bide_errcode();
}

TASK_TEST(a_statement_without_end_is_interrupted_when_its_task_is_cancelled)
{
    bide_auto(db) db = memory();
    {
        BIDE_KEEP_GOING(g);
        bide_spawn(g, endless, db);
        bide_ignore(bide_yield());
        CHECK_EQ(bide_group_count(g), 1);
        bide_group_cancel(g);
        bide_ignore(bide_group_wait(g));
    }
    CHECK_EQ(bide_db_execute(db, "update t set x = 1"), 2);
}

TASK_TEST(rows_in_bulk_are_all_or_none)
{
    bide_auto(db) db = memory();
    static const char *const columns[] = { "id", "name", NULL };
    {
        bide_auto(bulk) bulk = bide_db_bulk(db, "t", columns);
        for (int i = 10; i < 3010; i++) {
            const struct bide_value row[] = { bide_value(i), BIDE_NULL };
            CHECK_EQ(bide_bulk_add(bulk, row, 2), 0);
        }
        CHECK_EQ(bide_bulk_finish(bulk), 3000);
    }
    {
        bide_auto(bulk) bulk = bide_db_bulk(db, "t", columns);
        for (int i = 9000; i < 12000; i++) {
            const struct bide_value row[] = { bide_value(i), BIDE_NULL };
            CHECK_EQ(bide_bulk_add(bulk, row, 2), 0);
        }
    }
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from t");
    CHECK_EQ(bide_rows_int(row, "n"), 3002);
}

TASK_TEST(a_transaction_is_rolled_back_when_its_block_is_left)
{
    bide_auto(db) db = memory();
    {
        bide_auto(db) change = bide_db_begin(db);
        CHECK_EQ(bide_db_execute(change, "delete from t"), 2);
    }
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from t");
    CHECK_EQ(bide_rows_int(row, "n"), 2);
}

TASK_TEST(bad_urls_are_refused)
{
    static const struct { const char *url, *says; } cases[] = {
        { "sqlite:", "the path of a file" }, { "sqlite://host/x", "no host" },
        { "sqlite:x?mode=x", "ro, rw or rwc" }, { "sqlite:x?busy=-1", "seconds" },
        { "sqlite:x?what=1", "no parameter \"what\"" }, { "pg:x", "no database" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(bide_sqlite_open(cases[i].url) == NULL);
        CHECK_EQ(bide_errcode(), BIDE_EURL);
        CHECK_HAS(bide_errmsg(), cases[i].says);
    }
    bide_auto(db) db = bide_sqlite_open("sqlite:/nowhere/x.db");
    CHECK_EQ(bide_db_execute(db, "select 1"), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "open /nowhere/x.db: ");
}

TASK_TEST(a_file_has_one_writer_and_readers_beside_it)
{
    char path[] = "/tmp/bide-sqlite-XXXXXX", url[64];
    close(mkstemp(path));
    snprintf(url, sizeof url, "sqlite:%s?busy=0.05", path);
    {
        bide_auto(db) db = bide_sqlite_open(url, .size_max = 3);
        CHECK(bide_db_execute(db, "create table t (x)") >= 0);
        bide_auto(db) writer = bide_db_begin(db, .immediate = true);
        CHECK_EQ(bide_db_execute(writer, "insert into t values (1)"), 1);
        bide_auto(rows) row = bide_db_row(db, "select count(*) as n from t");
        CHECK_EQ(bide_rows_int(row, "n"), 0);
        CHECK_EQ(bide_db_execute(db, "insert into t values (2)"), BIDE_EDB);
        CHECK_STR(bide_db_failure(db)->sqlstate, "55P03");
        CHECK_EQ(bide_db_commit(writer), 0);
    }
    unlink(path);
}
