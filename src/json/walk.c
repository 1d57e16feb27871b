/* The stack of a walk, which grows. */
#include "json/walk.h"

#include "base/memory.h"

#include <string.h>

static bool grow(struct walk *walk)
{
    if (walk->room == 0) {
        walk->levels = walk->first;
        walk->room = WALK_FIRST;
        return true;
    }
    bool own = walk->levels != walk->first;
    size_t room = walk->room * 2;
    struct walk_level *levels = bide__resize(own ? walk->levels : NULL, room * sizeof *levels);
    if (!levels)
        return false;
    if (!own)
        memcpy(levels, walk->first, sizeof walk->first);
    walk->levels = levels;
    walk->room = room;
    return true;
}

bool bide__walk_enter(struct walk *walk, const struct bide_json *j, void *mate)
{
    if (walk->depth == walk->room && !grow(walk))
        return false;
    walk->levels[walk->depth++] = (struct walk_level){ j, mate };
    return true;
}

void bide__walk_end(struct walk *walk)
{
    if (walk->levels != walk->first)
        bide__free(walk->levels);
}
