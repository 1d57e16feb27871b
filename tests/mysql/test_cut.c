/* What holds of every driver's connections that are cut, of MariaDB; and statements half sent. */
#include "mysql/server.h"

#include "db/cut_words.h"

static bide_db *open_one(const char *url, double connect_timeout)
{
    return bide_mysql_open(url, .size_max = 1, .connect_timeout = connect_timeout);
}

static const struct cut_words words = {
    .open = open_one,
    .set_up = "drop table if exists pairs, triples; "
              "create or replace user cut@'%' identified by 'secret'; "
              "create table pairs (x int); create table triples (x int); "
              "grant all on bide.* to cut@'%'",
    .url = "mysql://cut:secret@127.0.0.1:%d/bide",
    .count_of_cut = "select count(*) as n from information_schema.processlist "
                    "where user = 'cut'",
    .sum = "select ? + 1 as n", .insert = "insert into pairs values (?)",
    .one_to_nine = "select seq as n from seq_1_to_9",
};

#include "db/cuts.h"

/* ---- half-sent statements -------------------------------------------------------------------- */

/* The text and its value are gone when the call goes on: it must have its own. */
BIDE_WAITS static int send_much(bide_db *db, bool as_text)
{
    enum { MUCH = 8000000 };
    char *text = malloc(MUCH + 40);
    char *at = as_text ? stpcpy(text, "select length('") : text;
    memset(at, 'x', MUCH);
    strcpy(at + MUCH, as_text ? "') as n" : "");
    BIDE_TIMEOUT(limit, 3);
    bide_auto(rows) row = as_text ? bide_db_row(db, text)
                                  : bide_db_row(db, "select length(?) as n", bide_value(text));
    int rc = row ? 0 : bide_scope_result(limit, bide_errcode());
    memset(text, 0, MUCH + 40);
    free(text);
    return rc;
}

SERVICE_TEST(a_statement_that_was_half_sent_is_sent_and_dropped)
{
    char address[32], url[200];
    snprintf(address, sizeof address, "127.0.0.1:%d", server.port);
    for (int as_text = 0; as_text < 2; as_text++) {
        CUTTER(cutter, address);
        snprintf(url, sizeof url, "mysql://root@127.0.0.1:%d/bide", cutter.port);
        bide_auto(db) pool = bide_mysql_open(url, .size_max = 1);
        check_works(pool, &cutter);
        cutter_arm(&cutter, CUTTER_TO_SERVER, 1000000, CUTTER_STALL);
        CHECK_EQ(send_much(pool, as_text), BIDE_ETIMEDOUT);
        CHECK(cutter.struck);
        cutter_release(&cutter);
        check_works(pool, &cutter);
        bide_db_close(bide_steal(pool));
        CUTTER_END(cutter);
    }
}
