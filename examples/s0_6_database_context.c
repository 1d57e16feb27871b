/* A connection for the length of a block, closed on every way out of it.  In Python:
 *
 *     class AsyncDatabaseConnection:
 *         async def __aenter__(self):
 *             self.conn = await asyncpg.connect('postgres://...')
 *             return self.conn
 *
 *         async def __aexit__(self, *args):
 *             await self.conn.close()
 *
 *     async with AsyncDatabaseConnection() as conn:
 *         return await conn.fetch("SELECT * FROM articles")
 *
 * A guard is the whole class: bide_auto(db) closes when its block is left.  Rows outlive it. */
#include "demo_pg.h"

static bide_rows *get(const char *sql)
{
    bide_auto(db) connection = demo_open(.size_max = 1);
    return bide_db_query(connection, sql);
}

static int program(void *unused)
{
    (void)unused;
    int rc;
    bide_auto(rows) articles = get("SELECT * FROM articles");
    while ((rc = bide_rows_next(articles)) > 0) {
        long long id = bide_rows_int(articles, "id");
        printf("%lld: %s\n", id, bide_rows_text(articles, "title"));
    }
    if (rc == 0 && !get("SELECT * FROM essays"))
        printf("closed as well after: %s\n", bide_errmsg());
    return rc;
}

int main(void)
{
    int rc = bide_run(program, NULL, .stop_on_signal = true);
    if (rc < 0)
        fprintf(stderr, "%s\n", bide_errmsg());
    return rc < 0;
}
