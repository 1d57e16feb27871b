/* cli/ordered.h -- lines that end in any order, printed in the order of the input.
 *
 * A line that is early waits here.  How far work may run ahead of the oldest line not yet
 * printed is bounded, in lines and in bytes, so one slow URL costs bounded memory:
 * whoever would begin another waits until it is done. */
#ifndef CLI_ORDERED_H
#define CLI_ORDERED_H
#include "cli/output.h"
#include "cli/result.h"

/* How many URLs work may be ahead of the oldest one not printed. */
#define ORDERED_AHEAD 4096
/* The same in bytes of lines held. */
#define ORDERED_BYTES (16u << 20)

/* The lines held back. */
struct ordered {
    struct { char *text; size_t size; } *lines; /* a ring, by index */
    uint64_t oldest;            /* the first index that is not printed */
    size_t held;                /* bytes in the ring */
    char *scratch;              /* where a line is formatted before it is held */
    bool printing;              /* a task is at it */
    bide_event moved;           /* set when `oldest` or `held` changes */
};

/* Begins with none: 0 or BIDE_ENOMEM. */
int ordered_open(struct ordered *o);
/* May the URL of that index be begun now? */
bool ordered_has_room(const struct ordered *o, uint64_t index);
/* Waits until it may: 0. */
BIDE_WAITS int ordered_wait(struct ordered *o, uint64_t index);
/* Takes a result, and prints it and what follows as far as that is known: 0 or a
 * failure. */
BIDE_WAITS int ordered_put(struct ordered *o, struct output *out, const struct result *r);
/* Prints all that is held, gaps or not: for the end. */
BIDE_WAITS int ordered_finish(struct ordered *o, struct output *out);
/* Frees what is held. */
void ordered_close(struct ordered *o);

#endif
