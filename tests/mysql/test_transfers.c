/* MariaDB: transfers while connections and the server are killed (db/transfers.h). */
#include "mysql/server.h"

#include "db/transfers.h"

#include <bide/thread.h>

/* Not this one, nor what the server has to itself. */
BIDE_WAITS static int end_one(bide_db *db)
{
    bide_auto(rows) row = bide_db_row(db, "select id from information_schema.processlist where "
        "db = 'bide' and id <> connection_id() order by rand() limit 1");
    if (!row)
        return bide_errcode();
    char sql[40];
    snprintf(sql, sizeof sql, "kill %lld", (long long)bide_rows_int(row, "id"));
    return (int)bide_db_execute(db, sql);
}

/* On a thread: the tasks find nobody meanwhile. */
static int kill_server(void *unused)
{
    (void)unused;
    server_stop(SIGKILL);
    server_start();
    return 0;
}

static int strike(void *arg)
{
    struct bank *b = arg;
    bide_auto(db) db = bide_mysql_open(server.url, .size_max = 1);
    while (!b->over) {
        CHECK_EQ(bide_sleep(0.002), 0);
        if (is_time_to_kill(b)) {
            CHECK_EQ(bide_to_thread(kill_server, NULL), 0);
            b->killed++;
        } else if (is_time_to_end(b)) {
            b->ended += end_one(db) >= 0;
        }
    }
    return 0;
}

SERVICE_TEST(transfers_under_kills_keep_the_sum)
{
    struct bank *b = bank_new(server.url, &bide_mysql_driver);
    b->nameless = true;
    transfer_beside(b, strike);
}
