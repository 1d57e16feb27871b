/* A date or a time-stamp that a database keeps as a text. */
#ifndef DB_MOMENT_H
#define DB_MOMENT_H

#include <bide/base.h>

/* ISO 8601, as RFC 3339 and SQLite write it: "2000-02-29", "2000-02-29 01:02", with 'T' or a space
 * between, seconds, up to six digits of their fraction, and "Z" or "+01:30"; without a zone it is
 * UTC.  Microseconds since 1970-01-01 00:00 UTC; false: it is none. */
bool bide__db_read_moment(const char *text, int64_t *microseconds);

#endif
