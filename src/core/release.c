/* Lines that were let go.  A wait in one still names the line that it joined, which may be gone,
 * or have got other waiters since; the address and the number of its ticket tell which it is. */
#include "core/release.h"

enum { SETTLED_AT_ONCE = 64 };

static struct release *nth(struct releases *r, unsigned n)
{
    return &r->lines[(r->first + n) % RELEASES];
}

static struct release *find(const struct wait *w)
{
    struct releases *r = &bide__here->releases;
    for (unsigned i = 0; i < r->count; i++) {
        struct release *one = nth(r, i);
        if (one->from == w->on && (intptr_t)((uintptr_t)w->data - one->ticket) <= 0)
            return one;
    }
    return NULL;
}

static int settle_some(struct waitlist *list, int most, int rc)
{
    int settled = 0;
    while (settled < most && list->head) {
        list->head->on = list;
        bide__settle_first(list, rc);
        settled++;
    }
    return settled;
}

/* So many large lines at once are rare; one more is settled as it is. */
void bide__release_all(struct waitlist *list, int rc)
{
    settle_some(list, SETTLED_AT_ONCE, rc);
    if (!list->head)
        return;
    struct releases *r = &bide__here->releases;
    if (r->count == RELEASES) {
        bide__settle_all(list, rc);
        return;
    }
    *nth(r, r->count++) = (struct release){ .line = *list, .from = list, .ticket = r->tickets,
                                            .rc = rc };
    list->head = NULL;
}

int bide__release_more(struct loop *l)
{
    struct releases *r = &l->releases;
    struct release *one = nth(r, 0);
    int settled = settle_some(&one->line, SETTLED_AT_ONCE, one->rc);
    if (!one->line.head) {
        r->first = (r->first + 1) % RELEASES;
        r->count--;
    }
    return settled;
}

bool bide__undo_unreleased(struct wait *w)
{
    return !find(w) && bide__undo(w);
}

/* What let it go has not reached it, so something else may be chosen. */
bool bide__undo_anyhow(struct wait *w)
{
    struct release *one = find(w);
    if (one)
        w->on = &one->line;
    return bide__undo(w);
}
