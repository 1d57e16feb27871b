/* SQLite: what is easily got wrong. */
#include "test.h"

#include <bide/group.h>
#include <bide/memory.h>
#include <bide/scope.h>
#include <bide/sqlite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNTING "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) "

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

TASK_TEST(values_of_streamed_rows_need_not_live_on)
{
    bide_auto(db) db = memory();
    char *text = strdup("a text beyond what is kept in place");
    bide_auto(rows) rows = bide_db_stream(db, COUNTING "select i, ?1 as text from n",
                                          bide_value(text));
    memset(text, 'x', strlen(text));
    free(text);
    int rc;
    while ((rc = bide_rows_next(rows)) > 0)
        CHECK_STR(bide_rows_text(rows, "text"), "a text beyond what is kept in place");
    CHECK_EQ(rc, 0);
    CHECK_EQ(bide_rows_count(rows), 3000);
}

TASK_TEST(a_changed_table_has_its_new_columns)
{
    bide_auto(db) db = memory();
    for (int i = 0; i < 2; i++) {
        bide_auto(rows) row = bide_db_row(db, "select * from t");
        CHECK_EQ(bide_rows_width(row), 1);
    }
    CHECK(bide_db_execute(db, "alter table t add column y default 'new'; "
                              "alter table t drop column x") < 0);
    CHECK(bide_db_execute(db, "create table u (a, b); drop table t; alter table u rename to t; "
                              "insert into t values ('a', 'b')") >= 0);
    bide_auto(rows) row = bide_db_row(db, "select * from t");
    CHECK_EQ(bide_rows_width(row), 2);
    CHECK_STR(bide_rows_text(row, "b"), "b");
}

TASK_TEST(a_transaction_that_only_reads_changes_nothing)
{
    bide_auto(db) db = memory();
    bide_auto(db) mine = bide_db_acquire(db);
    for (int i = 0; i < 2; i++) {
        bide_auto(db) reading = bide_db_begin(mine, .read_only = true);
        CHECK_EQ(count(reading), 1);
        CHECK_EQ(bide_db_execute(reading, "insert into t values (2)"), BIDE_EDB);
        CHECK_STR(bide_db_failure(db)->sqlstate, "25006");
        CHECK_HAS(bide_errmsg(), ".read_only");
        CHECK_EQ(bide_db_execute(reading, "select 1; create table u (x)"), BIDE_EDB);
        CHECK(bide_db_bulk(reading, "t", NULL) == NULL);
        CHECK_STR(bide_db_failure(db)->sqlstate, "25006");
        bide_auto(db) within = bide_db_begin(reading);
        CHECK_EQ(bide_db_execute(within, "delete from t"), BIDE_EDB);
        CHECK_EQ(bide_db_commit(within), 0);
        if (i)
            CHECK_EQ(bide_db_commit(reading), 0);
    }
    bide_auto(db) writing = bide_db_begin(mine);
    CHECK_EQ(bide_db_execute(writing, "insert into t values (2)"), 1);
    CHECK_EQ(bide_db_commit(writing), 0);
}

TASK_TEST(a_script_that_commits_and_fails_afterwards_has_lost_nothing)
{
    bide_auto(db) db = memory();
    bide_auto(db) mine = bide_db_acquire(db);
    CHECK_EQ(bide_db_execute(mine, "begin; insert into t values (2)"), 1);
    CHECK_EQ(bide_db_execute(mine, "commit; insert into t values (1)"), BIDE_EDB);
    CHECK_EQ(count(mine), 2);
}

TASK_TEST(expiring_does_not_drop_what_is_in_memory)
{
    bide_auto(db) db = memory();
    bide_db_expire(db);
    CHECK_EQ(count(db), 1);
}

static int read_one(void *rows) { return bide_rows_next(rows); }

TASK_TEST(streamed_rows_that_were_cancelled_do_not_look_ended)
{
    bide_auto(db) db = memory();
    bide_auto(rows) rows = bide_db_stream(db, "with recursive n(i) as (select 1 union all select "
        "i + 1 from n) select i from n where i <= 256");
    for (int i = 0; i < 256; i++)
        CHECK_EQ(bide_rows_next(rows), 1);
    {
        BIDE_KEEP_GOING(g);
        bide_spawn(g, read_one, rows);
        bide_ignore(bide_yield());
        bide_group_cancel(g);
        bide_ignore(bide_group_wait(g));
    }
    CHECK_EQ(bide_rows_next(rows), BIDE_ECLOSED);
    bide_rows_close(bide_steal(rows));
    CHECK_EQ(count(db), 1);
}

/* ---- files ----------------------------------------------------------------------------------- */

struct file { char folder[40], path[60], url[80]; };

static struct file make_file(void)
{
    struct file f = { .folder = "/tmp/bide-sqlite-XXXXXX" };
    CHECK(mkdtemp(f.folder) != NULL);
    snprintf(f.path, sizeof f.path, "%s/x.db", f.folder);
    snprintf(f.url, sizeof f.url, "sqlite:%s?busy=0.05", f.path);
    return f;
}

static bool has(const struct file *f, const char *suffix)
{
    char path[80];
    snprintf(path, sizeof path, "%s%s", f->path, suffix);
    return access(path, F_OK) == 0;
}

static void drop_file(const struct file *f)
{
    char line[80];
    snprintf(line, sizeof line, "rm -r %s", f->folder);
    CHECK_EQ(system(line), 0);
}

TASK_TEST(a_drained_pool_has_closed_its_files)
{
    struct file f = make_file();
    bide_auto(db) db = bide_sqlite_open(f.url);
    CHECK(bide_db_execute(db, "create table t (x); insert into t values (1)") >= 0);
    CHECK(has(&f, "-wal"));
    CHECK_EQ(bide_db_drain(db), 0);
    CHECK(!has(&f, "-wal"));            /* what was in it is in the file */
    drop_file(&f);
}

TASK_TEST(a_file_keeps_its_journal_where_the_program_says_so)
{
    const struct bide_pair kept[] = { { "journal_mode", "" }, { NULL, NULL } };
    const struct bide_pair truncated[] = { { "journal_mode", "truncate" }, { NULL, NULL } };
    struct file f = make_file();
    for (int i = 0; i < 3; i++) {
        bide_auto(db) db = bide_sqlite_open(f.url, .settings = i == 0 ? kept
                                            : i == 1 ? truncated : NULL);
        bide_auto(rows) rows = bide_db_query(db, "pragma journal_mode");
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK_STR(bide_rows_text(rows, "journal_mode"),
                  i == 0 ? "delete" : i == 1 ? "truncate" : "wal");
        bide_rows_close(rows);
        rows = NULL;
        CHECK_EQ(bide_db_drain(db), 0);
    }
    drop_file(&f);
}

TASK_TEST(who_has_read_what_another_has_changed_meanwhile_has_to_begin_again)
{
    struct file f = make_file();
    bide_auto(db) db = bide_sqlite_open(f.url);
    CHECK(bide_db_execute(db, "create table t (x); insert into t values (1)") >= 0);
    {
        bide_auto(db) change = bide_db_begin(db);
        CHECK_EQ(count(change), 1);
        CHECK_EQ(bide_db_execute(db, "insert into t values (2)"), 1);
        CHECK_EQ(bide_db_execute(change, "insert into t values (3)"), BIDE_EDB);
        CHECK_STR(bide_db_failure(db)->sqlstate, "40001");
    }
    CHECK_EQ(count(db), 2);
    CHECK_EQ(bide_db_drain(db), 0);
    drop_file(&f);
}

static int insert_two(void *db) { return (int)bide_db_execute(db, "insert into t values (2)"); }

TASK_TEST(who_waits_for_a_lock_of_others_is_seen_to)
{
    struct file f = make_file();
    char url[100];
    snprintf(url, sizeof url, "sqlite:%s?busy=600", f.path);
    bide_auto(db) db = bide_sqlite_open(f.url);
    bide_auto(db) patient = bide_sqlite_open(url);
    CHECK(bide_db_execute(db, "create table t (x); insert into t values (1)") >= 0);
    CHECK_EQ(count(patient), 1);
    for (int cancelled = 0; cancelled < 2; cancelled++) {
        bide_auto(db) change = bide_db_begin(db, .immediate = true);
        BIDE_KEEP_GOING(waiting);
        bide_spawn(waiting, insert_two, patient);
        CHECK_EQ(bide_db_stats(patient).locked, 0);
        while (bide_db_stats(patient).locked == 0)
            CHECK_EQ(bide_yield(), 0);
        if (cancelled)
            bide_group_cancel(waiting);
        else
            CHECK_EQ(bide_db_commit(change), 0);
        bide_ignore(bide_group_wait(waiting));
        CHECK_EQ(bide_db_stats(patient).locked, 0);
    }
    CHECK_EQ(count(db), 2);
    CHECK_EQ(bide_db_drain(patient), 0);
    CHECK_EQ(bide_db_drain(db), 0);
    drop_file(&f);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

TASK_TEST(no_rows_and_no_columns_are_a_result)
{
    bide_auto(db) db = memory();
    bide_auto(rows) none = bide_db_query(db, "select x from t where x = ?1", bide_value(5));
    CHECK_EQ(bide_rows_count(none), 0);
    CHECK_EQ(bide_rows_width(none), 1);
    CHECK_EQ(bide_rows_next(none), 0);
    CHECK_EQ(bide_rows_next(none), 0);
    bide_auto(rows) changed = bide_db_query(db, "update t set x = x");
    CHECK_EQ(bide_rows_width(changed), 0);
    CHECK_EQ(bide_rows_count(changed), 1);
    CHECK_EQ(bide_rows_next(changed), 0);
    bide_auto(rows) streamed = bide_db_stream(db, "update t set x = x");
    CHECK_EQ(bide_rows_next(streamed), 0);
    bide_rows_close(bide_steal(streamed));
    CHECK_EQ(bide_db_execute(db, ""), 0);
    CHECK_EQ(bide_db_execute(db, " -- nothing"), 0);
    bide_auto(rows) nothing = bide_db_query(db, "");
    CHECK_EQ(bide_rows_next(nothing), 0);
}

TASK_TEST(two_thousand_columns_are_read_in_their_order)
{
    enum { COLUMNS = 2000 };
    bide_auto(db) db = memory();
    char *sql = malloc(COLUMNS * 16), *at = stpcpy(sql, "select ");
    for (int i = 0; i < COLUMNS; i++)
        at += sprintf(at, "%s%d as c%d", i ? ", " : "", i, i);
    bide_auto(rows) row = bide_db_row(db, sql);
    free(sql);
    CHECK_EQ(bide_rows_width(row), COLUMNS);
    for (int i = 0; i < COLUMNS; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        CHECK_EQ(bide_rows_int(row, name), i);
    }
    CHECK_EQ(bide_rows_end(row), 0);
}

TASK_TEST(a_value_beyond_the_limit_of_a_result_is_refused_before_it_is_copied)
{
    enum { BLOB = 100000000 };
    bide_auto(db) db = bide_sqlite_open("sqlite::memory:", .result_max = BLOB / 2);
    CHECK(bide_db_query(db, "select zeroblob(?1) as b", bide_value(BLOB)) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), "more than 50000000 bytes (.result_max)");
    bide_auto(rows) rows = bide_db_stream(db, "select zeroblob(?1) as b", bide_value(BLOB));
    CHECK_EQ(bide_rows_next(rows), 1);
    size_t size;
    CHECK(bide_rows_bytes(rows, "b", &size) != NULL);
    CHECK_EQ(size, BLOB);
}

TASK_TEST(texts_with_nul_and_texts_that_are_none_come_back_as_they_were)
{
    bide_auto(db) db = memory();
    static const char odd[] = "a\0b\xff\xc0\x80";
    for (int i = 0; i < 2; i++) {
        struct bide_value v = i ? bide_value_bytes(odd, sizeof odd - 1)
                                : bide_value_sized(odd, sizeof odd - 1);
        bide_auto(rows) row = bide_db_row(db, "select ?1 as v", v);
        size_t size;
        const void *bytes = bide_rows_bytes(row, "v", &size);
        CHECK_EQ(size, sizeof odd - 1);
        CHECK_MEM(bytes, odd, size);
        CHECK_EQ(bide_rows_value(row, "v").type, i ? BIDE_VALUE_BYTES : BIDE_VALUE_TEXT);
    }
}

TASK_TEST(no_bytes_are_not_null)
{
    bide_auto(db) db = memory();
    bide_auto(rows) row = bide_db_row(db, "select ?1 as text, ?2 as bytes", bide_value(""),
                                      bide_value_bytes("", 0));
    CHECK(!bide_rows_is_null(row, "text"));
    CHECK_STR(bide_rows_text(row, "text"), "");
    CHECK(!bide_rows_is_null(row, "bytes"));
}

TASK_TEST(a_value_that_there_is_not_is_refused)
{
    bide_auto(db) db = memory();
    const struct bide_value one = bide_value(1);
    CHECK(bide_db_query(db, "select ?1", bide_value_array(&one, 1)) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK(bide_db_query(db, "select ?1", bide_value(UINT64_MAX)) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "beyond 64 bits");
}
