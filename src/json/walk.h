/* Going through a value and all that is in it, in the order of the text, with a stack of its own:
 * documents may be nested deeper than a task's stack is large. */
#ifndef JSON_WALK_H
#define JSON_WALK_H
#include "json/built.h"

/* A container that has been entered. */
struct walk_level {
    const struct bide_json *j;
    void *mate;                 /* the user's */
};
enum { WALK_FIRST = 8 };         /* levels that take no memory */
struct walk {
    struct walk_level *levels;
    size_t depth, room;
    struct walk_level first[WALK_FIRST];
};

/* Begins; the places are filled as they are entered. */
static inline void walk_start(struct walk *walk)
{
    walk->levels = NULL;
    walk->depth = walk->room = 0;
}
/* Enters a container; false: out of memory. */
bool bide__walk_enter(struct walk *walk, const struct bide_json *j, void *mate);
void bide__walk_end(struct walk *walk);

static inline struct walk_level *walk_top(struct walk *walk)
{
    return &walk->levels[walk->depth - 1];
}

#endif
