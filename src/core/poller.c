/* Chooses a poller: the one asked for, or the first that opens. */
#include "core/poller.h"
#include <bide/error.h>
#include <string.h>

static const struct poller_ops *const known[] = { &bide__poller_epoll, &bide__poller_poll };
enum { KNOWN = sizeof known / sizeof *known };

static int open_one(struct poller *p, const struct poller_ops *ops)
{
    *p = (struct poller){ .ops = ops, .fd = -1 };
    int rc = ops->open(p);
    return rc < 0 ? bide_fail(rc, "poller %s: %s", ops->name, bide_strerror(rc)) : 0;
}

int bide__poller_open(struct poller *p, const char *name)
{
    int rc = -ENOSYS;
    if (name && !*name)
        name = NULL;
    for (int i = 0; i < KNOWN; i++) {
        if (name && strcmp(name, known[i]->name) != 0)
            continue;
        rc = open_one(p, known[i]);
        if (rc == 0 || name)
            return rc;
    }
    return name ? bide_fail(BIDE_EINVAL, "no poller is named '%s': epoll or poll", name) : rc;
}
