/* PostgreSQL: transfers while backends are ended and killed (db/transfers.h). */
#include "pg/server.h"

#include "db/transfers.h"

BIDE_WAITS static int one_backend(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select pid from pg_stat_activity where "
        "application_name = 'bank' order by random() limit 1");
    return row ? (int)bide_rows_int(row, "pid") : -1;
}

/* Where one is killed, the server ends them all and recovers. */
static int strike(void *arg)
{
    struct bank *b = arg;
    bide_auto(db) db = bide_pg_open(server.url, .size_max = 1);
    while (!b->over) {
        CHECK_EQ(bide_sleep(0.002), 0);
        bool hard = is_time_to_kill(b);
        if (!hard && !is_time_to_end(b))
            continue;
        int pid = one_backend(db);
        if (pid <= 1 || kill(pid, hard ? SIGKILL : SIGTERM) < 0)
            continue;
        b->ended += !hard;
        b->killed += hard;
    }
    return 0;
}

SERVICE_TEST(transfers_under_kills_keep_the_sum)
{
    static const struct bide_pair named[] = { { "application_name", "bank" }, { NULL, NULL } };
    struct bank *b = bank_new(server.url, &bide_pg_driver);
    b->settings = named;
    transfer_beside(b, strike);
}
