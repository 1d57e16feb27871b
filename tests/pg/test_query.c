/* PostgreSQL: a real server, statements and rows. */
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

static void check_is(bide_rows *row, int type, const char *sql)
{
    CHECK(row != NULL);
    struct bide_value v = bide_rows_at(row, 0);
    if (v.type != type)
        test_fail(__FILE__, __LINE__, "%s gives type %d", sql, v.type);
}

/* In binary, and with a column beside it that makes all of them text. */
static const struct { const char *sql; int type; const char *text; } kinds[] = {
    { "select true as x", BIDE_VALUE_BOOL, "true" },
    { "select (-7)::int2 as x", BIDE_VALUE_INT, "-7" },
    { "select 2147483647 as x", BIDE_VALUE_INT, "2147483647" },
    { "select (-9223372036854775808)::int8 as x", BIDE_VALUE_INT, "-9223372036854775808" },
    { "select 1.5::float4 as x", BIDE_VALUE_REAL, "1.5" },
    { "select 0.1::float8 as x", BIDE_VALUE_REAL, "0.1" },
    { "select 12345678901234567890.00120::numeric as x", BIDE_VALUE_NUMERIC,
      "12345678901234567890.00120" },
    { "select (-0.0001)::numeric as x", BIDE_VALUE_NUMERIC, "-0.0001" },
    { "select 10000::numeric as x", BIDE_VALUE_NUMERIC, "10000" },
    { "select 0::numeric as x", BIDE_VALUE_NUMERIC, "0" },
    { "select 0.00::numeric as x", BIDE_VALUE_NUMERIC, "0.00" },
    { "select 1e20::numeric as x", BIDE_VALUE_NUMERIC, "100000000000000000000" },
    { "select 'NaN'::numeric as x", BIDE_VALUE_NUMERIC, "NaN" },
    { "select 'a''b'::varchar as x", BIDE_VALUE_TEXT, "a'b" },
    { "select '{\"a\": 1}'::jsonb as x", BIDE_VALUE_TEXT, "{\"a\": 1}" },
    { "select '[1]'::json as x", BIDE_VALUE_TEXT, "[1]" },
    { "select 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid as x", BIDE_VALUE_TEXT,
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" },
    { "select '2024-02-29'::date as x", BIDE_VALUE_DATE, "2024-02-29" },
    { "select '0044-03-15 BC'::date as x", BIDE_VALUE_DATE, "-0043-03-15" },
    { "select 'infinity'::date as x", BIDE_VALUE_DATE, "infinity" },
    { "select '2024-02-29 12:34:56.789'::timestamp as x", BIDE_VALUE_TIME,
      "2024-02-29T12:34:56.789000Z" },
    { "select '1969-12-31 23:59:59.5+01:30'::timestamptz as x", BIDE_VALUE_TIME,
      "1969-12-31T22:29:59.500000Z" },
    { "select '-infinity'::timestamptz as x", BIDE_VALUE_TIME, "-infinity" },
    { "select '1 day 02:03'::interval as x", BIDE_VALUE_TEXT, "1 day 02:03:00" },
    { "select '12:30'::time as x", BIDE_VALUE_TEXT, "12:30:00" },
    { "select 4294967295::oid as x", BIDE_VALUE_INT, "4294967295" },
    { "select 'tester'::name as x", BIDE_VALUE_TEXT, "tester" },
};

SERVICE_TEST(each_type_comes_as_it_is_in_binary_and_as_text)
{
    bide_auto(db) db = open_db();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char beside[200];
        snprintf(beside, sizeof beside, "%s, '1 h'::interval as other", kinds[i].sql);
        for (int text = 0; text < 2; text++) {
            const char *sql = text ? beside : kinds[i].sql;
            bide_auto(rows) row = bide_db_row(db, sql);
            check_is(row, kinds[i].type, sql);
            CHECK_STR(bide_rows_text(row, "x"), kinds[i].text);
            CHECK_EQ(bide_rows_end(row), 0);
        }
    }
}

SERVICE_TEST(bytes_of_any_value_go_and_come)
{
    bide_auto(db) db = open_db();
    static const char *const queries[] = { "select $1::bytea as b",
                                           "select $1::bytea as b, '1 h'::interval as i" };
    for (int i = 0; i < 2; i++) {
        bide_auto(rows) row = bide_db_row(db, queries[i], bide_value_bytes("\0\377'\\", 4));
        size_t size;
        const void *bytes = bide_rows_bytes(row, "b", &size);
        CHECK_EQ(size, 4);
        CHECK(memcmp(bytes, "\0\377'\\", 4) == 0);
    }
}

SERVICE_TEST(arrays_go_and_come)
{
    bide_auto(db) db = open_db();
    const struct bide_value texts[] = { bide_value("a,b"), BIDE_NULL, bide_value("\"\\ {}"),
                                        bide_value("NULL"), bide_value("") };
    static const char *const queries[] = { "select $1::text[] as a",
                                           "select $1::text[] as a, '1 h'::interval as i" };
    for (int i = 0; i < 2; i++) {
        bide_auto(rows) row = bide_db_row(db, queries[i], bide_value_array(texts, 5));
        CHECK(row != NULL);
        struct bide_value a = bide_rows_value(row, "a");
        CHECK_EQ(a.type, BIDE_VALUE_ARRAY);
        CHECK_EQ(a.size, 5);
        for (size_t n = 0; n < 5; n++) {
            CHECK_EQ(a.as.array[n].type, texts[n].type);
            if (texts[n].type == BIDE_VALUE_TEXT)
                CHECK_STR(a.as.array[n].as.s, texts[n].as.s);
        }
    }
    bide_auto(rows) row = bide_db_row(db, "select '{{1,2},{3,4}}'::int[] as n, '{}'::int[] as e");
    struct bide_value n = bide_rows_value(row, "n");
    CHECK_EQ(n.size, 2);
    CHECK_EQ(n.as.array[1].as.array[0].as.i, 3);
    CHECK_EQ(bide_rows_value(row, "e").size, 0);
}

SERVICE_TEST(values_of_each_kind_are_taken_by_their_types)
{
    bide_auto(db) db = open_db();
    const struct bide_value ints[] = { bide_value(1), bide_value(2) };
    bide_auto(rows) row = bide_db_row(db,
        "select $1::bool as b, $2::int8 as i, $3::float8 as r, $4::numeric as n, $5::date as d, "
        "$6::timestamptz as t, $7::int4[] as a, $8::text as s, $9::int4 as z, $10::uuid as u",
        bide_value(1), bide_value(INT64_MIN), bide_value(0.1), bide_value_numeric("1.50"),
        bide_value_date(-1), bide_value_time(1500000), bide_value_array(ints, 2), bide_value(7),
        BIDE_NULL, bide_value("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"));
    CHECK(row != NULL);
    CHECK(bide_rows_bool(row, "b"));
    CHECK(bide_rows_int(row, "i") == INT64_MIN);
    CHECK(bide_rows_real(row, "r") == 0.1);
    CHECK_STR(bide_rows_text(row, "n"), "1.50");
    CHECK_STR(bide_rows_text(row, "d"), "1969-12-31");
    CHECK_EQ(bide_rows_time(row, "t"), 1500000);
    CHECK_EQ(bide_rows_value(row, "a").as.array[1].as.i, 2);
    CHECK_STR(bide_rows_text(row, "s"), "7");
    CHECK(bide_rows_is_null(row, "z"));
    CHECK_EQ(bide_rows_end(row), 0);
}

SERVICE_TEST(what_does_not_fit_is_told_before_it_is_sent)
{
    bide_auto(db) db = open_db();
    const struct { const char *sql; struct bide_value value; const char *says; } cases[] = {
        { "select $1::int2", bide_value(40000), "value $1: is 40000, beyond int2" },
        { "select $1::int4", bide_value(1.5), "is 1.5, not an integer" },
        { "select $1::date", bide_value(1), "is an integer, which the type date does not take" },
        { "select $1::bool", bide_value(1.5), "is a real, which the type bool" },
        { "select $1::int4", bide_value_bytes("x", 1), "is bytes, which the type int4" },
        { "select $1::int4[]", bide_value(1), "is an integer, which the type int4[]" },
        { "select $1::text", bide_value_sized("a\0b", 3), "a byte of value 0" },
        { "select $1::int4 + $2::int4", bide_value(1), "has 2 parameters, not 1" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(bide_db_query(db, cases[i].sql, cases[i].value) == NULL);
        CHECK_EQ(bide_errcode(), BIDE_EINVAL);
        CHECK_HAS(bide_errmsg(), cases[i].says);
    }
}

SERVICE_TEST(a_refusal_has_all_its_fields)
{
    bide_auto(db) db = open_db();
    CHECK(bide_db_execute(db, "create table f1 (id int primary key, n int not null)") >= 0);
    CHECK_EQ(bide_db_execute(db, "insert into f1 values ($1, 1)", bide_value(1)), 1);
    CHECK_EQ(bide_db_execute(db, "insert into f1 values ($1, 1)", bide_value(1)), BIDE_EDB);
    const struct bide_db_failure *f = bide_db_failure(db);
    CHECK_STR(f->sqlstate, "23505");
    CHECK_STR(f->severity, "ERROR");
    CHECK_STR(f->table, "f1");
    CHECK_STR(f->constraint, "f1_pkey");
    CHECK_HAS(f->detail, "(id)=(1)");
    CHECK(bide_db_query(db, "select 1 frm x") == NULL);
    CHECK_STR(bide_db_failure(db)->sqlstate, "42601");
    CHECK_EQ(bide_db_failure(db)->position, 14);
    CHECK_EQ(bide_db_execute(db, "drop table f1"), 0);
}

SERVICE_TEST(scripts_run_and_changes_are_counted)
{
    bide_auto(db) db = open_db();
    CHECK_EQ(bide_db_execute(db, "create table s1 (x int); insert into s1 values (1), (2)"), 2);
    CHECK_EQ(bide_db_execute(db, "update s1 set x = x + 1"), 2);
    CHECK_EQ(bide_db_execute(db, "insert into s1 values (1); select 1/0; drop table s1"), BIDE_EDB);
    CHECK_STR(bide_db_failure(db)->sqlstate, "22012");
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from s1");
    CHECK_EQ(bide_rows_int(row, "n"), 2);
    CHECK_EQ(bide_db_execute(db, "drop table s1; "), 0);
}

SERVICE_TEST(many_values_are_all_or_none)
{
    bide_auto(db) db = open_db();
    enum { N = 5000 };
    CHECK(bide_db_execute(db, "create table m1 (id int primary key)") >= 0);
    static struct bide_value values[N];
    for (int i = 0; i < N; i++)
        values[i] = bide_value(i);
    CHECK_EQ(bide_db_execute_many(db, "insert into m1 values ($1)", values, 1, N), N);
    for (int i = 0; i < N; i++)
        values[i] = bide_value(i < N - 1 ? N + i : 0);
    CHECK_EQ(bide_db_execute_many(db, "insert into m1 values ($1)", values, 1, N), BIDE_EDB);
    values[N - 1] = bide_value(INT64_MAX);
    CHECK_EQ(bide_db_execute_many(db, "insert into m1 values ($1)", values, 1, N), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "row 5000");
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from m1");
    CHECK_EQ(bide_rows_int(row, "n"), N);
    CHECK_EQ(bide_db_execute(db, "drop table m1"), 0);
}

SERVICE_TEST(the_rows_of_many_values_come_in_their_order_however_many_there_are)
{
    bide_auto(db) db = open_db();
    enum { N = 5000 };
    static struct bide_value values[N];
    for (int i = 0; i < N; i++)
        values[i] = bide_value(i);
    const char *sql = "select n, repeat('x', 100) as x from generate_series($1::int, $1 + 1) n";
    bide_auto(rows) rows = bide_db_query_many(db, sql, values, 1, N);
    CHECK_EQ(bide_rows_count(rows), 2 * N);
    for (int i = 0; i < 2 * N; i++) {
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK_EQ(bide_rows_int(rows, "n"), (i + 1) / 2);
    }
    CHECK_EQ(bide_rows_next(rows), 0);
    CHECK_EQ(bide_rows_end(rows), 0);
}

SERVICE_TEST(all_results_of_many_values_together_keep_to_their_limit)
{
    bide_auto(db) db = bide_pg_open(server.url, .size_max = 1, .result_max = 100000);
    struct bide_value values[10];
    for (int i = 0; i < 10; i++)
        values[i] = bide_value(i ? 100 : 50000);
    const char *sql = "select repeat('x', $1::int) as x";
    bide_auto(rows) rows = bide_db_query_many(db, sql, values, 1, 10);
    CHECK_EQ(bide_rows_count(rows), 10);
    for (int i = 0; i < 10; i++)
        values[i] = bide_value(50000);
    CHECK(bide_db_query_many(db, sql, values, 1, 10) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK_EQ(bide_db_execute(db, "select $1::int", bide_value(1)), 0);
}

SERVICE_TEST(a_query_of_many_values_is_prepared_anew_when_its_columns_have_changed)
{
    bide_auto(db) db = bide_pg_open(server.url, .size_max = 1);
    CHECK(bide_db_execute(db, "create table c1 (id int); insert into c1 values (1)") >= 0);
    const struct bide_value values[] = { bide_value(1), bide_value(1) };
    const char *sql = "select * from c1 where id = $1";
    bide_auto(rows) narrow = bide_db_query_many(db, sql, values, 1, 2);
    CHECK_EQ(bide_rows_width(narrow), 1);
    CHECK(bide_db_execute(db, "alter table c1 add more int default 7; select 1") >= 0);
    bide_auto(rows) wide = bide_db_query_many(db, sql, values, 1, 2);
    CHECK_EQ(bide_rows_next(wide), 1);
    CHECK_EQ(bide_rows_int(wide, "more"), 7);
    CHECK_EQ(bide_rows_count(wide), 2);
    CHECK_EQ(bide_db_execute(db, "drop table c1"), 0);
}

SERVICE_TEST(without_preparing_everything_works_too)
{
    bide_auto(db) db = bide_pg_open(server.url, .no_prepare = true);
    bide_auto(rows) row = bide_db_row(db, "select $1::int4 + 1 as n, $2::bytea as b, $3::bool as t",
                                      bide_value(1), bide_value_bytes("\0x", 2), bide_value(1));
    size_t size;
    CHECK_EQ(bide_rows_int(row, "n"), 2);
    CHECK(memcmp(bide_rows_bytes(row, "b", &size), "\0x", 2) == 0);
    CHECK(bide_rows_bool(row, "t"));
    bide_auto(rows) count = bide_db_row(db, "select count(*) as n from pg_prepared_statements");
    CHECK_EQ(bide_rows_int(count, "n"), 0);
}

SERVICE_TEST(statements_that_were_longest_unused_are_dropped)
{
    bide_auto(db) pool = bide_pg_open(server.url, .statements_max = 3);
    bide_auto(db) db = bide_db_acquire(pool);
    for (int i = 0; i < 20; i++) {
        char sql[40];
        snprintf(sql, sizeof sql, "select %d as n", i);
        bide_auto(rows) row = bide_db_row(db, sql);
        CHECK_EQ(bide_rows_int(row, "n"), i);
    }
    bide_auto(rows) count = bide_db_row(db, "select count(*) as n from pg_prepared_statements");
    CHECK(bide_rows_int(count, "n") <= 3);
}

SERVICE_TEST(a_changed_table_has_its_statements_prepared_anew)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK(bide_db_execute(db, "create table c1 (x int); insert into c1 values (1)") >= 0);
    for (int i = 0; i < 2; i++) {
        bide_auto(rows) row = bide_db_row(db, "select * from c1");
        CHECK(row != NULL);
        CHECK_EQ(bide_rows_width(row), 1 + (size_t)i);
        CHECK(bide_db_execute(db, "alter table c1 add y int") >= 0 || i);
    }
    CHECK(bide_db_execute(db, "deallocate all") >= 0);
    bide_auto(rows) row = bide_db_row(db, "select * from c1");
    CHECK(row != NULL);
    CHECK(bide_db_execute(db, "drop table c1") >= 0);
}

SERVICE_TEST(a_million_rows_are_streamed_in_bounded_memory)
{
    bide_auto(db) db = open_db();
    int rows_wanted = test_is_slow() ? 20000 : 1000000;
    bide_auto(rows) rows = bide_db_stream(db, "select i, 'row ' || i as t from "
                                              "generate_series(1, $1::int4) i",
                                          bide_value(rows_wanted));
    int64_t sum = 0;
    int rc;
    while ((rc = bide_rows_next(rows)) > 0)
        sum += bide_rows_int(rows, "i");
    CHECK_EQ(rc, 0);
    CHECK(sum == (int64_t)rows_wanted * (rows_wanted + 1) / 2);
}

SERVICE_TEST(rows_may_be_left_in_the_middle)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    for (int i = 0; i < 5; i++) {
        bide_auto(rows) rows = bide_db_stream(db, "select generate_series(1, 100000000) as i");
        if (bide_rows_next(rows) != 1)
            test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
        CHECK(bide_db_query(db, "select 1") == NULL);
        CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    }
    bide_auto(rows) row = bide_db_row(db, "select 1 as x");
    CHECK_EQ(bide_rows_int(row, "x"), 1);
}

SERVICE_TEST(a_stream_that_fails_tells)
{
    bide_auto(db) pool = bide_pg_open(server.url, .stream_rows = 1);
    bide_auto(db) db = bide_db_acquire(pool);
    {
        bide_auto(rows) rows = bide_db_stream(db, "select 1 / (5 - i) as x from "
                                                  "generate_series(1, 9) i");
        int rc, seen = 0;
        while ((rc = bide_rows_next(rows)) > 0)
            seen++;
        CHECK_EQ(seen, 4);
        CHECK_EQ(rc, BIDE_EDB);
        CHECK_STR(bide_db_failure(db)->sqlstate, "22012");
    }
    CHECK(bide_db_stream(db, "select nothing") == NULL);
    bide_auto(rows) row = bide_db_row(db, "select 1 as x");
    CHECK_EQ(bide_rows_int(row, "x"), 1);
}

SERVICE_TEST(a_result_beyond_its_limit_is_refused)
{
    bide_auto(db) pool = bide_pg_open(server.url, .result_max = 100000);
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK(bide_db_query(db, "select generate_series(1, 100000000)") == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), ".result_max");
    bide_auto(rows) row = bide_db_row(db, "select 1 as x");
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_EQ(bide_rows_int(row, "x"), 1);
}
