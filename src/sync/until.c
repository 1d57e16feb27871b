/* A sleep to a moment, not for a while: what comes at a pace must not drift by rounding. */
#include "sync/until.h"

bool bide__until_undo(struct wait *w)
{
    struct sleeper *s = w->data;
    bide__heap_remove(&w->task->loop->timers, &s->timer);
    return true;
}

int bide__until(int64_t due_ns, const struct waitkind *kind)
{
    struct sleeper s;
    int rc = bide__sleep_begin(&s, due_ns);
    if (rc < 0)
        return rc;
    s.wait.kind = kind;
    return bide__wait_alone(&s.wait);
}
