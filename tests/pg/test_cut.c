/* What holds of every driver's connections that are cut, of PostgreSQL: with SCRAM, and a COPY. */
#include "pg/server.h"

#include "db/cut_words.h"

static bide_db *open_one(const char *url, double connect_timeout)
{
    return bide_pg_open(url, .size_max = 1, .connect_timeout = connect_timeout);
}

BIDE_WAITS static int copy_out(bide_db *db)
{
    bide_auto(pg_copy) copy = bide_pg_copy_out(db, "copy (select generate_series(1, 9)) to stdout");
    const void *bytes;
    ssize_t got;
    int rows = 0;
    while ((got = bide_pg_copy_read(copy, &bytes)) > 0)
        rows++;
    CHECK(got < 0 || rows == 9);
    return (int)got;
}

static const struct cut_words words = {
    .open = open_one,
    .set_up = "drop table if exists pairs, triples; "
              "drop user if exists cut; drop role if exists asked; "
              "create table pairs (x int); create table triples (x int); "
              "create role asked; create user cut password 'secret' in role asked; "
              "grant all on pairs, triples to cut",
    .url = "postgresql://cut:secret@127.0.0.1:%d/postgres",
    .count_of_cut = "select count(*) as n from pg_stat_activity where usename = 'cut'",
    .sum = "select $1::int4 + 1 as n", .insert = "insert into pairs values ($1)",
    .one_to_nine = "select generate_series(1, 9) as n",
    .besides_is = "a copy", .besides = copy_out,
};

#include "db/cuts.h"
