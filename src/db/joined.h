/* Whole results of one statement, run several times, read as one: the rows of the first, then those
 * of the second, ... */
#ifndef DB_JOINED_H
#define DB_JOINED_H

#include "db/driver.h"

struct joined {
    bide_rows base;             /* first */
    size_t count, at;
    bide_rows *each[];          /* NULL: not there yet */
};

/* Room for so many; NULL: BIDE_ENOMEM. */
struct joined *bide__joined_new(size_t count);
/* All are there: they are ready for bide_rows_next(). */
void bide__joined_begin(struct joined *rows);

#endif
