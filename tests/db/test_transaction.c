/* Transactions, savepoints, and rows. */
#include "fake.h"

TASK_TEST(a_transaction_commits_on_one_connection)
{
    bide_auto(db) db = fake_open(.size_max = 2);
    bide_auto(db) change = bide_db_begin(db);
    CHECK_EQ(bide_db_execute(change, "x"), 1);
    CHECK_EQ(bide_db_commit(change), 0);
    CHECK_SAID("1:begin 1:x 1:commit");
    CHECK_EQ(bide_db_execute(change, "y"), BIDE_ECLOSED);
}

static int fail_within(bide_db *db)
{
    bide_auto(db) change = bide_db_begin(db);
    if (bide_db_execute(change, "x") < 0 || bide_db_execute(change, "fail") < 0)
        return bide_errcode();
    return bide_db_commit(change);
}

TASK_TEST(leaving_the_block_rolls_back_and_keeps_the_error)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    CHECK_EQ(fail_within(db), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "it is there");
    CHECK_SAID("1:begin 1:x 1:fail 1:rollback");
    CHECK_EQ(bide_db_execute(db, "y"), 1);
    CHECK_EQ(fake.resets, 1);
}

TASK_TEST(a_transaction_within_a_transaction_is_a_savepoint)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) outer = bide_db_begin(db);
    {
        bide_auto(db) inner = bide_db_begin(outer);
        CHECK_EQ(bide_db_execute(outer, "x"), BIDE_EBUSY);
        CHECK_EQ(bide_db_execute(inner, "y"), 1);
        bide_auto(db) innermost = bide_db_begin(inner);
        CHECK_EQ(bide_db_commit(innermost), 0);
    }
    CHECK_EQ(bide_db_execute(outer, "z"), 1);
    CHECK_EQ(bide_db_commit(outer), 0);
    CHECK_SAID("1:begin 1:savepoint bide_2 1:y 1:savepoint bide_3 1:release savepoint bide_3 "
               "1:rollback to savepoint bide_2 1:release savepoint bide_2 1:z 1:commit");
}

TASK_TEST(what_was_begun_on_goes_on_when_the_transaction_within_is_over)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) outer = bide_db_begin(db);
    bide_auto(db) one = bide_db_begin(outer);
    CHECK_EQ(bide_db_commit(one), 0);
    bide_auto(db) two = bide_db_begin(outer);
    bide_db_close(bide_steal(one));
    CHECK_EQ(bide_db_execute(outer, "x"), BIDE_EBUSY);
    CHECK_EQ(bide_db_rollback(two), 0);
    CHECK_EQ(bide_db_commit(outer), 0);
}

TASK_TEST(transactions_may_be_closed_from_the_outside_in)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_db *outer = bide_db_begin(db);
    bide_db *inner = bide_db_begin(outer);
    bide_db_close(outer);
    bide_db_close(inner);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bide_db_stats(db).idle, 1);
}

TASK_TEST(a_refused_commit_is_rolled_back)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) change = bide_db_begin(db, .read_only = true);
    fake.breaks = true;
    CHECK_EQ(bide_db_commit(change), -ECONNRESET);
    CHECK_HAS(bide_errmsg(), "commit: ");
    CHECK_SAID("1:begin read only 1:commit");
}

TASK_TEST(only_an_outermost_transaction_has_options)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) change = bide_db_begin(db);
    CHECK(bide_db_begin(change, .read_only = true) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_EQ(bide_db_commit(db), BIDE_EINVAL);
}

TASK_TEST(a_begin_that_is_refused_gives_its_connection_back)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    fake.breaks = true;
    CHECK(bide_db_begin(db) == NULL);
    CHECK_EQ(bide_errcode(), -ECONNRESET);
    fake.breaks = false;
    CHECK_EQ(bide_db_execute(db, "x"), 1);
}

TASK_TEST(a_savepoint_that_is_refused_is_not_rolled_back)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) outer = bide_db_begin(db);
    fake.refuses_savepoints = true;
    CHECK(bide_db_begin(outer) == NULL);
    CHECK_EQ(bide_db_commit(outer), 0);
    CHECK_SAID("1:begin 1:savepoint bide_2 1:commit");
}

TASK_TEST(rows_are_read_by_name_and_number)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(rows) rows = bide_db_query(db, "rows 3");
    CHECK_EQ(bide_rows_count(rows), 3);
    int64_t sum = 0;
    int rc;
    while ((rc = bide_rows_next(rows)) > 0) {
        sum += bide_rows_int(rows, "n");
        CHECK_STR(bide_rows_text(rows, "word"), "text");
        CHECK_STR(bide_rows_text(rows, "n"), sum == 1 ? "1" : sum == 3 ? "2" : "3");
        CHECK_EQ(bide_rows_at(rows, 0).as.i, bide_rows_int(rows, "n"));
    }
    CHECK_EQ(rc, 0);
    CHECK_EQ(sum, 6);
}

TASK_TEST(a_wrong_name_or_type_makes_the_rows_bad)
{
    static const char *const says[] = { "there is no column \"m\"", "column \"word\": is text",
                                        "stand on no row", "there is no column 2 (there are 2)" };
    bide_auto(db) db = fake_open(.size_max = 1);
    for (int i = 0; i < 4; i++) {
        bide_auto(rows) rows = bide_db_query(db, "rows 2");
        if (i != 2)
            CHECK_EQ(bide_rows_next(rows), 1);
        if (i == 3)
            CHECK_EQ(bide_rows_at(rows, 2).type, BIDE_VALUE_NULL);
        else
            CHECK_EQ(bide_rows_int(rows, i == 0 ? "m" : "word"), 0);
        CHECK(bide_rows_next(rows) < 0);
        CHECK_HAS(bide_errmsg(), says[i]);
        CHECK(bide_rows_end(rows) < 0);
    }
}

TASK_TEST(streamed_rows_have_the_connection_for_themselves)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) mine = bide_db_acquire(db);
    {
        bide_auto(rows) rows = bide_db_stream(mine, "rows 2");
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK_EQ(bide_db_execute(mine, "x"), BIDE_EBUSY);
        CHECK_HAS(bide_errmsg(), "still streamed");
    }
    CHECK_EQ(bide_db_execute(mine, "x"), 1);
}

TASK_TEST(streamed_rows_of_a_pool_give_the_connection_back_when_closed)
{
    bide_auto(db) db = fake_open(.size_max = 1, .acquire_timeout = 1);
    bide_auto(rows) rows = bide_db_stream(db, "rows 2");
    CHECK_EQ(bide_db_execute(db, "x"), BIDE_ETIMEDOUT);
    bide_rows_close(bide_steal(rows));
    CHECK_EQ(bide_db_execute(db, "x"), 1);
}

TASK_TEST(one_row_must_be_there)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(rows) row = bide_db_row(db, "rows 1");
    CHECK_EQ(bide_rows_int(row, "n"), 1);
    CHECK_EQ(bide_rows_end(row), 0);
    CHECK(bide_db_row(db, "rows 0") == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    CHECK_STR(bide_errmsg(), "\"rows 0\": no row");
}

TASK_TEST(many_values_are_all_or_nothing)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    const struct bide_value values[] = { bide_value(1), bide_value(2), bide_value(3) };
    CHECK_EQ(bide_db_execute_many(db, "x", values, 1, 3), 3);
    CHECK_SAID("1:begin 1:x 1:x 1:x 1:commit");
    CHECK_EQ(bide_db_execute_many(db, "fail", values, 1, 3), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "row 1");
    CHECK_SAID("1:begin 1:fail 1:rollback");
}

TASK_TEST(the_rows_of_many_values_follow_each_other)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    const struct bide_value values[] = { bide_value(1), bide_value(2), bide_value(3) };
    bide_auto(rows) rows = bide_db_query_many(db, "rows 2", values, 1, 3);
    CHECK_SAID("1:begin 1:rows 2 1:rows 2 1:rows 2 1:commit");
    CHECK_EQ(bide_rows_count(rows), 6);
    for (int i = 0; i < 6; i++) {
        CHECK_EQ(bide_rows_next(rows), 1);
        CHECK_EQ(bide_rows_int(rows, "n"), 1 + i % 2);
        CHECK_STR(bide_rows_text(rows, "word"), "text");
        CHECK_STR(bide_rows_type(rows, 0), "int8");
    }
    CHECK_EQ(bide_rows_next(rows), 0);
    CHECK(bide_db_query_many(db, "fail", values, 1, 3) == NULL);
    CHECK_HAS(bide_errmsg(), "row 1");
    CHECK_SAID("1:begin 1:fail 1:rollback");
}
