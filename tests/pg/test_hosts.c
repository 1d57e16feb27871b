/* Several hosts in one URL: those that refuse, that say nothing, or that are not there. */
#include "pg/server.h"

#include <bide/net.h>
#include <bide/task.h>

/* waits: for the answer */
static void check_works(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select 1 as x");
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

SERVICE_TEST(of_several_hosts_one_that_answers_is_taken)
{
    char url[300];
    snprintf(url, sizeof url, "host=127.0.0.1,localhost,%s port=1,%d,%d user=tester "
             "dbname=postgres target_session_attrs=read-write", server.folder, server.port,
             server.port);
    bide_auto(db) db = bide_pg_open(url);
    check_works(db);
    snprintf(url, sizeof url, "postgresql:///postgres?host=%s&port=%d&user=tester", server.folder,
             server.port);
    bide_auto(db) local = bide_pg_open(url);
    check_works(local);
    snprintf(url, sizeof url, "postgresql://tester@no-such-host.invalid:1,localhost:%d/postgres",
             server.port);
    bide_auto(db) known = bide_pg_open(url);
    check_works(known);
}

/* The system takes connections for it, and nobody says anything. */
static int silent_port(bide_listener *listener)
{
    return atoi(strrchr(bide_listener_address(listener), ':') + 1);
}

SERVICE_TEST(a_silent_host_is_passed_over_in_its_share_of_the_time)
{
    bide_listener *silent = bide_listen("127.0.0.1:0");
    int port = silent_port(silent);
    char url[300];
    for (int i = 0; i < 2; i++) {
        double began = bide_now();
        snprintf(url, sizeof url, "postgresql://tester@127.0.0.1:%d,127.0.0.1:1,127.0.0.1:%d/"
                 "postgres%s", port, server.port, i ? "?connect_timeout=1" : "");
        bide_auto(db) db = bide_pg_open(url, .connect_timeout = i ? 60 : 4);
        check_works(db);
        CHECK(bide_now() - began > 0.9);
        CHECK(bide_now() - began < 30);
    }
    bide_listener_close(silent);
}

SERVICE_TEST(hosts_that_are_all_silent_are_given_up_in_time)
{
    bide_listener *silent = bide_listen("127.0.0.1:0");
    int port = silent_port(silent);
    char url[300];
    snprintf(url, sizeof url, "postgresql://tester@127.0.0.1:%d,127.0.0.1:%d/postgres", port, port);
    bide_auto(db) several = bide_pg_open(url, .connect_timeout = 1);
    CHECK_EQ(bide_db_execute(several, "select 1"), BIDE_ETIMEDOUT);
    snprintf(url, sizeof url, "postgresql://tester@127.0.0.1:%d/postgres?connect_timeout=1", port);
    bide_auto(db) one = bide_pg_open(url, .connect_timeout = 60);
    CHECK_EQ(bide_db_execute(one, "select 1"), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "timed out after 1 s");
    bide_listener_close(silent);
}
