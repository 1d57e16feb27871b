/* Many waiters let go at once: an event that is set, a barrier that opens, a queue that is closed.
 *
 * Each is a cold stack, and to settle a hundred thousand of them in one step would keep everybody
 * else waiting for a twentieth of a second.  So all are let go by moving their line, in one step,
 * and settled in portions, in the order of the line.  Who is let go has had what it waited for:
 * it cannot be cancelled out of it any more.
 *
 *     struct wait w = { .kind = &kind };                  its undo: bide__undo_unreleased
 *     return bide__wait_to_be_released(&list, &w);        takes a ticket
 *     bide__release_all(&list, 0);                        and the list may go away
 *
 * Without tickets it goes where nobody can join the line any more and its memory stays until all
 * are settled: terms.closed, with a hold on the owner that terms.end gives back. */
#ifndef CORE_RELEASE_H
#define CORE_RELEASE_H
#include "core/park.h"

/* A ticket for a wait that joins such a line; it tells who was there when all were let go. */
static inline void bide__take_ticket(struct wait *w)
{
    w->ticket = ++bide__here->releases.tickets;
}
/* Joins the end of the line and parks; only the wait's kind and data need be set. */
BIDE_WAITS static inline int bide__wait_to_be_released(struct waitlist *list, struct wait *w)
{
    bide__take_ticket(w);
    return bide__wait(list, w);
}
/* Lets all in the line go on with rc: the first few at once, the others soon. */
void bide__release_all(struct waitlist *list, int rc);
/* The same, on terms. */
void bide__release_on(struct waitlist *list, const struct terms *terms);
/* They fail with rc < 0 and the sentence, which is not copied. */
static inline void bide__release_failed(struct waitlist *list, int rc, const char *why)
{
    if (list->head)
        bide__release_on(list, &(struct terms){ .rc = rc, .why = why });
}
/* Settles a portion of those who were let go; how many. */
int bide__release_more(struct loop *l);
/* Has it been let go, and not been settled yet? */
bool bide__is_released(const struct wait *w);
/* The undo of such a wait.  One that is part of a select leaves in any case: what let it go has not
 * reached it, so something else may be chosen. */
bool bide__undo_unreleased(struct wait *w);

#endif
