/* The prepared statements of a connection, found by their text; who was used longest ago goes
 * first. */
#ifndef SQLITE_STATEMENTS_H
#define SQLITE_STATEMENTS_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite_prepared { uint64_t used; uint32_t hash; sqlite3_stmt *statement; };
struct sqlite_statements {
    struct sqlite_prepared *list;
    size_t count, max;
    uint64_t uses;
};

/* The statement, ready to be bound; *rest is what follows it in the text (only of one that was not
 * kept).  A SQLite code; an empty text has *statement NULL. */
int bide__sqlite_prepare(struct sqlite_statements *s, sqlite3 *file, const char *sql,
                         sqlite3_stmt **statement, const char **rest);
/* Done with it: it is kept, or finalized where it was not to be. */
void bide__sqlite_put_back(struct sqlite_statements *s, sqlite3_stmt *statement);
void bide__sqlite_finalize_all(struct sqlite_statements *s);

#endif
