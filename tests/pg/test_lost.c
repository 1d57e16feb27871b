/* A server that is killed, a backend or all of it, while statements, pipelines and COPYs are on
 * their way: each task is told, nothing is done twice, and the pool finds the server again. */
#include "pg/server.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>

/* ---- killing --------------------------------------------------------------------------------- */

/* Until it takes statements again.  waits: for that */
static void wait_for_server(void)
{
    for (int i = 0; i < 2000; i++) {
        bide_auto(db) db = bide_pg_open(server.url);
        if (bide_db_execute(db, "select 1") >= 0)
            return;
        CHECK_EQ(bide_sleep(0.01), 0);
    }
    test_fail(__FILE__, __LINE__, "the server did not come back: %s", bide_errmsg());
}

/* One backend, by SIGKILL: the server ends all others and recovers. */
static void kill_backend(pid_t backend)
{
    CHECK_EQ(kill(backend, SIGKILL), 0);
}

/* All of it.  Statements go on for a moment where nobody tells them. */
static void kill_postmaster(pid_t backend)
{
    (void)backend;
    pid_t pid = server_pid();
    CHECK(pid > 1);
    CHECK_EQ(kill(pid, SIGKILL), 0);
    server_stop("immediate");
}

/* Without a signal: the server says why. */
static void terminate(pid_t backend)
{
    CHECK_EQ(kill(backend, SIGTERM), 0);
}

static pid_t backend_of(bide_db *connection)
{
    pid_t pid = bide_pg_pid(connection);
    CHECK(pid > 1);
    return pid;
}

struct way { const char *name; void (*kill)(pid_t backend); bool restart; };
static const struct way ways[] = {
    { "terminated", terminate, false },
    { "a backend killed", kill_backend, false },
    { "the postmaster killed", kill_postmaster, true },
};
enum { WAYS = sizeof ways / sizeof *ways };

/* waits: for the server to be there again */
static void strike(const struct way *way, pid_t backend)
{
    way->kill(backend);
    for (int i = 0; way->restart && i < 100; i++) {
        server_start();         /* refuses while a process of the old one lives */
        bide_auto(db) db = bide_pg_open(server.url);
        if (bide_db_execute(db, "select 1") >= 0)
            break;
        CHECK_EQ(bide_sleep(0.05), 0);
    }
}

/* Lost, or the server's last word; with a sentence. */
static void check_lost(int64_t rc, const char *name)
{
    bool last_word = rc == BIDE_EDB && strstr(bide_errmsg(), "57P0");
    if ((rc != -ECONNRESET && !last_word) || !*bide_errmsg())
        test_fail(__FILE__, __LINE__, "%s: %d, \"%s\"", name, (int)rc, bide_errmsg());
}

static void check_works(bide_db *pool)
{
    bide_auto(rows) row = bide_db_row(pool, "select 1 as x");
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

/* ---- statements ------------------------------------------------------------------------------ */

static int sleep_there(void *arg)
{
    check_lost(bide_db_execute(arg, "select pg_sleep(60)"), "a statement");
    return 0;
}

SERVICE_TEST(a_statement_is_told_that_its_server_is_gone)
{
    for (int i = 0; i < WAYS; i++) {
        bide_auto(db) pool = bide_pg_open(server.url);
        bide_auto(db) db = bide_db_acquire(pool);
        BIDE_GROUP(g);
        bide_spawn(g, sleep_there, db);
        CHECK_EQ(bide_sleep(0.05), 0);
        strike(&ways[i], backend_of(db));
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(bide_db_execute(db, "select 1"), -ECONNRESET);
        wait_for_server();
        check_works(pool);
    }
}

/* What each of the tasks was told of its one row. */
struct many { bide_db *db; int64_t told[100]; int of; };
struct one { struct many *many; int i; };

static int insert(void *arg)
{
    struct one *o = arg;
    int64_t rc = bide_db_execute(o->many->db, "insert into l1 select $1 from pg_sleep(0.02)",
                                 bide_value(o->i));
    o->many->told[o->i] = rc;
    if (rc < 0)
        check_lost(rc, "one of a pipeline");
    return 0;
}

/* Done where that was said, and never twice. */
static void check_told(bide_db *pool, const struct many *many)
{
    int done = 0;
    for (int i = 0; i < many->of; i++) {
        bide_auto(rows) row = bide_db_row(pool, "select count(*) as n from l1 where x = $1",
                                          bide_value(i));
        CHECK(row != NULL);
        int64_t n = bide_rows_int(row, "n");
        done += many->told[i] == 1;
        if (n > 1 || (many->told[i] == 1 && n == 0))
            test_fail(__FILE__, __LINE__, "row %d, of which %d was said, is there %d times", i,
                      (int)many->told[i], (int)n);
    }
    CHECK(done > 0 && done < many->of);
}

SERVICE_TEST(a_pipeline_of_a_hundred_tasks_is_told_and_nothing_is_done_twice)
{
    for (int i = 0; i < WAYS; i++) {
        bide_auto(db) pool = bide_pg_open(server.url);
        CHECK(bide_db_execute(pool, "create table l1 (x int)") >= 0);
        struct many many = { .db = bide_db_acquire(pool), .of = 100 };
        BIDE_GROUP(g);
        for (int n = 0; n < many.of; n++)
            bide_spawn_with(g, insert, struct one, .many = &many, .i = n);
        while (many.told[2] != 1)
            CHECK_EQ(bide_sleep(0.001), 0);
        strike(&ways[i], backend_of(many.db));
        CHECK_EQ(bide_group_wait(g), 0);
        bide_db_close(many.db);
        wait_for_server();
        check_told(pool, &many);
        CHECK_EQ(bide_db_execute(pool, "drop table l1"), 0);
    }
}

/* ---- COPY ------------------------------------------------------------------------------------ */

SERVICE_TEST(rows_in_bulk_are_none_when_the_server_goes)
{
    for (int i = 0; i < WAYS; i++) {
        bide_auto(db) pool = bide_pg_open(server.url);
        CHECK(bide_db_execute(pool, "create table l2 (x int)") >= 0);
        {
            bide_auto(db) db = bide_db_acquire(pool);
            pid_t backend = backend_of(db);
            bide_auto(bulk) bulk = bide_db_bulk(db, "l2", (const char *const[]){ "x", NULL });
            int64_t rc = 0;
            for (int n = 0; rc == 0 && n < 10000000; n++) {
                if (n == 50000)
                    strike(&ways[i], backend);
                rc = bide_bulk_add(bulk, (const struct bide_value[]){ bide_value(n) }, 1);
            }
            check_lost(rc, "a bulk");
            CHECK(bide_bulk_finish(bulk) < 0);
        }
        wait_for_server();
        bide_auto(rows) row = bide_db_row(pool, "select count(*) as n from l2");
        CHECK_EQ(bide_rows_int(row, "n"), 0);
        CHECK_EQ(bide_db_execute(pool, "drop table l2"), 0);
    }
}

SERVICE_TEST(the_end_of_a_bulk_tells_that_the_server_is_gone)
{
    bide_auto(db) pool = bide_pg_open(server.url);
    CHECK(bide_db_execute(pool, "create table l3 (x int)") >= 0);
    {
        bide_auto(db) db = bide_db_acquire(pool);
        pid_t backend = backend_of(db);
        bide_auto(bulk) bulk = bide_db_bulk(db, "l3", (const char *const[]){ "x", NULL });
        CHECK_EQ(bide_bulk_add(bulk, (const struct bide_value[]){ bide_value(1) }, 1), 0);
        kill_backend(backend);
        check_lost(bide_bulk_finish(bulk), "the end of a bulk");
    }
    wait_for_server();
    bide_auto(rows) row = bide_db_row(pool, "select count(*) as n from l3");
    CHECK_EQ(bide_rows_int(row, "n"), 0);
    CHECK_EQ(bide_db_execute(pool, "drop table l3"), 0);
}

SERVICE_TEST(rows_that_come_are_no_whole_when_the_server_goes)
{
    for (int i = 0; i < 2 * WAYS; i++) {
        bide_auto(db) pool = bide_pg_open(server.url);
        bide_auto(db) db = bide_db_acquire(pool);
        bide_auto(pg_copy) copy = NULL;
        bide_auto(rows) rows = NULL;
        pid_t backend = backend_of(db);
        const void *bytes;
        int64_t rc = 1;
        if (i % 2)
            rows = bide_db_stream(db, "select generate_series(1, 100000000) as n");
        else
            copy = bide_pg_copy_out(db, "copy (select generate_series(1, 100000000)) to stdout");
        for (int n = 0; rc > 0; n++) {
            if (n == 50000)
                strike(&ways[i / 2], backend);
            rc = copy ? bide_pg_copy_read(copy, &bytes) : bide_rows_next(rows);
        }
        check_lost(rc, i % 2 ? "a stream" : "a copy");
        wait_for_server();
    }
}

/* ---- idle connections ------------------------------------------------------------------------ */

SERVICE_TEST(a_connection_that_was_ended_while_idle_is_not_handed_out)
{
    for (int i = 0; i < WAYS; i++) {
        bide_auto(db) pool = bide_pg_open(server.url);
        {
            bide_auto(db) a = bide_db_acquire(pool);
            bide_auto(db) b = bide_db_acquire(pool);
            check_works(a);
            check_works(b);
        }
        while (bide_db_stats(pool).idle < 2)
            CHECK_EQ(bide_sleep(0.001), 0);
        {
            bide_auto(db) other = bide_pg_open(server.url);
            bide_auto(db) one = bide_db_acquire(other);
            if (i == 0)
                CHECK(bide_db_execute(one, "select pg_terminate_backend(pid, 5000) "
                    "from pg_stat_activity where state = 'idle'") >= 0);
            else
                strike(&ways[i], backend_of(one));
        }
        wait_for_server();
        check_works(pool);
        CHECK_EQ(bide_db_stats(pool).open, 1);
    }
}

/* libpq closes the socket of a lost connection, and the next one may get its number. */
SERVICE_TEST(a_lost_connection_that_is_still_held_is_in_nobodys_way)
{
    bide_auto(db) pool = bide_pg_open(server.url);
    bide_auto(db) other = bide_pg_open(server.url);
    bide_auto(db) lost = bide_db_acquire(pool);
    terminate(backend_of(lost));
    check_lost(bide_db_execute(lost, "select pg_sleep(60)"), "a statement");
    bide_auto(db) next = bide_db_acquire(other);
    CHECK(next != NULL);
    check_works(next);
    BIDE_GROUP(g);
    bide_db_close(bide_steal(lost));
    check_works(next);
    CHECK_EQ(bide_group_wait(g), 0);
}
