/* TLS to MariaDB: a server with good and bad certificates, and what goes through it. */
#include "mysql/server.h"

#include "tls/certificates.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>
#include <openssl/err.h>

/* Starts the server again with this certificate. */
static void serve(struct certificates *c, const char *name)
{
    static char options[200];
    char line[400];
    snprintf(line, sizeof line, "install -m 600 %s %s %s/server.pem",
             geteuid() ? "" : "-o mysql", certificate(c, name), server.folder);
    CHECK_EQ(system(line), 0);
    snprintf(options, sizeof options, "--ssl-cert=%s/server.pem --ssl-key=%s/server.pem",
             server.folder, server.folder);
    server.options = options;
    server_stop(SIGKILL);
    server_start();
}

static bide_db *open_tls(const char *host, const char *parameters)
{
    char url[400];
    snprintf(url, sizeof url, "mysql://root@%s:%d/bide?%s", host, server.port, parameters);
    bide_db *db = bide_mysql_open(url, .size_max = 2);
    if (!db)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    return db;
}

static char *trusting(struct certificates *c, const char *root, char text[200])
{
    snprintf(text, 200, "tls=verify&tls-ca=%s", certificate(c, root));
    return text;
}

/* waits: for the answer */
static void check_is_secure(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "show status like 'Ssl_cipher'");
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(*bide_rows_text(row, "Value"));
}

/* waits: for the refusal */
static void check_refused(const char *host, const char *parameters, const char *says)
{
    bide_auto(db) db = open_tls(host, parameters);
    CHECK_EQ(bide_db_execute(db, "select 1"), BIDE_ETLS);
    CHECK_HAS(bide_errmsg(), says);
}

SERVICE_TEST(a_certificate_is_verified_unless_the_url_says_otherwise)
{
    CERTIFICATES(c);
    serve(c, "direct");
    char text[200];
    static const char *const hosts[] = { "localhost", "127.0.0.1" };
    for (int i = 0; i < 2; i++) {
        bide_auto(db) full = open_tls(hosts[i], trusting(c, "root", text));
        check_is_secure(full);
        bide_auto(db) any = open_tls(hosts[i], "tls=unverified");
        check_is_secure(any);
        check_refused(hosts[i], trusting(c, "unknown-root", text), "certificate");
        check_refused(hosts[i], "tls=verify", "certificate");
    }
    bide_auto(db) clear = bide_mysql_open(server.url);
    bide_auto(rows) row = bide_db_row(clear, "show status like 'Ssl_cipher'");
    CHECK_STR(bide_rows_text(row, "Value"), "");
}

SERVICE_TEST(a_certificate_for_another_name_or_another_time_is_refused)
{
    CERTIFICATES(c);
    char text[200];
    serve(c, "other");
    check_refused("localhost", trusting(c, "root", text), "certificate");
    serve(c, "expired");
    check_refused("localhost", trusting(c, "root", text), "expired");
}

SERVICE_TEST(a_server_without_tls_is_refused_where_it_is_wanted)
{
    server.options = "--skip-ssl";
    server_stop(SIGKILL);
    server_start();
    check_refused("localhost", "tls=verify", "TLS");
    check_refused("localhost", "tls=unverified", "does not speak TLS");
}

static int sleep_long(void *db)
{
    return (int)bide_db_execute(db, "select sleep(60)");
}

SERVICE_TEST(through_tls_goes_what_goes_without)
{
    CERTIFICATES(c);
    serve(c, "direct");
    char text[200];
    bide_auto(db) pool = open_tls("localhost", trusting(c, "root", text));
    size_t size = 3000000;
    char *long_text = malloc(size + 1);
    memset(long_text, 'x', size);
    long_text[size] = '\0';
    bide_auto(rows) row = bide_db_row(pool, "select ? as t, length(?) as n", bide_value(long_text),
                                      bide_value(long_text));
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_STR(bide_rows_text(row, "t"), long_text);
    CHECK_EQ(bide_rows_int(row, "n"), (int64_t)size);
    free(long_text);
    bide_auto(rows) rows = bide_db_stream(pool, "select seq as n from seq_1_to_50000");
    int64_t sum = 0;
    while (bide_rows_next(rows) > 0)
        sum += bide_rows_int(rows, "n");
    CHECK_EQ(sum, INT64_C(50000) * 50001 / 2);
    for (int i = 0; i < 3; i++) {
        BIDE_TIMEOUT(limit, 0.05);
        CHECK_EQ(bide_scope_result(limit, sleep_long(pool)), BIDE_ETIMEDOUT);
    }
    check_is_secure(pool);
    CHECK(bide_db_stats(pool).connected <= 2);
}

SERVICE_TEST(what_others_have_left_in_the_queue_of_errors_is_not_taken_for_the_end)
{
    CERTIFICATES(c);
    serve(c, "direct");
    char text[200];
    bide_auto(db) pool = open_tls("localhost", trusting(c, "root", text));
    bide_auto(db) db = bide_db_acquire(pool);
    for (int i = 0; i < 5; i++) {
        ERR_raise(ERR_LIB_USER, 1);
        check_is_secure(db);
    }
}

/* A process whose SIGPIPE is as it was would be ended by a write to a peer that is gone. */
SERVICE_TEST(a_server_that_is_gone_raises_no_signal)
{
    CERTIFICATES(c);
    serve(c, "direct");
    char text[200];
    struct sigaction before;
    CHECK_EQ(sigaction(SIGPIPE, NULL, &before), 0);
    CHECK(before.sa_handler == SIG_DFL);
    bide_auto(db) pool = open_tls("localhost", trusting(c, "root", text));
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK_EQ(bide_db_execute(db, "do 1"), 0);
    server_stop(SIGKILL);
    for (int i = 0; i < 3; i++)
        CHECK(bide_db_execute(db, "do 1") < 0);
}

SERVICE_TEST(who_is_cancelled_in_a_handshake_leaves_nothing)
{
    CERTIFICATES(c);
    serve(c, "direct");
    char text[200];
    for (int i = 0; i < 5; i++) {
        bide_auto(db) db = open_tls("localhost", trusting(c, "root", text));
        BIDE_KEEP_GOING(g);
        bide_spawn(g, sleep_long, db);
        CHECK_EQ(bide_sleep(i * 0.002), 0);
        bide_group_cancel(g);
        bide_ignore(bide_group_wait(g));
        check_is_secure(db);
    }
}
