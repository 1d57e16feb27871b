/* A task that has a whole operation done by the poller, and waits for it. */
#include "core/operation.h"
#include "base/sys.h"
#include <errno.h>

bool bide__operation_taken(void)
{
    return bide__here && bide__here->poller.ops->begin && bide__sys.ring_operation;
}

/* A write is let go on: it may have been done in part, and it ends soon. */
static bool withdraw(struct wait *w)
{
    struct operation *op = w->data;
    struct poller *p = &w->task->loop->poller;
    if (op->kind != OPERATION_WRITE)
        p->ops->cancel(p, op);
    return false;
}
static const struct waitkind operating = { .what = "a file", .undo = withdraw };

/* A clock that jumps waits for it as for a thread: how long a disk takes nobody knows. */
static void count(struct loop *l, int change)
{
    l->fds.waiters += (uint32_t)change;
    atomic_fetch_add(&l->inbox->outside, (unsigned)change);
}

int64_t bide__operation_run(struct operation *op)
{
    struct loop *l = bide__here;
    ssize_t size = bide__sys.ring_operation(op->fd, op->size);
    if (size < 0)
        return -errno;
    op->size = (size_t)size;
    int rc = l->poller.ops->begin(&l->poller, op);
    if (rc < 0) {
        bide_ignore(bide__give_way());  /* until there is room */
        return rc;
    }
    op->wait.kind = &operating;
    op->wait.data = op;
    count(l, 1);
    bide_ignore(bide__wait_alone(&op->wait));
    return op->result;
}

void bide__operation_end(struct operation *op)
{
    count(op->wait.task->loop, -1);
    bide__settle_wait(&op->wait, 0);
}
