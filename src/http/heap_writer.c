/* Doubling, so that a text is moved a few times only. */
#include "http/heap_writer.h"

#include "base/memory.h"

#include <bide/error.h>

static bool grow(struct writer *w, size_t more)
{
    if (more > SIZE_MAX / 4 || w->room > SIZE_MAX / 4)
        return false;
    size_t room = w->room * 2 + more;
    char *at = bide__resize(w->at, room);
    if (!at)
        return false;
    w->at = at;
    w->room = room;
    return true;
}

struct writer bide__heap_writer(void)
{
    return (struct writer){ .grow = grow };
}

struct text bide__heap_writer_end(struct writer *w, const char *what)
{
    writer_room(w, 1);
    if (w->code == 0)
        return text_of(w->at, w->size);
    bide__free(w->at);
    if (w->code == BIDE_ENOMEM)
        bide_fail(BIDE_ENOMEM, "out of memory for %s", what);
    else
        bide_fail(w->code, "%s", w->why);
    return text_of(NULL, 0);
}
