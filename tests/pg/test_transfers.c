/* Many tasks move money between accounts in transactions while backends are ended and killed: the
 * sum stays, and each transfer that was said to be done is there, once.
 *
 * BIDE_TRANSFERS=100000 does so many (./dev check databases). */
#include "pg/server.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>

enum { ACCOUNTS = 50, TASKS = 8, EACH = 1000 };

struct bank {
    bide_db *pool;
    int wanted;                 /* transfers that must be done */
    int begun, room;            /* numbers that were given out, and may be */
    signed char *told;          /* of each number: 0 it is not known, else what transfer() said */
    int done, refused, unknown; /* what was said of them */
    int ended, killed;          /* backends */
    bool over;
    unsigned random;
};

static unsigned draw(struct bank *b, unsigned below)
{
    b->random = b->random * 1664525u + 1013904223u;
    return (b->random >> 8) % below;
}

/* ---- transfers ------------------------------------------------------------------------------- */

BIDE_WAITS static int move(bide_db *change, int from, int to, int sum, int number)
{
    if (bide_db_execute(change, "update accounts set sum = sum - $1 where id = $2", bide_value(sum),
                        bide_value(from)) < 0 ||
        bide_db_execute(change, "update accounts set sum = sum + $1 where id = $2", bide_value(sum),
                        bide_value(to)) < 0 ||
        bide_db_execute(change, "insert into journal values ($1)", bide_value(number)) < 0)
        return bide_errcode();
    return 0;
}

enum { NOT_KNOWN, DONE, NOT_DONE };
BIDE_WAITS static int transfer(struct bank *b, int number)
{
    int from = (int)draw(b, ACCOUNTS), to = (int)draw(b, ACCOUNTS), sum = (int)draw(b, 100);
    bide_auto(db) change = bide_db_begin(b->pool);
    if (!change || move(change, from, to, sum, number) < 0)
        return NOT_DONE;        /* no commit was sent */
    int rc = bide_db_commit(change);
    return rc == 0 ? DONE : rc == BIDE_EDB ? NOT_DONE : NOT_KNOWN;
}

static int next_number(struct bank *b)
{
    if (b->begun == b->room) {
        b->room = 2 * b->room + 1000;
        b->told = realloc(b->told, (size_t)b->room);
        CHECK(b->told != NULL);
    }
    return b->begun++;
}

/* What was not done is done again under another number: of what is not known, nobody knows. */
static int go_on(void *arg)
{
    struct bank *b = arg;
    while (b->done < b->wanted) {
        int number = next_number(b);
        int what = transfer(b, number);
        b->told[number] = (signed char)what;
        b->done += what == DONE;
        b->refused += what == NOT_DONE;
        b->unknown += what == NOT_KNOWN;
        if (what != DONE)
            CHECK_EQ(bide_sleep(0.001), 0);     /* a recovering server refuses at once */
    }
    return 0;
}

/* ---- kills ----------------------------------------------------------------------------------- */

BIDE_WAITS static int one_backend(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select pid from pg_stat_activity where "
        "application_name = 'bank' order by random() limit 1");
    return row ? (int)bide_rows_int(row, "pid") : -1;
}

/* Every so many transfers a backend is ended; now and then one is killed, for then the server ends
 * them all and recovers. */
enum { FOR_AN_END = 50, FOR_A_KILL = 2500, FIRST_KILL = 60 };

static int strike(void *arg)
{
    struct bank *b = arg;
    bide_auto(db) db = bide_pg_open(server.url, .size_max = 1);
    while (!b->over) {
        CHECK_EQ(bide_sleep(0.002), 0);
        bool hard = b->done >= FIRST_KILL + b->killed * FOR_A_KILL;
        if (!hard && b->done < b->ended * FOR_AN_END)
            continue;
        int pid = one_backend(db);
        if (pid <= 1 || kill(pid, hard ? SIGKILL : SIGTERM) < 0)
            continue;
        b->ended += !hard;
        b->killed += hard;
    }
    return 0;
}

/* ---- the figures ----------------------------------------------------------------------------- */

BIDE_WAITS static int64_t number(bide_db *db, const char *sql)
{
    bide_auto(rows) row = bide_db_row(db, sql);
    for (int i = 0; !row && i < 1000; i++) {    /* it may be recovering */
        CHECK_EQ(bide_sleep(0.01), 0);
        row = bide_db_row(db, sql);
    }
    CHECK(row != NULL);
    return bide_rows_int(row, "n");
}

/* All that are done are there, and of the others only those of which nothing is known. */
static void check_journal(bide_db *db, const struct bank *b)
{
    bide_auto(rows) rows = bide_db_stream(db, "select number from journal order by number");
    int64_t before = -1;
    int rc, done = 0;
    while ((rc = bide_rows_next(rows)) > 0) {
        int64_t number = bide_rows_int(rows, "number");
        CHECK(number > before && number < b->begun);
        CHECK(b->told[number] != NOT_DONE);
        done += b->told[number] == DONE;
        before = number;
    }
    CHECK_EQ(rc, 0);
    CHECK_EQ(done, b->done);
}

static void check_books(const struct bank *b)
{
    bide_auto(db) db = bide_pg_open(server.url);
    CHECK_EQ(number(db, "select sum(sum) as n from accounts"), ACCOUNTS * EACH);
    check_journal(db, b);
}

static void do_transfers(int wanted)
{
    static const struct bide_pair named[] = { { "application_name", "bank" }, { NULL, NULL } };
    bide_auto(db) db = bide_pg_open(server.url);
    char sql[300];
    snprintf(sql, sizeof sql, "create table accounts (id int primary key, sum int); "
             "create table journal (number int); insert into accounts "
             "select i, %d from generate_series(0, %d) i", EACH, ACCOUNTS - 1);
    CHECK_EQ(bide_db_execute(db, sql), ACCOUNTS);
    struct bank b = { .pool = bide_pg_open(server.url, .settings = named, .size_max = TASKS),
                      .wanted = wanted, .random = 1 };
    double began = bide_now();
    {
        BIDE_GROUP(killers);
        bide_spawn(killers, strike, &b);
        BIDE_GROUP(g);
        for (int i = 0; i < TASKS; i++)
            bide_spawn(g, go_on, &b);
        CHECK_EQ(bide_group_wait(g), 0);
        b.over = true;
        CHECK_EQ(bide_group_wait(killers), 0);
    }
    bide_db_close(b.pool);
    check_books(&b);
    fprintf(stderr, "# %d transfers in %.1f s, %d refused, %d not known; %d backends ended, %d "
            "killed\n", b.done, bide_now() - began, b.refused, b.unknown, b.ended, b.killed);
    CHECK(b.ended > 0 && b.killed > 0);
    free(b.told);
}

static int wanted_transfers(void)
{
    const char *asked = getenv("BIDE_TRANSFERS");
    return asked ? atoi(asked) : test_is_slow() ? 100 : 500;
}

static int run(void *unused)
{
    (void)unused;
    do_transfers(wanted_transfers());
    return 0;
}

TEST(transfers_under_kills_keep_the_sum)
{
    test_run_task(run, __FILE__, __LINE__, NULL, .real_clock = true, .seconds = 3600);
}
