/* Something to be done at a time, by the poller and in nobody's task: what an object does about
 * itself while nobody uses it, such as closing what was idle for too long.
 *
 * An alarm is not waited for.  It keeps no loop alive and makes no clock jump, but does not ring
 * late when the clock jumps on for another's sake; and where nothing else could happen any more,
 * the tasks that wait are stuck, whatever alarms are set. */
#ifndef CORE_ALARM_H
#define CORE_ALARM_H
#include "core/loop.h"
BIDE_BEGIN_                     /* bide-http sets them: bide.map, BIDE_PRIVATE */

/* Lies with whose it is, all zero but fn. */
struct alarm {
    struct alarm *next, *prev;  /* the loop's, the earliest first */
    struct loop *loop;          /* NULL: it is not set, or its loop has ended */
    int64_t due_ns;
    void (*fn)(struct alarm *alarm);    /* must not wait; may free it, or set it
                                           again for a later time */
};

/* Sets it, or sets it anew, for a time on the clock of this thread's loop.  Outside of a loop it
 * will not ring. */
void bide__alarm_set(struct alarm *alarm, int64_t due_ns);
void bide__alarm_clear(struct alarm *alarm);
static inline bool bide__alarm_is_set(const struct alarm *alarm)
{
    return alarm->loop && alarm->loop == bide__here;
}

BIDE_END_

/* The poller's: rings those that are due by its clock. */
void bide__alarms_ring(struct loop *l);
/* Of an ended loop: takes all out. */
void bide__alarms_close(struct loop *l);

#endif
