/* cli/databases.c -- see databases.h. */
#include "cli/databases.h"
#include "cli/database_kind.h"
#ifdef BIDE_MYSQL
#include <bide/mysql.h>
#endif
#ifdef BIDE_PG
#include <bide/pg.h>
#endif
#ifdef BIDE_SQLITE
#include <bide/sqlite.h>
#include <sqlite3.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const bide_db_driver *const drivers[] = {
#ifdef BIDE_SQLITE
    &bide_sqlite_driver,
#endif
#ifdef BIDE_PG
    &bide_pg_driver,
#endif
#ifdef BIDE_MYSQL
    &bide_mysql_driver,
#endif
    NULL,
};

/* Statements are seldom the same twice, so they are not prepared at servers.
 *
 * SQLite's: 16 MiB of pages stay in memory, and what is committed moves from the journal to its
 * place every 64 MiB, for each time costs two waits for the disk. */
static const struct bide_pair sqlite_settings[] = {
    { "cache_size", "-16384" }, { "wal_autocheckpoint", "16384" }, { NULL, NULL },
};

/* SQLite counts its memory under a lock of the process, at each allocation, if it is not told that
 * nobody asks: a twentieth of an import. */
static void stop_counting(void)
{
#ifdef BIDE_SQLITE
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
#endif
}

bool database_is_file(const char *url)
{
    return strncmp(url, "sqlite", 6) == 0;
}

static bide_db *open_pool(const char *url, size_t connections, const struct bide_pair *settings)
{
    bool file = database_is_file(url);
    stop_counting();
    return bide_db_open(url, .drivers = drivers, .size_max = connections,
                        .settings = file ? settings : NULL, .no_prepare = !file);
}

/* Of a file of SQLite's, with one more parameter unless its URL has that. */
static bide_db *open_with(const char *url, size_t connections, const struct bide_pair *settings,
                          const char *name, const char *value)
{
    if (!database_is_file(url) || strstr(url, name))
        return open_pool(url, connections, settings);
    char *text = NULL;
    if (asprintf(&text, "%s%c%s%s", url, strchr(url, '?') ? '&' : '?', name, value) < 0) {
        bide_fail(BIDE_ENOMEM, "out of memory");
        return NULL;
    }
    bide_db *db = open_pool(text, connections, settings);
    free(text);
    return db;
}

/* Who reads a file leaves it as it is, and makes none. */
static const struct bide_pair sqlite_reading[] = {
    { "cache_size", "-16384" }, { "journal_mode", "" }, { NULL, NULL },
};

bide_db *database_open_to_read(const char *url)
{
    return open_with(url, 1, sqlite_reading, "mode=", "rw");
}

/* What is new in a file goes to its place at once, if its journal is not one of WAL: it is written
 * once, not twice.  So commits are few. */
static const struct bide_pair sqlite_loading[] = {
    { "cache_size", "-16384" }, { "wal_autocheckpoint", "16384" }, { "journal_mode", "" },
    { "synchronous", "full" }, { NULL, NULL },
};

bide_db *database_open_to_load(const char *url, size_t connections, bool alone)
{
    return open_with(url, connections, alone ? sqlite_loading : sqlite_settings, "busy=",
                     DATABASE_BUSY);
}

bide_db *database_begin(bide_db *db)
{
    return bide_db_begin(db, .immediate = database_kind(db)->one_writer);
}

int database_do(bide_db *db, const char *sql)
{
    int64_t rc = bide_db_execute(db, sql);
    return rc < 0 ? (int)rc : 0;
}

int database_relax(bide_db *connection)
{
    if (database_kind(connection)->id != DATABASE_POSTGRESQL)
        return 0;
    return database_do(connection, "set synchronous_commit to off");
}

/* A commit that waits for the disk waits for all before it; it must have written something. */
int database_settle(bide_db *pool)
{
    if (database_kind(pool)->id != DATABASE_POSTGRESQL)
        return 0;
    return database_do(pool, "select pg_catalog.pg_logical_emit_message(true, 'bide', "
                             "'import')");
}
