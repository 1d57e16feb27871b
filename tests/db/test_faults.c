/* A pool and all that it lends, with every allocation failing once, and cancelled wherever anything
 * is waited for. */
#include "fake.h"

#include <bide/group.h>
#include <bide/scope.h>

struct asking { bide_db *db; const char *sql; };

static int ask(void *arg)
{
    struct asking *a = arg;
    bide_auto(rows) rows = bide_db_query(a->db, a->sql);
    return rows ? 0 : bide_errcode();
}

/* More than there are connections, some of which are refused. */
static int ask_much(bide_db *db)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 4; i++)
        bide_spawn_with(g, ask, struct asking, .db = db, .sql = "rows 3");
    int rc = bide_group_wait(g);
    if (rc == 0 && bide_db_execute(db, "fail") != BIDE_EDB)
        rc = bide_errcode();
    return rc;
}

static int add_in_bulk(bide_db *db)
{
    bide_auto(bulk) bulk = bide_db_bulk(db, "t", NULL);
    const struct bide_value two[] = { bide_value(1), bide_value("one") };
    int64_t rc = bide_bulk_add(bulk, two, 2);
    if (rc == 0)
        rc = bide_bulk_finish(bulk);
    return rc < 0 ? (int)rc : 0;
}

static int read_some(bide_db *db)
{
    bide_auto(rows) rows = bide_db_stream(db, "rows 5");
    int rc = bide_rows_next(rows);
    if (rc > 0 && bide_rows_text(rows, "n"))
        rc = bide_rows_next(rows);
    return rc < 0 ? rc : bide_rows_end(rows);
}

static int change(bide_db *db)
{
    bide_auto(db) outer = bide_db_begin(db);
    {
        bide_auto(db) left = bide_db_begin(outer);
        if (bide_db_execute(left, "x") < 0)
            return bide_errcode();
    }
    bide_auto(db) inner = bide_db_begin(outer);
    int rc = inner ? read_some(inner) : bide_errcode();
    if (rc == 0)
        rc = add_in_bulk(inner);
    if (rc == 0)
        rc = bide_db_commit(inner);
    return rc < 0 ? rc : bide_db_commit(outer);
}

static int work(bide_db *db)
{
    const struct bide_value values[] = { bide_value(1), bide_value(2) };
    bide_auto(db) mine = bide_db_acquire(db);
    int rc = mine ? change(mine) : bide_errcode();
    bide_db_close(bide_steal(mine));
    if (rc == 0)
        rc = ask_much(db);
    if (rc == 0)
        rc = change(db);
    if (rc == 0 && bide_db_execute_many(db, "x", values, 1, 2) < 0)
        rc = bide_errcode();
    bide_auto(rows) rows = rc == 0 ? bide_db_query_many(db, "rows 1", values, 1, 2) : NULL;
    if (rc == 0 && bide_rows_next(rows) < 0)
        rc = bide_errcode();
    return rc;
}

static int set_up(bide_db *connection, void *arg)
{
    (void)arg;
    int64_t rc = bide_db_execute(connection, "set x");
    return rc < 0 ? (int)rc : 0;
}

/* Whatever happened, nothing is said that a server would refuse, and all comes back. */
static int converse(void *url)
{
    fake = (struct fake){ .run_time = 0.01, .connect_time = 0.01, .next_time = 0.01,
                          .bulk_time = 0.01 };
    bide_db *db = bide_db_open(url, .drivers = BIDE_DRIVERS(FAKE_DRIVERS), .size_max = 2,
                               .size_min = 1, .share = 2, .setup = set_up);
    int rc = db ? work(db) : bide_errcode();
    BIDE_KEEP_ERROR(why);
    BIDE_SHIELD(ending, 60);
    if (fake.wrong)
        return bide_fail(BIDE_ETEST, "wrong: %s", fake.said);
    if (db && bide_db_drain(db) < 0)
        return bide_fail(BIDE_ETEST, "the pool is not whole any more");
    bide_db_close(db);
    if (fake.open)
        return bide_fail(BIDE_ETEST, "%d connections are left", fake.open);
    return rc;
}

static char keeping[] = "keeping:x", piping[] = "piping:x";

static void survives(int faults, int least)
{
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults >= least);
}

TEST(every_allocation_may_fail)
{
    survives(bide_test_each_allocation(converse, keeping), 10);
    survives(bide_test_each_allocation(converse, piping), 10);
}

TEST(every_wait_may_be_cancelled)
{
    survives(bide_test_each_wait(converse, keeping), 30);
    survives(bide_test_each_wait(converse, keeping, .seed = 5), 30);
    survives(bide_test_each_wait(converse, piping), 30);
}
