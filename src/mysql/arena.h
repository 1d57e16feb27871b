/* Memory that is freed as a whole: a result's rows, and the texts in them. */
#ifndef MYSQL_ARENA_H
#define MYSQL_ARENA_H

#include <stddef.h>

struct arena_block;
struct mysql_arena {
    struct arena_block *blocks; /* the newest first */
    size_t bytes;               /* that were taken */
};

/* NULL: there is none.  Aligned for anything. */
void *bide__mysql_take(struct mysql_arena *arena, size_t size);
/* A copy with a NUL behind it. */
char *bide__mysql_take_text(struct mysql_arena *arena, const char *bytes, size_t size);
/* All of it is free, and kept for what comes next, but for what was large. */
void bide__mysql_clear(struct mysql_arena *arena);
void bide__mysql_free_arena(struct mysql_arena *arena);

#endif
