/* cli/databases.h -- the databases that the tool was built with. */
#ifndef CLI_DATABASES_H
#define CLI_DATABASES_H
#include <bide/db.h>

/* A pool of one connection, for reading much; SQLite's file must be there, and stays as it is.
 * NULL: as bide_db_open(). */
bide_db *database_open_to_read(const char *url);
/* One of at most so many, for an import, which may wait long for who has SQLite's file, unless the
 * URL says how long.  Who loads alone does so in few transactions: the file keeps its journal's
 * mode. */
#define DATABASE_BUSY "600"     /* seconds */
bide_db *database_open_to_load(const char *url, size_t connections, bool alone);
/* Is it a file of SQLite's? */
bool database_is_file(const char *url);
/* A transaction that is going to write: where there is one writer at a time it is that from the
 * start.  NULL: as bide_db_begin(). */
BIDE_WAITS bide_db *database_begin(bide_db *db);
/* A statement whose count of changes is of no interest: 0, or < 0 as bide_db_execute(). */
BIDE_WAITS int database_do(bide_db *db, const char *sql);
/* What is committed on this lent connection need not be on the server's disk at once, which a
 * transaction in a thousand waits for; the order stays. */
BIDE_WAITS int database_relax(bide_db *connection);
/* It is now, whatever connection of the pool it was committed on. */
BIDE_WAITS int database_settle(bide_db *pool);

#endif
