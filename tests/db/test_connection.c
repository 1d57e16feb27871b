/* One connection, used by several tasks: whose turn it is, and what comes too late. */
#include "fake.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/sync.h>

struct asking { bide_db *db; const char *sql; };

static int ask(void *arg)
{
    struct asking *a = arg;
    int64_t changed = bide_db_execute(a->db, a->sql);
    return changed < 0 ? (int)changed : 0;
}

static int begin_within_a_second(void *db)
{
    BIDE_TIMEOUT(limit, 1);
    bide_auto(db) change = bide_db_begin(db);
    return change ? 0 : bide_scope_result(limit, bide_errcode());
}

static int commit(void *change) { return bide_db_commit(change); }

TASK_TEST(statements_of_several_tasks_take_turns)
{
    fake.run_time = 1;
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) mine = bide_db_acquire(db);
    double since = bide_now();
    BIDE_GROUP(g);
    bide_spawn_with(g, ask, struct asking, .db = mine, .sql = "x");
    bide_spawn_with(g, ask, struct asking, .db = mine, .sql = "y");
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_NEAR(bide_now() - since, 2, 0.1);
    CHECK_SAID("1:x 1:y");
}

TASK_TEST(what_is_given_while_the_commit_is_on_its_way_is_refused)
{
    fake.run_time = 1;
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) change = bide_db_begin(db);
    BIDE_GROUP(g);
    bide_spawn(g, commit, change);
    CHECK_EQ(bide_sleep(0.5), 0);
    CHECK_EQ(bide_db_execute(change, "x"), BIDE_ECLOSED);
    CHECK_EQ(bide_db_rollback(change), BIDE_ECLOSED);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_SAID("1:begin 1:commit");
}

TASK_TEST(what_is_in_line_when_its_transaction_is_closed_does_not_run)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) mine = bide_db_acquire(db);
    bide_db *change = bide_db_begin(mine);
    fake.run_time = 1;
    BIDE_KEEP_GOING(g);
    struct asking first = { change, "x" }, second = { change, "y" };
    bide_spawn(g, ask, &first);
    bide_spawn(g, ask, &second);
    CHECK_EQ(bide_sleep(0.5), 0);
    bide_db_close(change);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_HAS(bide_errmsg(), "\"y\": the transaction was ended");
    CHECK_SAID("1:begin 1:x 1:rollback");
}

TASK_TEST(what_was_begun_within_a_closed_transaction_is_over)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_db *outer = bide_db_begin(db);
    bide_auto(db) inner = bide_db_begin(outer);
    bide_auto(db) innermost = bide_db_begin(inner);
    bide_db_close(outer);
    CHECK_EQ(bide_db_execute(innermost, "x"), BIDE_ECLOSED);
    CHECK_EQ(bide_db_commit(inner), BIDE_ECLOSED);
    CHECK_SAID("1:begin 1:savepoint bide_2 1:savepoint bide_3 1:rollback");
}

TASK_TEST(a_begin_cancelled_in_line_is_not_rolled_back)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) mine = bide_db_acquire(db);
    bide_auto(db) outer = bide_db_begin(mine);
    fake.run_time = 5;
    BIDE_GROUP(g);
    bide_spawn_with(g, ask, struct asking, .db = outer, .sql = "x");
    bide_ignore(bide_yield());
    CHECK_EQ(begin_within_a_second(outer), BIDE_ETIMEDOUT);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_db_commit(outer), 0);
    CHECK_SAID("1:begin 1:x 1:commit");
}

TASK_TEST(a_begin_cancelled_on_its_way_is_rolled_back)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) mine = bide_db_acquire(db);
    fake.run_time = 5;
    CHECK_EQ(begin_within_a_second(mine), BIDE_ETIMEDOUT);
    CHECK_SAID("1:begin 1:rollback");
}

/* Else it would not be known whether it is there. */
TASK_TEST(a_savepoint_on_its_way_is_not_cancelled)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) outer = bide_db_begin(db);
    fake.run_time = 5;
    CHECK_EQ(begin_within_a_second(outer), 0);
    fake.run_time = 0;
    CHECK_EQ(bide_db_commit(outer), 0);
    CHECK_SAID("1:begin 1:savepoint bide_2 1:rollback to savepoint bide_2 "
               "1:release savepoint bide_2 1:commit");
}

TASK_TEST(a_cancelled_commit_is_rolled_back)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) change = bide_db_begin(db);
    fake.run_time = 5;
    {
        BIDE_TIMEOUT(limit, 1);
        CHECK_EQ(bide_db_commit(change), BIDE_ECANCELED);
    }
    CHECK_SAID("1:begin 1:commit 1:rollback");
}

/* Nothing comes between the table's name and its rows. */
TASK_TEST(rows_in_bulk_begin_in_their_turn)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) mine = bide_db_acquire(db);
    fake.run_time = fake.bulk_time = 1;
    BIDE_KEEP_GOING(g);
    struct asking first = { mine, "x" }, second = { mine, "y" };
    bide_spawn(g, ask, &first);
    bide_ignore(bide_yield());
    BIDE_KEEP_GOING(late);
    bide_auto(bulk) bulk = bide_db_bulk(mine, "t", NULL);
    bide_spawn(late, ask, &second);
    CHECK(bulk != NULL);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_group_wait(late), BIDE_EBUSY);
    CHECK_SAID("1:x 1:t");
}

TASK_TEST(a_statement_in_line_is_refused_when_rows_are_streamed_before_it)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) mine = bide_db_acquire(db);
    fake.run_time = 1;
    BIDE_KEEP_GOING(g);
    struct asking later = { mine, "x" };
    bide_spawn(g, ask, &later);
    bide_auto(rows) rows = bide_db_stream(mine, "rows 2");      /* before it runs */
    CHECK(rows != NULL);
    CHECK_EQ(bide_group_wait(g), BIDE_EBUSY);
    CHECK_SAID("1:rows 2");
}

TASK_TEST(bulk_takes_no_longer_than_it_may)
{
    static const struct bide_value one = { BIDE_VALUE_INT, 0, { 1 } };
    bide_auto(db) db = fake_open(.size_max = 1, .timeout = 2);
    fake.bulk_time = 5;
    CHECK(bide_db_bulk(db, "t", NULL) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    for (int i = 0; i < 2; i++) {
        fake.bulk_time = 0;
        bide_auto(bulk) bulk = bide_db_bulk(db, "t", NULL);
        CHECK(bulk != NULL);
        fake.bulk_time = 5;
        CHECK_EQ(i ? bide_bulk_finish(bulk) : bide_bulk_add(bulk, &one, 1), BIDE_ETIMEDOUT);
        CHECK_EQ(bide_bulk_add(bulk, &one, 1), BIDE_ECLOSED);
    }
}

TASK_TEST(a_finished_bulk_leaves_the_connection_to_others_before_it_is_closed)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(db) mine = bide_db_acquire(db);
    bide_auto(bulk) first = bide_db_bulk(mine, "t", NULL);
    CHECK(bide_db_bulk(mine, "u", NULL) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    CHECK_EQ(bide_bulk_finish(first), 0);
    CHECK_EQ(bide_db_execute(mine, "x"), 1);
    bide_auto(bulk) second = bide_db_bulk(mine, "u", NULL);
    CHECK(second != NULL);
    bide_bulk_close(bide_steal(first));
    CHECK_EQ(bide_db_execute(mine, "x"), BIDE_EBUSY);
}

TASK_TEST(a_cancelled_task_adds_nothing_in_bulk)
{
    static const struct bide_value one = { BIDE_VALUE_INT, 0, { 1 } };
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(bulk) bulk = bide_db_bulk(db, "t", NULL);
    {
        BIDE_SCOPE(scope);
        bide_scope_cancel(scope);
        CHECK_EQ(bide_bulk_add(bulk, &one, 1), BIDE_ECANCELED);
        CHECK_EQ(bide_bulk_finish(bulk), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_bulk_add(bulk, &one, 1), 0);
    CHECK_EQ(bide_bulk_finish(bulk), 1);
}

TASK_TEST(streamed_rows_wait_no_longer_than_a_statement_may)
{
    bide_auto(db) db = fake_open(.size_max = 1, .timeout = 2);
    bide_auto(rows) rows = bide_db_stream(db, "rows 2");
    CHECK_EQ(bide_rows_next(rows), 1);
    fake.next_time = 5;
    CHECK_EQ(bide_rows_next(rows), BIDE_ETIMEDOUT);
    CHECK_EQ(bide_rows_next(rows), BIDE_ETIMEDOUT);
}

TASK_TEST(rows_that_were_cut_off_do_not_look_ended)
{
    bide_auto(db) db = fake_open(.size_max = 1);
    bide_auto(rows) rows = bide_db_stream(db, "rows 2");
    CHECK_EQ(bide_rows_next(rows), 1);
    fake.next_time = 5;
    {
        BIDE_TIMEOUT(limit, 1);
        CHECK_EQ(bide_rows_next(rows), BIDE_ECANCELED);
    }
    fake.next_time = 0;
    CHECK_EQ(bide_rows_next(rows), BIDE_ECLOSED);
    CHECK_HAS(bide_errmsg(), "cut off");
}

/* ---- closed while another task comes in ------------------------------------------------------ */

static int close_now(void *db)
{
    bide_db_close(*(bide_db **)db);
    return 0;
}

/* A call yields now and then before it does anything; what it was given may be gone then. */
static void close_at_credit(int used, bool lent)
{
    bide_event set = { 0 };
    bide_event_set(&set);
    bide_db *db = fake_open(.size_max = 1), *mine = lent ? bide_db_acquire(db) : NULL;
    BIDE_GROUP(g);
    bide_ignore(bide_yield());
    for (int i = 0; i < used; i++)
        CHECK_EQ(bide_event_wait(&set), 0);
    bide_spawn(g, close_now, lent ? &mine : &db);
    int64_t rc = bide_db_execute(lent ? mine : db, "x");
    CHECK(rc == 1 || rc == BIDE_ECLOSED);
    CHECK_EQ(bide_group_wait(g), 0);
    if (lent)
        bide_db_close(db);
}

TASK_TEST(who_comes_in_holds_what_he_was_given)
{
    for (int used = 0; used < 140; used++) {
        close_at_credit(used, true);
        close_at_credit(used, false);
    }
}
