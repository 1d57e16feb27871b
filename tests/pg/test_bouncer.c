/* pgbouncer in between, which hands out another connection of the server for each transaction: with
 * .no_prepare everything works. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Before the server is started. */
__attribute__((constructor(101))) static void look_for_bouncer(void)
{
    if (access("/usr/sbin/pgbouncer", X_OK) == 0)
        return;
    printf("1..0 # SKIP no pgbouncer on this machine\n");
    exit(0);
}

#include "pg/server.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>

static struct bouncer { int port; pid_t pid; char url[100]; } bouncer;
enum { SERVER_CONNECTIONS = 2 };

/* waits: until it answers */
static void bouncer_wait(void)
{
    for (int i = 0; i < 500; i++) {
        bide_auto(db) db = bide_pg_open(bouncer.url, .no_prepare = true);
        if (bide_db_execute(db, "select 1") >= 0)
            return;
        CHECK_EQ(bide_sleep(0.02), 0);
    }
    test_fail(__FILE__, __LINE__, "pgbouncer does not answer: %s", bide_errmsg());
}

/* It goes with the process that started it. */
static void bouncer_run(const char *file)
{
    const char *argv[10] = { "setpriv", "--pdeathsig", "KILL" };
    int count = 3;
    if (geteuid() == 0) {
        argv[count++] = "--reuid=postgres";
        argv[count++] = "--regid=postgres";
        argv[count++] = "--clear-groups";
    }
    argv[count++] = "/usr/sbin/pgbouncer";
    argv[count++] = "-q";
    argv[count] = file;
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* waits: until it answers */
static void bouncer_start(void)
{
    char path[100];
    bouncer.port = service_free_port();
    snprintf(bouncer.url, sizeof bouncer.url, "postgresql://tester@127.0.0.1:%d/postgres",
             bouncer.port);
    snprintf(path, sizeof path, "%s/bouncer.ini", server.folder);
    FILE *f = fopen(path, "w");
    CHECK(f != NULL);
    fprintf(f, "[databases]\npostgres = host=127.0.0.1 port=%d user=tester\n"
            "[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nauth_type = any\n"
            "pool_mode = transaction\ndefault_pool_size = %d\nlogfile = %s/bouncer.log\n"
            "unix_socket_dir =\n", server.port, bouncer.port, SERVER_CONNECTIONS, server.folder);
    fclose(f);
    bouncer.pid = fork();
    if (bouncer.pid == 0)
        bouncer_run(path);
    CHECK(bouncer.pid > 1);
    bouncer_wait();
}

static void bouncer_stop(int signal)
{
    CHECK_EQ(kill(bouncer.pid, signal), 0);
    CHECK_EQ(waitpid(bouncer.pid, NULL, 0), bouncer.pid);
}

/* Of the guard. */
static void bouncer_end(int *started)
{
    if (*started)
        bouncer_stop(SIGQUIT);
}
#define BOUNCER() \
    __attribute__((cleanup(bouncer_end), unused)) int bouncing = 1; \
    bouncer_start()

/* ---- tasks ----------------------------------------------------------------------------------- */

struct asking { bide_db *db; int i; };

/* Its statements are on one connection of the server, between begin and commit. */
static int change(void *arg)
{
    struct asking *a = arg;
    bide_auto(db) change = bide_db_begin(a->db);
    if (!change || bide_db_execute(change, "create temp table mine on commit drop as "
                                           "select $1::int4 as n", bide_value(a->i)) < 0)
        return bide_errcode();
    bide_auto(rows) row = bide_db_row(change, "select n from mine");
    CHECK(row != NULL);
    CHECK_EQ(bide_rows_int(row, "n"), a->i);
    return bide_db_commit(change);
}

static int ask(void *arg)
{
    struct asking *a = arg;
    for (int i = 0; i < 20; i++) {
        bide_auto(rows) row = bide_db_row(a->db, "select $1::int4 + 1 as n, $2::text as t",
                                          bide_value(a->i), bide_value("x"));
        if (!row)
            return bide_errcode();
        CHECK_EQ(bide_rows_int(row, "n"), a->i + 1);
    }
    return 0;
}

SERVICE_TEST(many_tasks_share_a_few_connections_of_the_server)
{
    BOUNCER();
    bide_auto(db) pool = bide_pg_open(bouncer.url, .no_prepare = true, .size_max = 10);
    bide_auto(db) shared = bide_db_acquire(pool);
    BIDE_GROUP(g);
    for (int i = 0; i < 30; i++)
        bide_spawn_with(g, i % 3 ? ask : change, struct asking, .db = i % 3 == 1 ? shared : pool,
                        .i = i);
    if (bide_group_wait(g) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(bide_db_stats(pool).connected > SERVER_CONNECTIONS);
    bide_auto(db) direct = bide_pg_open(server.url);
    bide_auto(rows) row = bide_db_row(direct, "select count(*) as n from pg_stat_activity where "
        "backend_type = 'client backend' and pid <> pg_backend_pid()");
    CHECK(bide_rows_int(row, "n") <= SERVER_CONNECTIONS);
    bide_auto(rows) kept = bide_db_row(shared, "select count(*) as n from pg_prepared_statements");
    CHECK_EQ(bide_rows_int(kept, "n"), 0);
}

SERVICE_TEST(rows_in_bulk_streams_and_many_values_go_through)
{
    enum { ROWS = 2000 };
    static struct bide_value values[ROWS];
    BOUNCER();
    bide_auto(db) pool = bide_pg_open(bouncer.url, .no_prepare = true);
    CHECK(bide_db_execute(pool, "drop table if exists through; create table through (n int)") >= 0);
    for (int i = 0; i < ROWS; i++)
        values[i] = bide_value(i);
    CHECK_EQ(bide_db_execute_many(pool, "insert into through values ($1)", values, 1, ROWS), ROWS);
    {
        bide_auto(bulk) bulk = bide_db_bulk(pool, "through", NULL);
        for (int i = 0; i < ROWS; i++)
            CHECK_EQ(bide_bulk_add(bulk, &values[i], 1), 0);
        CHECK_EQ(bide_bulk_finish(bulk), ROWS);
    }
    bide_auto(rows) rows = bide_db_stream(pool, "select n from through order by n");
    int rc, seen = 0;
    for (; (rc = bide_rows_next(rows)) > 0; seen++)
        CHECK_EQ(bide_rows_int(rows, "n"), seen / 2);
    CHECK_EQ(rc, 0);
    CHECK_EQ(seen, 2 * ROWS);
}

/* ---- what goes wrong ------------------------------------------------------------------------- */

static int sleep_long(void *arg)
{
    return (int)bide_db_execute(arg, "select pg_sleep(60)");
}

SERVICE_TEST(a_cancelled_statement_is_cancelled_behind_it_too)
{
    BOUNCER();
    bide_auto(db) pool = bide_pg_open(bouncer.url, .no_prepare = true, .size_max = 1);
    for (int i = 0; i < 3; i++) {
        BIDE_KEEP_GOING(g);
        bide_spawn(g, sleep_long, pool);
        CHECK_EQ(bide_sleep(0.05), 0);
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
        bide_auto(rows) row = bide_db_row(pool, "select 1 as x");
        if (!row)
            test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    }
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

static int be_lost(void *arg)
{
    int64_t rc = bide_db_execute(arg, "select pg_sleep(60)");
    bool early = rc == -ECONNREFUSED;   /* it was still logging in */
    if (!early && rc != -ECONNRESET && rc != BIDE_EDB)
        test_fail(__FILE__, __LINE__, "%d: %s", (int)rc, bide_errmsg());
    return 0;
}

SERVICE_TEST(a_pooler_that_is_killed_is_told_and_found_again)
{
    BOUNCER();
    bide_auto(db) pool = bide_pg_open(bouncer.url, .no_prepare = true);
    BIDE_GROUP(g);
    for (int i = 0; i < 4; i++)
        bide_spawn(g, be_lost, pool);
    CHECK_EQ(bide_sleep(0.1), 0);
    bouncer_stop(SIGKILL);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_db_execute(pool, "select 1"), -ECONNREFUSED);
    bouncer_start();
    bide_auto(db) again = bide_pg_open(bouncer.url, .no_prepare = true);
    CHECK(bide_db_execute(again, "select 1") >= 0);
}
