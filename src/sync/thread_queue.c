/* A queue between loops and threads: the plain queue's rules under a lock.
 *
 * Who waits lies in a line of the queue, wherever it lives.  A giver copies the item into the
 * waiter's memory under the lock, takes the waiter out of the line, and then tells it: a task by
 * a post to its loop's inbox, a thread outside of all loops by a condition of its own.  From the
 * moment it is out of the line the item is the waiter's: cancelling finds that out under the
 * same lock, refuses, and the get succeeds.  So an item is never in two places, and none is lost
 * when a task is cancelled or a loop ends.
 *
 * The waiter's memory stays until it has been told, for its task cannot go on before.  The
 * queue's stays while anybody is inside of a call that waits (holders). */
#include "sync/thread_queue.h"
#include "base/memory.h"

static struct thread_queue *shared(bide_queue *q)
{
    return (struct thread_queue *)(void *)q;
}

bide_queue *bide__thread_queue_new(const struct bide_queue_opts *o)
{
    struct thread_queue *q = bide__zalloc(sizeof *q);
    (void)o;
    if (!q)
        return NULL;
    pthread_mutex_init(&q->lock, NULL);
    atomic_init(&q->holders, 1);
    return &q->shell;
}

void bide__thread_queue_drop(struct thread_queue *q)
{
    if (atomic_fetch_sub(&q->holders, 1) != 1)
        return;
    pthread_mutex_destroy(&q->lock);
    bide__items_close(&q->shell.items);
    bide__free(q);
}

void bide__thread_queue_hold(bide_queue *shell)
{
    thread_queue_hold(shared(shell));
}

void bide__thread_queue_let_go(bide_queue *shell)
{
    bide__thread_queue_drop(shared(shell));
}

/* Telling. */

/* Without the lock: a waiter may be gone as soon as it is told.  Its inbox is held.  A loop that
 * has ended refuses the note of a select that has ended with it.  A select that tries again may
 * tell others: that goes by the inbox, or they would do so ever deeper on this stack. */
static void tell(struct thread_wait *w)
{
    struct inbox *inbox = w->inbox;
    bool here = !w->select && bide__here && bide__here->inbox == inbox;
    if (here || !bide__inbox_post(inbox, &w->post))
        w->post.run(&w->post);
    bide__inbox_drop(inbox);
}

/* Under the lock: the wait is over.  A thread is told at once, since its memory goes when the
 * lock is free; the others when it is. */
static void end_wait(struct thread_wait *w, int rc, struct waitlist *told)
{
    bide__unlink(&w->node);
    w->rc = rc;
    w->over = true;
    if (!w->inbox) {
        pthread_cond_signal(&w->told);
        return;
    }
    bide__inbox_hold(w->inbox);
    bide__line_up(told, &w->node);
}

static void end_all(struct waitlist *line, int rc, struct waitlist *told)
{
    while (line->head)
        end_wait((struct thread_wait *)(void *)line->head, rc, told);
}

void bide__thread_poke(struct waitlist *selects, struct waitlist *told)
{
    if (selects->head)
        end_wait((struct thread_wait *)(void *)selects->head, 0, told);
}

void bide__thread_unlock_and_tell(struct thread_queue *q, struct waitlist *told)
{
    pthread_mutex_unlock(&q->lock);
    while (told->head) {
        struct wait *node = told->head;
        bide__unlink(node);
        tell((struct thread_wait *)(void *)node);
    }
}

/* Waiting. */

static bool undo(struct wait *wait)
{
    struct thread_wait *w = wait->data;
    pthread_mutex_lock(&w->q->lock);
    bool waits = !w->over;
    if (waits)
        bide__unlink(&w->node);
    pthread_mutex_unlock(&w->q->lock);
    if (waits)
        atomic_fetch_sub(&w->inbox->awaited, 1);
    return waits;
}

static const struct waitkind getting = { .what = "the next item of a queue between threads",
                                         .undo = undo };
static const struct waitkind putting = { .what = "room in a queue between threads",
                                         .undo = undo };
static const struct waitkind finishing = { .what = "the items of a queue between threads",
                                           .undo = undo };

/* On the waiter's loop. */
static void arrive(struct post *post)
{
    struct thread_wait *w =
        (struct thread_wait *)(void *)((char *)post - offsetof(struct thread_wait, post));
    atomic_fetch_sub(&w->inbox->awaited, 1);
    bide__settle_wait(w->wait, w->rc);
}

BIDE_WAITS static int wait_in_task(struct thread_wait *w, const struct waitkind *kind)
{
    struct wait wait = { .kind = kind, .data = w };
    w->inbox = bide__here->inbox;
    w->wait = &wait;
    w->post.run = arrive;
    atomic_fetch_add(&w->inbox->awaited, 1);
    pthread_mutex_unlock(&w->q->lock);
    return bide__wait_alone(&wait);
}

static int wait_in_thread(struct thread_wait *w)
{
    pthread_cond_init(&w->told, NULL);
    while (!w->over)
        pthread_cond_wait(&w->told, &w->q->lock);
    pthread_mutex_unlock(&w->q->lock);
    pthread_cond_destroy(&w->told);
    return w->rc;
}

/* With the lock, which is given back. */
BIDE_WAITS static int wait_in_line(struct thread_queue *q, struct waitlist *line,
                                   const struct waitkind *kind, void *item)
{
    struct thread_wait w;
    w.node.data = item;
    w.q = q;
    w.inbox = NULL;
    w.over = w.select = false;
    bide__line_up(line, &w.node);
    thread_queue_hold(q);
    int rc = bide__here ? wait_in_task(&w, kind) : wait_in_thread(&w);
    bide__thread_queue_drop(q);
    return rc == BIDE_ECLOSED ? bide__queue_fail_closed() : rc;
}

int bide__thread_queue_enter(bide_queue *shell)
{
    struct thread_queue *q = shared(shell);
    if (!bide__here)
        return 0;
    thread_queue_hold(q);
    int rc = bide__enter_slowly();
    pthread_mutex_lock(&q->lock);
    bool freed = shell->freed;
    pthread_mutex_unlock(&q->lock);
    bide__thread_queue_drop(q);
    return rc == 0 && freed ? bide__queue_fail_closed() : rc;
}

int bide__thread_try_put(struct thread_queue *q, const void *item, struct waitlist *told)
{
    struct wait *getter = q->getters.head;
    if (q->shell.closed)
        return BIDE_ECLOSED;
    if (getter) {
        copy_item(getter->data, item, q->shell.items.size);
        q->shell.unfinished++;
        end_wait((struct thread_wait *)(void *)getter, 1, told);
        return 0;
    }
    int rc = bide__items_make_room(&q->shell.items);
    if (rc < 0)
        return rc;
    items_put(&q->shell.items, item);
    q->shell.unfinished++;
    bide__thread_poke(&q->get_selects, told);
    return 0;
}

int bide__thread_try_get(struct thread_queue *q, void *item, struct waitlist *told)
{
    struct items *items = &q->shell.items;
    if (!items->count)
        return !q->shell.closed ? BIDE_EAGAIN : q->shell.freed ? BIDE_ECLOSED : 0;
    copy_item(item, items_remove(items), items->size);
    struct wait *putter = q->putters.head;
    if (putter) {
        items_put(items, putter->data);
        q->shell.unfinished++;
        end_wait((struct thread_wait *)(void *)putter, 0, told);
    } else {
        bide__thread_poke(&q->put_selects, told);
    }
    return 1;
}

int bide__thread_queue_put(bide_queue *shell, const void *item)
{
    struct thread_queue *q = shared(shell);
    struct waitlist told = { NULL };
    pthread_mutex_lock(&q->lock);
    int rc = bide__thread_try_put(q, item, &told);
    if (rc == BIDE_EAGAIN)
        return wait_in_line(q, &q->putters, &putting, (void *)(uintptr_t)item);
    bide__thread_unlock_and_tell(q, &told);
    return rc == BIDE_ECLOSED ? bide__queue_fail_closed() : rc;
}

int bide__thread_queue_get(bide_queue *shell, void *item)
{
    struct thread_queue *q = shared(shell);
    struct waitlist told = { NULL };
    pthread_mutex_lock(&q->lock);
    int rc = bide__thread_try_get(q, item, &told);
    if (rc == BIDE_EAGAIN)
        return wait_in_line(q, &q->getters, &getting, item);
    bide__thread_unlock_and_tell(q, &told);
    return rc == BIDE_ECLOSED ? bide__queue_fail_closed() : rc;
}

int bide__thread_queue_try_put(bide_queue *shell, const void *item)
{
    struct thread_queue *q = shared(shell);
    struct waitlist told = { NULL };
    pthread_mutex_lock(&q->lock);
    int rc = bide__thread_try_put(q, item, &told);
    bide__thread_unlock_and_tell(q, &told);
    return rc == BIDE_ECLOSED ? bide__queue_fail_closed() : rc;
}

int bide__thread_queue_try_get(bide_queue *shell, void *item)
{
    struct thread_queue *q = shared(shell);
    struct waitlist told = { NULL };
    pthread_mutex_lock(&q->lock);
    int rc = bide__thread_try_get(q, item, &told);
    bide__thread_unlock_and_tell(q, &told);
    return rc == BIDE_ECLOSED ? bide__queue_fail_closed() : rc;
}

int bide__thread_queue_join(bide_queue *shell)
{
    struct thread_queue *q = shared(shell);
    pthread_mutex_lock(&q->lock);
    if (shell->unfinished)
        return wait_in_line(q, &q->joiners, &finishing, NULL);
    pthread_mutex_unlock(&q->lock);
    return 0;
}

int bide__thread_queue_done(bide_queue *shell)
{
    struct thread_queue *q = shared(shell);
    struct waitlist told = { NULL };
    pthread_mutex_lock(&q->lock);
    bool was_got = shell->unfinished > shell->items.count;
    if (was_got && --shell->unfinished == 0)
        end_all(&q->joiners, 0, &told);
    bide__thread_unlock_and_tell(q, &told);
    return was_got ? 0 : bide_fail(BIDE_EINVAL, "queue done: more often than items were got");
}

size_t bide__thread_queue_size(bide_queue *shell)
{
    struct thread_queue *q = shared(shell);
    pthread_mutex_lock(&q->lock);
    size_t count = shell->items.count;
    pthread_mutex_unlock(&q->lock);
    return count;
}

/* Under the lock: nothing goes in any more.  Getters wait only where nothing is left. */
static void close_lines(struct thread_queue *q, int getters_rc, struct waitlist *told)
{
    q->shell.closed = true;
    end_all(&q->getters, getters_rc, told);
    end_all(&q->putters, BIDE_ECLOSED, told);
    end_all(&q->get_selects, 0, told);
    end_all(&q->put_selects, 0, told);
}

/* Under the lock: what is left is taken out, to be dropped without it. */
static struct items take_out(struct thread_queue *q, struct waitlist *told)
{
    struct items left = q->shell.items;
    q->shell.items.at = NULL;
    q->shell.items.heap = NULL;
    q->shell.items.count = 0;
    q->shell.unfinished -= left.count;
    if (!q->shell.unfinished)
        end_all(&q->joiners, 0, told);
    return left;
}

void bide__thread_queue_close(bide_queue *shell, bool now)
{
    struct thread_queue *q = shared(shell);
    struct waitlist told = { NULL };
    struct items left = { .count = 0 };
    pthread_mutex_lock(&q->lock);
    close_lines(q, 0, &told);
    if (now)
        left = take_out(q, &told);
    bide__thread_unlock_and_tell(q, &told);
    bide__items_drop(&left);
    bide__items_close(&left);
}

void bide__thread_queue_free(bide_queue *shell)
{
    struct thread_queue *q = shared(shell);
    struct waitlist told = { NULL };
    pthread_mutex_lock(&q->lock);
    close_lines(q, BIDE_ECLOSED, &told);
    end_all(&q->joiners, BIDE_ECLOSED, &told);
    struct items left = take_out(q, &told);
    shell->freed = true;
    bide__thread_unlock_and_tell(q, &told);
    bide__items_drop(&left);
    bide__items_close(&left);
    bide__thread_queue_drop(q);
}
