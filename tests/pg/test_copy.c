/* COPY, rows in bulk, and notifications. */
#include "pg/server.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>

static bide_db *table(const char *name)
{
    bide_db *db = bide_pg_open(server.url);
    char sql[200];
    snprintf(sql, sizeof sql, "create table %s (id int, name text, x float8, b bytea, a text[])",
             name);
    CHECK(bide_db_execute(db, sql) >= 0);
    return db;
}

SERVICE_TEST(rows_in_bulk_are_all_or_none)
{
    bide_auto(db) db = table("b1");
    static const char *const columns[] = { "id", "name", "x", "b", "a", NULL };
    const struct bide_value items[] = { bide_value("a\tb"), BIDE_NULL, bide_value("\\N") };
    int count = test_is_slow() ? 2000 : 50000;
    {
        bide_auto(bulk) bulk = bide_db_bulk(db, "b1", columns);
        CHECK(bulk != NULL);
        for (int i = 0; i < count; i++) {
            const struct bide_value row[] = { bide_value(i), bide_value("tab\tline\nback\\ \\."),
                bide_value(i / 2.0), bide_value_bytes("\0\\x", 3), bide_value_array(items, 3) };
            CHECK_EQ(bide_bulk_add(bulk, row, 5), 0);
        }
        CHECK_EQ(bide_bulk_finish(bulk), count);
    }
    {
        bide_auto(bulk) bulk = bide_db_bulk(db, "b1", (const char *const[]){ "id", NULL });
        for (int i = 0; i < 20000; i++)
            CHECK_EQ(bide_bulk_add(bulk, &(struct bide_value){ .type = BIDE_VALUE_INT }, 1), 0);
    }
    bide_auto(rows) row = bide_db_row(db, "select * from b1 where id = 7");
    size_t size;
    CHECK_STR(bide_rows_text(row, "name"), "tab\tline\nback\\ \\.");
    CHECK(bide_rows_real(row, "x") == 3.5);
    CHECK(memcmp(bide_rows_bytes(row, "b", &size), "\0\\x", 3) == 0);
    CHECK_STR(bide_rows_value(row, "a").as.array[2].as.s, "\\N");
    bide_auto(rows) n = bide_db_row(db, "select count(*) as n from b1");
    CHECK_EQ(bide_rows_int(n, "n"), count);
    CHECK_EQ(bide_db_execute(db, "drop table b1"), 0);
}

SERVICE_TEST(a_bad_row_in_bulk_is_told)
{
    bide_auto(db) db = table("b2");
    CHECK(bide_db_bulk(db, "no such table", NULL) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    {
        bide_auto(bulk) bulk = bide_db_bulk(db, "b2", (const char *const[]){ "id", NULL });
        int rc = 0;
        for (int i = 0; rc == 0 && i < 200000; i++)
            rc = bide_bulk_add(bulk, &(struct bide_value){ .type = BIDE_VALUE_TEXT, .size = 1,
                                                           .as.s = "x" }, 1);
        CHECK_EQ(rc, 0);
        CHECK_EQ(bide_bulk_finish(bulk), BIDE_EDB);
        CHECK_HAS(bide_db_failure(db)->context, "COPY b2, line ");
        CHECK_HAS(bide_errmsg(), "invalid input syntax for type integer");
    }
    CHECK_EQ(bide_db_execute(db, "drop table b2"), 0);
}

SERVICE_TEST(what_is_copied_in_can_be_copied_out)
{
    bide_auto(db) pool = table("b3");
    bide_auto(db) db = bide_db_acquire(pool);
    {
        bide_auto(pg_copy) copy = bide_pg_copy_in(db, "copy b3 (id, name) from stdin csv");
        CHECK(copy != NULL);
        CHECK_EQ(bide_pg_copy_write(copy, "1,one\n2,\"tw", 11), 0);
        CHECK_EQ(bide_pg_copy_write(copy, "o\"\n", 3), 0);
        CHECK_EQ(bide_pg_copy_finish(copy), 2);
    }
    {
        bide_auto(pg_copy) copy = bide_pg_copy_out(db, "copy b3 (id, name) to stdout csv");
        const void *bytes;
        CHECK_EQ(bide_pg_copy_read(copy, &bytes), 6);
        CHECK(memcmp(bytes, "1,one\n", 6) == 0);
        CHECK_EQ(bide_pg_copy_read(copy, &bytes), 6);
        CHECK_EQ(bide_pg_copy_read(copy, &bytes), 0);
    }
    {
        bide_auto(pg_copy) copy = bide_pg_copy_out(db, "copy (select generate_series(1, "
                                                       "100000000)) to stdout");
        const void *bytes;
        CHECK_EQ(bide_pg_copy_read(copy, &bytes), 2);
    }
    CHECK(bide_pg_copy_in(db, "select 1") == NULL);
    CHECK_HAS(bide_errmsg(), "no COPY from stdin");
    CHECK_EQ(bide_db_execute(db, "drop table b3"), 0);
}

SERVICE_TEST(a_copy_by_the_wrong_call_is_refused)
{
    bide_auto(db) db = table("b4");
    CHECK(bide_db_query(db, "copy b4 to stdout") == NULL);
    CHECK_HAS(bide_errmsg(), "bide_pg_copy_");
    CHECK_EQ(bide_db_execute(db, "drop table b4"), 0);
}

static int hear(void *arg)
{
    struct bide_pg_notification n;
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_pg_notification(arg, &n), 0);
        CHECK_STR(n.channel, "some \"news");
        CHECK_EQ(n.payload[0], '0' + i);
        CHECK(n.pid > 0);
    }
    return 0;
}

SERVICE_TEST(notifications_are_heard_while_the_connection_is_used)
{
    bide_auto(db) pool = bide_pg_open(server.url);
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK_EQ(bide_pg_listen(pool, "x"), BIDE_EINVAL);
    CHECK_EQ(bide_pg_listen(db, "some \"news"), 0);
    BIDE_GROUP(g);
    bide_spawn(g, hear, db);
    for (int i = 0; i < 3; i++) {
        CHECK(bide_db_execute(i == 1 ? db : pool, "select pg_notify('some \"news', $1)",
                              bide_value(i)) >= 0);
        CHECK_EQ(bide_sleep(0.02), 0);
    }
    CHECK_EQ(bide_group_wait(g), 0);
}
