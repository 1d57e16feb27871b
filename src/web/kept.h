/* What a handler keeps with its request, found by a key's address. */
#ifndef BIDE_WEB_KEPT_H
#define BIDE_WEB_KEPT_H

#include <bide/task.h>

/* One thing; in the request's memory. */
struct kept {
    struct kept *next;
    const void *key;
    void *value;
    bide_drop_fn *drop;         /* or NULL */
};

/* Drops all of them, the last one first. */
void bide__kept_end(struct kept *kept);

#endif
