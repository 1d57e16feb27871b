/* A table in SQLite: rows are added, read, changed and removed, and a transaction that fails
 * half-way leaves no trace.  With "sqlite:shop.db" instead it would be there the next time. */
#include <bide.h>
#include <bide/sqlite.h>
#include <stdio.h>

static int list(bide_db *db)
{
    bide_auto(rows) rows = bide_db_query(db, "select name, stock from items order by name");
    int rc;
    while ((rc = bide_rows_next(rows)) > 0) {
        const char *name = bide_rows_text(rows, "name");
        printf("  %s: %lld\n", name, (long long)bide_rows_int(rows, "stock"));
    }
    return rc;
}

/* Both or neither: the guard rolls back, however the block is left. */
static int move_stock(bide_db *db, const char *from, const char *to, int count)
{
    bide_auto(db) change = bide_db_begin(db, .immediate = true);
    const char *sql = "update items set stock = stock + ?1 where name = ?2";
    if (bide_db_execute(change, sql, bide_value(count), bide_value(to)) < 0 ||
        bide_db_execute(change, sql, bide_value(-count), bide_value(from)) < 0)
        return bide_errcode();
    return bide_db_commit(change);
}

static int keep_shop(void *url)
{
    bide_auto(db) db = bide_sqlite_open(url);
    if (bide_db_execute(db, "create table items (name text primary key, "
                            "stock integer check (stock >= 0))") < 0)
        return bide_errcode();
    const struct bide_value items[] = { bide_value("apples"), bide_value(10),
                                        bide_value("pears"), bide_value(5),
                                        bide_value("plums"), bide_value(0) };
    if (bide_db_execute_many(db, "insert into items values (?1, ?2)", items, 2, 3) < 0)
        return bide_errcode();
    if (move_stock(db, "apples", "plums", 4) == 0 && list(db) == 0)
        printf("moved\n");
    if (move_stock(db, "pears", "plums", 6) == BIDE_EDB)
        printf("refused, %s: %s\n", bide_db_failure(db)->sqlstate, bide_db_failure(db)->message);
    int64_t removed = bide_db_execute(db, "delete from items where stock < ?1", bide_value(5));
    printf("removed: %lld\n", (long long)removed);
    return list(db);
}

int main(void)
{
    char url[] = "sqlite::memory:";
    int rc = bide_run(keep_shop, url);
    if (rc < 0)
        fprintf(stderr, "%s\n", bide_errmsg());
    return rc < 0;
}
