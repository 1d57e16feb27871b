/* The rows of PostgreSQL, as a program would be written: one connection, which many tasks may use
 * at once; rows that are streamed; rows in bulk. stint.h says what it is told and what it prints.
 */
#include <bide.h>
#include <bide/pg.h>

#include "stint.h"

static struct stint stint;
static bide_db *db;
static long left;               /* statements to be asked by the tasks */

/* ---- statements ---- */

static int ask(void)
{
    bide_auto(rows) row = bide_db_row(db, STINT_QUERY);
    int64_t n = bide_rows_int(row, "n");
    int rc = bide_rows_end(row);
    return rc == 0 && n != 1 ? bide_fail(BIDE_EDB, "not a 1") : rc;
}

static int ask_while_any(void *unused)
{
    (void)unused;
    int rc = 0;
    while (rc == 0 && left > 0) {
        left--;
        rc = ask();
    }
    return rc;
}

static int sequential(long count)
{
    left = count;
    return ask_while_any(NULL);
}

static int pipelined(long count)
{
    BIDE_GROUP(group);
    left = count;
    for (int i = 0; i < STINT_FLIGHT; i++)
        bide_spawn(group, ask_while_any, NULL);
    return bide_group_wait(group);
}

/* ---- rows ---- */

static int rows(long count)
{
    int64_t sum = 0;
    int rc;
    bide_auto(rows) all = bide_db_stream(db, STINT_SERIES, bide_value(count));
    while ((rc = bide_rows_next(all)) > 0)
        sum += bide_rows_int(all, "n");
    if (rc == 0 && sum != (int64_t)count * (count + 1) / 2)
        rc = bide_fail(BIDE_EDB, "not the rows expected");
    return rc;
}

static int copy(long count)
{
    bide_auto(bulk) bulk = bide_db_bulk(db, "bench_copy", NULL);
    int rc = 0;
    for (long i = 0; rc == 0 && i < count; i++) {
        char name[STINT_ROW_MAX], email[STINT_ROW_MAX];
        stint_make_row(i, name, email);
        const struct bide_value row[] = { bide_value(i), bide_value(name), bide_value(email),
                                          bide_value((bool)(i & 1)) };
        rc = bide_bulk_add(bulk, row, sizeof row / sizeof *row);
    }
    return rc < 0 ? rc : (int)bide_bulk_finish(bulk);
}

/* ---- all ---- */

static int run(void *unused)
{
    (void)unused;
    static const struct { const char *name; int (*run)(long count); bool warms; } modes[] = {
        { "sequential", sequential, true }, { "pipelined", pipelined, true },
        { "rows", rows, false }, { "copy", copy, false },
    };
    bide_auto(db) pool = bide_pg_open(stint.url);
    bide_auto(db) lent = db = bide_db_acquire(pool);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (!stint_is(&stint, modes[i].name))
            continue;
        int rc = modes[i].warms ? modes[i].run(stint.count / 10 + 1) : ask();
        stint_begin(&stint);
        if (rc >= 0)
            rc = modes[i].run(stint.count);
        if (rc >= 0)
            stint_print(&stint, "rate");
        return rc;
    }
    return bide_fail(BIDE_EINVAL, "no mode %s", stint.mode);
}

int main(int argc, char **argv)
{
    if (!stint_read(&stint, argc, argv))
        return 2;
    if (bide_run(run, NULL) >= 0)
        return 0;
    fprintf(stderr, "pg: %s\n", bide_errmsg());
    return 1;
}
