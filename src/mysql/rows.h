/* Rows of a whole result, and of one that comes row by row. */
#ifndef MYSQL_ROWS_H
#define MYSQL_ROWS_H

#include "mysql/connection.h"

/* Rows for the answer whose head was read; NULL: out of memory. */
bide_rows *bide__mysql_rows(struct mysql_connection *c, bool streamed);
/* Takes all of them in, at most so many bytes.  0, or < 0 (BIDE_ELIMIT). */
BIDE_WAITS int bide__mysql_rows_take(struct mysql_connection *c, bide_rows *rows, size_t bytes_max);

#endif
