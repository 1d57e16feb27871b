/* A select that waits for a queue between threads.
 *
 * Whether it still waits only its own loop knows, so it cannot be handed anything from outside.
 * It leaves a note in the queue, on the heap, since the note may be on its way to the loop when
 * the select has long gone on by another case.  When there is something for it, the first note
 * travels to its loop's inbox.  There it either does on the select's behalf what that waits for,
 * or, where another was quicker, goes back into the line; and a note whose select has gone sends
 * the next one, so that what it was sent for is not forgotten.  Who waits for the queue alone is
 * served before the selects. */
#include "base/memory.h"
#include "sync/thread_queue.h"

static struct waitlist *line_of(const struct thread_wait *note)
{
    return note->puts ? &note->q->put_selects : &note->q->get_selects;
}

static void end_note(struct thread_wait *note)
{
    atomic_fetch_sub(&note->inbox->awaited, 1);
    bide__inbox_drop(note->inbox);
    bide__thread_queue_drop(note->q);
    bide__free(note);
}

/* Under the lock: would it not have to wait? */
static bool can_go_on(const struct thread_queue *q, bool puts)
{
    const struct items *items = &q->shell.items;
    if (q->shell.closed)
        return true;
    if (!puts)
        return items->count > 0;
    return items->count < items->room || items->capacity == BIDE_UNLIMITED || q->getters.head;
}

static int act(struct thread_wait *note, struct waitlist *told)
{
    if (note->puts)
        return bide__thread_try_put(note->q, note->node.data, told);
    return bide__thread_try_get(note->q, note->node.data, told);
}

/* On the select's loop, in the poller; or anywhere, if that loop has ended. */
static void arrive(struct post *post)
{
    struct thread_wait *note =
        (struct thread_wait *)(void *)((char *)post - offsetof(struct thread_wait, post));
    struct thread_queue *q = note->q;
    struct waitlist told = { NULL };
    int rc = 0;
    pthread_mutex_lock(&q->lock);
    if (note->wait)
        rc = act(note, &told);
    else if (can_go_on(q, note->puts))
        bide__thread_poke(line_of(note), &told);
    if (rc == BIDE_EAGAIN) {
        note->over = false;
        bide__line_up(line_of(note), &note->node);
    }
    bide__thread_unlock_and_tell(q, &told);
    if (rc == BIDE_EAGAIN)
        return;
    if (note->wait && rc < 0)
        bide__hold(note->wait->task, rc,
                   rc == BIDE_ECLOSED ? "the queue is closed" : bide_strerror(rc));
    if (note->wait)
        bide__settle_wait(note->wait, rc);
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

/* Between the attempt and now another thread may have been there: then it goes at once. */
int bide__thread_queue_join_select(bide_queue *shell, struct wait *w, void *item, bool puts)
{
    struct thread_queue *q = (struct thread_queue *)(void *)shell;
    struct thread_wait *note = bide__zalloc(sizeof *note);
    if (!note)
        return bide_fail(BIDE_ENOMEM, "no memory to wait for a queue between threads");
    note->q = q;
    note->inbox = bide__here->inbox;
    note->post.run = arrive;
    note->wait = w;
    note->node.data = item;
    note->select = true;
    note->puts = puts;
    w->kind = &selecting;
    w->data = note;
    thread_queue_hold(q);
    bide__inbox_hold(note->inbox);
    atomic_fetch_add(&note->inbox->awaited, 1);
    struct waitlist told = { NULL };
    pthread_mutex_lock(&q->lock);
    bide__line_up(line_of(note), &note->node);
    if (can_go_on(q, puts))
        bide__thread_poke(line_of(note), &told);
    bide__thread_unlock_and_tell(q, &told);
    return 0;
}
