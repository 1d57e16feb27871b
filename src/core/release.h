/* Many waiters let go at once: an event that is set.
 *
 * Each is a cold stack, and to settle a hundred thousand of them in one step would keep everybody
 * else waiting for a twentieth of a second.  So all are let go by moving their line, in one step,
 * and settled in portions, in the order of the line.  Who is let go has had what it waited for:
 * it cannot be cancelled out of it any more.
 *
 *     struct wait w = { .kind = &kind };                  its undo: bide__undo_unreleased
 *     return bide__wait_to_be_released(&list, &w);        uses the wait's data
 *     bide__release_all(&list, 0);                        and the list may go away */
#ifndef CORE_RELEASE_H
#define CORE_RELEASE_H
#include "core/park.h"

/* A ticket for a wait that joins such a line; it tells who was there when all were let go. */
static inline void bide__take_ticket(struct wait *w)
{
    w->data = (void *)++bide__here->releases.tickets;
}
/* Joins the end of the line and parks; only the wait's kind need be set. */
BIDE_WAITS static inline int bide__wait_to_be_released(struct waitlist *list, struct wait *w)
{
    bide__take_ticket(w);
    return bide__wait(list, w);
}
/* Lets all in the line go on with rc: the first few at once, the others soon. */
void bide__release_all(struct waitlist *list, int rc);
/* Settles a portion of those who were let go; how many. */
int bide__release_more(struct loop *l);
/* The undo of such a wait, and of one that is part of a select: that leaves in any case. */
bool bide__undo_unreleased(struct wait *w);
bool bide__undo_anyhow(struct wait *w);

#endif
