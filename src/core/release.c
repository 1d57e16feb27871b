/* Lines that were let go.  A wait in one still names the line that it joined, which may be gone,
 * or have got other waiters since; the address and the number of its ticket tell which it is. */
#include "core/release.h"

enum { SETTLED_AT_ONCE = 64 };

static struct release *nth(struct releases *r, unsigned n)
{
    return &r->lines[(r->first + n) % RELEASES];
}

static bool was_there(const struct release *one, const struct wait *w)
{
    return one->terms.closed || (intptr_t)(w->ticket - one->ticket) <= 0;
}

static struct release *find(const struct wait *w)
{
    struct releases *r = &w->task->loop->releases;
    for (unsigned i = 0; i < r->count; i++)
        if (nth(r, i)->from == w->on && was_there(nth(r, i), w))
            return nth(r, i);
    return NULL;
}

static void settle(struct wait *w, struct terms *terms)
{
    if (terms->settle) {
        terms->settle(w, terms);
        return;
    }
    if (terms->why)
        bide__hold(w->task, terms->rc, terms->why);
    bide__settle_wait(w, terms->rc);
    terms->rc += terms->step;
}

static int settle_some(struct waitlist *list, struct terms *terms)
{
    int settled = 0;
    for (; settled < SETTLED_AT_ONCE && list->head; settled++) {
        struct wait *w = list->head;
        w->on = list;
        bide__unlink(w);
        settle(w, terms);
    }
    return settled;
}

static void end(const struct terms *terms)
{
    if (terms->end)
        terms->end(terms->owner);
}

/* So many large lines at once are rare; one more is settled as it is. */
static void keep_for_later(struct waitlist *list, struct terms *terms)
{
    struct releases *r = &list->head->task->loop->releases;
    if (r->count == RELEASES) {
        while (list->head)
            settle_some(list, terms);
        end(terms);
        return;
    }
    *nth(r, r->count++) = (struct release){ .line = *list, .from = list, .ticket = r->tickets,
                                            .terms = *terms };
    list->head->task->loop->put_off++;
    list->head = NULL;
}

void bide__release_on(struct waitlist *list, const struct terms *terms)
{
    struct terms copy = *terms;
    settle_some(list, &copy);
    if (list->head)
        keep_for_later(list, &copy);
    else
        end(&copy);
}

void bide__release_all(struct waitlist *list, int rc)
{
    for (int left = SETTLED_AT_ONCE; list->head; left--) {
        if (left == 0) {
            keep_for_later(list, &(struct terms){ .rc = rc });
            return;
        }
        bide__settle_first(list, rc);
    }
}

/* Its place is free before its owner is told, who may let others go. */
int bide__release_more(struct loop *l)
{
    struct releases *r = &l->releases;
    struct release *one = nth(r, 0);
    int settled = settle_some(&one->line, &one->terms);
    if (!one->line.head) {
        struct terms terms = one->terms;
        r->first = (r->first + 1) % RELEASES;
        r->count--;
        l->put_off--;
        end(&terms);
    }
    return settled;
}

bool bide__is_released(const struct wait *w)
{
    return find(w);
}

bool bide__undo_unreleased(struct wait *w)
{
    struct release *one = find(w);
    if (one && w->task->wait == w)
        return false;
    if (one)
        w->on = &one->line;
    return bide__undo(w);
}
