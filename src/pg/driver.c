#include "pg/connection.h"

#include <stdio.h>

static int begin_text(const struct bide_begin_opts *opts, char *text, size_t size)
{
    static const char *const levels[] = {
        [BIDE_ISOLATION_DEFAULT] = "",
        [BIDE_READ_UNCOMMITTED] = " isolation level read uncommitted",
        [BIDE_READ_COMMITTED] = " isolation level read committed",
        [BIDE_REPEATABLE_READ] = " isolation level repeatable read",
        [BIDE_SERIALIZABLE] = " isolation level serializable",
    };
    if (opts->immediate)
        return bide_fail(BIDE_EINVAL, "begin: PostgreSQL has no .immediate");
    snprintf(text, size, "begin%s%s%s", levels[opts->isolation],
             opts->read_only ? " read only" : "", opts->deferrable ? " deferrable" : "");
    return 0;
}

static const char *const schemes[] = { "postgresql", "postgres", NULL };
const bide_db_driver bide_pg_driver = {
    .kind = "postgresql",
    .schemes = schemes,
    .pipelines = true,
    .words = true,
    .configure = bide__pg_configure,
    .unconfigure = bide__pg_unconfigure,
    .connect = bide__pg_connect,
    .close = bide__pg_close,
    .cut = bide__pg_cut,
    .state = bide__pg_state,
    .reset = bide__pg_reset,
    .keep = bide__pg_keep_session,
    .run = bide__pg_run,
    .tell = bide__pg_tell,
    .begin_text = begin_text,
    .committed = bide__pg_committed,
    .many = bide__pg_many,
    .fetch_many = bide__pg_fetch_many,
    .bulk = bide__pg_bulk,
};

bide_db *bide_pg_open_opts(const struct bide_db_opts *opts)
{
    return bide__db_open(&bide_pg_driver, opts);
}

int bide_pg_pid(bide_db *db)
{
    struct db_connection *c = bide__db_own(db, &bide_pg_driver);
    return c ? PQbackendPID(pg_of(c)->pg) : bide_errcode();
}
