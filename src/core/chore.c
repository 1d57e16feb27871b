/* What was put off, in its order. */
#include "core/chore.h"

enum { CHORES_MAX = 2 };

void bide__chores_go_on(struct loop *l)
{
    struct chore *c = l->chores;
    l->chores = c->next;
    if (c->some(l, c)) {
        l->put_off--;
        return;
    }
    c->next = l->chores;
    l->chores = c;
}

void bide__chores_end(struct loop *l)
{
    while (l->chores)
        bide__chores_go_on(l);
}

static int count(const struct loop *l)
{
    int n = 0;
    for (const struct chore *c = l->chores; c; c = c->next)
        n++;
    return n;
}

void bide__chore_begin(struct loop *l, struct chore *c)
{
    while (count(l) >= CHORES_MAX)
        bide__chores_go_on(l);
    struct chore **last = &l->chores;
    while (*last)
        last = &(*last)->next;
    c->next = NULL;
    *last = c;
    l->put_off++;
}
