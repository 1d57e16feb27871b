/* A select that waits for a queue between threads.
 *
 * Whether it still waits only its own loop knows, so it cannot be handed anything from outside.
 * It leaves a note in the queue, on the heap, since it may be on its way to the loop when the
 * select has long gone on by another case; when something changes, the note travels to the
 * loop's inbox and makes the select, if it is there, try all its cases anew.  All who left one are
 * told, so no change is missed by one who takes another case instead. */
#include "base/memory.h"
#include "sync/thread_queue.h"

static void end_note(struct thread_wait *note)
{
    atomic_fetch_sub(&note->inbox->awaited, 1);
    bide__inbox_drop(note->inbox);
    bide__thread_queue_drop(note->q);
    bide__free(note);
}

/* On the select's loop. */
static void arrive(struct post *post)
{
    struct thread_wait *note =
        (struct thread_wait *)(void *)((char *)post - offsetof(struct thread_wait, post));
    if (note->wait)
        bide__settle_wait(note->wait, BIDE_EAGAIN);
    end_note(note);
}

/* Never refuses: a note on its way is told that nobody waits for it. */
static bool undo(struct wait *w)
{
    struct thread_wait *note = w->data;
    pthread_mutex_lock(&note->q->lock);
    bool waits = !note->over;
    if (waits)
        bide__unlink(&note->node);
    note->wait = NULL;
    pthread_mutex_unlock(&note->q->lock);
    if (waits)
        end_note(note);
    return true;
}

static const struct waitkind selecting = { .what = "a queue between threads", .undo = undo };

/* Between the attempt and now another thread may have been there. */
static bool can_go_on(const struct thread_queue *q, bool to_put)
{
    const struct items *items = &q->shell.items;
    if (q->shell.closed)
        return true;
    if (!to_put)
        return items->count > 0;
    return items->count < items->room || items->capacity == BIDE_UNLIMITED || q->getters.head;
}

int bide__thread_queue_join_select(bide_queue *shell, struct wait *w, bool to_put)
{
    struct thread_queue *q = (struct thread_queue *)(void *)shell;
    struct thread_wait *note = bide__zalloc(sizeof *note);
    if (!note)
        return bide_fail(BIDE_ENOMEM, "no memory to wait for a queue between threads");
    note->q = q;
    note->inbox = bide__here->inbox;
    note->post.run = arrive;
    note->wait = w;
    w->kind = &selecting;
    w->data = note;
    w->on = NULL;
    thread_queue_hold(q);
    bide__inbox_hold(note->inbox);
    atomic_fetch_add(&note->inbox->awaited, 1);
    pthread_mutex_lock(&q->lock);
    note->over = can_go_on(q, to_put);
    if (!note->over)
        bide__line_up(to_put ? &q->put_selects : &q->get_selects, &note->node);
    pthread_mutex_unlock(&q->lock);
    if (note->over)
        bide__inbox_post(note->inbox, &note->post);
    return 0;
}
