/* PostgreSQL: rows of a stream.  What breaks off is in test_cut.c. */
#include "pg/server.h"

#include <bide/scope.h>

#include <string.h>

static int notices;
static size_t notice_size;

static void count_notice(void *arg, const char *severity, const char *sentence)
{
    (void)arg;
    CHECK_STR(severity, "NOTICE");
    notices++;
    notice_size = strlen(sentence);
}

static bide_db *open_with(size_t stream_rows)
{
    bide_db *db = bide_pg_open(server.url, .size_max = 1, .notice = count_notice,
                               .stream_rows = stream_rows);
    CHECK(db != NULL);
    notices = 0;
    return db;
}

static bide_db *open_db(void) { return open_with(0); }

static void check_works(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select 41 + 1 as n");
    CHECK_EQ(bide_rows_int(row, "n"), 42);
    CHECK_EQ(bide_db_stats(db).connected, 1);
}

static void check_same_text(bide_rows *a, bide_rows *b, size_t column)
{
    const char *name = bide_rows_name(a, column);
    CHECK_STR(bide_rows_name(b, column), name);
    CHECK_STR(bide_rows_type(b, column), bide_rows_type(a, column));
    CHECK_EQ(bide_rows_is_null(b, name), bide_rows_is_null(a, name));
    struct bide_value v = bide_rows_at(a, column);
    if (v.type != BIDE_VALUE_ARRAY && v.type != BIDE_VALUE_BYTES && v.type != BIDE_VALUE_NULL)
        CHECK_STR(bide_rows_text(b, name), bide_rows_text(a, name));
    CHECK_EQ(bide_rows_at(b, column).type, v.type);
    CHECK_EQ(bide_rows_at(b, column).size, v.size);
}

/* The whole result and the stream are the same. */
static void check_same(bide_db *db, const char *sql)
{
    bide_auto(rows) whole = bide_db_query(db, sql);
    bide_auto(rows) streamed = bide_db_stream(db, sql);
    CHECK(whole != NULL);
    CHECK(streamed != NULL);
    CHECK_EQ(bide_rows_width(streamed), bide_rows_width(whole));
    while (bide_rows_next(whole) > 0) {
        CHECK_EQ(bide_rows_next(streamed), 1);
        for (size_t i = 0; i < bide_rows_width(whole); i++)
            check_same_text(whole, streamed, i);
    }
    CHECK_EQ(bide_rows_next(streamed), 0);
    CHECK_EQ(bide_rows_next(streamed), 0);
    CHECK_EQ(bide_rows_end(streamed), 0);
    CHECK_EQ(bide_rows_count(streamed), bide_rows_count(whole));
}

SERVICE_TEST(a_stream_has_the_rows_of_the_whole_result)
{
    static const char *const statements[] = {
        ("select i, 'text ' || i as t, null::text as nothing, i::float8 / 3 as f, i % 2 = 0 as b, "
        "i::numeric / 7 as n, '2024-02-29'::date + i as d, "
        "'2024-02-29 12:34:56.7'::timestamptz + i * interval '1 day' as ts "
        "from generate_series(1, 3000) i"),
        "select '' as empty, null::int as nothing, '' as again",
        "select null::int as n from generate_series(1, 100)",
        ("select array[i, null, 3] as a, decode(repeat('00ff', i), 'hex') as bytes, "
        "'{\"a\": 1}'::jsonb as j from generate_series(1, 200) i"),
        "select i, interval '1 day' as as_text, 1.5::float4 as f from generate_series(1, 9) i",
        "select 1 as n where false",
        "select from generate_series(1, 3)",
        "show server_version",
        "with x as (select 1 as n) select n from x union all select 2",
    };
    static const size_t portions[] = { 0, 1, 3, 100, 3000, SIZE_MAX };
    for (size_t p = 0; p < sizeof portions / sizeof *portions; p++) {
        bide_auto(db) db = open_with(portions[p]);
        bide_auto(db) lent = bide_db_acquire(db);
        for (int again = 0; again < 2; again++)     /* prepared, too */
            for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
                check_same(lent, statements[i]);
        bide_db_close(bide_steal(lent));
        check_works(db);
    }
}

SERVICE_TEST(what_is_not_prepared_is_streamed_too)
{
    bide_auto(db) db = bide_pg_open(server.url, .no_prepare = true);
    bide_auto(rows) rows = bide_db_stream(db, "select n, 2 * n as twice from "
                                          "generate_series(1, 2005) n");
    for (int n = 1; n <= 2005; n++) {
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK_EQ(bide_rows_int(rows, "n"), n);
        CHECK_EQ(bide_rows_int(rows, "twice"), 2 * n);
        CHECK_EQ(bide_rows_count(rows), n);
    }
    CHECK_EQ(bide_rows_next(rows), 0);
}

SERVICE_TEST(a_wide_stream_has_all_its_columns)
{
    static char sql[40000] = "select 0 as c0";
    bide_auto(db) db = open_db();
    for (int i = 1; i < 900; i++)
        sprintf(sql + strlen(sql), ", %d as c%d", i, i);
    for (int width = 0; width < 2; width++, sql[500] = '\0', *strrchr(sql, ',') = '\0')
        check_same(db, sql);
}

SERVICE_TEST(rows_of_any_length_are_streamed)
{
    static const int lengths[] = { 0, 1, 65000, 65517, 65518, 65519, 65520, 65521, 65522, 65523,
                                   65524, 65525, 65526, 65527, 65528, 65529, 65530, 65531, 65532,
                                   65536, 131072, 3000000, 40000000, 5 };
    bide_auto(db) db = open_db();
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        bide_auto(rows) rows = bide_db_stream(db, "select repeat('x', $1::int4) as t, n "
                                              "from generate_series(1, 3) n",
                                              bide_value(lengths[i]));
        for (int n = 1; n <= 3; n++) {
            size_t size;
            CHECK_EQ(bide_rows_next(rows), 1);
            const char *text = bide_rows_bytes(rows, "t", &size);
            CHECK_EQ(size, (size_t)lengths[i]);
            CHECK_EQ(strlen(text), size);
            CHECK_EQ(strspn(text, "x"), size);
            CHECK_EQ(bide_rows_int(rows, "n"), n);
        }
        CHECK_EQ(bide_rows_next(rows), 0);
    }
    check_works(db);
}

SERVICE_TEST(notices_between_streamed_rows_are_told)
{
    bide_auto(db) db = open_db();
    bide_auto(db) lent = bide_db_acquire(db);
    CHECK_EQ(bide_db_execute(lent, "create function pg_temp.noisy(n int, size int) returns int "
                             "language plpgsql as 'begin raise notice ''%'', repeat(''y'', size); "
                             "return n; end'"), 0);
    static const int sizes[] = { 10, 70000, 1000000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        notices = 0;
        bide_auto(rows) rows = bide_db_stream(lent, "select pg_temp.noisy(n, $1) as n "
                                              "from generate_series(1, 20) n",
                                              bide_value(sizes[i]));
        for (int n = 1; n <= 20; n++) {
            CHECK_EQ(bide_rows_next(rows), 1);
            CHECK_EQ(bide_rows_int(rows, "n"), n);
        }
        CHECK_EQ(bide_rows_next(rows), 0);
        CHECK_EQ(notices, 20);
        CHECK_EQ(notice_size, (size_t)sizes[i]);
    }
}

SERVICE_TEST(a_stream_that_fails_in_the_middle_says_so_and_leaves_the_connection_fit)
{
    bide_auto(db) db = open_db();
    for (int i = 0; i < 3; i++) {
        int rc, seen = 0;
        bide_auto(rows) rows = bide_db_stream(db, "select 6 / (3000 - n) as n "
                                              "from generate_series(1, 9000) n");
        while ((rc = bide_rows_next(rows)) > 0)
            seen++;
        CHECK_EQ(rc, BIDE_EDB);
        CHECK_STR(bide_db_failure(db)->sqlstate, "22012");
        CHECK(seen <= 2999);
        CHECK_EQ(bide_rows_next(rows), BIDE_EDB);
        bide_rows_close(bide_steal(rows));
        check_works(db);
    }
}

SERVICE_TEST(a_stream_that_is_left_early_leaves_the_connection_fit)
{
    bide_auto(db) db = open_db();
    bide_auto(db) lent = bide_db_acquire(db);
    for (int read = 0; read < 3; read++) {
        bide_auto(rows) rows = bide_db_stream(lent, "select generate_series(1, 100000000) as n, "
                                              "repeat('z', 100) as z");
        for (int n = 1; n <= read * 1000; n++) {
            CHECK_EQ(bide_rows_next(rows), 1);
            CHECK_EQ(bide_rows_int(rows, "n"), n);
        }
        bide_rows_close(bide_steal(rows));
        bide_auto(rows) row = bide_db_row(lent, "select 7 as n");
        CHECK_EQ(bide_rows_int(row, "n"), 7);
    }
    bide_db_close(bide_steal(lent));
    check_works(db);
}

/* How many rows came before the time was up. */
static int read_in_time(bide_db *db, const char *sql)
{
    BIDE_TIMEOUT(limit, 0.3);
    bide_auto(rows) rows = bide_db_stream(db, sql);
    int rc = rows ? 1 : bide_errcode(), seen = 0;
    for (; rc > 0 && (rc = bide_rows_next(rows)) > 0; seen++)
        CHECK_EQ(bide_rows_int(rows, "n"), seen + 1);
    CHECK_EQ(bide_scope_result(limit, rc), BIDE_ETIMEDOUT);
    return seen;
}

SERVICE_TEST(a_cancelled_wait_for_streamed_rows_cancels_the_statement)
{
    bide_auto(db) db = open_db();
    CHECK_EQ(read_in_time(db, "select 1 as n, pg_sleep(20)"), 0);
    check_works(db);
    CHECK(read_in_time(db, "select n, case when n = 2000 then pg_sleep(20) end as z "
                       "from generate_series(1, 3000) n") > 0);
    check_works(db);
}

SERVICE_TEST(one_by_one_no_row_waits_for_the_next)
{
    bide_auto(db) other = open_db();
    bide_auto(db) holder = bide_db_acquire(other);
    CHECK(bide_db_execute(holder, "select pg_advisory_lock(7)") >= 0);
    bide_auto(db) db = open_with(1);
    bide_auto(rows) rows = bide_db_stream(db, "select n, repeat('x', 9000) as x, "
                                          "case when n = 3 then pg_advisory_lock(7) end as z "
                                          "from generate_series(1, 3) n");
    CHECK_EQ(bide_rows_next(rows), 1);
    CHECK_EQ(bide_rows_int(rows, "n"), 1);
    CHECK(bide_db_execute(holder, "select pg_advisory_unlock(7)") >= 0);
    for (int n = 2; n <= 3; n++) {
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK_EQ(bide_rows_int(rows, "n"), n);
    }
    CHECK_EQ(bide_rows_next(rows), 0);
}

SERVICE_TEST(a_stream_whose_table_has_changed_is_prepared_anew)
{
    bide_auto(db) db = open_db();
    CHECK_EQ(bide_db_execute(db, "create table changing (a int)"), 0);
    CHECK_EQ(bide_db_execute(db, "insert into changing values (1)"), 1);
    check_same(db, "select * from changing");
    CHECK_EQ(bide_db_execute(db, "alter table changing add b text default 'b'"), 0);
    check_same(db, "select * from changing");
    check_same(db, "insert into changing values (2) returning b, a");
}
