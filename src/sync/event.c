/* Event: a flag and a line of waiters. */
#include "core/release.h"
#include <bide/sync.h>

_Static_assert(offsetof(bide_event, waiters_) == 0, "the line comes first");
_Static_assert(sizeof(bide_event) == 4 * sizeof(void *), "its size is fixed for ever");

static const struct waitkind waiting = { .what = "an event", .undo = bide__undo_unreleased };

static struct waitlist *line_of(bide_event *e)
{
    return (struct waitlist *)(void *)e;
}

int bide_event_wait(bide_event *e)
{
    int rc = bide__enter();
    if (rc < 0 || e->set_)
        return rc;
    if ((rc = bide__same_loop(line_of(e))) < 0)
        return rc;
    struct wait w = { .kind = &waiting };
    return bide__wait_to_be_released(line_of(e), &w);
}

void bide_event_set(bide_event *e)
{
    e->set_ = 1;
    bide__release_all(line_of(e), 0);
}

void bide_event_clear(bide_event *e)
{
    e->set_ = 0;
}

bool bide_event_is_set(const bide_event *e)
{
    return e->set_ != 0;
}
