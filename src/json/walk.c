/* The stack of a walk, which grows. */
#include "json/walk.h"

#include "base/memory.h"

bool bide__walk_enter(struct walk *walk, const struct bide_json *j, void *mate)
{
    if (walk->depth == walk->room) {
        size_t room = walk->room * 2 + 8;
        struct walk_level *levels = bide__resize(walk->levels, room * sizeof *levels);
        if (!levels)
            return false;
        walk->levels = levels;
        walk->room = room;
    }
    walk->levels[walk->depth++] = (struct walk_level){ j, mate };
    return true;
}

void bide__walk_end(struct walk *walk)
{
    bide__free(walk->levels);
}
