/* A list, the earliest first.  Most are set for the same time from now, so a new one belongs
 * behind all others, and finding its place takes no search. */
#include "core/alarm.h"

void bide__alarm_clear(struct alarm *a)
{
    struct loop *l = a->loop;
    if (!l)
        return;
    *(a->prev ? &a->prev->next : &l->alarms) = a->next;
    *(a->next ? &a->next->prev : &l->last_alarm) = a->prev;
    a->loop = NULL;
}

void bide__alarm_set(struct alarm *a, int64_t due_ns)
{
    struct loop *l = bide__here;
    bide__alarm_clear(a);
    if (!l)
        return;
    struct alarm *before = l->last_alarm;
    while (before && before->due_ns > due_ns)
        before = before->prev;
    a->loop = l;
    a->due_ns = due_ns;
    a->prev = before;
    a->next = before ? before->next : l->alarms;
    *(before ? &before->next : &l->alarms) = a;
    *(a->next ? &a->next->prev : &l->last_alarm) = a;
}

void bide__alarms_ring(struct loop *l)
{
    struct alarm *a;
    while ((a = l->alarms) && a->due_ns <= l->looked_ns) {
        bide__alarm_clear(a);
        a->fn(a);
    }
}

void bide__alarms_close(struct loop *l)
{
    while (l->alarms)
        bide__alarm_clear(l->alarms);
}
