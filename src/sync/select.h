/* select, seen from the things that it can wait for.
 *
 * Each kind of case names two functions.  bide_select() attempts every case in the order
 * written; if none can take place, it joins all their lines with the wait nodes that lie in
 * the cases, and parks once.  Whoever settles one of the nodes ends the others (the wait kinds'
 * undo takes each out of its line), so exactly one case takes place.  `rc` of the settling is
 * the case's result.  Where who settles cannot hand over, `again` makes select attempt all cases
 * anew; a result of BIDE_EAGAIN does the same.  (A queue between threads needs neither: what
 * comes from elsewhere is handed over on the select's own loop.) */
#ifndef SYNC_SELECT_H
#define SYNC_SELECT_H
#include "core/park.h"

struct bide_case;
struct selectable {
    /* Never waits.  1: it took place, its result is in *c->rc_; 0: it would have to wait; < 0:
     * misuse, with the error held. */
    int (*attempt)(struct bide_case *c);
    /* Sets w->kind (whose undo must never refuse) and w->data, and lines w up.  0, or < 0. */
    int (*join)(struct bide_case *c, struct wait *w);
    /* It was settled with >= 0, which is in *c->rc_; NULL: nothing more to do.  Writes what
     * the giver did not, a permit into *c->item_ for instance. */
    void (*took)(struct bide_case *c);
    /* The task may have to yield on its way in: what the case is about stays until it is let go,
     * also if it is freed meanwhile, and is attempted in between.  NULL: it is the caller's. */
    void (*hold)(struct bide_case *c);
    void (*let_go)(struct bide_case *c);
    bool again;                 /* who settles it says only: look again */
};

extern const struct selectable bide__select_get, bide__select_put;          /* queue.c */
extern const struct selectable bide__select_subscriber;                     /* broadcast.c */
extern const struct selectable bide__select_watch;                          /* watch.c */
extern const struct selectable bide__select_promise;                        /* promise.c */

#endif
