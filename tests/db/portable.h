/* What holds of every driver alike: a program moves between them by its URL.  Included by a program
 * of tests of each driver, behind the header that starts its server, with
 *
 *     static const char *portable_url(void);       which database
 *     static const char *portable_door(const char *who, const char *database);
 *                                                  the same as another user ("guest:right"; NULL:
 *                                                  as this one), and another database (NULL: this)
 *     static const struct portable_words words;    what its SQL calls things
 *
 * defined before.  The statements are written with $1, which `words` may say otherwise. */
#ifndef TESTS_DB_PORTABLE_H
#define TESTS_DB_PORTABLE_H

#include "db/places.h"

#include <bide/group.h>
#include <bide/scope.h>

/* A test on the real clock, with a pool of this many connections and an empty table t. */
#define PORTABLE_TEST(name_, size_) \
    static void name_##_body(bide_db *db); \
    static int name_##_task(void *unused) \
    { \
        (void)unused; \
        bide_auto(db) db = portable_open(.size_max = (size_)); \
        name_##_body(db); \
        return 0; \
    } \
    TEST(name_) \
    { \
        test_run_task(name_##_task, __FILE__, __LINE__, NULL, .real_clock = true, .seconds = 60); \
    } \
    static void name_##_body(bide_db *db)

/* Such a pool, with other options. */
#define portable_open(...) portable_clear(bide_db_open(portable_url(), .drivers = \
    BIDE_DRIVERS(PORTABLE_DRIVER), __VA_ARGS__))

static inline bide_db *portable_clear(bide_db *db)
{
    char sql[200];
    snprintf(sql, sizeof sql, "create table t (id bigint primary key, name %s unique)",
             words.short_text);
    CHECK(db != NULL);
    CHECK(bide_db_execute(db, "drop table if exists t") >= 0);
    CHECK(bide_db_execute(db, sql) >= 0);
    return db;
}

static inline const char *places(const char *sql) { return sql_places(sql, words.nameless); }

static inline int64_t add(bide_db *db, int id, const char *name)
{
    return bide_db_execute(db, places("insert into t values ($1, $2)"), bide_value(id),
                           bide_value(name));
}

static inline int64_t count_of(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from t");
    CHECK(row != NULL);
    int64_t n = bide_rows_int(row, "n");
    CHECK_EQ(bide_rows_end(row), 0);
    return n;
}

/* ---- values ---------------------------------------------------------------------------------- */

enum { MOMENT_S = 951786123 };          /* 2000-02-29 01:02:03 UTC */

static inline void make_values(bide_db *db)
{
    char sql[400];
    snprintf(sql, sizeof sql,
             "create table v (id int primary key, i bigint, r %s, n numeric(12, 3), t text, b %s, "
             "d date, m %s, o %s)", words.real, words.bytes, words.moment, words.truth);
    CHECK(bide_db_execute(db, "drop table if exists v") >= 0);
    CHECK(bide_db_execute(db, sql) >= 0);
}

PORTABLE_TEST(values_come_back_as_they_were_and_null_is_told_apart, 2)
{
    make_values(db);
    const struct bide_value values[] = {
        bide_value(1), bide_value(INT64_MIN), bide_value(0.1), bide_value_numeric("-12.500"),
        bide_value("gr\xc3\xbc\xc3\x9f' \\ \"x\""), bide_value_bytes("\0\377\n", 3),
        bide_value_date(11016), bide_value_time(INT64_C(1000000) * MOMENT_S + 250000),
        bide_value((bool)true),
    };
    struct bide_value nulls[9] = { bide_value(2) };
    const char *sql = places("insert into v values ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    CHECK_EQ(bide_db_execute_values(db, sql, values, 9), 1);
    CHECK_EQ(bide_db_execute_values(db, sql, nulls, 9), 1);
    bide_auto(rows) row = bide_db_row(db, places("select * from v where id = $1"), bide_value(1));
    CHECK_EQ(bide_rows_width(row), 9);
    CHECK_EQ(bide_rows_int(row, "i"), INT64_MIN);
    CHECK(bide_rows_real(row, "r") == 0.1);
    CHECK(bide_rows_real(row, "n") == -12.5);
    CHECK_STR(bide_rows_text(row, "t"), "gr\xc3\xbc\xc3\x9f' \\ \"x\"");
    size_t size;
    CHECK_MEM(bide_rows_bytes(row, "b", &size), "\0\377\n", 3);
    CHECK_EQ(size, 3);
    CHECK_EQ(bide_rows_time(row, "d"), INT64_C(1000000) * 11016 * 86400);
    CHECK_EQ(bide_rows_time(row, "m"), INT64_C(1000000) * MOMENT_S + 250000);
    CHECK(bide_rows_bool(row, "o"));
    CHECK_EQ(bide_rows_end(row), 0);
    bide_auto(rows) none = bide_db_row(db, places("select * from v where id = $1"), bide_value(2));
    for (size_t i = 1; i < 9; i++) {
        CHECK(bide_rows_is_null(none, bide_rows_name(none, i)));
        CHECK_EQ(bide_rows_at(none, i).type, BIDE_VALUE_NULL);
    }
    CHECK(bide_rows_text(none, "t") == NULL);
    CHECK_EQ(bide_rows_int(none, "i"), 0);
    CHECK_EQ(bide_rows_end(none), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "column \"i\": is NULL, not an integer");
}

PORTABLE_TEST(nothing_is_not_null, 1)
{
    make_values(db);
    CHECK_EQ(bide_db_execute(db, places("insert into v (id, t, b) values ($1, $2, $3)"),
                             bide_value(1), bide_value(""), bide_value_bytes("", 0)), 1);
    bide_auto(rows) row = bide_db_row(db, "select t, b from v");
    size_t size = 9;
    CHECK(!bide_rows_is_null(row, "t"));
    CHECK_STR(bide_rows_text(row, "t"), "");
    CHECK(!bide_rows_is_null(row, "b"));
    CHECK(bide_rows_bytes(row, "b", &size) != NULL);
    CHECK_EQ(size, 0);
}

/* Whole, or not at all. */
static inline void give_text(bide_db *db, int id, const char *text, size_t size, bool taken)
{
    int64_t rc = bide_db_execute(db, places("insert into v (id, t) values ($1, $2)"),
                                 bide_value(id), bide_value_sized(text, size));
    CHECK_EQ(rc < 0, !taken);
    if (!taken)
        return;
    bide_auto(rows) row = bide_db_row(db, places("select t from v where id = $1"), bide_value(id));
    size_t back;
    const void *bytes = bide_rows_bytes(row, "t", &back);
    CHECK_EQ(back, size);
    CHECK_MEM(bytes, text, size);
}

PORTABLE_TEST(odd_texts_are_kept_whole_or_refused, 1)
{
    make_values(db);
    give_text(db, 1, "a\0b", 3, words.takes_nul);
    give_text(db, 2, "a\377\200b", 4, words.takes_any);
    give_text(db, 3, "\xf0\x9f\x98\x80", 4, true);
}

PORTABLE_TEST(a_million_bytes_go_and_come, 1)
{
    enum { SIZE = 1000000 };
    make_values(db);
    char *bytes = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * 7);
    CHECK_EQ(bide_db_execute(db, places("insert into v (id, b) values ($1, $2)"), bide_value(1),
                             bide_value_bytes(bytes, SIZE)), 1);
    bide_auto(rows) row = bide_db_row(db, "select b from v");
    size_t size;
    const void *back = bide_rows_bytes(row, "b", &size);
    CHECK_EQ(size, SIZE);
    CHECK_MEM(back, bytes, SIZE);
    free(bytes);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static inline void fill(bide_db *db, int rows)
{
    bide_auto(bulk) bulk = bide_db_bulk(db, "t", NULL);
    for (int i = 0; i < rows; i++) {
        const struct bide_value row[] = { bide_value(i), BIDE_NULL };
        CHECK_EQ(bide_bulk_add(bulk, row, 2), 0);
    }
    CHECK_EQ(bide_bulk_finish(bulk), rows);
}

PORTABLE_TEST(rows_come_in_their_order_and_end, 2)
{
    fill(db, 3);
    bide_auto(rows) rows = bide_db_query(db, "select id, name from t order by id");
    CHECK_EQ(bide_rows_count(rows), 3);
    CHECK_STR(bide_rows_name(rows, 1), "name");
    CHECK_STR(bide_rows_name(rows, 2), "");
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK_EQ(bide_rows_int(rows, "id"), i);
    }
    CHECK_EQ(bide_rows_next(rows), 0);
    CHECK_EQ(bide_rows_next(rows), 0);
    CHECK(bide_db_row(db, "select id from t where id = -1") == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "no row");
}

PORTABLE_TEST(a_wrong_column_or_type_is_told_by_the_next_call, 2)
{
    fill(db, 2);
    for (int i = 0; i < 2; i++) {
        bide_auto(rows) rows = bide_db_query(db, "select id, 'x' as word from t");
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK_EQ(bide_rows_int(rows, i ? "word" : "what"), 0);
        CHECK_EQ(bide_rows_next(rows), BIDE_EDB);
        CHECK_HAS(bide_errmsg(), i ? "column \"word\": is text" : "no column \"what\"");
    }
}

PORTABLE_TEST(rows_are_streamed_and_may_be_left, 2)
{
    fill(db, 3000);
    bide_auto(db) mine = bide_db_acquire(db);
    {
        bide_auto(rows) rows = bide_db_stream(mine, "select id from t order by id");
        int64_t sum = 0;
        int rc;
        while ((rc = bide_rows_next(rows)) > 0)
            sum += bide_rows_int(rows, "id");
        CHECK_EQ(rc, 0);
        CHECK_EQ(sum, 3000 * 2999 / 2);
        CHECK_EQ(bide_rows_count(rows), 3000);
    }
    {
        bide_auto(rows) rows = bide_db_stream(mine, places("select id from t where id >= $1"),
                                              bide_value(0));
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK(bide_db_query(mine, "select 1") == NULL);
        CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    }
    CHECK_EQ(count_of(mine), 3000);
}

PORTABLE_TEST(changes_are_counted, 2)
{
    fill(db, 3);
    CHECK_EQ(bide_db_execute(db, "update t set name = null"), 3);       /* also what is the same */
    CHECK_EQ(bide_db_execute(db, places("delete from t where id < $1"), bide_value(2)), 2);
    CHECK_EQ(bide_db_execute(db, "insert into t (id) values (7); insert into t (id) values (8); "
                                 "delete from t"), 3);
}

/* ---- transactions ---------------------------------------------------------------------------- */

PORTABLE_TEST(a_transaction_lasts_if_it_is_committed, 2)
{
    for (int i = 0; i < 3; i++) {
        bide_auto(db) change = bide_db_begin(db);
        CHECK_EQ(add(change, i, NULL), 1);
        CHECK_EQ(count_of(change), i ? 2 : 1);
        if (i == 0)
            CHECK_EQ(bide_db_commit(change), 0);
        if (i == 1)
            CHECK_EQ(bide_db_rollback(change), 0);
    }
    CHECK_EQ(count_of(db), 1);
}

static inline int refused_within(bide_db *outer)
{
    bide_auto(db) inner = bide_db_begin(outer);
    if (add(inner, 2, "two") < 0 || add(inner, 1, "twice") < 0)
        return bide_errcode();          /* the block is left here */
    return bide_db_commit(inner);
}

PORTABLE_TEST(a_savepoint_is_rolled_back_however_its_block_is_left, 1)
{
    bide_auto(db) outer = bide_db_begin(db);
    CHECK_EQ(add(outer, 1, "one"), 1);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(refused_within(outer), BIDE_EDB);
        CHECK_STR(bide_db_failure(db)->sqlstate, "23505");
    }
    {
        bide_auto(db) left = bide_db_begin(outer);
        CHECK_EQ(add(left, 3, NULL), 1);
    }
    {
        bide_auto(db) inner = bide_db_begin(outer);
        CHECK_EQ(add(inner, 4, NULL), 1);
        bide_auto(db) innermost = bide_db_begin(inner);
        CHECK_EQ(add(innermost, 5, NULL), 1);
        CHECK_EQ(bide_db_rollback(innermost), 0);
        CHECK_EQ(bide_db_commit(inner), 0);
    }
    CHECK_EQ(count_of(outer), 2);
    CHECK_EQ(bide_db_commit(outer), 0);
    bide_db_close(bide_steal(outer));
    CHECK_EQ(count_of(db), 2);
}

PORTABLE_TEST(what_a_transaction_was_begun_on_waits, 1)
{
    bide_auto(db) mine = bide_db_acquire(db);
    bide_auto(db) change = bide_db_begin(mine);
    CHECK_EQ(add(mine, 1, NULL), BIDE_EBUSY);
    bide_db_close(bide_steal(change));
    CHECK_EQ(add(mine, 1, NULL), 1);
}

PORTABLE_TEST(a_transaction_that_only_reads_refuses_changes, 1)
{
    bide_auto(db) reading = bide_db_begin(db, .read_only = true);
    CHECK_EQ(count_of(reading), 0);
    CHECK_EQ(add(reading, 1, NULL), BIDE_EDB);
    CHECK_STR(bide_db_failure(db)->sqlstate, "25006");
    bide_db_close(bide_steal(reading));
    CHECK_EQ(add(db, 1, NULL), 1);
}

#include "db/portable_login.h"

/* ---- refusals -------------------------------------------------------------------------------- */

PORTABLE_TEST(refusals_have_the_same_sqlstates, 2)
{
    CHECK_EQ(add(db, 1, "one"), 1);
    CHECK_EQ(add(db, 1, "again"), BIDE_EDB);
    CHECK_STR(bide_db_failure(db)->sqlstate, "23505");
    CHECK_EQ(add(db, 2, "one"), BIDE_EDB);
    CHECK_STR(bide_db_failure(db)->sqlstate, "23505");
    CHECK(bide_db_query(db, "selct 1") == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    CHECK_MEM(bide_db_failure(db)->sqlstate, "42", 2);
    CHECK_HAS(bide_errmsg(), "\"selct 1\": 42");
    CHECK_EQ(add(db, 3, "three"), 1);
}

PORTABLE_TEST(the_number_of_values_must_fit, 1)
{
    CHECK(bide_db_query(db, places("select id from t where id = $1 or id = $2"), bide_value(1))
          == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_EQ(count_of(db), 0);
}

/* ---- many ------------------------------------------------------------------------------------ */

PORTABLE_TEST(rows_in_bulk_are_all_or_none, 2)
{
    static const char *const columns[] = { "name", "id", NULL };
    bide_auto(db) mine = bide_db_acquire(db);
    fill(mine, 2000);
    for (int way = 0; way < 2; way++) {
        bide_auto(bulk) bulk = bide_db_bulk(mine, "t", columns);
        int rc = 0;
        for (int i = 1999; rc == 0 && i < 4000; i++) {          /* the first one is there */
            const struct bide_value row[] = { BIDE_NULL, bide_value(way ? i : i + 5000) };
            rc = bide_bulk_add(bulk, row, 2);
        }
        if (way == 0)
            continue;           /* not finished */
        CHECK(rc < 0 || bide_bulk_finish(bulk) < 0);
        CHECK_STR(bide_db_failure(db)->sqlstate, "23505");
    }
    CHECK_EQ(count_of(mine), 2000);
}

PORTABLE_TEST(rows_in_bulk_within_a_transaction_are_its_own, 2)
{
    {
        bide_auto(db) change = bide_db_begin(db);
        fill(change, 100);
        CHECK_EQ(count_of(change), 100);
    }
    CHECK_EQ(count_of(db), 0);
}

#include "db/portable_many.h"

/* ---- time, and the pool ---------------------------------------------------------------------- */

static int wait_there(void *db)
{
    bide_auto(rows) rows = bide_db_query(db, words.endless);
    return rows ? 0 : bide_errcode();
}

PORTABLE_TEST(a_cancelled_statement_ends_at_the_server, 1)
{
    bide_auto(db) mine = bide_db_acquire(db);
    {
        BIDE_KEEP_GOING(g);
        bide_spawn(g, wait_there, mine);
        CHECK_EQ(bide_sleep(0.2), 0);
        bide_group_cancel(g);
        bide_ignore(bide_group_wait(g));
    }
    CHECK_EQ(add(mine, 1, NULL), 1);
}

static int take_too_long(void *unused)
{
    (void)unused;
    bide_auto(db) db = portable_open(.size_max = 1, .timeout = 5);
    bide_auto(db) brief = bide_db_open(portable_url(), .drivers = BIDE_DRIVERS(PORTABLE_DRIVER),
                                       .size_max = 1, .timeout = 0.2);
    CHECK_EQ(wait_there(brief), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "timed out after 0.2 s");
    return 0;
}

TEST(a_statement_takes_no_longer_than_it_may)
{
    test_run_task(take_too_long, __FILE__, __LINE__, NULL, .real_clock = true, .seconds = 60);
}

PORTABLE_TEST(a_cancelled_transaction_is_rolled_back, 1)
{
    bide_auto(db) mine = bide_db_acquire(db);
    {
        bide_auto(db) change = bide_db_begin(mine);
        CHECK_EQ(add(change, 1, NULL), 1);
        BIDE_TIMEOUT(limit, 0.2);
        CHECK(bide_db_query(change, words.endless) == NULL);
        CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    }
    CHECK_EQ(count_of(mine), 0);
}

static int run_dry(void *unused)
{
    (void)unused;
    bide_auto(db) db = portable_open(.size_max = 1, .acquire_timeout = 0.2);
    bide_auto(db) mine = bide_db_acquire(db);
    CHECK(bide_db_acquire(db) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "no connection of 1 came free");
    return 0;
}

TEST(a_pool_that_is_dry_is_told)
{
    test_run_task(run_dry, __FILE__, __LINE__, NULL, .real_clock = true, .seconds = 60);
}

/* ---- cancelled anywhere ---------------------------------------------------------------------- */

/* Two rows, or none. */
static int change_all(bide_db *db)
{
    bide_auto(db) outer = bide_db_begin(db);
    if (bide_db_execute(outer, "insert into t (id) values (1)") < 0)
        return bide_errcode();
    bide_auto(db) inner = bide_db_begin(outer);
    if (bide_db_execute(inner, "insert into t (id) values (2)") < 0 || bide_db_commit(inner) < 0)
        return bide_errcode();
    return bide_db_commit(outer);
}

static int check_all_or_none(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select count(*) as n from t");
    int64_t n = bide_rows_int(row, "n");
    if (!row)
        return bide_fail(BIDE_ETEST, "the connection is lost: %s", bide_errmsg());
    return n % 2 ? bide_fail(BIDE_ETEST, "there are %lld rows", (long long)n) : 0;
}

static int change_and_look(void *unused)
{
    (void)unused;
    bide_auto(db) db = bide_db_open(portable_url(), .drivers = BIDE_DRIVERS(PORTABLE_DRIVER));
    bide_auto(db) mine = bide_db_acquire(db);
    if (bide_db_execute(mine, "delete from t") < 0)
        return bide_errcode();
    int rc = change_all(mine);
    BIDE_KEEP_ERROR(why);
    BIDE_SHIELD(ending, 30);
    int whole = check_all_or_none(mine);
    if (whole < 0)
        why = bide_error_held_();
    return whole < 0 ? whole : rc;
}

static int make_table(void *unused)
{
    (void)unused;
    bide_db_close(portable_open(.size_max = 1));
    return 0;
}

TEST(a_transaction_is_whole_or_nothing_wherever_it_is_cancelled)
{
    test_run_task(make_table, __FILE__, __LINE__, NULL, .real_clock = true, .seconds = 60);
    int waits = bide_test_each_wait(change_and_look, NULL, .real_clock = true, .seconds = 60);
    if (waits < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(waits > 0);           /* an idle machine's server may answer before it is waited for */
}

PORTABLE_TEST(what_was_lent_works_on_when_its_pool_is_closed, 1)
{
    bide_db *pool = bide_db_open(portable_url(), .drivers = BIDE_DRIVERS(PORTABLE_DRIVER));
    bide_auto(db) mine = bide_db_acquire(pool);
    bide_db_close(pool);
    bide_auto(rows) row = bide_db_row(mine, "select 1 as n");
    CHECK_EQ(bide_rows_int(row, "n"), 1);
    CHECK(bide_db_stats(db).open <= 1);
}

/* How often each was called. */
struct hooked { int setups, resets; };

static int set_up(bide_db *connection, void *arg)
{
    ((struct hooked *)arg)->setups++;
    return (int)bide_db_execute(connection, "create temporary table if not exists own (n int)");
}

static int reset(bide_db *connection, void *arg)
{
    ((struct hooked *)arg)->resets++;
    return (int)bide_db_execute(connection, "delete from own");
}

PORTABLE_TEST(hooks_make_each_session_and_put_it_back, 1)
{
    struct hooked hooked = { 0 };
    bide_auto(db) pool = bide_db_open(portable_url(), .drivers = BIDE_DRIVERS(PORTABLE_DRIVER),
                                      .size_max = 1, .setup = set_up, .reset = reset,
                                      .arg = &hooked);
    for (int i = 0; i < 3; i++) {
        bide_auto(db) mine = bide_db_acquire(pool);
        CHECK_EQ(hooked.resets, i);
        CHECK(hooked.setups >= 1);
        bide_auto(rows) row = bide_db_row(mine, "select count(*) as n from own");
        CHECK_EQ(bide_rows_int(row, "n"), 0);
        CHECK_EQ(bide_db_execute(mine, "insert into own values (1)"), 1);
    }
    CHECK_EQ(bide_db_stats(pool).connected, 1);
    CHECK(bide_db_stats(db).open <= 1);
}

PORTABLE_TEST(what_was_cut_fails_at_once, 1)
{
    BIDE_KEEP_GOING(g);
    bide_spawn(g, wait_there, db);
    CHECK_EQ(bide_sleep(0.2), 0);
    bide_db_abort(db);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_EQ(bide_db_drain(db), 0);
}

#endif
