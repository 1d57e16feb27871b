/* Guest mode: the same loop, stepped by its host instead of turning by itself. */
#include <bide/guest.h>
#include "core/group.h"
#include "core/scope.h"
#include "core/turn.h"

static const int64_t step_ns = 1000000;
static __thread struct loop *guest;

int bide_guest_start_opts(bide_fn *fn, const struct bide_run_opts *o)
{
    if (bide__here)
        return bide_fail(BIDE_EPERM, "guest: this thread already has a loop");
    struct loop *l = bide__loop_open(o);
    if (!l)
        return bide_within("guest");
    l->guest = true;
    int rc = l->poller.fd < 0
        ? bide_fail(BIDE_EINVAL, "%s has no descriptor that a host could wait for: take the "
                    "poller epoll or io_uring", l->poller.ops->name)
        : bide__loop_begin(l, fn, o);
    if (rc < 0) {
        bide_ignore(bide__loop_end(l, rc));
        return bide_within("guest");
    }
    guest = l;
    return 0;
}

int bide_guest_fd(void)
{
    return guest ? guest->poller.fd : -1;
}

/* A host that waits a little too long is late; one that waits too short asks again and again. */
static int milliseconds(int64_t ns)
{
    int64_t ms = ns / 1000000 + (ns % 1000000 > 0);
    return ns < 0 ? -1 : ms < INT32_MAX ? (int)ms : INT32_MAX;
}

bool bide_guest_step(int *poll_ms, int *rc)
{
    struct loop *l = guest;
    *poll_ms = -1;
    if (!l || l->current != &l->poller_task) {
        *rc = bide_fail(BIDE_EPERM, l ? "guest: stepped by one of its own tasks"
                        : "guest: none was started on this thread");
        return false;
    }
    *poll_ms = milliseconds(bide__loop_step(l, step_ns));
    if (l->poller.ops->submit)
        l->poller.ops->submit(&l->poller);
    if (l->root.count)
        return true;
    guest = NULL;
    *rc = bide__loop_end(l, 0);
    return false;
}

void bide_guest_cancel(void)
{
    if (guest)
        bide__scope_cancel(&guest->root.scope);
}
