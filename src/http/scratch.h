/* Memory that lives as long as one message: its texts are put one behind the other and
 * ended all at once.
 *
 * The first block lies inside the message itself, so that an ordinary message allocates
 * nothing; further blocks come when it is full. */
#ifndef BIDE_HTTP_SCRATCH_H
#define BIDE_HTTP_SCRATCH_H

#include "http/chars.h"
#include "http/write.h"

struct scratch_block;

struct scratch {
    char *at, *end;             /* what is free in the current block */
    struct scratch_block *blocks;
};

/* Begins with `size` bytes at `first`, which stay the caller's. */
void bide__scratch_start(struct scratch *s, void *first, size_t size);
/* Frees all blocks. */
void bide__scratch_end(struct scratch *s);
/* Memory aligned for anything; NULL: out of memory. */
void *bide__scratch_take(struct scratch *s, size_t size);
/* A copy with a NUL behind it. */
char *bide__scratch_copy(struct scratch *s, const char *text, size_t size);
/* A writer into scratch memory: grows by moving.  What it wrote is kept by bide__scratch_keep(). */
void bide__scratch_write(struct scratch *s, struct writer *w);
/* Ends writing: what lies behind the writer's text is free again. */
void bide__scratch_keep(struct scratch *s, const struct writer *w);

#endif
