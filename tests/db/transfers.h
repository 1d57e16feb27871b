/* Many tasks move money between accounts in transactions, while something kills servers, their
 * connections, or the processes that the tasks run in: the sum stays, and each transfer that was
 * said to be done is there, once.
 *
 * What is known of each is kept in memory that processes share, and that outlives those that are
 * killed: who dies before it could say what became of a transfer has said nothing.
 *
 * BIDE_TRANSFERS=100000 does so many (./dev check databases). */
#ifndef TESTS_DB_TRANSFERS_H
#define TESTS_DB_TRANSFERS_H

#include "db/places.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>

#include <stdatomic.h>
#include <sys/mman.h>

enum { ACCOUNTS = 50, TASKS = 8, EACH = 1000 };
/* Numbers of transfers that there are at most; pages that are not used cost nothing. */
enum { NUMBERS = 64 << 20 };
/* What became of one. */
enum { NOT_KNOWN, DONE, NOT_DONE };

struct bank {
    const char *url;
    const bide_db_driver *driver;
    bool nameless;              /* values have no numbers in this SQL */
    bool immediate;             /* transactions take their lock when they begin */
    const struct bide_pair *settings;
    int wanted;                 /* transfers that must be done */
    atomic_int begun;           /* numbers that were given out */
    atomic_int done, refused;     /* what was said of them */
    int ended, killed;          /* connections; servers, or processes */
    bool over;
    signed char told[NUMBERS];  /* of each number */
};

static struct bank *bank_new(const char *url, const bide_db_driver *driver)
{
    struct bank *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(b != MAP_FAILED);
    b->url = url;
    b->driver = driver;
    const char *asked = getenv("BIDE_TRANSFERS");
    b->wanted = asked ? atoi(asked) : test_is_slow() ? 100 : 500;
    return b;
}

static bide_db *bank_open(const struct bank *b, size_t connections)
{
    return bide_db_open(b->url, .drivers = BIDE_DRIVERS(b->driver), .size_max = connections,
                        .settings = b->settings);
}

/* ---- transfers ------------------------------------------------------------------------------- */

/* Out of its number, one after the other. */
static int draw(unsigned *random, unsigned below)
{
    *random = *random * 1664525u + 1013904223u;
    return (int)((*random >> 8) % below);
}

BIDE_WAITS static int add_to(const struct bank *b, bide_db *change, int account, int sum)
{
    return (int)bide_db_execute(change,
                                sql_places("update accounts set sum = sum + $1 where id = $2",
                                           b->nameless),
                                bide_value(sum), bide_value(account));
}

BIDE_WAITS static int move(const struct bank *b, bide_db *change, int number)
{
    unsigned random = (unsigned)number * 2654435761u;
    int from = draw(&random, ACCOUNTS), to = draw(&random, ACCOUNTS), sum = draw(&random, 100);
    const char *note = sql_places("insert into journal values ($1)", b->nameless);
    if (add_to(b, change, from, -sum) < 0 || add_to(b, change, to, sum) < 0 ||
        bide_db_execute(change, note, bide_value(number)) < 0)
        return bide_errcode();
    return 0;
}

BIDE_WAITS static int transfer(const struct bank *b, bide_db *pool, int number)
{
    bide_auto(db) change = bide_db_begin(pool, .immediate = b->immediate);
    if (!change || move(b, change, number) < 0)
        return NOT_DONE;        /* no commit was sent */
    int rc = bide_db_commit(change);
    return rc == 0 ? DONE : rc == BIDE_EDB ? NOT_DONE : NOT_KNOWN;
}

struct clerk { struct bank *bank; bide_db *pool; };

/* What was not done is done again under another number: of what is not known, nobody knows. */
static int go_on(void *arg)
{
    const struct clerk *clerk = arg;
    struct bank *b = clerk->bank;
    while (b->done < b->wanted) {
        int number = b->begun++;
        CHECK(number < NUMBERS);
        int what = transfer(b, clerk->pool, number);
        b->told[number] = (signed char)what;
        b->done += what == DONE;
        b->refused += what == NOT_DONE;
        if (what != DONE)
            CHECK_EQ(bide_sleep(0.001), 0);     /* a recovering server refuses at once */
    }
    return 0;
}

/* Until as many are done as are wanted. */
BIDE_WAITS static int do_transfers(struct bank *b)
{
    bide_auto(db) pool = bank_open(b, TASKS);
    BIDE_GROUP(g);
    for (int i = 0; i < TASKS; i++)
        bide_spawn_with(g, go_on, struct clerk, .bank = b, .pool = pool);
    return bide_group_wait(g);
}

/* Every so many transfers a connection is ended; now and then a server or a process is killed. */
enum { FOR_AN_END = 50, FOR_A_KILL = 2500, FIRST_KILL = 60 };

static inline bool is_time_to_end(const struct bank *b)
{
    return b->done >= b->ended * FOR_AN_END;
}

static bool is_time_to_kill(const struct bank *b)
{
    return b->done >= FIRST_KILL + b->killed * FOR_A_KILL;
}

/* ---- the books ------------------------------------------------------------------------------- */

/* waits: for the answers */
static void make_books(struct bank *b)
{
    bide_auto(db) db = bank_open(b, 1);
    CHECK(bide_db_execute(db, "create table accounts (id int primary key, sum int); "
                              "create table journal (number int)") >= 0);
    bide_auto(bulk) bulk = bide_db_bulk(db, "accounts", NULL);
    for (int i = 0; i < ACCOUNTS; i++) {
        const struct bide_value account[] = { bide_value(i), bide_value(EACH) };
        CHECK_EQ(bide_bulk_add(bulk, account, 2), 0);
    }
    CHECK_EQ(bide_bulk_finish(bulk), ACCOUNTS);
    bide_bulk_close(bide_steal(bulk));
    CHECK_EQ(bide_db_drain(db), 0);     /* no process inherits an open file */
}

BIDE_WAITS static int64_t sum_of(bide_db *db)
{
    static const char sql[] = "select sum(sum) as n from accounts";
    bide_auto(rows) row = bide_db_row(db, sql);
    for (int i = 0; !row && i < 1000; i++) {    /* it may be recovering */
        CHECK_EQ(bide_sleep(0.01), 0);
        row = bide_db_row(db, sql);
    }
    CHECK(row != NULL);
    return bide_rows_int(row, "n");
}

/* All that are done are there, and of the others only those of which nothing is known.
 * waits: for the rows */
static void check_journal(bide_db *db, const struct bank *b)
{
    bide_auto(db) mine = bide_db_acquire(db);
    bide_auto(rows) rows = bide_db_stream(mine, "select number from journal order by number");
    int64_t before = -1;
    int rc, done = 0;
    while ((rc = bide_rows_next(rows)) > 0) {
        int64_t number = bide_rows_int(rows, "number");
        CHECK(number > before && number < b->begun);
        if (b->told[number] == NOT_DONE)
            test_fail(__FILE__, __LINE__, "%d was said not to be done", (int)number);
        done += b->told[number] == DONE;
        before = number;
    }
    CHECK_EQ(rc, 0);
    CHECK_EQ(done, b->done);
}

/* waits: for the rows */
static void check_books(const struct bank *b)
{
    bide_auto(db) db = bank_open(b, 1);
    CHECK_EQ(sum_of(db), ACCOUNTS * EACH);
    check_journal(db, b);
    fprintf(stderr, "# %d transfers, %d refused, %d not known; %d connections ended, %d killed\n",
            b->done, b->refused, b->begun - b->done - b->refused, b->ended, b->killed);
    CHECK(b->killed > 0);
}

/* ---- beside a server ------------------------------------------------------------------------- */

/* All of it, in one process, with a task that ends and kills beside it.
 * waits: for all of them */
static inline void transfer_beside(struct bank *b, int (*strike)(void *bank))
{
    make_books(b);
    {
        BIDE_GROUP(killers);
        bide_spawn(killers, strike, b);
        CHECK_EQ(do_transfers(b), 0);
        b->over = true;
        CHECK_EQ(bide_group_wait(killers), 0);
    }
    check_books(b);
    CHECK(b->ended > 0);
    munmap(b, sizeof *b);
}

#endif
