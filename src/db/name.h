/* Names as SQL quotes them, whatever they are made of. */
#ifndef DB_NAME_H
#define DB_NAME_H

#include <bide/base.h>
#include <stdbool.h>
#include <stddef.h>

enum { DB_NAME_PIECE = 3 };     /* bytes at most */

BIDE_BEGIN_                     /* the drivers' libraries use it: bide-db.map, BIDE_PRIVATE */

/* The next piece of what stands between the quotes, and *name moves on: how many bytes, 0 at its
 * end.  of_table: a dot parts the schema or database from the table, and two are one of the name.
 *
 *     for (size_t size; (size = bide__db_name_next(&name, '"', true, piece)) > 0;)
 *         write(piece, size);          // shop.a..b: shop"."a.b */
size_t bide__db_name_next(const char **name, char quote, bool of_table, char piece[DB_NAME_PIECE]);

BIDE_END_
#endif
