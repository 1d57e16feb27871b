/* Each byte is copied once, to where a NUL can be put behind it. */
#include "http/lines.h"

#include "base/memory.h"

#include <bide/error.h>

#include <string.h>

static int refuse(struct lines *l, int code, const char *why)
{
    l->why = why;
    return code;
}

/* Appends, and keeps room for a NUL.  A CR before the LF may be more than the limit. */
static int append(struct lines *l, const char *at, size_t size)
{
    size_t max = (l->max ? l->max : LINES_MAX) + 1;
    if (size > max || l->size > max - size)
        return refuse(l, BIDE_ELIMIT, "a line is longer than the limit");
    if (size + 1 > l->room - l->size) {
        size_t room = 2 * (l->size + size) + 128;
        char *more = bide__resize(l->at, room);
        if (!more)
            return refuse(l, BIDE_ENOMEM, "out of memory for a line");
        l->at = more;
        l->room = room;
    }
    if (size > 0)
        memcpy(l->at + l->size, at, size);
    l->size += size;
    return 0;
}

static void forget(struct lines *l)
{
    if (l->given)
        l->size = 0;
    l->given = false;
}

/* Hands out what there is. */
static int give(struct lines *l, struct line *line, bool ended)
{
    size_t max = l->max ? l->max : LINES_MAX, size = l->size;
    if (ended && size > 0 && l->at[size - 1] == '\r')
        size--;
    if (size > max)
        return refuse(l, BIDE_ELIMIT, "a line is longer than the limit");
    *line = (struct line){ .text = l->at, .size = size, .whole = l->size + ended };
    l->at[size] = '\0';
    l->given = true;
    return 0;
}

ssize_t bide__lines_take(struct lines *l, const char *at, size_t size, struct line *line)
{
    forget(l);
    line->text = NULL;
    const char *end = size ? memchr(at, '\n', size) : NULL;
    size_t used = end ? (size_t)(end - at) : size;
    int rc = append(l, at, used);
    if (rc == 0 && end) {
        rc = give(l, line, true);
        used++;
    }
    return rc < 0 ? rc : (ssize_t)used;
}

int bide__lines_last(struct lines *l, struct line *line)
{
    forget(l);
    line->text = NULL;
    return l->size ? give(l, line, false) : 0;
}

void bide__lines_end(struct lines *l)
{
    bide__free(l->at);
    *l = (struct lines){ 0 };
}
