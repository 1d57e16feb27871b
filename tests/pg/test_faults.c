/* The same few conversations again and again, each time with another fault: the nth allocation
 * fails, some task is cancelled at its nth stop, the nth system call fails, is short or
 * interrupted.  They succeed or tell why not; and the pool's one connection, or the one that
 * replaced it, is as good as new for the next: nothing of a transaction, of rows or of an answer is
 * left on it. */
#include "pg/server.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/scope.h>
#include <bide/task.h>

static void quiet(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

/* ---- conversations --------------------------------------------------------------------------- */

static int query(void *arg)
{
    for (int i = 0; i < 2; i++) {
        bide_auto(rows) row = bide_db_row(arg, "select $1::int4 as n, $2::text as t", bide_value(7),
                                          bide_value("seven"));
        if (!row)
            return bide_errcode();
        int64_t n = bide_rows_int(row, "n");
        const char *t = bide_rows_text(row, "t");
        int rc = bide_rows_end(row);
        if (rc < 0)
            return rc;
        CHECK_EQ(n, 7);
        CHECK_STR(t, "seven");
    }
    return 0;
}

static int change(void *arg)
{
    bide_auto(db) outer = bide_db_begin(arg);
    if (!outer || bide_db_execute(outer, "insert into pairs values ($1)", bide_value(1)) < 0)
        return bide_errcode();
    {
        bide_auto(db) inner = bide_db_begin(outer);
        if (!inner || bide_db_execute(inner, "insert into pairs values ($1)", bide_value(2)) < 0)
            return bide_errcode();
    }
    if (bide_db_execute(outer, "insert into pairs values ($1)", bide_value(3)) < 0)
        return bide_errcode();
    return bide_db_commit(outer);
}

static int stream(void *arg)
{
    bide_auto(rows) rows = bide_db_stream(arg, "select generate_series(1, 100) as n");
    int rc, seen = 0;
    while ((rc = bide_rows_next(rows)) > 0)
        CHECK_EQ(bide_rows_int(rows, "n"), ++seen);
    CHECK(rc < 0 || seen == 100);
    return rc;
}

static int leave(void *arg)
{
    bide_auto(rows) rows = bide_db_stream(arg, "select generate_series(1, 10000000) as n");
    int rc = bide_rows_next(rows);
    return rc < 0 ? rc : 0;
}

static int fill(void *arg)
{
    bide_auto(bulk) bulk = bide_db_bulk(arg, "pairs", (const char *const[]){ "x", NULL });
    for (int i = 0; i < 2; i++) {
        int rc = bide_bulk_add(bulk, (const struct bide_value[]){ bide_value(i) }, 1);
        if (rc < 0)
            return rc;
    }
    int64_t rows = bide_bulk_finish(bulk);
    return rows < 0 ? (int)rows : 0;
}

static int many(void *arg)
{
    const struct bide_value values[] = { bide_value(1), bide_value(2) };
    int64_t rows = bide_db_execute_many(arg, "insert into pairs values ($1)", values, 1, 2);
    CHECK(rows < 0 || rows == 2);
    return rows < 0 ? (int)rows : 0;
}

static int copy(void *arg)
{
    static const char sql[] = "copy (select generate_series(1, 9)) to stdout";
    bide_auto(pg_copy) copy = bide_pg_copy_out(arg, sql);
    const void *bytes;
    ssize_t got;
    int seen = 0;
    for (; (got = bide_pg_copy_read(copy, &bytes)) > 0; seen++)
        continue;
    CHECK(got < 0 || seen == 9);
    return (int)got;
}

/* A script, a session's setting and a refusal. */
static int script(void *arg)
{
    bide_auto(db) db = bide_db_acquire(arg);
    int64_t rc = bide_db_execute(db, "set application_name = 'changed'; select 1");
    if (rc >= 0)
        rc = bide_db_execute(db, "select 1 / 0");
    return rc == BIDE_EDB || rc > 0 ? 0 : (int)rc;
}

static int hear(void *arg)
{
    struct bide_pg_notification n;
    bide_auto(db) db = bide_db_acquire(arg);
    int rc = db ? bide_pg_listen(db, "news") : bide_errcode();
    if (rc == 0 && bide_db_execute(db, "notify news, 'hello'") < 0)
        rc = bide_errcode();
    if (rc == 0) {
        BIDE_TIMEOUT(limit, 10);        /* without memory it may be dropped */
        rc = bide_scope_result(limit, bide_pg_notification(db, &n));
    }
    if (rc == 0)
        CHECK_STR(n.payload, "hello");
    return rc;
}

/* Several tasks on one connection, one of which is given up. */
static int ask(void *arg)
{
    return query(arg);
}

static int together(void *arg)
{
    bide_auto(db) db = bide_db_acquire(arg);
    if (!db)
        return bide_errcode();
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, i == 1 ? many : ask, db);
    return bide_group_wait(g);
}

/* ---- what must hold -------------------------------------------------------------------------- */

/* What is done next on the pool's connection lasts at once: it stands in no transaction, and its
 * answers are its own. */
BIDE_WAITS static int check_clean(bide_db *pool, bide_db *direct)
{
    static int number;
    number++;
    int64_t rc = bide_db_execute(pool, "insert into marks values ($1)", bide_value(number));
    if (rc < 0)
        return (int)rc;
    CHECK_EQ(rc, 1);
    bide_auto(rows) row = bide_db_row(direct, "select (select count(*) from marks where n = $1) "
        "as there, (select count(*) % 2 from pairs) as odd", bide_value(number));
    if (!row)
        return bide_errcode();
    CHECK_EQ(bide_rows_int(row, "there"), 1);
    CHECK_EQ(bide_rows_int(row, "odd"), 0);
    bide_auto(rows) name = bide_db_row(pool, "select current_setting('application_name') as name");
    if (!name)
        return bide_errcode();
    CHECK_STR(bide_rows_text(name, "name"), "");
    return bide_rows_end(name);
}

static int converse(void *arg)
{
    bide_fn *const *fn = arg;
    bide_auto(db) direct = bide_pg_open(server.url);
    bide_auto(db) pool = bide_pg_open(server.url, .size_max = 1);
    if (!direct || !pool)
        return bide_errcode();
    int rc = (*fn)(pool);
    CHECK(rc >= 0 || (rc != BIDE_EUNKNOWN && *bide_errmsg()));
    BIDE_KEEP_ERROR(why);
    BIDE_SHIELD(shield, 20);
    int clean = check_clean(pool, direct);
    if (clean < 0 && clean != BIDE_ENOMEM && rc >= 0)
        return clean;
    if (clean < 0 && clean != BIDE_ENOMEM)
        test_fail(__FILE__, __LINE__, "afterwards: %s", bide_errmsg());
    return rc < 0 ? rc : clean;
}

static int prepare(void *unused)
{
    (void)unused;
    bide_auto(db) db = bide_pg_open(server.url);
    int64_t rc = bide_db_execute(db, "drop table if exists pairs, marks; "
        "create table pairs (x int); create table marks (n int)");
    return rc < 0 ? (int)rc : 0;
}

enum kind { ALLOCATION, WAIT };
static void try_each(enum kind kind, bide_fn *fn)
{
    test_run_task(prepare, __FILE__, __LINE__, NULL, .real_clock = true);
    bide_log_to(quiet, NULL, BIDE_LOG_DEBUG);
    int faults = kind == ALLOCATION
        ? bide_test_each_allocation(converse, &fn, .real_clock = true, .seconds = 60)
        : bide_test_each_wait(converse, &fn, .real_clock = true, .seconds = 60);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults > 10);
}

#define FAULTS(of_, fn) \
    TEST(without_memory_##of_##_fails_and_leaves_nothing) { try_each(ALLOCATION, fn); } \
    TEST(cancelled_at_any_stop_##of_##_leaves_a_clean_connection) { try_each(WAIT, fn); }
FAULTS(a_query, query)
FAULTS(a_transaction, change)
FAULTS(a_stream, stream)
FAULTS(a_stream_that_is_left, leave)
FAULTS(a_bulk, fill)
FAULTS(a_statement_with_many_values, many)
FAULTS(a_copy, copy)
FAULTS(a_script, script)
FAULTS(a_notification, hear)
FAULTS(a_shared_connection, together)
