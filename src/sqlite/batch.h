/* Some rows, read on the thread of the file and looked at in a task. */
#ifndef SQLITE_BATCH_H
#define SQLITE_BATCH_H

#include <bide/value.h>

#include <sqlite3.h>

struct batch_block;
struct sqlite_batch {
    struct bide_value *values;  /* rows * width; texts lie in the blocks */
    size_t rows, width, room;   /* room: values that there is memory for */
    struct batch_block *blocks;
    size_t bytes;               /* of texts */
    size_t bytes_max;           /* of all; 0: no limit */
};

/* Takes in the row that the statement stands on.  0, BIDE_ENOMEM, or BIDE_ELIMIT. */
int bide__sqlite_batch_add(struct sqlite_batch *batch, sqlite3_stmt *statement);
/* Takes in copies of values: a row.  0, or BIDE_ENOMEM. */
int bide__sqlite_batch_copy(struct sqlite_batch *batch, const struct bide_value *values);
/* Empties it, and keeps its memory for the next rows. */
void bide__sqlite_batch_clear(struct sqlite_batch *batch);
void bide__sqlite_batch_free(struct sqlite_batch *batch);

#endif
