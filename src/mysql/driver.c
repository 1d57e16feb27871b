#include "mysql/connection.h"

#include <stdio.h>

/* The level is that of the next transaction alone. */
static int begin_text(const struct bide_begin_opts *opts, char *text, size_t size)
{
    static const char *const levels[] = {
        [BIDE_READ_UNCOMMITTED] = "read uncommitted", [BIDE_READ_COMMITTED] = "read committed",
        [BIDE_REPEATABLE_READ] = "repeatable read", [BIDE_SERIALIZABLE] = "serializable",
    };
    if (opts->immediate || opts->deferrable)
        return bide_fail(BIDE_EINVAL, "begin: MariaDB has no .%s",
                         opts->immediate ? "immediate" : "deferrable");
    const char *start = opts->read_only ? "start transaction read only" : "start transaction";
    if (opts->isolation)
        snprintf(text, size, "set transaction isolation level %s; %s", levels[opts->isolation],
                 start);
    else
        snprintf(text, size, "%s", start);
    return 0;
}

static const char *const schemes[] = { "mysql", "mariadb", NULL };
const bide_db_driver bide_mysql_driver = {
    .kind = "mysql",
    .schemes = schemes,
    .configure = bide__mysql_configure,
    .unconfigure = bide__mysql_unconfigure,
    .connect = bide__mysql_connect,
    .close = bide__mysql_close,
    .cut = bide__mysql_cut,
    .state = bide__mysql_state,
    .reset = bide__mysql_reset,
    .keep = bide__mysql_keep_session,
    .run = bide__mysql_run,
    .tell = bide__mysql_tell,
    .begin_text = begin_text,
    .bulk = bide__mysql_bulk,
};

bide_db *bide_mysql_open_opts(const struct bide_db_opts *opts)
{
    return bide__db_open(&bide_mysql_driver, opts);
}

int64_t bide_mysql_last_id(bide_db *db)
{
    struct db_connection *c = bide__db_own(db, &bide_mysql_driver);
    return c ? mysql_of(c)->last_id : bide_errcode();
}

int64_t bide_mysql_id(bide_db *db)
{
    struct db_connection *c = bide__db_own(db, &bide_mysql_driver);
    return c && mysql_of(c)->my ? (int64_t)mysql_thread_id(mysql_of(c)->my) : bide_errcode();
}
