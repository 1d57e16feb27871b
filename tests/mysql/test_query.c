/* MariaDB: a real server, statements and rows. */
#include "mysql/server.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>
#include <math.h>

static bide_db *open_db(void)
{
    bide_db *db = bide_mysql_open(server.url);
    CHECK(db != NULL);
    return db;
}

static void check_is(bide_rows *row, int type, const char *sql)
{
    if (!row)
        test_fail(__FILE__, __LINE__, "%s: %s", sql, bide_errmsg());
    struct bide_value v = bide_rows_at(row, 0);
    if (v.type != type)
        test_fail(__FILE__, __LINE__, "%s gives type %d", sql, v.type);
}

/* ---- types ----------------------------------------------------------------------------------- */

static const struct {
    const char *definition, *literal;
    int type;
    const char *text, *name;
} kinds[] = {
    { "tinyint(1)", "1", BIDE_VALUE_BOOL, "true", "tinyint" },
    { "tinyint(1)", "-5", BIDE_VALUE_INT, "-5", "tinyint" },
    { "tinyint", "-128", BIDE_VALUE_INT, "-128", "tinyint" },
    { "tinyint unsigned", "255", BIDE_VALUE_INT, "255", "tinyint unsigned" },
    { "smallint", "-32768", BIDE_VALUE_INT, "-32768", "smallint" },
    { "smallint unsigned", "65535", BIDE_VALUE_INT, "65535", "smallint unsigned" },
    { "mediumint", "-8388608", BIDE_VALUE_INT, "-8388608", "mediumint" },
    { "mediumint unsigned", "16777215", BIDE_VALUE_INT, "16777215", "mediumint unsigned" },
    { "int", "-2147483648", BIDE_VALUE_INT, "-2147483648", "int" },
    { "int unsigned", "4294967295", BIDE_VALUE_INT, "4294967295", "int unsigned" },
    { "int(8) zerofill", "42", BIDE_VALUE_INT, "42", "int unsigned" },
    { "bigint", "-9223372036854775808", BIDE_VALUE_INT, "-9223372036854775808", "bigint" },
    { "bigint unsigned", "18446744073709551615", BIDE_VALUE_UINT, "18446744073709551615",
      "bigint unsigned" },
    { "bit(10)", "b'1000000001'", BIDE_VALUE_UINT, "513", "bit" },
    { "year", "2024", BIDE_VALUE_INT, "2024", "year" },
    { "float", "1.5", BIDE_VALUE_REAL, "1.5", "float" },
    { "double", "0.1", BIDE_VALUE_REAL, "0.1", "double" },
    { "double", "-1.7976931348623157e308", BIDE_VALUE_REAL, "-1.7976931348623157e+308", "double" },
    { "decimal(30,5)", "12345678901234567890.0012", BIDE_VALUE_NUMERIC,
      "12345678901234567890.00120", "decimal" },
    { "char(5)", "'a''b'", BIDE_VALUE_TEXT, "a'b", "char" },
    { "varchar(20)", "'\xc3\xa4\xf0\x9f\x98\x80'", BIDE_VALUE_TEXT, "\xc3\xa4\xf0\x9f\x98\x80",
      "varchar" },
    { "text", "''", BIDE_VALUE_TEXT, "", "text" },
    { "longtext", "repeat('x', 10)", BIDE_VALUE_TEXT, "xxxxxxxxxx", "text" },
    { "enum('a','b')", "'b'", BIDE_VALUE_TEXT, "b", "enum" },
    { "set('a','b')", "'a,b'", BIDE_VALUE_TEXT, "a,b", "set" },
    { "json", "'{\"a\": 1}'", BIDE_VALUE_TEXT, "{\"a\": 1}", "json" },
    { "uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", BIDE_VALUE_TEXT,
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "uuid" },
    { "date", "'2024-02-29'", BIDE_VALUE_DATE, "2024-02-29", "date" },
    { "date", "'0000-00-00'", BIDE_VALUE_TEXT, "0000-00-00", "date" },
    { "datetime", "'9999-12-31 23:59:59'", BIDE_VALUE_TIME, "9999-12-31T23:59:59Z", "datetime" },
    { "datetime(6)", "'1000-01-01 00:00:00.000001'", BIDE_VALUE_TIME, "1000-01-01T00:00:00.000001Z",
      "datetime" },
    { "datetime", "'0000-00-00 00:00:00'", BIDE_VALUE_TEXT, "0000-00-00 00:00:00", "datetime" },
    { "timestamp(3)", "'2024-02-29 12:34:56.789'", BIDE_VALUE_TIME, "2024-02-29T12:34:56.789000Z",
      "timestamp" },
    { "time", "'-838:59:59'", BIDE_VALUE_TEXT, "-838:59:59", "time" },
    { "time(2)", "'01:02:03.45'", BIDE_VALUE_TEXT, "01:02:03.45", "time" },
};

SERVICE_TEST(each_type_comes_as_it_is_in_text_and_in_binary)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK(bide_db_execute(db, "set sql_mode = ''") >= 0);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char sql[300];
        snprintf(sql, sizeof sql, "create temporary table k (x %s, y int); "
                 "insert into k values (%s, 1)", kinds[i].definition, kinds[i].literal);
        if (bide_db_execute(db, sql) < 0)
            test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
        for (int binary = 0; binary < 2; binary++) {
            bide_auto(rows) row = binary
                ? bide_db_row(db, "select x from k where y = ?", bide_value(1))
                : bide_db_row(db, "select x from k");
            check_is(row, kinds[i].type, sql);
            CHECK_STR(bide_rows_text(row, "x"), kinds[i].text);
            CHECK_STR(bide_rows_type(row, 0), kinds[i].name);
            CHECK_EQ(bide_rows_end(row), 0);
        }
        CHECK(bide_db_execute(db, "drop temporary table k") >= 0);
    }
}

SERVICE_TEST(a_float_with_values_is_all_of_it)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK(bide_db_execute(db, "create temporary table f (x float); "
                              "insert into f values (16777215)") == 1);
    bide_auto(rows) row = bide_db_row(db, "select x from f where 1 = ?", bide_value(1));
    CHECK_EQ(bide_rows_int(row, "x"), 16777215);
}

SERVICE_TEST(no_value_is_no_value)
{
    bide_auto(db) db = open_db();
    bide_auto(rows) text = bide_db_row(db, "select null as a, cast(null as date) as b");
    CHECK(bide_rows_is_null(text, "a"));
    CHECK(bide_rows_is_null(text, "b"));
    bide_auto(rows) row = bide_db_row(db, "select ? as a, cast(? as signed) as b, "
                                      "cast(? as char) as c", BIDE_NULL, BIDE_NULL, BIDE_NULL);
    CHECK(bide_rows_is_null(row, "a"));
    CHECK(bide_rows_is_null(row, "b"));
    CHECK(bide_rows_text(row, "c") == NULL);
    CHECK_EQ(bide_rows_end(row), 0);
}

SERVICE_TEST(bytes_of_any_value_go_and_come)
{
    bide_auto(db) db = open_db();
    bide_auto(rows) row = bide_db_row(db, "select ? as b, x'00ff275c' as c",
                                      bide_value_bytes("\0\377'\\", 4));
    for (int i = 0; i < 2; i++) {
        size_t size;
        const void *bytes = bide_rows_bytes(row, i ? "c" : "b", &size);
        CHECK_EQ(size, 4);
        CHECK(memcmp(bytes, "\0\377'\\", 4) == 0);
    }
    CHECK_EQ(bide_rows_at(row, 0).type, BIDE_VALUE_BYTES);
}

/* Longer than a packet (16 MiB) the answer is, the question cannot be. */
SERVICE_TEST(long_texts_go_and_come)
{
    bide_auto(db) db = open_db();
    for (size_t size = 200; size < 9000000; size = size * 3 + 1) {
        char *text = malloc(size + 1);
        memset(text, 'x', size);
        text[size] = '\0';
        bide_auto(rows) row = bide_db_row(db, "select ? as t, length(?) as n", bide_value(text),
                                          bide_value(text));
        if (!row)
            test_fail(__FILE__, __LINE__, "%zu: %s", size, bide_errmsg());
        CHECK_STR(bide_rows_text(row, "t"), text);
        CHECK_EQ(bide_rows_int(row, "n"), (int64_t)size);
        free(text);
    }
}

SERVICE_TEST(what_is_too_long_for_the_server_is_refused)
{
    bide_auto(db) db = open_db();
    size_t size = 20000000;
    char *text = calloc(1, size + 1);
    memset(text, 'x', size);
    CHECK(bide_db_query(db, "select ?", bide_value(text)) == NULL);
    CHECK(bide_errcode() < 0);
    free(text);
    bide_auto(rows) row = bide_db_row(db, "select 1 as x");
    CHECK_EQ(bide_rows_int(row, "x"), 1);
}

SERVICE_TEST(values_of_each_kind_are_taken)
{
    bide_auto(db) db = open_db();
    bide_auto(rows) row = bide_db_row(db,
        "select cast(? as signed) as i, cast(? as unsigned) as u, ? as r, "
        "cast(? as decimal(10,2)) as n, cast(? as date) as d, cast(? as datetime(6)) as t, "
        "? as s, ? as b",
        bide_value(INT64_MIN), bide_value(UINT64_MAX), bide_value(0.1), bide_value_numeric("1.50"),
        bide_value_date(-1), bide_value_time(-1500000), bide_value("it's"), bide_value((bool)true));
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(bide_rows_int(row, "i") == INT64_MIN);
    CHECK(bide_rows_value(row, "u").as.u == UINT64_MAX);
    CHECK(bide_rows_real(row, "r") == 0.1);
    CHECK_STR(bide_rows_text(row, "n"), "1.50");
    CHECK_STR(bide_rows_text(row, "d"), "1969-12-31");
    CHECK_EQ(bide_rows_time(row, "t"), -1500000);
    CHECK_STR(bide_rows_text(row, "s"), "it's");
    CHECK_EQ(bide_rows_int(row, "b"), 1);
    CHECK_EQ(bide_rows_end(row), 0);
}

SERVICE_TEST(what_does_not_fit_is_told_before_it_is_sent)
{
    bide_auto(db) db = open_db();
    const struct bide_value items[] = { bide_value(1) };
    const struct { const char *sql; struct bide_value value; const char *says; } cases[] = {
        { "select ?", bide_value(INFINITY), "value 1: is inf" },
        { "select ?", bide_value_array(items, 1), "is an array, which MariaDB does not know" },
        { "select ?", bide_value_date(INT64_MAX / 4), "beyond the years 0 to 9999" },
        { "select ?", bide_value_time(INT64_MIN), "beyond the years 0 to 9999" },
        { "select ?, ?", bide_value(1), "has 2 places for values (?), not 1" },
        { "select 1", bide_value(1), "has 0 places for values (?), not 1" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(bide_db_query(db, cases[i].sql, cases[i].value) == NULL);
        CHECK_EQ(bide_errcode(), BIDE_EINVAL);
        CHECK_HAS(bide_errmsg(), cases[i].says);
    }
}

/* ---- refusals -------------------------------------------------------------------------------- */

SERVICE_TEST(a_refusal_has_its_fields_and_the_nearest_state)
{
    bide_auto(db) db = open_db();
    CHECK(bide_db_execute(db, "create table f1 (id int primary key, n int not null check (n > 0), "
                              "m int, unique key f1_m (m))") >= 0);
    CHECK(bide_db_execute(db, "create table f2 (id int, constraint f2_f1 foreign key (id) "
                              "references f1 (id))") >= 0);
    CHECK_EQ(bide_db_execute(db, "insert into f1 values (?, 1, 1)", bide_value(1)), 1);
    static const struct { const char *sql, *state, *constraint; int number; } cases[] = {
        { "insert into f1 values (1, 1, 2)", "23505", "PRIMARY", 1062 },
        { "insert into f1 values (2, 1, 1)", "23505", "f1_m", 1062 },
        { "insert into f1 values (2, null, 2)", "23502", "", 1048 },
        { "insert into f1 values (2, 0, 2)", "23514", "", 4025 },
        { "insert into f2 values (9)", "23503", "f2_f1", 1452 },
        { "select 1 frm x y", "42000", "", 1064 },
        { "select * from nowhere", "42S02", "", 1146 },
        { "select $1", "42S22", "", 1054 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_EQ(bide_db_execute(db, cases[i].sql), BIDE_EDB);
        const struct bide_db_failure *f = bide_db_failure(db);
        CHECK_STR(f->sqlstate, cases[i].state);
        if (strncmp(f->constraint, "CONSTRAINT_", 11) != 0 && cases[i].number != 4025)
            CHECK_STR(f->constraint, cases[i].constraint);
        CHECK_EQ(f->number, cases[i].number);
        CHECK_STR(f->severity, "ERROR");
        CHECK_HAS(bide_errmsg(), f->message);
        CHECK_HAS(bide_errmsg(), cases[i].sql);
        CHECK_EQ(bide_db_stats(db).connected, 1);
    }
    CHECK(bide_db_query(db, "select ? frm x y", bide_value(1)) == NULL);
    CHECK_EQ(bide_db_failure(db)->number, 1064);
    CHECK_EQ(bide_db_execute(db, "drop table f2; drop table f1"), 0);
    CHECK_EQ(bide_db_stats(db).connected, 1);
}

/* ---- statements ------------------------------------------------------------------------------ */

SERVICE_TEST(scripts_run_and_changes_are_counted)
{
    bide_auto(db) db = open_db();
    CHECK_EQ(bide_db_execute(db, "create table s1 (x int); insert into s1 values (1), (2)"), 2);
    CHECK_EQ(bide_db_execute(db, "update s1 set x = x + 1"), 2);
    CHECK_EQ(bide_db_execute(db, "update s1 set x = x"), 2);
    CHECK_EQ(bide_db_execute(db, "select * from s1; update s1 set x = ? where x = 2"), BIDE_EDB);
    CHECK_EQ(bide_db_execute(db, "select * from s1; select 1"), 0);
    CHECK_EQ(bide_db_execute(db, "insert into s1 values (1); select nothing; drop table s1"),
             BIDE_EDB);
    CHECK_EQ(bide_db_failure(db)->number, 1054);
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from s1");
    CHECK_EQ(bide_rows_int(row, "n"), 3);
    CHECK_EQ(bide_db_execute(db, "drop table s1; "), 0);
}

SERVICE_TEST(a_query_is_one_statement_alone)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK(bide_db_query(db, "select 1; select 2") == NULL);
    CHECK_EQ(bide_db_failure(db)->number, 1064);
    CHECK_EQ(bide_db_execute(db, "do 1; do 2"), 0);
    CHECK(bide_db_query(db, "select 1; select 2") == NULL);
    CHECK_EQ(bide_db_failure(db)->number, 1064);
}

SERVICE_TEST(a_procedure_has_rows_and_leaves_nothing_behind)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK(bide_db_execute(db, "create procedure p1 (n int) begin select n as a; "
                              "select n + 1 as b, 2; end") >= 0);
    for (int i = 0; i < 3; i++) {
        bide_auto(rows) text = bide_db_row(db, "call p1(1)");
        CHECK_EQ(bide_rows_int(text, "a"), 1);
        bide_auto(rows) prepared = bide_db_row(db, "call p1(?)", bide_value(7));
        if (!prepared)
            test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
        CHECK_EQ(bide_rows_int(prepared, "a"), 7);
        bide_auto(rows) streamed = bide_db_stream(db, "call p1(?)", bide_value(7));
        CHECK_EQ(bide_rows_next(streamed), 1);
        CHECK_EQ(bide_rows_next(streamed), 0);
    }
    CHECK_EQ(bide_db_execute(db, "drop procedure p1"), 0);
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

SERVICE_TEST(what_was_made_for_an_insert_is_told)
{
    bide_auto(db) pool = open_db();
    CHECK(bide_db_execute(pool, "create table a1 (id int auto_increment primary key, x int)") >= 0);
    CHECK_EQ(bide_mysql_last_id(pool), BIDE_EINVAL);
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK_EQ(bide_mysql_last_id(db), 0);
    CHECK_EQ(bide_db_execute(db, "insert into a1 (x) values (?)", bide_value(1)), 1);
    CHECK_EQ(bide_mysql_last_id(db), 1);
    CHECK_EQ(bide_db_execute(db, "insert into a1 (x) values (2), (3)"), 2);
    CHECK(bide_db_execute(db, "select 1") == 0);
    CHECK_EQ(bide_mysql_last_id(db), 2);
    bide_auto(rows) row = bide_db_row(db, "select connection_id() as c");
    CHECK_EQ(bide_mysql_id(db), bide_rows_int(row, "c"));
    CHECK_EQ(bide_db_execute(db, "drop table a1"), 0);
}

SERVICE_TEST(many_values_are_all_or_none)
{
    bide_auto(db) db = open_db();
    enum { N = 1000 };
    CHECK(bide_db_execute(db, "create table m1 (id int primary key)") >= 0);
    static struct bide_value values[N];
    for (int i = 0; i < N; i++)
        values[i] = bide_value(i);
    CHECK_EQ(bide_db_execute_many(db, "insert into m1 values (?)", values, 1, N), N);
    for (int i = 0; i < N; i++)
        values[i] = bide_value(i < N - 1 ? N + i : 0);
    CHECK_EQ(bide_db_execute_many(db, "insert into m1 values (?)", values, 1, N), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "row 1000");
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from m1");
    CHECK_EQ(bide_rows_int(row, "n"), N);
    CHECK_EQ(bide_db_execute(db, "drop table m1"), 0);
}

/* ---- prepared ones --------------------------------------------------------------------------- */

static int64_t prepared_count(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select variable_value + 0 as n from "
        "information_schema.global_status where variable_name = 'Prepared_stmt_count'");
    return bide_rows_int(row, "n");
}

SERVICE_TEST(statements_that_were_longest_unused_are_closed)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .statements_max = 3);
    bide_auto(db) db = bide_db_acquire(pool);
    for (int i = 0; i < 20; i++) {
        char sql[40];
        snprintf(sql, sizeof sql, "select ? + %d as n", i);
        bide_auto(rows) row = bide_db_row(db, sql, bide_value(i));
        CHECK_EQ(bide_rows_int(row, "n"), 2 * i);
        CHECK(bide_db_query(db, "select ? frm x", bide_value(i)) == NULL);
    }
    CHECK(prepared_count(pool) <= 3);
}

SERVICE_TEST(what_leaves_nothing_in_the_session_leaves_the_prepared_statements)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .size_max = 1);
    CHECK(bide_db_execute(pool, "create table q1 (x int)") >= 0);
    for (int i = 0; i < 3; i++) {
        bide_auto(db) change = bide_db_begin(pool, .isolation = BIDE_SERIALIZABLE);
        CHECK_EQ(bide_db_execute(change, "insert into q1 values (?)", bide_value(1)), 1);
        bide_auto(db) inner = bide_db_begin(change);
        bide_db_close(bide_steal(inner));
        CHECK_EQ(bide_db_commit(change), 0);
        bide_db_close(bide_steal(change));
        CHECK_EQ(bide_db_execute(pool, "update q1 set x = 2"), i + 1);
        CHECK_EQ(prepared_count(pool), 1);
    }
    CHECK(bide_db_execute(pool, "set @a = 1") >= 0);
    CHECK_EQ(prepared_count(pool), 0);
    bide_auto(rows) row = bide_db_row(pool, "select @a is null as x, database() as d");
    CHECK_EQ(bide_rows_int(row, "x"), 1);
    CHECK_STR(bide_rows_text(row, "d"), "bide");
    CHECK_EQ(bide_db_execute(pool, "drop table q1"), 0);
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

SERVICE_TEST(without_preparing_nothing_is_kept)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .no_prepare = true);
    bide_auto(db) db = bide_db_acquire(pool);
    for (int i = 0; i < 5; i++) {
        bide_auto(rows) row = bide_db_row(db, "select ? + 1 as n", bide_value(i));
        CHECK_EQ(bide_rows_int(row, "n"), i + 1);
        bide_auto(rows) rows = bide_db_stream(db, "select ? as n union select 2", bide_value(i));
        CHECK_EQ(bide_rows_next(rows), 1);
    }
    CHECK_EQ(prepared_count(pool), 0);
}

SERVICE_TEST(a_changed_table_has_its_statements_run_with_its_columns)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK(bide_db_execute(db, "create table c1 (x int); insert into c1 values (1)") >= 0);
    static const char *const changes[] = { "alter table c1 add y int default 7",
        "alter table c1 rename column y to z", "alter table c1 modify z varchar(9)",
        "alter table c1 drop x" };
    static const char *const names[] = { "x", "y", "z", "z", "z" };
    for (size_t i = 0; i < 5; i++) {
        bide_auto(rows) row = bide_db_row(db, "select * from c1 where 1 = ?", bide_value(1));
        if (!row)
            test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
        CHECK_EQ(bide_rows_width(row), i == 0 || i == 4 ? 1 : 2);
        size_t last = bide_rows_width(row) - 1;
        CHECK_STR(bide_rows_name(row, last), names[i]);
        CHECK_EQ(bide_rows_at(row, last).type, i < 3 ? BIDE_VALUE_INT : BIDE_VALUE_TEXT);
        CHECK(i == 4 || bide_db_execute(db, changes[i]) >= 0);
    }
    CHECK(bide_db_execute(db, "drop table c1") >= 0);
}

/* ---- streams --------------------------------------------------------------------------------- */

SERVICE_TEST(many_rows_are_streamed_in_bounded_memory)
{
    bide_auto(db) db = open_db();
    int wanted = test_is_slow() ? 20000 : 500000;
    char text[100];
    snprintf(text, sizeof text, "select seq as i, concat('row ', seq) as t from seq_1_to_%d",
             wanted);
    char prepared[120];
    snprintf(prepared, sizeof prepared, "%s where seq > ?", text);
    for (int binary = 0; binary < 2; binary++) {
        bide_auto(rows) rows = binary ? bide_db_stream(db, prepared, bide_value(0))
                                      : bide_db_stream(db, text);
        int64_t sum = 0;
        int rc;
        while ((rc = bide_rows_next(rows)) > 0)
            sum += bide_rows_int(rows, "i") + (*bide_rows_text(rows, "t") == 'r' ? 0 : 1);
        CHECK_EQ(rc, 0);
        CHECK(sum == (int64_t)wanted * (wanted + 1) / 2);
    }
}

SERVICE_TEST(rows_may_be_left_in_the_middle)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    for (int i = 0; i < 6; i++) {
        bide_auto(rows) rows = i % 2
            ? bide_db_stream(db, "select seq from seq_1_to_100000000 where seq > ?", bide_value(0))
            : bide_db_stream(db, "select seq from seq_1_to_100000000");
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK(bide_db_query(db, "select 1") == NULL);
        CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    }
    bide_auto(rows) row = bide_db_row(db, "select 1 as x");
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_EQ(bide_rows_int(row, "x"), 1);
    CHECK_EQ(bide_mysql_id(db), bide_mysql_id(db));
}

SERVICE_TEST(a_few_rows_that_are_left_cost_no_second_connection)
{
    bide_auto(db) pool = open_db();
    bide_auto(rows) before = bide_db_row(pool, "show status like 'Connections'");
    for (int i = 0; i < 20; i++) {
        bide_auto(rows) rows = bide_db_stream(pool, "select seq from seq_1_to_100 where seq > ?",
                                              bide_value(0));
        CHECK_EQ(bide_rows_next(rows), 1);
        bide_rows_close(bide_steal(rows));
        bide_auto(rows) text = bide_db_stream(pool, "select seq from seq_1_to_100");
        CHECK_EQ(bide_rows_next(text), 1);
    }
    bide_auto(rows) after = bide_db_row(pool, "show status like 'Connections'");
    CHECK(atoi(bide_rows_text(after, "Value")) - atoi(bide_rows_text(before, "Value")) < 5);
}

SERVICE_TEST(a_stream_that_fails_tells)
{
    bide_auto(db) pool = open_db();
    bide_auto(db) db = bide_db_acquire(pool);
    for (int binary = 0; binary < 2; binary++) {
        bide_auto(rows) rows = binary
            ? bide_db_stream(db, "select exp(if(seq > 5000, 9999, ?)) as x from seq_1_to_9000",
                             bide_value(1))
            : bide_db_stream(db, "select exp(if(seq > 5000, 9999, 1)) as x from seq_1_to_9000");
        int rc, seen = 0;
        while ((rc = bide_rows_next(rows)) > 0)
            seen++;
        CHECK_EQ(seen, 5000);
        CHECK_EQ(rc, BIDE_EDB);
        CHECK_EQ(bide_db_failure(db)->number, 1690);
    }
    CHECK(bide_db_stream(db, "select nothing") == NULL);
    bide_auto(rows) row = bide_db_row(db, "select 1 as x");
    CHECK_EQ(bide_rows_int(row, "x"), 1);
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

SERVICE_TEST(a_result_beyond_its_limit_is_refused)
{
    bide_auto(db) pool = bide_mysql_open(server.url, .result_max = 100000);
    bide_auto(db) db = bide_db_acquire(pool);
    CHECK(bide_db_query(db, "select seq from seq_1_to_100000000") == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), ".result_max");
    bide_auto(rows) row = bide_db_row(db, "select 1 as x");
    if (!row)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_EQ(bide_rows_int(row, "x"), 1);
    CHECK_EQ(bide_db_stats(pool).connected, 1);
}

SERVICE_TEST(rows_outlive_their_connection)
{
    bide_db *db = open_db();
    bide_auto(rows) rows = bide_db_query(db, "select seq as n, ? as t from seq_1_to_3",
                                         bide_value("x"));
    bide_db_close(db);
    for (int i = 1; i <= 3; i++) {
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK_EQ(bide_rows_int(rows, "n"), i);
        CHECK_STR(bide_rows_text(rows, "t"), "x");
    }
    CHECK_EQ(bide_rows_next(rows), 0);
    CHECK_EQ(bide_rows_next(rows), 0);
    CHECK_EQ(bide_rows_count(rows), 3);
}

/* ---- bulk ------------------------------------------------------------------------------------ */

static int64_t load(bide_db *db, int count, int doubled)
{
    static const char *const columns[] = { "id", "odd `name", NULL };
    bide_auto(bulk) bulk = bide_db_bulk(db, "b `1", columns);
    if (!bulk)
        return bide_errcode();
    for (int i = 0; i < count; i++) {
        char text[20];
        snprintf(text, sizeof text, "row %d", i);
        const struct bide_value row[] = { bide_value(i == doubled ? 0 : i),
                                          i % 7 ? bide_value(text) : BIDE_NULL };
        int rc = bide_bulk_add(bulk, row, 2);
        if (rc < 0)
            return rc;
    }
    return bide_bulk_finish(bulk);
}

static int64_t loaded(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from `b ``1`");
    return bide_rows_int(row, "n");
}

SERVICE_TEST(rows_in_bulk_are_all_in_or_none)
{
    bide_auto(db) db = open_db();
    CHECK(bide_db_execute(db, "create table `b ``1` (id int primary key, `odd ``name` text)") >= 0);
    CHECK_EQ(load(db, 1000, 900), BIDE_EDB);
    CHECK_STR(bide_db_failure(db)->sqlstate, "23505");
    CHECK_EQ(loaded(db), 0);
    CHECK_EQ(load(db, 1000, -1), 1000);
    CHECK_EQ(loaded(db), 1000);
    CHECK_EQ(bide_db_execute(db, "delete from `b ``1`"), 1000);
    {
        bide_auto(db) change = bide_db_begin(db);
        CHECK_EQ(load(change, 10, -1), 10);
        CHECK_EQ(load(change, 1000, 999), BIDE_EDB);
        CHECK_EQ(loaded(change), 10);
        CHECK_EQ(bide_db_commit(change), 0);
    }
    CHECK_EQ(loaded(db), 10);
    {
        bide_auto(bulk) bulk = bide_db_bulk(db, "b `1", NULL);
        const struct bide_value row[] = { bide_value(77), BIDE_NULL };
        CHECK_EQ(bide_bulk_add(bulk, row, 2), 0);
    }
    CHECK_EQ(loaded(db), 10);
    CHECK_EQ(bide_db_execute(db, "drop table `b ``1`"), 0);
}
