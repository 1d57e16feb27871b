/* One statement with many values, of every driver: a part of portable.h, which includes it. */
#ifndef TESTS_DB_PORTABLE_MANY_H
#define TESTS_DB_PORTABLE_MANY_H

PORTABLE_TEST(one_statement_with_many_values_is_all_or_nothing, 2)
{
    struct bide_value values[200];
    for (int i = 0; i < 100; i++) {
        values[2 * i] = bide_value(i);
        values[2 * i + 1] = BIDE_NULL;
    }
    const char *sql = places("insert into t values ($1, $2)");
    CHECK_EQ(bide_db_execute_many(db, sql, values, 2, 100), 100);
    values[0] = bide_value(1000);
    CHECK_EQ(bide_db_execute_many(db, sql, values, 2, 100), BIDE_EDB);
    CHECK_STR(bide_db_failure(db)->sqlstate, "23505");
    CHECK_EQ(count_of(db), 100);
    CHECK_EQ(bide_db_execute_many(db, sql, NULL, 2, 0), 0);
}

PORTABLE_TEST(one_query_with_many_values_brings_the_rows_of_all_in_their_order, 2)
{
    fill(db, 10);
    struct bide_value values[6];
    for (int i = 0; i < 6; i++)
        values[i] = bide_value(i < 4 ? 7 - 2 * i : 100);        /* 7, 5, 3, 1, and twice nothing */
    const char *sql = places("select id, name from t where id = $1");
    bide_auto(rows) rows = bide_db_query_many(db, sql, values, 1, 6);
    CHECK_EQ(bide_rows_count(rows), 4);
    CHECK_EQ(bide_rows_width(rows), 2);
    CHECK_STR(bide_rows_name(rows, 1), "name");
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK_EQ(bide_rows_int(rows, "id"), 7 - 2 * i);
        CHECK(bide_rows_is_null(rows, "name"));
    }
    CHECK_EQ(bide_rows_next(rows), 0);
    CHECK_EQ(bide_rows_next(rows), 0);
    CHECK_STR(bide_rows_name(rows, 0), "id");
    CHECK_EQ(bide_rows_end(rows), 0);
}

PORTABLE_TEST(a_wrong_column_of_the_rows_of_many_values_is_told, 1)
{
    fill(db, 2);
    const struct bide_value values[] = { bide_value(0), bide_value(1) };
    const char *sql = places("select id from t where id = $1");
    bide_auto(rows) rows = bide_db_query_many(db, sql, values, 1, 2);
    CHECK_EQ(bide_rows_next(rows), 1);
    CHECK_EQ(bide_rows_int(rows, "nome"), 0);
    CHECK_EQ(bide_rows_next(rows), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "nome");
}

PORTABLE_TEST(one_query_with_many_values_is_all_or_nothing, 2)
{
    struct bide_value values[40];
    for (int i = 0; i < 20; i++) {
        values[2 * i] = bide_value(i < 19 ? i : 0);
        values[2 * i + 1] = BIDE_NULL;
    }
    const char *sql = places("insert into t values ($1, $2)");
    CHECK(bide_db_query_many(db, sql, values, 2, 20) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    CHECK_STR(bide_db_failure(db)->sqlstate, "23505");
    CHECK_EQ(count_of(db), 0);
    bide_auto(rows) rows = bide_db_query_many(db, sql, values, 2, 19);
    CHECK_EQ(bide_rows_count(rows), 19);        /* changed */
    CHECK_EQ(bide_rows_next(rows), 0);
    CHECK_EQ(count_of(db), 19);
    bide_auto(rows) none = bide_db_query_many(db, sql, NULL, 2, 0);
    CHECK_EQ(bide_rows_next(none), 0);
    CHECK_EQ(bide_rows_width(none), 0);
    CHECK_EQ(bide_rows_end(none), 0);
    CHECK(bide_db_query_many(db, NULL, NULL, 0, 1) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}

PORTABLE_TEST(one_query_with_many_values_within_a_transaction_is_its_own, 2)
{
    const struct bide_value values[] = { bide_value(1), BIDE_NULL, bide_value(2), BIDE_NULL };
    {
        bide_auto(db) change = bide_db_begin(db);
        bide_auto(rows) rows = bide_db_query_many(change,
            places("insert into t values ($1, $2)"), values, 2, 2);
        CHECK_EQ(bide_rows_count(rows), 2);
        CHECK_EQ(count_of(change), 2);
    }
    CHECK_EQ(count_of(db), 0);
}

#endif
