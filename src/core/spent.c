/* Lists of ended tasks, and the chore of giving them back.
 *
 * Of a list only its first is known, so a hundred thousand are put here in one step; the firsts
 * are linked by next_failed, for the group whose failures those were is gone. */
#include "core/spent.h"
#include "core/chore.h"
#include "core/group.h"

static task *give_one(struct loop *l, task *t)
{
    task *next = t->next;
    bide__task_free(l, t);
    return next;
}

void bide__spent_give_some(struct loop *l)
{
    for (int left = CHORE_PORTION; left > 0 && l->spent; left--) {
        task *list = l->spent->next_failed, *next = give_one(l, l->spent);
        if (next)
            next->next_failed = list;
        l->spent = next ? next : list;
    }
}

static bool give_back(struct loop *l, struct chore *c)
{
    (void)c;
    bide__spent_give_some(l);
    if (l->spent)
        return false;
    l->spending.some = NULL;
    return true;
}

void bide__spent_put(struct loop *l, task *list)
{
    for (int left = CHORE_PORTION; left > 0 && list; left--)
        list = give_one(l, list);
    if (!list)
        return;
    list->next_failed = l->spent;
    l->spent = list;
    if (l->spending.some)
        return;
    l->spending.some = give_back;
    bide__chore_begin(l, &l->spending);
}
