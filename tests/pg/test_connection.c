/* One connection, many tasks; cancelling; what becomes of a connection that is lost. */
#include "pg/server.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>

static bide_db *open_db(void)
{
    bide_db *db = bide_pg_open(server.url);
    CHECK(db != NULL);
    return db;
}

static void check_works(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select 1 as x");
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_EQ(bide_rows_int(row, "x"), 1);
}

/* ---- together -------------------------------------------------------------------------------- */

struct asking { bide_db *db; int i; };
static int ask(void *arg)
{
    struct asking *a = arg;
    const char *sql = a->i % 10 == 3 ? "select 1 / ($1::int4 * 0) as n" : "select $1::int4 as n";
    bide_auto(rows) row = bide_db_row(a->db, sql, bide_value(a->i));
    CHECK((row == NULL) == (a->i % 10 == 3));
    if (!row)
        return 0;
    CHECK_EQ(bide_rows_int(row, "n"), a->i);
    return bide_rows_end(row);
}

SERVICE_TEST(a_hundred_tasks_on_one_connection_get_their_own_answers)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    for (int round = 0; round < 3; round++) {
        BIDE_GROUP(g);
        for (int i = 0; i < 100; i++)
            bide_spawn_with(g, ask, struct asking, .db = db, .i = i);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

static int sleep_there(void *arg)
{
    return (int)bide_db_execute(arg, "select pg_sleep(0.2)");
}

SERVICE_TEST(statements_are_on_their_way_at_the_same_time)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    check_works(db);
    BIDE_GROUP(g);
    bide_spawn(g, sleep_there, db);
    struct asking a = { db, 1 };
    bide_spawn(g, ask, &a);
    bide_ignore(bide_db_execute(db, "select 1; select 2"));
    CHECK_EQ(bide_group_wait(g), 0);
}

/* ---- cancelling ------------------------------------------------------------------------------ */

static int sleep_long(void *arg)
{
    return (int)bide_db_execute(arg, "select pg_sleep(60)");
}

static void cancel_after(bide_db *db, bide_fn *fn, double seconds)
{
    BIDE_KEEP_GOING(g);
    bide_spawn(g, fn, db);
    bide_ignore(bide_sleep(seconds));
    bide_group_cancel(g);
    bide_ignore(bide_group_wait(g));
}

SERVICE_TEST(a_cancelled_statement_is_cancelled_at_the_server)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    for (int i = 0; i < 4; i++) {
        cancel_after(db, sleep_long, i * 0.02);
        check_works(db);
    }
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

SERVICE_TEST(a_cancelled_statement_of_a_pool_leaves_its_connection_fit)
{
    bide_auto(db) pool = bide_pg_open(server.url, .size_max = 1);
    for (int i = 0; i < 3; i++) {
        cancel_after(pool, sleep_long, 0.05);
        check_works(pool);
    }
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

static int change_and_sleep(void *arg)
{
    bide_auto(db) change = bide_db_begin(arg);
    CHECK_EQ(bide_db_execute(change, "insert into g1 values (1)"), 1);
    return (int)bide_db_execute(change, "select pg_sleep(60)");
}

SERVICE_TEST(a_cancelled_transaction_is_rolled_back)
{
    bide_auto(db) pool = bide_pg_open(server.url, .size_max = 1);
    CHECK(bide_db_execute(pool, "create table g1 (x int)") >= 0);
    cancel_after(pool, change_and_sleep, 0.1);
    bide_auto(rows) row = bide_db_row(pool, "select count(*) as n from g1");
    CHECK_EQ(bide_rows_int(row, "n"), 0);
    CHECK_EQ(bide_db_stats(pool).connected, 1);
    CHECK_EQ(bide_db_execute(pool, "drop table g1"), 0);
}

SERVICE_TEST(a_statement_takes_no_longer_than_it_may)
{
    bide_auto(db) db = bide_pg_open(server.url, .timeout = 0.1);
    CHECK_EQ(bide_db_execute(db, "select pg_sleep(60)"), BIDE_ETIMEDOUT);
    check_works(db);
}

/* ---- a session ------------------------------------------------------------------------------- */

SERVICE_TEST(a_session_is_put_back_before_the_next_has_it)
{
    bide_auto(db) pool = bide_pg_open(server.url, .size_max = 1);
    {
        bide_auto(db) mine = bide_db_acquire(pool);
        CHECK(bide_db_execute(mine, "set statement_timeout = 1234; begin") >= 0);
        CHECK(bide_db_execute(mine, "select pg_advisory_lock(7)") >= 0);
        CHECK(bide_pg_pid(mine) > 0);
    }
    CHECK_EQ(bide_pg_pid(pool), BIDE_EINVAL);
    bide_auto(rows) row = bide_db_row(pool, "select current_setting('statement_timeout') as t, "
        "(select count(*) from pg_locks where locktype = 'advisory') as n");
    CHECK_STR(bide_rows_text(row, "t"), "0");
    CHECK_EQ(bide_rows_int(row, "n"), 0);
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

SERVICE_TEST(settings_of_the_pool_are_the_sessions)
{
    static const struct bide_pair settings[] = {
        { "application_name", "a program" }, { "datestyle", "german" },
        { "search_path", "public, pg_catalog" }, { NULL, NULL },
    };
    bide_auto(db) db = bide_pg_open(server.url, .settings = settings);
    bide_auto(rows) row = bide_db_row(db, "select current_setting('application_name') as a, "
        "current_setting('search_path') as s, '2024-01-31'::date as d, '1 h'::interval as i");
    CHECK(row != NULL);
    CHECK_STR(bide_rows_text(row, "a"), "a program");
    CHECK_STR(bide_rows_text(row, "s"), "public, pg_catalog");
    CHECK_STR(bide_rows_text(row, "d"), "2024-01-31");
}

SERVICE_TEST(transactions_and_savepoints_last_or_do_not)
{
    bide_auto(db) pool = open_db();
    CHECK(bide_db_execute(pool, "create table t1 (x int)") >= 0);
    {
        bide_auto(db) outer = bide_db_begin(pool, .isolation = BIDE_SERIALIZABLE);
        CHECK_EQ(bide_db_execute(outer, "insert into t1 values (1)"), 1);
        {
            bide_auto(db) inner = bide_db_begin(outer);
            CHECK_EQ(bide_db_execute(inner, "insert into t1 values (2)"), 1);
            CHECK_EQ(bide_db_execute(inner, "select 1 / 0"), BIDE_EDB);
        }
        bide_auto(db) again = bide_db_begin(outer);
        CHECK_EQ(bide_db_execute(again, "insert into t1 values (3)"), 1);
        if (bide_db_commit(again) < 0)
            test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
        bide_db_close(bide_steal(again));
        CHECK_EQ(bide_db_commit(outer), 0);
    }
    {
        bide_auto(db) failed = bide_db_begin(pool);
        CHECK_EQ(bide_db_execute(failed, "select 1 / 0"), BIDE_EDB);
        CHECK_EQ(bide_db_commit(failed), BIDE_EDB);
        CHECK_HAS(bide_errmsg(), "rolled back instead");
    }
    {
        bide_auto(db) reader = bide_db_begin(pool, .read_only = true);
        CHECK_EQ(bide_db_execute(reader, "insert into t1 values (4)"), BIDE_EDB);
        CHECK_STR(bide_db_failure(pool)->sqlstate, "25006");
    }
    bide_auto(rows) row = bide_db_row(pool, "select array_agg(x order by x)::text as x from t1");
    CHECK_STR(bide_rows_text(row, "x"), "{1,3}");
    CHECK_EQ(bide_db_execute(pool, "drop table t1"), 0);
}

/* ---- connecting ------------------------------------------------------------------------------ */

SERVICE_TEST(what_is_wrong_with_a_url_is_told_at_once)
{
    static const struct { const char *url, *says; } cases[] = {
        { "postgresql://127.0.0.1:x/y", "port \"x\": a number from 1" },
        { "host=a,b,c port=1,,65536", "port \"65536\": a number from 1" },
        { "mysql://localhost/x", "\"mysql:\" names no database" }, { "sqlite:x", "\"sqlite:\"" },
        { "what=1", "invalid connection option" },
        { "postgresql://h/d?sslmode=maybe", "sslmode" },
        { "service=none-such", "none-such" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(bide_pg_open(cases[i].url) == NULL);
        CHECK_EQ(bide_errcode(), BIDE_EURL);
        CHECK_HAS(bide_errmsg(), cases[i].says);
    }
}

SERVICE_TEST(what_cannot_be_connected_to_is_told)
{
    char url[300];
    snprintf(url, sizeof url, "postgresql://tester@127.0.0.1:%d/nowhere", server.port);
    bide_auto(db) missing = bide_pg_open(url);
    CHECK_EQ(bide_db_execute(missing, "select 1"), BIDE_EDB);
    CHECK_STR(bide_db_failure(missing)->sqlstate, "3D000");
    snprintf(url, sizeof url, "postgresql: 127.0.0.1, port %d: 3D000: database \"nowhere\" does "
             "not exist", server.port);
    CHECK_HAS(bide_errmsg(), url);
    bide_auto(db) none = bide_pg_open("postgresql://127.0.0.1:1/x");
    CHECK_EQ(bide_db_execute(none, "select 1"), -ECONNREFUSED);
    CHECK_HAS(bide_errmsg(), "refused");
    bide_auto(db) unknown = bide_pg_open("postgresql://no-such-host.invalid/x");
    CHECK_EQ(bide_db_execute(unknown, "select 1"), BIDE_EDNS);
}

SERVICE_TEST(a_wrong_password_is_refused_and_the_right_one_is_taken)
{
    bide_auto(db) db = open_db();
    CHECK(bide_db_execute(db, "create role asked; create user guest password 'right' "
                              "in role asked") >= 0);
    char url[300];
    for (int right = 0; right < 2; right++) {
        snprintf(url, sizeof url, "postgresql://guest:%s@127.0.0.1:%d/postgres",
                 right ? "right" : "wrong", server.port);
        bide_auto(db) guest = bide_pg_open(url);
        int64_t rc = bide_db_execute(guest, "select 1");
        CHECK((rc >= 0) == right);
        if (!right) {
            CHECK_STR(bide_db_failure(guest)->sqlstate, "28P01");
            CHECK_HAS(bide_errmsg(), "password authentication failed");
        }
    }
    snprintf(url, sizeof url, "postgresql://guest@127.0.0.1:%d/postgres", server.port);
    bide_auto(db) mute = bide_pg_open(url);
    CHECK_EQ(bide_db_execute(mute, "select 1"), BIDE_EDB);
    CHECK_STR(bide_db_failure(mute)->sqlstate, "28P01");
    CHECK_HAS(bide_errmsg(), "wants a password, and there is none");
    CHECK(bide_db_execute(db, "drop user guest; drop role asked") >= 0);
}

/* ---- losing it ------------------------------------------------------------------------------- */

static int be_ended(void *arg)
{
    int64_t rc = bide_db_execute(arg, "select pg_sleep(60)");
    if (rc != -ECONNRESET && rc != BIDE_EDB)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    return 0;
}

SERVICE_TEST(an_ended_session_fails_all_that_wait_and_is_replaced)
{
    bide_auto(db) pool = open_db();
    {
        bide_auto(db) db = bide_db_acquire(pool);
        int pid = bide_pg_pid(db);
        BIDE_GROUP(g);
        for (int i = 0; i < 5; i++)
            bide_spawn(g, be_ended, db);
        CHECK_EQ(bide_sleep(0.1), 0);
        CHECK(bide_db_execute(pool, "select pg_terminate_backend($1)", bide_value(pid)) >= 0);
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(bide_db_execute(db, "select 1"), -ECONNRESET);
    }
    check_works(pool);
}

SERVICE_TEST(a_killed_server_is_told_and_found_again)
{
    bide_auto(db) pool = open_db();
    check_works(pool);
    {
        BIDE_GROUP(g);
        bide_spawn(g, be_ended, pool);
        CHECK_EQ(bide_sleep(0.1), 0);
        server_stop("immediate");
        CHECK_EQ(bide_group_wait(g), 0);
    }
    CHECK(bide_db_execute(pool, "select 1") < 0);
    server_start();
    bide_db_expire(pool);
    check_works(pool);
}

SERVICE_TEST(a_pool_that_is_dry_is_told)
{
    bide_auto(db) pool = bide_pg_open(server.url, .size_max = 1, .acquire_timeout = 0.05);
    bide_auto(db) mine = bide_db_acquire(pool);
    CHECK_EQ(bide_db_execute(pool, "select 1"), BIDE_ETIMEDOUT);
    check_works(mine);
}

SERVICE_TEST(a_connection_works_on_when_its_pool_is_closed)
{
    bide_db *pool = open_db();
    bide_auto(db) mine = bide_db_acquire(pool);
    bide_db_close(pool);
    check_works(mine);
    check_works(mine);
}

SERVICE_TEST(cut_connections_fail_at_once)
{
    bide_auto(db) pool = open_db();
    BIDE_KEEP_GOING(g);
    bide_spawn(g, sleep_long, pool);
    CHECK_EQ(bide_sleep(0.1), 0);
    bide_db_abort(pool);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
}
