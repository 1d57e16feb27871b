/* A database as an object: opened and closed by its block, errors pass through.  In Python:
 *
 *     class AsyncDatabase:
 *         async def __aenter__(self): self.pool = await asyncpg.create_pool(self.dsn); return self
 *         async def __aexit__(self, ...): await self.pool.close(); return False
 *         async def query(self, sql, *args):
 *             async with self.pool.acquire() as conn:
 *                 return await conn.fetch(sql, *args)
 *
 *     async with AsyncDatabase('postgresql://localhost/mydb') as db:
 *         users = await db.query('SELECT * FROM users')
 *
 * A statement given to a pool takes a connection and gives it back, so a pool is that object. */
#include "demo_pg.h"

static int count(bide_db *db, const char *sql)
{
    bide_auto(rows) rows = bide_db_query(db, sql);
    if (!rows)
        return bide_errcode();
    printf("%lld rows\n", (long long)bide_rows_count(rows));
    return 0;
}

static int use(void *unused)
{
    (void)unused;
    bide_auto(db) db = demo_open();
    int rc = count(db, "SELECT * FROM users");
    if (rc == 0)
        rc = count(db, "SELECT * FROM visitors");
    int closed = bide_db_drain(db);     /* waits until all that was lent is back, as close() */
    return rc < 0 ? rc : closed;
}

static int program(void *unused)
{
    int rc = use(unused);
    if (rc == BIDE_EDB)
        printf("passed through: %s\n", bide_errmsg());
    return rc == BIDE_EDB ? 0 : rc;
}

int main(void)
{
    int rc = bide_run(program, NULL, .stop_on_signal = true);
    if (rc < 0)
        fprintf(stderr, "%s\n", bide_errmsg());
    return rc < 0;
}
