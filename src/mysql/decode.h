/* From what the server sends to values. */
#ifndef MYSQL_DECODE_H
#define MYSQL_DECODE_H

#include "mysql/column.h"

#include <bide/value.h>

/* A value of a row in text, which ends with a NUL that is not counted; texts of the value are that
 * text itself. */
void bide__mysql_decode_text(const struct mysql_column *column, const char *text, size_t size,
                             struct bide_value *v);
/* A value of the row that a statement stands on; texts go into the arena.  0, or BIDE_ENOMEM. */
int bide__mysql_decode_binary(const struct mysql_column *column, MYSQL_STMT *statement,
                              unsigned at, struct mysql_arena *arena, struct bide_value *v);

#endif
