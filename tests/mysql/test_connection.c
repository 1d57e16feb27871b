/* MariaDB: cancelling, transactions and sessions; what becomes of a connection that is lost. */
#include "mysql/server.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>
#include <bide/testing.h>

static bide_db *open_db(void)
{
    bide_db *db = bide_mysql_open(server.url);
    CHECK(db != NULL);
    return db;
}

static void check_works(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select 1 as x");
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_EQ(bide_rows_int(row, "x"), 1);
    bide_auto(rows) prepared = bide_db_row(db, "select ? as x", bide_value(7));
    if (!prepared)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_EQ(bide_rows_int(prepared, "x"), 7);
}

/* ---- together -------------------------------------------------------------------------------- */

struct asking { bide_db *db; int i; };
static int ask(void *arg)
{
    struct asking *a = arg;
    bide_auto(rows) row = a->i % 10 == 3 ? bide_db_row(a->db, "select nothing")
                                         : bide_db_row(a->db, "select ? as n", bide_value(a->i));
    CHECK((row == NULL) == (a->i % 10 == 3));
    if (!row)
        return 0;
    CHECK_EQ(bide_rows_int(row, "n"), a->i);
    return bide_rows_end(row);
}

static void ask_together(bide_db *db)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 100; i++)
        bide_spawn_with(g, ask, struct asking, .db = db, .i = i);
    CHECK_EQ(bide_group_wait(g), 0);
}

SERVICE_TEST(a_hundred_tasks_on_one_connection_take_turns)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    ask_together(db);
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

SERVICE_TEST(a_hundred_tasks_on_a_pool_share_its_connections)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .size_max = 4);
    ask_together(pool);
    CHECK(bide_db_stats(pool).connected <= 4);
}

/* ---- cancelling ------------------------------------------------------------------------------ */

static int sleep_long(void *arg)
{
    return (int)bide_db_execute(arg, "select sleep(60)");
}

static int sleep_prepared(void *arg)
{
    return (int)bide_db_execute(arg, "select sleep(?)", bide_value(60));
}

static void cancel_after(bide_db *db, bide_fn *fn, double seconds)
{
    BIDE_KEEP_GOING(g);
    bide_spawn(g, fn, db);
    bide_ignore(bide_sleep(seconds));
    bide_group_cancel(g);
    bide_ignore(bide_group_wait(g));
}

static int64_t sleepers(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from "
        "information_schema.processlist where info like 'select sleep%'");
    return bide_rows_int(row, "n");
}

SERVICE_TEST(a_cancelled_statement_is_killed_at_the_server)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    int64_t id = bide_mysql_id(db);
    for (int i = 0; i < 6; i++) {
        cancel_after(db, i % 2 ? sleep_prepared : sleep_long, i * 0.01);
        check_works(db);
    }
    CHECK_EQ(bide_mysql_id(db), id);
    CHECK_EQ(sleepers(pool), 0);
}

SERVICE_TEST(a_cancelled_statement_of_a_pool_leaves_its_connection_fit)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .size_max = 1);
    for (int i = 0; i < 4; i++) {
        cancel_after(pool, i % 2 ? sleep_prepared : sleep_long, 0.05);
        check_works(pool);
    }
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

static int change_and_sleep(void *arg)
{
    bide_auto(db) change = bide_db_begin(arg);
    CHECK_EQ(bide_db_execute(change, "insert into g1 values (1)"), 1);
    return (int)bide_db_execute(change, "select sleep(60)");
}

SERVICE_TEST(a_cancelled_transaction_is_rolled_back)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .size_max = 1);
    CHECK(bide_db_execute(pool, "create table g1 (x int)") >= 0);
    cancel_after(pool, change_and_sleep, 0.1);
    bide_auto(rows) row = bide_db_row(pool, "select count(*) as n from g1");
    CHECK_EQ(bide_rows_int(row, "n"), 0);
    CHECK_EQ(bide_db_stats(pool).connected, 1);
    CHECK_EQ(bide_db_execute(pool, "drop table g1"), 0);
}

SERVICE_TEST(a_statement_takes_no_longer_than_it_may)
{
    bide_auto(db) db = bide_mysql_open(server.url, .timeout = 0.1);
    CHECK_EQ(bide_db_execute(db, "select sleep(60)"), BIDE_ETIMEDOUT);
    check_works(db);
}

static int count_slowly(void *arg)
{
    bide_auto(rows) rows = bide_db_stream(arg, "select seq, sleep(if(seq > 3000, 60, 0)) from "
                                               "seq_1_to_4000 where seq > ?", bide_value(0));
    int rc;
    while ((rc = bide_rows_next(rows)) > 0)
        continue;
    return rc;
}

SERVICE_TEST(a_cancelled_stream_leaves_its_connection_fit)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .size_max = 1);
    for (int i = 0; i < 3; i++) {
        cancel_after(pool, count_slowly, 0.1);
        check_works(pool);
    }
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

/* One for the pool, and none for whoever would kill. */
SERVICE_TEST(a_statement_that_cannot_be_killed_costs_its_connection)
{
    bide_auto(db) admin = open_db();
    CHECK(bide_db_execute(admin, "create or replace user lonely@'%' identified by 'x' with "
        "max_user_connections 1; grant select on bide.* to lonely@'%'") >= 0);
    char url[200];
    snprintf(url, sizeof url, "mysql://lonely:x@127.0.0.1:%d/bide", server.port);
    bide_auto(db) pool = bide_mysql_open(url);
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK(db != NULL);
    cancel_after(db, sleep_long, 0.05);
    bide_db_close(bide_steal(db));
    bide_db_close(bide_steal(pool));
    bide_auto(db) again = bide_mysql_open(server.url);
    check_works(again);
    CHECK(bide_db_execute(admin, "drop user lonely@'%'") >= 0);
}

/* ---- a session ------------------------------------------------------------------------------- */

SERVICE_TEST(a_session_is_put_back_before_the_next_has_it)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .size_max = 1);
    int64_t id;
    {
        bide_auto(db) mine = bide_db_acquire(pool);
        id = bide_mysql_id(mine);
        CHECK(bide_db_execute(mine, "set sql_select_limit = 7; set autocommit = 0; use mysql; "
                                    "create temporary table bide.t1 (x int)") >= 0);
        bide_auto(rows) row = bide_db_row(mine, "select get_lock('a', 1) as x");
        CHECK_EQ(bide_rows_int(row, "x"), 1);
    }
    CHECK_EQ(bide_mysql_id(pool), BIDE_EINVAL);
    bide_auto(db) mine = bide_db_acquire(pool);
    CHECK_EQ(bide_mysql_id(mine), id);
    bide_auto(rows) row = bide_db_row(mine, "select @@sql_select_limit > 7 as l, "
        "@@autocommit as a, database() as d, is_free_lock('a') as f, @@time_zone as z, "
        "@@character_set_client as c");
    CHECK_EQ(bide_rows_int(row, "l"), 1);
    CHECK_EQ(bide_rows_int(row, "a"), 1);
    CHECK_STR(bide_rows_text(row, "d"), "bide");
    CHECK_EQ(bide_rows_int(row, "f"), 1);
    CHECK_STR(bide_rows_text(row, "z"), "+00:00");
    CHECK_STR(bide_rows_text(row, "c"), "utf8mb4");
    CHECK_EQ(bide_db_execute(mine, "select * from t1"), BIDE_EDB);
}

SERVICE_TEST(a_transaction_left_open_by_words_is_rolled_back)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .size_max = 1);
    CHECK(bide_db_execute(pool, "create table o1 (x int)") >= 0);
    {
        bide_auto(db) mine = bide_db_acquire(pool);
        CHECK(bide_db_execute(mine, "begin") >= 0);
        CHECK_EQ(bide_db_execute(mine, "insert into o1 values (1)"), 1);
    }
    CHECK_EQ(bide_db_execute(pool, "begin"), 0);
    CHECK_EQ(bide_db_execute(pool, "delete from o1"), 0);
    CHECK_EQ(bide_db_execute(pool, "drop table o1"), 0);
}

SERVICE_TEST(settings_of_the_pool_are_the_sessions)
{
    static const struct bide_pair settings[] = {
        { "sql_mode", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES" }, { "wait_timeout", "1234" },
        { "lock_wait_timeout", "5" }, { "default_storage_engine", "MEMORY" }, { NULL, NULL },
    };
    bide_auto(db) db = bide_mysql_open(server.url, .settings = settings);
    bide_auto(rows) row = bide_db_row(db, "select @@sql_mode as m, @@wait_timeout as w, "
                                          "@@default_storage_engine as e, \"sql_mode\" from "
                                          "(select 1 as sql_mode) as t");
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_HAS(bide_rows_text(row, "m"), "NO_BACKSLASH_ESCAPES");
    CHECK_EQ(bide_rows_int(row, "w"), 1234);
    CHECK_STR(bide_rows_text(row, "e"), "MEMORY");
    static const struct bide_pair wrong[] = { { "a b", "1" }, { NULL, NULL } };
    CHECK(bide_mysql_open(server.url, .settings = wrong) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    static const struct bide_pair unknown[] = { { "no_such", "1" }, { NULL, NULL } };
    bide_auto(db) other = bide_mysql_open(server.url, .settings = unknown);
    CHECK_EQ(bide_db_execute(other, "do 1"), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "no_such");
}

/* ---- transactions ---------------------------------------------------------------------------- */

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
            CHECK_EQ(bide_db_execute(inner, "select nothing"), BIDE_EDB);
        }
        bide_auto(db) again = bide_db_begin(outer);
        CHECK_EQ(bide_db_execute(again, "insert into t1 values (3)"), 1);
        CHECK_EQ(bide_db_commit(again), 0);
        bide_db_close(bide_steal(again));
        bide_auto(db) undone = bide_db_begin(outer);
        CHECK_EQ(bide_db_execute(undone, "insert into t1 values (4)"), 1);
        CHECK_EQ(bide_db_rollback(undone), 0);
        bide_db_close(bide_steal(undone));
        CHECK_EQ(bide_db_commit(outer), 0);
    }
    {
        bide_auto(db) reader = bide_db_begin(pool, .read_only = true);
        CHECK_EQ(bide_db_execute(reader, "insert into t1 values (4)"), BIDE_EDB);
        CHECK_STR(bide_db_failure(pool)->sqlstate, "25006");
    }
    CHECK(bide_db_begin(pool, .immediate = true) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    bide_auto(rows) row = bide_db_row(pool, "select group_concat(x order by x) as x from t1");
    CHECK_STR(bide_rows_text(row, "x"), "1,3");
    CHECK_EQ(bide_db_execute(pool, "drop table t1"), 0);
}

struct locking { bide_db *db; int first, second; int64_t rc; };
static int lock_both(void *arg)
{
    struct locking *l = arg;
    bide_auto(db) change = bide_db_begin(l->db);
    static const char add[] = "update d1 set n = n + 1 where id = ?";
    CHECK_EQ(bide_db_execute(change, add, bide_value(l->first)), 1);
    CHECK_EQ(bide_sleep(0.1), 0);
    l->rc = bide_db_execute(change, add, bide_value(l->second));
    if (l->rc < 0) {
        CHECK_EQ(bide_db_failure(l->db)->number, 1213);
        CHECK_STR(bide_db_failure(l->db)->sqlstate, "40001");
        CHECK_EQ(bide_db_execute(change, "update d1 set n = 99 where id = 1"), BIDE_EDB);
        CHECK_HAS(bide_errmsg(), "rolled back the transaction");
        CHECK_EQ(bide_db_commit(change), BIDE_EDB);
        return 0;
    }
    CHECK_EQ(bide_db_commit(change), 0);
    return 0;
}

SERVICE_TEST(a_transaction_that_a_deadlock_has_ended_takes_no_more)
{
    bide_auto(db) pool = open_db();
    CHECK(bide_db_execute(pool, "create table d1 (id int primary key, n int); "
                                "insert into d1 values (1, 0), (2, 0)") == 2);
    struct locking one = { pool, 1, 2, 0 }, two = { pool, 2, 1, 0 };
    BIDE_GROUP(g);
    bide_spawn(g, lock_both, &one);
    bide_spawn(g, lock_both, &two);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK((one.rc < 0) != (two.rc < 0));
    bide_auto(rows) row = bide_db_row(pool, "select sum(n) as n from d1");
    CHECK_EQ(bide_rows_int(row, "n"), 2);
    CHECK_EQ(bide_db_execute(pool, "drop table d1"), 0);
}

SERVICE_TEST(a_lock_that_does_not_come_free_costs_the_statement_alone)
{
    static const struct bide_pair settings[] = {
        { "innodb_lock_wait_timeout", "1" }, { NULL, NULL },
    };
    bide_auto(db) pool = bide_mysql_open(server.url, .settings = settings);
    CHECK(bide_db_execute(pool, "create table w1 (id int primary key, n int); "
                                "insert into w1 values (1, 0), (2, 0)") == 2);
    bide_auto(db) holder = bide_db_begin(pool);
    CHECK_EQ(bide_db_execute(holder, "update w1 set n = 1 where id = 1"), 1);
    bide_auto(db) other = bide_db_begin(pool);
    CHECK_EQ(bide_db_execute(other, "update w1 set n = 2 where id = 2"), 1);
    CHECK_EQ(bide_db_execute(other, "update w1 set n = 2 where id = 1"), BIDE_EDB);
    CHECK_STR(bide_db_failure(pool)->sqlstate, "55P03");
    CHECK_EQ(bide_db_commit(other), 0);
    CHECK_EQ(bide_db_commit(holder), 0);
    bide_auto(rows) row = bide_db_row(pool, "select sum(n) as n from w1");
    CHECK_EQ(bide_rows_int(row, "n"), 3);
    CHECK_EQ(bide_db_execute(pool, "drop table w1"), 0);
}

/* ---- connecting ------------------------------------------------------------------------------ */

SERVICE_TEST(what_is_wrong_with_a_url_is_told_at_once)
{
    static const struct { const char *url, *says; } cases[] = {
        { "mysql:shop", "a URL is wanted" }, { "mysql://h:x/y", "a port is a number" },
        { "mysql://h:65536/y", "a port is a number" }, { "mysql://[::1/y", "without \"]\"" },
        { "mysql://[::1]x/y", "behind \"]\" comes a port" },
        { "mysql://h/y?z=1", "no parameter \"z\"" }, { "mysql://h/y?tls", "has no value" },
        { "mysql://h/y?tls=maybe", "verify, unverified or no" },
        { "mysql://h/y?socket=/x", "not both" }, { "mysql://h/y#z", "fragment" },
        { "mysql://a%zz@h/", "two digits" }, { "mysql://a%00@h/", "two digits" },
        { "mysql://h/?tls-ca=x", "go with tls=verify" },
        { "mysql://h/?tls=verify&tls-key=x", "tls-cert and tls-key" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(bide_mysql_open(cases[i].url) == NULL);
        CHECK_EQ(bide_errcode(), BIDE_EURL);
        CHECK_HAS(bide_errmsg(), cases[i].says);
    }
}

SERVICE_TEST(what_cannot_be_connected_to_is_told)
{
    char url[300];
    snprintf(url, sizeof url, "mysql://root@127.0.0.1:%d/nowhere", server.port);
    bide_auto(db) missing = bide_mysql_open(url);
    CHECK_EQ(bide_db_execute(missing, "select 1"), BIDE_EDB);
    CHECK_STR(bide_db_failure(missing)->sqlstate, "3D000");
    CHECK_HAS(bide_errmsg(), "Unknown database 'nowhere'");
    bide_auto(db) none = bide_mysql_open("mysql://root@127.0.0.1:1/x");
    CHECK_EQ(bide_db_execute(none, "select 1"), -ECONNREFUSED);
    CHECK_HAS(bide_errmsg(), "127.0.0.1");
    bide_auto(db) unknown = bide_mysql_open("mysql://no-such-host.invalid/x");
    CHECK_EQ(bide_db_execute(unknown, "select 1"), BIDE_EDNS);
    bide_auto(db) socket = bide_mysql_open("mysql://root@/x?socket=/nowhere/socket");
    CHECK_EQ(bide_db_execute(socket, "select 1"), -ENOENT);
    CHECK_HAS(bide_errmsg(), "/nowhere/socket");
}

SERVICE_TEST(a_wrong_password_is_refused_and_the_right_one_is_taken)
{
    bide_auto(db) db = open_db();
    CHECK(bide_db_execute(db, "create or replace user guest@'%' identified by 'p@ss/w:rd'; "
                              "create or replace user modern@'%' identified via ed25519 "
                              "using password('secret')") >= 0
          || strstr(bide_errmsg(), "ed25519"));
    char url[300];
    for (int right = 0; right < 2; right++) {
        snprintf(url, sizeof url, "mariadb://guest:%s@localhost:%d",
                 right ? "p%40ss%2fw%3Ard" : "wrong", server.port);
        bide_auto(db) guest = bide_mysql_open(url);
        int64_t rc = bide_db_execute(guest, "select 1");
        CHECK_EQ(rc, right ? 0 : BIDE_EDB);
        if (!right) {
            CHECK_STR(bide_db_failure(guest)->sqlstate, "28000");
            CHECK_EQ(bide_db_failure(guest)->number, 1045);
            CHECK_HAS(bide_errmsg(), "Access denied");
        }
    }
    CHECK(bide_db_execute(db, "drop user guest@'%'") >= 0);
}

SERVICE_TEST(a_socket_is_connected_to)
{
    char url[300];
    snprintf(url, sizeof url, "mysql://root@/bide?socket=%s/socket", server.folder);
    bide_auto(db) db = bide_mysql_open(url);
    check_works(db);
    cancel_after(db, sleep_long, 0.05);
    check_works(db);
}

SERVICE_TEST(who_is_cancelled_while_connecting_leaves_nothing)
{
    for (int i = 0; i < 5; i++) {
        bide_auto(db) db = open_db();
        BIDE_KEEP_GOING(g);
        bide_spawn(g, sleep_long, db);
        for (int n = 0; n <= i; n++)
            CHECK_EQ(bide_yield(), 0);
        bide_group_cancel(g);
        bide_ignore(bide_group_wait(g));
        check_works(db);
    }
}

/* ---- losing it ------------------------------------------------------------------------------- */

static int be_ended(void *arg)
{
    int64_t rc = bide_db_execute(arg, "select sleep(60)");
    if (rc != -ECONNRESET && rc != BIDE_EDB)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    return 0;
}

SERVICE_TEST(a_killed_session_fails_all_that_wait_and_is_replaced)
{
    bide_auto(db) pool = open_db();
    {
        bide_auto(db) db = bide_db_acquire(pool);
        char kill[60];
        snprintf(kill, sizeof kill, "kill %lld", (long long)bide_mysql_id(db));
        BIDE_GROUP(g);
        for (int i = 0; i < 5; i++)
            bide_spawn(g, be_ended, db);
        CHECK_EQ(bide_sleep(0.1), 0);
        CHECK(bide_db_execute(pool, kill) >= 0);
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(bide_db_execute(db, "select 1"), -ECONNRESET);
    }
    check_works(pool);
}

SERVICE_TEST(an_idle_session_that_the_server_has_ended_is_not_used)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) other = open_db();
    bide_auto(rows) row = bide_db_row(pool, "select connection_id() as c");
    char kill[60];
    snprintf(kill, sizeof kill, "kill %lld", (long long)bide_rows_int(row, "c"));
    CHECK(bide_db_execute(other, kill) >= 0);
    CHECK_EQ(bide_sleep(0.7), 0);
    check_works(pool);
    CHECK_EQ(bide_db_stats(pool).connected, 2);
}

SERVICE_TEST(a_killed_server_is_told_and_found_again)
{
    bide_auto(db) pool = open_db();
    check_works(pool);
    {
        BIDE_GROUP(g);
        bide_spawn(g, be_ended, pool);
        bide_spawn(g, be_ended, pool);
        CHECK_EQ(bide_sleep(0.1), 0);
        server_stop(SIGKILL);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    CHECK(bide_db_execute(pool, "select 1") < 0);
    server_start();
    bide_db_expire(pool);
    check_works(pool);
}

SERVICE_TEST(a_pool_that_is_dry_is_told)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .size_max = 1, .acquire_timeout = 0.05);
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

/* ---- faults ---------------------------------------------------------------------------------- */

static int converse_with(bide_db *db)
{
    bide_auto(db) change = bide_db_begin(db);
    if (bide_db_execute(change, "do 1; do 2") < 0)
        return bide_errcode();
    bide_auto(rows) whole = bide_db_query(change, "select seq, 'text' as t from seq_1_to_20");
    bide_auto(rows) prepared = bide_db_query(change, "select ? as t", bide_value("text"));
    if (!whole || !prepared)
        return bide_errcode();
    bide_auto(rows) stream = bide_db_stream(change, "select seq, 'text' as t from seq_1_to_20 "
                                                    "where seq > ?", bide_value(0));
    int rc = bide_rows_next(stream);
    bide_rows_close(bide_steal(stream));
    return rc < 0 ? rc : bide_db_rollback(change);
}

static int converse(void *unused)
{
    (void)unused;
    bide_auto(db) db = bide_mysql_open(server.url, .size_max = 1);
    return converse_with(db);
}

TEST(whatever_memory_fails_is_told_and_leaves_nothing)
{
    int faults = bide_test_each_allocation(converse, NULL, .real_clock = true);
    if (faults < 10)
        test_fail(__FILE__, __LINE__, "%d: %s", faults, bide_errmsg());
}

static int converse_endlessly(void *db)
{
    int rc;
    while ((rc = converse_with(db)) == 0)
        continue;
    return rc;
}

SERVICE_TEST(at_whatever_moment_a_task_is_cancelled_its_connection_stays_fit)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .size_max = 1, .no_prepare = true);
    check_works(pool);
    for (int i = 0; i < 80; i++) {
        cancel_after(pool, converse_endlessly, i * 0.00009);
        check_works(pool);
    }
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}
