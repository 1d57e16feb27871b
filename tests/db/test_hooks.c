/* The program's hooks of a pool, and a pool that ends while they or the server take their time. */
#include "fake.h"

#include <bide/group.h>
#include <bide/scope.h>

struct hooks { int setups, resets; const char *sql; double seconds; };

static int say(bide_db *connection, const struct hooks *h, const char *word)
{
    if (h->seconds > 0 && bide_sleep(h->seconds) < 0)
        return bide_errcode();
    int64_t rc = bide_db_execute(connection, h->sql ? h->sql : word);
    return rc < 0 ? (int)rc : 0;
}

static int set_up(bide_db *connection, void *arg)
{
    struct hooks *h = arg;
    h->setups++;
    return say(connection, h, "set up");
}

static int put_back(bide_db *connection, void *arg)
{
    struct hooks *h = arg;
    h->resets++;
    return say(connection, h, "set back");
}

static int use(void *db)
{
    int64_t rc = bide_db_execute(db, "x");
    return rc < 0 ? (int)rc : 0;
}

static void lend(bide_db *db)
{
    bide_db_close(bide_db_acquire(db));
    CHECK_EQ(bide_sleep(1), 0);
}

static bide_db *keeping(struct hooks *h)
{
    return bide_db_open("keeping:x", .drivers = BIDE_DRIVERS(&keeping_driver), .size_max = 1,
                        .setup = set_up, .reset = put_back, .arg = h);
}

TASK_TEST(where_a_reset_drops_settings_a_session_is_set_up_again)
{
    struct hooks h = { 0 };
    bide_auto(db) db = keeping(&h);
    CHECK_EQ(bide_db_execute(db, "x"), 1);
    CHECK_EQ(bide_db_execute(db, "y"), 1);
    CHECK_SAID("1:set up 1:x 1:y");     /* setting up is no change that is to be undone */
    lend(db);
    CHECK_EQ(bide_db_execute(db, "z"), 1);
    CHECK_SAID("1:set up 1:set back 1:z");
    CHECK_EQ(fake.resets, 1);
    CHECK_EQ(fake.kept, 2);
}

TASK_TEST(where_a_reset_keeps_settings_a_session_is_set_up_once)
{
    struct hooks h = { .sql = "x" };
    bide_auto(db) db = fake_open(.size_max = 1, .setup = set_up, .reset = put_back, .arg = &h);
    lend(db);
    lend(db);
    CHECK_EQ(h.setups, 1);
    CHECK_EQ(h.resets, 2);
    CHECK_EQ(fake.connected, 1);
}

TASK_TEST(a_connection_whose_hook_fails_is_not_used)
{
    struct hooks h = { .sql = "fail" };
    bide_auto(db) db = keeping(&h);
    CHECK_EQ(bide_db_execute(db, "x"), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "setup of a new connection: ");
    CHECK_EQ(fake.open, 0);
    h.sql = NULL;
    bide_db *mine = bide_db_acquire(db);
    h.sql = "fail";
    bide_db_close(mine);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(fake.open, 0);
    h.sql = NULL;
    CHECK_EQ(bide_db_execute(db, "x"), 1);
}

TASK_TEST(a_hook_takes_no_longer_than_connecting_may)
{
    struct hooks h = { .seconds = 60 };
    bide_auto(db) db = keeping(&h);
    CHECK_EQ(bide_db_execute(db, "x"), BIDE_ETIMEDOUT);
    CHECK_EQ(fake.open, 0);
}

/* ---- a pool that ends meanwhile -------------------------------------------------------------- */

enum how { CLOSE, ABORT, DRAIN };

/* BIDE_ECLOSED at once, whatever was waited for. */
static void end_after_a_second(bide_db *db, enum how how)
{
    double since = bide_now();
    BIDE_KEEP_GOING(g);
    bide_spawn(g, use, db);
    CHECK_EQ(bide_sleep(1), 0);
    if (how == CLOSE)
        bide_db_close(db);
    else if (how == ABORT)
        bide_db_abort(db);
    else
        CHECK_EQ(bide_db_drain(db), 0);
    CHECK_EQ(bide_group_wait(g), BIDE_ECLOSED);
    CHECK_NEAR(bide_now() - since, 1, 0.1);
    CHECK_EQ(fake.open, 0);
    if (how != CLOSE)
        bide_db_close(db);
}

TASK_TEST(who_connects_is_let_go_when_the_pool_ends)
{
    fake.connect_time = 5;
    for (enum how how = CLOSE; how <= DRAIN; how++)
        end_after_a_second(fake_open(.size_max = 1), how);
}

TASK_TEST(who_sets_up_is_let_go_when_the_pool_ends)
{
    struct hooks h = { .seconds = 5 };
    for (enum how how = CLOSE; how <= DRAIN; how++)
        end_after_a_second(keeping(&h), how);
}

TASK_TEST(an_aborted_pool_cuts_what_is_put_back)
{
    fake.reset_time = 5;
    bide_db *db = fake_open(.size_max = 1);
    bide_db_close(bide_db_acquire(db));
    CHECK_EQ(bide_sleep(1), 0);
    bide_db_abort(db);
    CHECK_EQ(bide_db_drain(db), 0);
    CHECK_EQ(fake.open, 0);
    bide_db_close(db);
}

TASK_TEST(a_sentence_about_a_url_does_not_tell_its_password)
{
    CHECK(bide_db_open("other://me:secret@host/x", .drivers = BIDE_DRIVERS(&fake_driver)) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EURL);
    CHECK_STR(bide_errmsg(), "\"other:\" names no database that this program knows "
                             "(fake:, fakedb:)");
    CHECK(bide__db_open(&keeping_driver, &(struct bide_db_opts){ sizeof(struct bide_db_opts),
                        .url = "fake:x" }) == NULL);
    CHECK_STR(bide_errmsg(), "\"fake:\" names no database that this program knows (keeping:)");
}
