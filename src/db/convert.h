/* From what a value is to what was asked for, without loss, or not at all. */
#ifndef DB_CONVERT_H
#define DB_CONVERT_H

#include <bide/value.h>
BIDE_BEGIN_                     /* the drivers' libraries use them: bide-db.map, BIDE_PRIVATE */

enum { DB_TEXT_SIZE = 48 };     /* bytes that any of them but texts needs as a text */

/* Each: 0, or BIDE_EDB with "is text, not an integer". */
int bide__db_to_int(const struct bide_value *v, int64_t *number);
int bide__db_to_real(const struct bide_value *v, double *number);
int bide__db_to_bool(const struct bide_value *v, bool *truth);
int bide__db_to_time(const struct bide_value *v, int64_t *microseconds);
/* `place` has DB_TEXT_SIZE bytes, and is used by all that is no text; NULL there: out of memory. */
int bide__db_to_text(const struct bide_value *v, char *place, const char **text);
/* By the type that `made` has: BIDE_VALUE_INT, _REAL, _BOOL or _TIME. */
int bide__db_make(const struct bide_value *v, struct bide_value *made);
/* "text", "an integer", "NULL", ... */
const char *bide__db_what(const struct bide_value *v);

BIDE_END_
#endif
