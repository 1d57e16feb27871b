/* What has a connection for itself, and who waits for it meanwhile: COPYs, rows in bulk, streams;
 * and what becomes of them when a task is cancelled or the pool is cut. */
#include "pg/server.h"

#include "db/cutter.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>

static const char *const columns[] = { "x", NULL };

static bide_db *open_with(const char *table)
{
    char sql[100];
    bide_db *db = bide_pg_open(server.url, .size_max = 1);
    snprintf(sql, sizeof sql, "drop table if exists %s; create table %s (x text)", table, table);
    CHECK(bide_db_execute(db, sql) >= 0);
    return db;
}

/* waits: for the answer */
static void check_works(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select 1 as x");
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

/* ---- one at a time --------------------------------------------------------------------------- */

static void check_null_busy(const void *got)
{
    CHECK(got == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    CHECK_HAS(bide_errmsg(), "on this connection");
}

/* waits: never, it is refused before */
static void check_busy(bide_db *db)
{
    CHECK_EQ(bide_db_execute(db, "select 1"), BIDE_EBUSY);
    CHECK_EQ(bide_db_execute(db, "select 1; select 2"), BIDE_EBUSY);
    CHECK_EQ(bide_pg_listen(db, "news"), BIDE_EBUSY);
    check_null_busy(bide_db_query(db, "select 1"));
    check_null_busy(bide_db_stream(db, "select 1"));
    check_null_busy(bide_db_begin(db));
    check_null_busy(bide_db_bulk(db, "busy", columns));
    check_null_busy(bide_pg_copy_in(db, "copy busy from stdin"));
    check_null_busy(bide_pg_copy_out(db, "copy busy to stdout"));
}

SERVICE_TEST(what_has_a_connection_for_itself_refuses_other_statements_there)
{
    bide_auto(db) pool = open_with("busy");
    for (int way = 0; way < 8; way++) {
        bide_auto(db) lent = bide_db_acquire(pool);
        bide_db *change = way < 4 ? NULL : bide_db_begin(lent);
        bide_db *db = change ? change : lent;
        {
            bide_auto(pg_copy) copy = NULL;
            bide_auto(bulk) bulk = way % 4 == 0 ? bide_db_bulk(db, "busy", columns) : NULL;
            bide_auto(rows) rows = way % 4 == 1 ? bide_db_stream(db, "select 1") : NULL;
            if (way % 4 > 1)
                copy = way % 4 == 2 ? bide_pg_copy_in(db, "copy busy from stdin")
                                    : bide_pg_copy_out(db, "copy busy to stdout");
            CHECK(bulk || rows || copy);
            check_busy(db);
            if (change)
                CHECK_EQ(bide_db_commit(change), BIDE_EBUSY);
            if (copy)           /* given up, they would spoil the transaction */
                CHECK_EQ(bide_pg_copy_finish(copy), 0);
            if (bulk)
                CHECK_EQ(bide_bulk_finish(bulk), 0);
        }
        check_works(db);
        if (change)
            CHECK_EQ(bide_db_commit(change), 0);
        bide_db_close(change);
    }
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

/* ---- taking turns ---------------------------------------------------------------------------- */

/* Rows that others had opened while it was on its way. */
static int check_was_late(void)
{
    CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    CHECK_HAS(bide_errmsg(), "on this connection: close them first");
    return 0;
}

static int sleep_shortly(void *arg)
{
    int64_t rc = bide_db_execute(arg, "select pg_sleep(0.05)");
    return rc < 0 ? check_was_late() : 0;
}

static int ask(void *arg)
{
    bide_auto(rows) row = bide_db_row(arg, "select 1 as x");
    if (!row)
        return check_was_late();
    CHECK_EQ(bide_rows_int(row, "x"), 1);
    return 0;
}

static int fill(void *arg)
{
    bide_auto(bulk) bulk = bide_db_bulk(arg, "turns", columns);
    if (!bulk)
        return check_was_late();
    for (int i = 0; i < 100; i++) {
        CHECK_EQ(bide_bulk_add(bulk, (const struct bide_value[]){ bide_value("x") }, 1), 0);
        if (i % 10 == 0)
            CHECK_EQ(bide_yield(), 0);
    }
    CHECK_EQ(bide_bulk_finish(bulk), 100);
    return 0;
}

/* Whether it is the first or comes behind others, all of its rows come. */
static int stream(void *arg)
{
    bide_auto(rows) rows = bide_db_stream(arg, "select generate_series(1, 500) as n");
    if (!rows)
        return check_was_late();
    int rc, seen = 0;
    while ((rc = bide_rows_next(rows)) > 0) {
        CHECK_EQ(bide_rows_int(rows, "n"), ++seen);
        if (seen % 100 == 0)
            CHECK_EQ(bide_yield(), 0);
    }
    CHECK_EQ(rc, 0);
    CHECK_EQ(seen, 500);
    return 0;
}

/* In every order in which three of them can begin: all of what they asked for, or a refusal. */
SERVICE_TEST(those_who_come_together_have_their_turns_or_are_told)
{
    static bide_fn *const tasks[] = { sleep_shortly, fill, stream, ask };
    bide_auto(db) pool = open_with("turns");
    bide_auto(db) db = bide_db_acquire(pool);
    for (int i = 0; i < 64; i++) {
        BIDE_GROUP(g);
        bide_spawn(g, tasks[i % 4], db);
        bide_spawn(g, tasks[i / 4 % 4], db);
        bide_spawn(g, tasks[i / 16], db);
        if (bide_group_wait(g) < 0)
            test_fail(__FILE__, __LINE__, "order %d: %s", i, bide_errmsg());
    }
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

/* ---- what comes in between ------------------------------------------------------------------- */

static void count_notice(void *arg, const char *severity, const char *sentence)
{
    CHECK_STR(severity, "NOTICE");
    *(int *)arg += strlen(sentence) == 1000;
}

SERVICE_TEST(notices_do_not_stop_rows_in_bulk)
{
    enum { ROWS = 10000 };
    int notices = 0;
    char text[1001] = "";
    memset(text, 'y', 1000);
    bide_auto(db) made = open_with("noisy");
    CHECK(bide_db_execute(made, "create or replace function shout() returns trigger language "
        "plpgsql as $$ begin raise notice '%', repeat('z', 1000); return new; end $$; "
        "create trigger t before insert on noisy for each row execute function shout()") >= 0);
    bide_auto(db) db = bide_pg_open(server.url, .notice = count_notice, .arg = &notices);
    bide_auto(bulk) bulk = bide_db_bulk(db, "noisy", columns);
    for (int i = 0; i < ROWS; i++)
        CHECK_EQ(bide_bulk_add(bulk, (const struct bide_value[]){ bide_value(text) }, 1), 0);
    CHECK_EQ(bide_bulk_finish(bulk), ROWS);
    CHECK_EQ(notices, ROWS);
}

static int insert_many(void *arg)
{
    enum { ROWS = 3000 };
    static char text[10000];
    struct bide_value *values = calloc(ROWS, sizeof *values);
    CHECK(values != NULL);
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < ROWS; i++)
        values[i] = bide_value(text);
    int64_t rc = bide_db_execute_many(arg, "insert into dropped values ($1)", values, 1, ROWS);
    CHECK(rc == ROWS || rc == BIDE_EDB);        /* all or none */
    free(values);
    return 0;
}

static int drop_statements(void *arg)
{
    return (int)bide_db_execute(arg, "deallocate all");
}

SERVICE_TEST(statements_may_be_dropped_while_their_rows_are_sent)
{
    bide_auto(db) pool = open_with("dropped");
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK_EQ(bide_db_execute(db, "insert into dropped values ($1)", bide_value("x")), 1);
    BIDE_GROUP(g);
    bide_spawn(g, sleep_shortly, db);
    bide_spawn(g, drop_statements, db);
    bide_spawn(g, insert_many, db);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from dropped");
    CHECK(bide_rows_int(row, "n") == 1 || bide_rows_int(row, "n") == 3001);
}

/* ---- given up -------------------------------------------------------------------------------- */

/* The server sends what fills its buffer. */
#define LARGE_ROWS_AND_SILENCE \
    "select repeat('x', 100000) from generate_series(1, 3) union all select 'y' from pg_sleep(60)"

SERVICE_TEST(rows_whose_task_was_cancelled_have_not_come_to_an_end)
{
    bide_auto(db) pool = bide_pg_open(server.url, .size_max = 1, .stream_rows = 1);
    bide_auto(db) db = bide_db_acquire(pool);
    {
        bide_auto(rows) rows = bide_db_stream(db, LARGE_ROWS_AND_SILENCE);
        for (int rc = 1; rc > 0;) {
            BIDE_TIMEOUT(limit, 0.2);
            rc = bide_scope_result(limit, bide_rows_next(rows));
            CHECK(rc == 1 || rc == BIDE_ETIMEDOUT);
        }
        CHECK(bide_rows_next(rows) < 0);
    }
    check_works(db);
}

static int copy_wrongly(void *arg)
{
    CHECK(bide_db_query(arg, "copy (select pg_sleep(0.2)) to stdout") == NULL);
    return 0;
}

SERVICE_TEST(a_copy_by_the_wrong_call_may_be_cancelled)
{
    for (int i = 0; i < 12; i++) {
        bide_auto(db) pool = bide_pg_open(server.url, .size_max = 1);
        check_works(pool);
        BIDE_KEEP_GOING(g);
        bide_spawn(g, copy_wrongly, pool);
        CHECK_EQ(bide_sleep(i * 0.02), 0);
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
        check_works(pool);
    }
}

static int moves;               /* that were made so far */

static int send_for_ever(void *arg)
{
    static char bytes[100000];
    memset(bytes, 'x', sizeof bytes);
    bytes[sizeof bytes - 1] = '\n';
    bide_auto(pg_copy) copy = bide_pg_copy_in(arg, "copy cut from stdin");
    CHECK(copy != NULL);
    int rc;
    while ((rc = bide_pg_copy_write(copy, bytes, sizeof bytes)) == 0)
        moves++;
    CHECK_EQ(rc, BIDE_ECLOSED);
    return 0;
}

static int read_for_ever(void *arg)
{
    const void *bytes;
    bide_auto(pg_copy) copy = bide_pg_copy_out(arg, "copy (" LARGE_ROWS_AND_SILENCE ") to stdout");
    CHECK(copy != NULL);
    for (; moves < 2; moves++)
        CHECK_EQ(bide_pg_copy_read(copy, &bytes), 100001);
    CHECK_EQ(bide_pg_copy_read(copy, &bytes), BIDE_ECLOSED);
    return 0;
}

/* The first row sleeps there, so the server takes no more than the buffers hold. */
SERVICE_TEST(a_pool_that_is_cut_wakes_who_sends_or_reads)
{
    bide_auto(db) made = open_with("cut");
    for (int i = 0; i < 2; i++) {
        bide_auto(db) pool = bide_pg_open(server.url);
        if (i == 0)
            CHECK(bide_db_execute(made, "create or replace function wait() returns trigger "
                "language plpgsql as $$ begin perform pg_sleep(60); return new; end $$; "
                "create trigger t before insert on cut for each row execute function wait()") >= 0);
        BIDE_GROUP(g);
        moves = 0;
        bide_spawn(g, i ? read_for_ever : send_for_ever, pool);
        for (int before = -1; moves < 2 || moves > before;) {
            before = moves;
            CHECK_EQ(bide_sleep(0.1), 0);
        }
        bide_db_abort(pool);
        CHECK_EQ(bide_group_wait(g), 0);
    }
}

static int sleep_long(void *arg)
{
    return (int)bide_db_execute(arg, "select pg_sleep(60)");
}

/* The connection that cancels another is one of its own: here nobody answers it. */
SERVICE_TEST(a_statement_whose_cancelling_is_not_answered_is_given_up)
{
    char address[32], url[200];
    snprintf(address, sizeof address, "127.0.0.1:%d", server.port);
    CUTTER(cutter, address);
    snprintf(url, sizeof url, "postgresql://tester@127.0.0.1:%d/postgres", cutter.port);
    bide_db *pool = bide_pg_open(url, .size_max = 1);
    check_works(pool);
    {
        BIDE_KEEP_GOING(g);
        bide_spawn(g, sleep_long, pool);
        CHECK_EQ(bide_sleep(0.1), 0);
        cutter_arm(&cutter, CUTTER_TO_SERVER, 0, CUTTER_STALL);
        bide_group_cancel(g);
        bide_ignore(bide_group_wait(g));
    }
    double began = bide_now();
    check_works(pool);
    CHECK(cutter.struck);
    CHECK(bide_now() - began < 9);
    CHECK_EQ(bide_db_stats(pool).connected, 2);
    bide_db_close(pool);
    CUTTER_END(cutter);
}
