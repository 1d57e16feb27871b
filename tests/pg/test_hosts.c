/* Several hosts in one URL: those that refuse, that say nothing, or that are not there. */
#include "pg/server.h"

#include <bide/net.h>
#include <bide/task.h>
#include <sys/stat.h>

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

/* ---- what the URL does not say --------------------------------------------------------------- */

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
    CHECK_EQ(chmod(path, 0600), 0);     /* libpq takes no other for passwords */
}

/* waits: for the answer */
static void check_user(const char *url, const char *user, const char *program)
{
    bide_auto(db) db = bide_pg_open(url);
    bide_auto(rows) row = bide_db_row(db, "select current_user || ' of ' || "
                                      "current_setting('application_name') as who");
    char who[100];
    snprintf(who, sizeof who, "%s of %s", user, program);
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_STR(bide_rows_text(row, "who"), who);
}

static void set_variables(const char *const (*variables)[2])
{
    for (; (*variables)[0]; variables++)
        CHECK_EQ((*variables)[1] ? setenv((*variables)[0], (*variables)[1], 1)
                                 : unsetenv((*variables)[0]), 0);
}

SERVICE_TEST(what_the_url_does_not_say_the_environment_and_its_files_do)
{
    bide_auto(db) db = bide_pg_open(server.url);
    CHECK(bide_db_execute(db, "create role asked; create user guest password 'right' "
                              "in role asked") >= 0);
    char passwords[100], services[100], port[16], text[300];
    snprintf(passwords, sizeof passwords, "%s/passwords", server.folder);
    snprintf(services, sizeof services, "%s/services", server.folder);
    snprintf(port, sizeof port, "%d", server.port);
    set_variables((const char *const[][2]){
        { "PGHOST", "127.0.0.1" }, { "PGPORT", port }, { "PGDATABASE", "postgres" },
        { "PGUSER", "guest" }, { "PGPASSWORD", "wrong" }, { "PGAPPNAME", "clerk" }, { NULL } });
    bide_auto(db) refused = bide_pg_open("postgresql://");
    CHECK(bide_db_execute(refused, "select 1") < 0);
    CHECK_HAS(bide_errmsg(), "password authentication failed for user \"guest\"");
    check_user("postgresql://tester@/", "tester", "clerk");
    snprintf(text, sizeof text, "127.0.0.1:%s:*:guest:right\n", port);
    write_file(passwords, text);
    set_variables((const char *const[][2]){
        { "PGPASSWORD", NULL }, { "PGPASSFILE", passwords }, { NULL } });
    check_user("postgresql://", "guest", "clerk");
    snprintf(text, sizeof text, "[shop]\nhost=127.0.0.1\nport=%s\ndbname=postgres\nuser=tester\n",
             port);
    write_file(services, text);
    set_variables((const char *const[][2]){
        { "PGHOST", NULL }, { "PGPORT", NULL }, { "PGDATABASE", NULL }, { "PGUSER", NULL },
        { "PGAPPNAME", NULL }, { "PGSERVICEFILE", services }, { NULL } });
    check_user("service=shop application_name=desk", "tester", "desk");
    bide_auto(db) unknown = bide_pg_open("service=garden");
    CHECK(unknown == NULL);
    CHECK_HAS(bide_errmsg(), "garden");
    set_variables((const char *const[][2]){
        { "PGPASSFILE", NULL }, { "PGSERVICEFILE", NULL }, { NULL } });
    CHECK(bide_db_execute(db, "drop user guest; drop role asked") >= 0);
}

/* waits: for the answer */
static void check_setting(bide_db *db, const char *name, const char *value)
{
    bide_auto(rows) row = bide_db_row(db, "select current_setting($1) as value", bide_value(name));
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_STR(bide_rows_text(row, "value"), value);
}

SERVICE_TEST(settings_come_before_what_else_says_the_same)
{
    static const struct bide_pair settings[] = {
        { "application_name", "ours" }, { "search_path", "ours" }, { "bide.text", "a\tb \\c\n" },
        { NULL, NULL },
    };
    char url[300];
    set_variables((const char *const[][2]){
        { "PGOPTIONS", "-c search_path=theirs -c lock_timeout=7s" }, { "PGAPPNAME", "theirs" },
        { NULL } });
    bide_auto(db) named = bide_pg_open(server.url, .settings = settings);
    check_setting(named, "search_path", "ours");
    check_setting(named, "bide.text", "a\tb \\c\n");
    check_setting(named, "lock_timeout", "7s");
    check_setting(named, "application_name", "ours");
    bide_auto(db) plain = bide_pg_open(server.url);
    check_setting(plain, "search_path", "theirs");
    snprintf(url, sizeof url, "%s?application_name=url&options=-c%%20lock_timeout%%3D8s",
             server.url);
    bide_auto(db) both = bide_pg_open(url, .settings = settings);
    check_setting(both, "search_path", "ours");
    check_setting(both, "lock_timeout", "8s");
    check_setting(both, "application_name", "ours");
    set_variables((const char *const[][2]){
        { "PGOPTIONS", NULL }, { "PGAPPNAME", NULL }, { NULL } });
}
