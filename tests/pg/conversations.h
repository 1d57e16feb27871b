/* tests/pg/conversations.h -- what a program does with PostgreSQL, in a few short conversations,
 * for tests that put a fault into each: they succeed or tell why not; and the one connection of the
 * pool, or the one that replaced it, is as good as new for the next: nothing of a transaction, of
 * rows or of an answer is left on it. */
#ifndef TESTS_PG_CONVERSATIONS_H
#define TESTS_PG_CONVERSATIONS_H
#include "pg/server.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/scope.h>
#include <bide/task.h>

static inline void quiet(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

/* ---- conversations --------------------------------------------------------------------------- */

static inline int query(void *arg)
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

static inline int change(void *arg)
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

static inline int stream(void *arg)
{
    bide_auto(rows) rows = bide_db_stream(arg, "select generate_series(1, 100) as n");
    int rc, seen = 0;
    while ((rc = bide_rows_next(rows)) > 0)
        CHECK_EQ(bide_rows_int(rows, "n"), ++seen);
    CHECK(rc < 0 || seen == 100);
    return rc;
}

static inline int leave(void *arg)
{
    bide_auto(rows) rows = bide_db_stream(arg, "select generate_series(1, 100000) as n");
    int rc = bide_rows_next(rows);
    return rc < 0 ? rc : 0;
}

static inline int fill(void *arg)
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

static inline int many(void *arg)
{
    const struct bide_value values[] = { bide_value(1), bide_value(2) };
    int64_t rows = bide_db_execute_many(arg, "insert into pairs values ($1)", values, 1, 2);
    CHECK(rows < 0 || rows == 2);
    return rows < 0 ? (int)rows : 0;
}

static inline int fetch_many(void *arg)
{
    const struct bide_value values[] = { bide_value(1), bide_value(2), bide_value(3) };
    bide_auto(rows) rows = bide_db_query_many(arg, "select $1::int as n", values, 1, 3);
    int rc, n = 0;
    while ((rc = bide_rows_next(rows)) > 0)
        CHECK_EQ(bide_rows_int(rows, "n"), ++n);
    CHECK(rc < 0 || n == 3);
    return rc;
}

static inline int copy(void *arg)
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
static inline int script(void *arg)
{
    bide_auto(db) db = bide_db_acquire(arg);
    int64_t rc = bide_db_execute(db, "set application_name = 'changed'; select 1");
    if (rc >= 0)
        rc = bide_db_execute(db, "select 1 / 0");
    return rc == BIDE_EDB || rc > 0 ? 0 : (int)rc;
}

static inline int hear(void *arg)
{
    struct bide_pg_notification n;
    bide_auto(db) db = bide_db_acquire(arg);
    int rc = db ? bide_pg_listen(db, "news") : bide_errcode();
    if (rc == 0 && bide_db_execute(db, "notify news, 'hello'") < 0)
        rc = bide_errcode();
    if (rc == 0) {
        BIDE_TIMEOUT(limit, 1);         /* without memory it may be dropped */
        rc = bide_scope_result(limit, bide_pg_notification(db, &n));
    }
    if (rc == 0)
        CHECK_STR(n.payload, "hello");
    return rc;
}

/* Several tasks on one connection, one of which is given up. */
static inline int ask(void *arg)
{
    return query(arg);
}

static inline int together(void *arg)
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
BIDE_WAITS static inline int check_clean(bide_db *pool)
{
    int64_t rc = bide_db_execute(pool, "insert into marks values ($1)", bide_value(1));
    if (rc < 0)
        return (int)rc;
    CHECK_EQ(rc, 1);
    bide_auto(rows) row = bide_db_row(pool, "select pg_current_xact_id_if_assigned() is null "
        "as lasts, (select count(*) % 2 from pairs) as odd, "
        "current_setting('application_name') as name");
    if (!row)
        return bide_errcode();
    bool lasts = bide_rows_bool(row, "lasts");
    int64_t odd = bide_rows_int(row, "odd");
    const char *name = bide_rows_text(row, "name");
    rc = bide_rows_end(row);
    CHECK(rc < 0 || (lasts && !odd && *name == '\0'));
    return (int)rc;
}

static inline int converse(void *arg)
{
    bide_fn *const *fn = arg;
    bide_auto(db) pool = bide_pg_open(server.url, .size_max = 1);
    if (!pool)
        return bide_errcode();
    int rc = (*fn)(pool);
    CHECK(rc >= 0 || (rc != BIDE_EUNKNOWN && *bide_errmsg()));
    BIDE_KEEP_ERROR(why);
    BIDE_SHIELD(shield, 200);   /* a busy machine's server takes its time; a hang has this limit */
    int clean = check_clean(pool);
    if (clean < 0 && clean != BIDE_ENOMEM && rc >= 0)
        return clean;
    if (clean < 0 && clean != BIDE_ENOMEM)
        test_fail(__FILE__, __LINE__, "afterwards: %s", bide_errmsg());
    return rc < 0 ? rc : clean;
}

static inline int make_tables(void *unused)
{
    (void)unused;
    bide_auto(db) db = bide_pg_open(server.url);
    int64_t rc = bide_db_execute(db, "drop table if exists pairs, marks; "
        "create table pairs (x int); create table marks (n int)");
    return rc < 0 ? (int)rc : 0;
}

/* Before the faults, outside of loops. */
static inline void prepare_faults(void)
{
    test_run_task(make_tables, __FILE__, __LINE__, NULL, .real_clock = true, .seconds = 60);
    bide_log_to(quiet, NULL, BIDE_LOG_DEBUG);
}

static inline void check_faults(int faults)
{
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults > 10);
}

#endif
