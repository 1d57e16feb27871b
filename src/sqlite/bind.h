/* Values into a statement's places. */
#ifndef SQLITE_BIND_H
#define SQLITE_BIND_H

#include <bide/value.h>

#include <sqlite3.h>

/* Does it want so many values, by number?  0, or BIDE_EINVAL. */
int bide__sqlite_check_places(sqlite3_stmt *statement, size_t count);
/* Binds them; they must live until it has run, or are copied.  0; BIDE_EINVAL: a value that SQLite
 * has not; BIDE_ENOMEM. */
int bide__sqlite_bind(sqlite3_stmt *statement, const struct bide_value *values, size_t count,
                      bool copied);
/* The same where each parameter is a "?", in order; the texts stay until it has run. */
int bide__sqlite_bind_row(sqlite3_stmt *statement, const struct bide_value *values, size_t count);

#endif
