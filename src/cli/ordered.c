/* cli/ordered.c -- see ordered.h.
 *
 * Printing may wait for room in the output, and meanwhile others bring lines: so one task
 * prints at a time, and goes on as long as the next line is there. */
#include "cli/ordered.h"
#include <stdlib.h>
#include <string.h>

int ordered_open(struct ordered *o)
{
    *o = (struct ordered){ .lines = calloc(ORDERED_AHEAD, sizeof *o->lines) };
    o->scratch = malloc(RESULT_LINE_MAX);
    return o->lines && o->scratch ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
}

bool ordered_has_room(const struct ordered *o, uint64_t index)
{
    return index == o->oldest ||
           (index - o->oldest < ORDERED_AHEAD && o->held < ORDERED_BYTES);
}

int ordered_wait(struct ordered *o, uint64_t index)
{
    while (!ordered_has_room(o, index)) {
        bide_event_clear(&o->moved);
        int rc = bide_event_wait(&o->moved);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Keeps a copy of the line until its turn comes. */
static int hold(struct ordered *o, const struct result *r)
{
    size_t size = (size_t)(result_write(o->scratch, r) - o->scratch);
    char *copy = malloc(size);
    if (!copy)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    memcpy(copy, o->scratch, size);
    o->lines[r->index % ORDERED_AHEAD].text = copy;
    o->lines[r->index % ORDERED_AHEAD].size = size;
    o->held += size;
    return 0;
}

static void advance(struct ordered *o)
{
    o->oldest++;
    bide_event_set(&o->moved);
}

/* Prints the line of the oldest URL if it is there: 1; else 0. */
static int print_oldest(struct ordered *o, struct output *out)
{
    if (!o->lines[o->oldest % ORDERED_AHEAD].text)
        return 0;
    size_t slot = o->oldest % ORDERED_AHEAD;
    int rc = output_reserve_sized(out, o->lines[slot].size);
    if (rc < 0)
        return rc;
    char *place = output_place(out);
    memcpy(place, o->lines[slot].text, o->lines[slot].size);
    output_commit(out, place + o->lines[slot].size);
    o->held -= o->lines[slot].size;
    free(o->lines[slot].text);
    o->lines[slot].text = NULL;
    advance(o);
    return 1;
}

/* Prints all that is due.  One task at a time; what others bring meanwhile is printed,
 * too. */
static int print_due(struct ordered *o, struct output *out)
{
    if (o->printing)
        return 0;
    o->printing = true;
    int rc;
    do
        rc = print_oldest(o, out);
    while (rc > 0);
    o->printing = false;
    return rc;
}

int ordered_put(struct ordered *o, struct output *out, const struct result *r)
{
    int rc = hold(o, r);
    return rc < 0 ? rc : print_due(o, out);
}

int ordered_finish(struct ordered *o, struct output *out)
{
    int rc = 0;
    for (uint64_t end = o->oldest + ORDERED_AHEAD; rc >= 0 && o->oldest < end;) {
        rc = print_oldest(o, out);
        if (rc == 0)
            o->oldest++;
    }
    return rc < 0 ? rc : 0;
}

void ordered_close(struct ordered *o)
{
    for (size_t i = 0; o->lines && i < ORDERED_AHEAD; i++)
        free(o->lines[i].text);
    free(o->lines);
    free(o->scratch);
    o->lines = NULL;
}
