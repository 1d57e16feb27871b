/* cli/export_copy.c -- rows of PostgreSQL as it writes CSV itself.
 *
 * What it says of its types is exact, whatever they are, and no value is an empty field and an
 * empty text a quoted one, as with us. */
#include "cli/export.h"
#include "cli/database_kind.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef BIDE_PG
#include <bide/pg.h>

/* A query may end with ';', or with a comment. */
static char *copy_text(const char *query, bool header)
{
    char *sql;
    size_t size = strlen(query);
    while (size > 0 && strchr("; \t\r\n", query[size - 1]))
        size--;
    int rc = asprintf(&sql, "copy (%.*s\n) to stdout (format csv, header %s)", (int)size, query,
                      header ? "true" : "false");
    return rc < 0 ? NULL : sql;
}

int export_copy(bide_db *db, const char *query, bool header, struct output *to)
{
    char *sql = copy_text(query, header);
    if (!sql)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    bide_auto(pg_copy) copy = bide_pg_copy_out(db, sql);
    free(sql);
    if (!copy)
        return bide_errcode();
    const void *row;
    ssize_t size;
    while ((size = bide_pg_copy_read(copy, &row)) > 0) {
        int rc = output_reserve_sized(to, (size_t)size);
        if (rc < 0)
            return rc;
        output_commit(to, (char *)mempcpy(output_place(to), row, (size_t)size));
    }
    return size < 0 ? (int)size : output_flush(to);
}

bool export_copies(const bide_db *db)
{
    return database_kind(db)->id == DATABASE_POSTGRESQL;
}

#else

int export_copy(bide_db *db, const char *query, bool header, struct output *to)
{
    (void)db;
    (void)query;
    (void)header;
    (void)to;
    return bide_fail(-ENOSYS, "bide is built without PostgreSQL");
}

bool export_copies(const bide_db *db)
{
    (void)db;
    return false;
}

#endif
