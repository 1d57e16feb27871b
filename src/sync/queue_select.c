/* A queue as select sees it.  A plain queue hands over as to any waiter; how one between threads
 * does it stands in thread_queue_select.c. */
#include "sync/queue.h"
#include "sync/select.h"
#include <bide/select.h>

static int select_result(struct bide_case *c, int rc, const bide_queue *q)
{
    if (!q || rc == BIDE_EINVAL || rc == BIDE_ENOMEM)
        return rc;
    if (rc == BIDE_EAGAIN)
        return 0;
    if (c->rc_)
        *c->rc_ = rc;
    return 1;
}

static int attempt_get(struct bide_case *c)
{
    return select_result(c, bide__queue_try_get(c->on_, c->item_, c->size_), c->on_);
}

static int attempt_put(struct bide_case *c)
{
    return select_result(c, bide__queue_try_put(c->on_, c->item_, c->size_), c->on_);
}

static void hold(struct bide_case *c)
{
    if (c->on_)
        bide__queue_hold(c->on_);
}

static void let_go(struct bide_case *c)
{
    if (c->on_)
        bide__queue_let_go(c->on_);
}

static int join_line(struct bide_case *c, struct wait *w, struct waitlist *line,
                     const struct waitkind *kind)
{
    int rc = bide__same_loop(line);
    if (rc < 0)
        return rc;
    w->kind = kind;
    w->data = c->item_;
    bide__line_up(line, w);
    return 0;
}

static int join_getters(struct bide_case *c, struct wait *w)
{
    bide_queue *q = c->on_;
    if (q->threads)
        return bide__thread_queue_join_select(q, w, c->item_, false);
    return join_line(c, w, &q->getters, &bide__queue_getting);
}

static int join_putters(struct bide_case *c, struct wait *w)
{
    bide_queue *q = c->on_;
    if (q->threads)
        return bide__thread_queue_join_select(q, w, c->item_, true);
    return join_line(c, w, &q->putters, &bide__queue_putting);
}

const struct selectable bide__select_get = { .attempt = attempt_get, .join = join_getters,
                                             .hold = hold, .let_go = let_go };
const struct selectable bide__select_put = { .attempt = attempt_put, .join = join_putters,
                                             .hold = hold, .let_go = let_go };
