/* cli/import_sign.c -- connections that say whose import they are, so that others can end them.
 *
 * Who was stopped within a transaction, or cut off, would keep its locks for as long as its
 * connections last, and its rows' keys with them.  So each bears the number of its owner, and who
 * takes over ends those of others.
 *
 * At PostgreSQL that is the name of the application, which all of a user's connections see of each
 * other.  MariaDB shows nothing that another connection has set (its performance schema does, which
 * is off by default).  But it tells everybody which connection holds a lock of a name, and such a
 * lock lasts as long as its connection: so each holds one of some names made of the number.  SQLite
 * has no connections to end: the locks of a file end with their process. */
#include "cli/database_kind.h"
#include "cli/databases.h"
#include "cli/import.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As long as the name of an application may be: 63 bytes. */
#define SIGN_OF_ALL "bide import %s "
#define SIGN SIGN_OF_ALL "%llx"
/* Locks have names of at most 64 characters; there is one for each connection of a pool. */
#define LOCK "bide import %llx %u"
#define LOCKS (IMPORT_JOBS_MAX + 2)

/* ---- PostgreSQL ---- */

BIDE_WAITS static int sign_pg(struct import *im, bide_db *connection)
{
    char sql[128];
    snprintf(sql, sizeof sql, "set application_name to '" SIGN "'", im->state.job,
             (unsigned long long)im->state.token);
    return database_do(connection, sql);
}

/* Those of other users cannot be ended, and are not asked to. */
#define END_PG "select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity " \
    "where usename = current_user and pid <> pg_catalog.pg_backend_pid() and application_name "

/* All of the import but ours. */
BIDE_WAITS static int end_others_pg(struct import *im)
{
    char sql[512];
    snprintf(sql, sizeof sql, END_PG "like '" SIGN_OF_ALL "%%' and application_name <> '" SIGN "'",
             im->state.job, im->state.job, (unsigned long long)im->state.token);
    return database_do(im->db, sql);
}

BIDE_WAITS static int end_pg(struct import *im, const struct import_claim *whose)
{
    char sql[512];
    snprintf(sql, sizeof sql, END_PG "= '" SIGN "'", whose->job,
             (unsigned long long)whose->token);
    return database_do(im->db, sql);
}

/* ---- MariaDB, MySQL ---- */

/* The first name that is free. */
BIDE_WAITS static int sign_mysql(struct import *im, bide_db *connection)
{
    char sql[128];
    for (unsigned i = 0; i < LOCKS; i++) {
        snprintf(sql, sizeof sql, "select get_lock('" LOCK "', 0) as got",
                 (unsigned long long)im->state.token, i);
        bide_auto(rows) rows = bide_db_query(connection, sql);
        int rc = bide_rows_next(rows);
        if (rc < 0)
            return rc;
        if (rc > 0 && bide_rows_int(rows, "got") == 1)
            return 0;
    }
    return 0;                   /* others wait for its end as they would without it */
}

static char *holders_text(uint64_t token)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    for (unsigned i = 0; i < LOCKS; i++)
        fprintf(to, "%s is_used_lock('" LOCK "') as id", i ? " union select" : "select",
                (unsigned long long)token, i);
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

/* It may have ended by itself, or be another user's. */
BIDE_WAITS static int end_one_mysql(struct import *im, int64_t id)
{
    char sql[40];
    snprintf(sql, sizeof sql, "kill %lld", (long long)id);
    int64_t rc = bide_db_execute(im->db, sql);
    return rc < 0 && rc != BIDE_EDB ? (int)rc : 0;
}

BIDE_WAITS static int end_mysql(struct import *im, uint64_t token)
{
    char *sql = holders_text(token);
    if (!sql)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    bide_auto(rows) rows = bide_db_query(im->db, sql);
    free(sql);
    int rc;
    while ((rc = bide_rows_next(rows)) > 0) {
        bool held = !bide_rows_is_null(rows, "id");
        rc = held ? end_one_mysql(im, bide_rows_int(rows, "id")) : 0;
        if (rc < 0)
            return rc;
    }
    return rc;
}

/* ---- each ---- */

int import_sign(struct import *im, bide_db *connection)
{
    if (!im->state.kept)
        return 0;
    enum database_id id = database_kind(im->db)->id;
    return id == DATABASE_POSTGRESQL ? sign_pg(im, connection)
        : id == DATABASE_MYSQL ? sign_mysql(im, connection) : 0;
}

int import_sign_end_others(struct import *im, uint64_t before)
{
    enum database_id id = database_kind(im->db)->id;
    return id == DATABASE_POSTGRESQL ? end_others_pg(im)
        : id == DATABASE_MYSQL && before ? end_mysql(im, before) : 0;
}

int import_sign_end(struct import *im, const struct import_claim *whose)
{
    enum database_id id = database_kind(im->db)->id;
    return id == DATABASE_POSTGRESQL ? end_pg(im, whose)
        : id == DATABASE_MYSQL ? end_mysql(im, whose->token) : 0;
}
