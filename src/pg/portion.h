/* Streamed rows come from libpq in portions.
 *
 * libpq 17 hands out so many rows at a time; older ones make an object for each row, which takes
 * 1,740 instructions, not 430.  It is looked for when the program runs, so that what was built with
 * an older one uses the newer.
 *
 * How many rows are a portion is said before the first comes.  It is no more than the server
 * gathers before it sends anything, so that none comes later for it.  Where a row may be of any
 * length that cannot be known, and there are few: they may be large, and wait for each other.
 *
 * DECLARE and FETCH would have portions with older ones, too, but the server puts what FETCH brings
 * into a store first: 1.8 million rows a second where it streams 9 million. */
#ifndef PG_PORTION_H
#define PG_PORTION_H

#include <libpq-fe.h>
#include <stdbool.h>

/* Rows of a portion where nobody knows how large they are. */
enum { PG_PORTION_ROWS = 8 };

/* How many rows are one, of a statement that the server has described so and whose columns are all
 * asked for in binary. */
int bide__pg_portion(const PGresult *description);
/* The answer that libpq is to read next comes in portions of so many rows. */
void bide__pg_in_portions(PGconn *pg, int rows);
/* Is it one?  Then there is more to come. */
bool bide__pg_is_portion(const PGresult *result);

#endif
