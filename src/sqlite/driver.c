#include "sqlite/connection.h"

#include <bide/sqlite.h>

#include <stdio.h>

static int begin_text(const struct bide_begin_opts *opts, char *text, size_t size)
{
    if (opts->deferrable)
        return bide_fail(BIDE_EINVAL, "begin: SQLite has no .deferrable");
    /* All of its transactions are serializable; run() sees to .read_only. */
    snprintf(text, size, "begin%s", opts->immediate ? " immediate" : "");
    return 0;
}

static const char *const schemes[] = { "sqlite", "sqlite3", NULL };
const bide_db_driver bide_sqlite_driver = {
    .kind = "sqlite",
    .schemes = schemes,
    .configure = bide__sqlite_configure,
    .unconfigure = bide__sqlite_unconfigure,
    .connect = bide__sqlite_connect,
    .finish = bide__sqlite_finish,
    .close = bide__sqlite_close,
    .cut = bide__sqlite_cut,
    .state = bide__sqlite_state,
    .reset = bide__sqlite_reset,
    .run = bide__sqlite_run,
    .tell = bide__sqlite_tell,
    .begin_text = begin_text,
    .bulk = bide__sqlite_bulk,
};

bide_db *bide_sqlite_open_opts(const struct bide_db_opts *opts)
{
    return bide__db_open(&bide_sqlite_driver, opts);
}

int64_t bide_sqlite_last_id(bide_db *db)
{
    struct db_connection *c = bide__db_own(db, &bide_sqlite_driver);
    return c ? atomic_load(&sqlite_of(c)->last_id) : bide_errcode();
}
