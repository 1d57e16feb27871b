/* TLS to PostgreSQL: a server with good and bad certificates, and what goes through it. */
#include "pg/server.h"

#include "tls/certificates.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>

/* Starts the server again with this certificate. */
static void serve(struct certificates *c, const char *name)
{
    char line[400];
    snprintf(line, sizeof line, "install -m 600 %s %s %s/server.pem",
             geteuid() ? "" : "-o postgres", certificate(c, name), server.folder);
    CHECK_EQ(system(line), 0);
    snprintf(server.more, sizeof server.more, "-c ssl=on -c ssl_cert_file=%s/server.pem "
             "-c ssl_key_file=%s/server.pem", server.folder, server.folder);
    server_stop("fast");
    server_start();
}

static bide_db *open_tls(const char *host, const char *mode, const char *root)
{
    char url[400];
    snprintf(url, sizeof url, "postgresql://tester@%s:%d/postgres?sslmode=%s&sslrootcert=%s", host,
             server.port, mode, root);
    bide_db *db = bide_pg_open(url, .size_max = 2);
    CHECK(db != NULL);
    return db;
}

/* waits: for the answer */
static void check_is_secure(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select ssl from pg_stat_ssl "
                                          "where pid = pg_backend_pid()");
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(bide_rows_bool(row, "ssl"));
}

/* waits: for the refusal */
static void check_refused(const char *host, const char *mode, const char *root, const char *says)
{
    bide_auto(db) db = open_tls(host, mode, root);
    CHECK_EQ(bide_db_execute(db, "select 1"), BIDE_ETLS);
    CHECK_HAS(bide_errmsg(), says);
}

SERVICE_TEST(a_certificate_is_verified_as_the_url_says)
{
    CERTIFICATES(c);
    serve(c, "good");
    const char *root = certificate(c, "root"), *unknown = certificate(c, "unknown-root");
    static const char *const hosts[] = { "localhost", "127.0.0.1" };
    for (int i = 0; i < 2; i++) {
        bide_auto(db) full = open_tls(hosts[i], "verify-full", root);
        check_is_secure(full);
        bide_auto(db) authority = open_tls(hosts[i], "verify-ca", root);
        check_is_secure(authority);
        bide_auto(db) any = open_tls(hosts[i], "require", "/nowhere");
        check_is_secure(any);
        check_refused(hosts[i], "verify-full", unknown, "certificate verify failed");
        check_refused(hosts[i], "verify-ca", unknown, "certificate verify failed");
        check_refused(hosts[i], "verify-full", "/nowhere", "does not exist");
    }
}

SERVICE_TEST(a_certificate_for_another_name_is_refused)
{
    CERTIFICATES(c);
    serve(c, "other");
    const char *root = certificate(c, "root");
    check_refused("localhost", "verify-full", root, "does not match host name \"localhost\"");
    bide_auto(db) authority = open_tls("localhost", "verify-ca", root);
    check_is_secure(authority);
    serve(c, "expired");
    check_refused("localhost", "verify-ca", root, "certificate verify failed");
}

SERVICE_TEST(a_server_without_tls_is_refused_where_it_is_wanted)
{
    server.more[0] = '\0';
    server_stop("fast");
    server_start();
    check_refused("127.0.0.1", "require", "/nowhere", "server does not support SSL");
}

/* ---- what goes through ----------------------------------------------------------------------- */

struct asking { bide_db *db; int i; };
static int ask(void *arg)
{
    struct asking *a = arg;
    bide_auto(rows) row = bide_db_row(a->db, "select $1::int4 as n, repeat('x', $2::int4) as t",
                                      bide_value(a->i), bide_value(a->i * 400));
    CHECK(row != NULL);
    CHECK_EQ(bide_rows_int(row, "n"), a->i);
    CHECK_EQ(strlen(bide_rows_text(row, "t")), (size_t)a->i * 400);
    return 0;
}

/* waits: for the rows */
static void go_and_come(bide_db *db)
{
    enum { ROWS = 3000 };
    static char text[2001];
    memset(text, 'y', sizeof text - 1);
    CHECK(bide_db_execute(db, "drop table if exists secret; create table secret (t text)") >= 0);
    {
        bide_auto(bulk) bulk = bide_db_bulk(db, "secret", NULL);
        for (int i = 0; i < ROWS; i++)
            CHECK_EQ(bide_bulk_add(bulk, (const struct bide_value[]){ bide_value(text) }, 1), 0);
        CHECK_EQ(bide_bulk_finish(bulk), ROWS);
    }
    bide_auto(rows) rows = bide_db_stream(db, "select t from secret");
    int rc, seen = 0;
    for (; (rc = bide_rows_next(rows)) > 0; seen++)
        CHECK_STR(bide_rows_text(rows, "t"), text);
    CHECK_EQ(rc, 0);
    CHECK_EQ(seen, ROWS);
}

static int sleep_long(void *arg)
{
    return (int)bide_db_execute(arg, "select pg_sleep(60)");
}

SERVICE_TEST(pipelines_rows_and_cancelling_work_over_tls)
{
    CERTIFICATES(c);
    serve(c, "good");
    bide_auto(db) pool = open_tls("localhost", "verify-full", certificate(c, "root"));
    bide_auto(db) db = bide_db_acquire(pool);
    {
        BIDE_GROUP(g);
        for (int i = 0; i < 100; i++)
            bide_spawn_with(g, ask, struct asking, .db = db, .i = i);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    go_and_come(db);
    {
        BIDE_KEEP_GOING(g);
        bide_spawn(g, sleep_long, db);
        CHECK_EQ(bide_sleep(0.05), 0);
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    check_is_secure(db);
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}
