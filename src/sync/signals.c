/* Signals for tasks: a listener per number, what has come in the order in which it came, and a
 * line of those who wait.  At most one of the two is not empty.
 *
 * A wait for a signal counts like one for a descriptor: it may be ended from outside, so it is
 * no deadlock, and the jumping clock need not stand still for it. */
#include "core/signals.h"
#include "base/memory.h"
#include "core/park.h"
#include <bide/signal.h>
#include <string.h>

enum { COUNT_MAX = 64 };

struct source {
    struct signal_listener listener;            /* first */
    bide_signals *signals;
    struct source *next;                        /* come and not waited for */
    pid_t sender;
    bool pending;
};
struct bide_signals {
    struct waitlist waiters;                    /* first */
    struct loop *loop;
    struct source *first, **last;
    pid_t sender;                               /* of the one handed out last */
    uint32_t entering;                          /* who yields on the way in */
    bool closed;
    size_t count;
    struct source sources[];
};

static bool undo(struct wait *w)
{
    w->task->loop->fds.waiters--;
    return bide__undo(w);
}
static const struct waitkind waiting = { .what = "a signal", .undo = undo };

static void settle(struct wait *w, int rc)
{
    w->task->loop->fds.waiters--;
    bide__unlink(w);
    bide__settle_wait(w, rc);
}

static void came(struct signal_listener *who, pid_t sender)
{
    struct source *source = (struct source *)(void *)who;
    bide_signals *s = source->signals;
    if (s->waiters.head) {
        s->sender = sender;
        settle(s->waiters.head, who->number);
    } else if (!source->pending) {
        source->pending = true;
        source->sender = sender;
        source->next = NULL;
        *s->last = source;
        s->last = &source->next;
    }
}

static bool has(const bide_signals *s, int number)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->sources[i].listener.number == number)
            return true;
    return false;
}

static int listen_to(bide_signals *s, int number)
{
    if (has(s, number))
        return 0;
    struct source *source = &s->sources[s->count];
    *source = (struct source){ .listener = { .number = number, .came = came }, .signals = s };
    int rc = bide__signal_listen(&source->listener);
    if (rc == 0)
        s->count++;
    return rc;
}

static bide_signals *make(size_t count)
{
    if (!bide__loop()) {
        bide_fail(BIDE_EPERM, "signals: works only inside bide_run()");
        return NULL;
    }
    bide_signals *s = bide__zalloc(sizeof *s + count * sizeof *s->sources);
    if (!s) {
        bide_fail(BIDE_ENOMEM, "signals: out of memory");
        return NULL;
    }
    s->loop = bide__loop();
    s->last = &s->first;
    return s;
}

static bide_signals *open_list(int first, va_list more)
{
    int numbers[COUNT_MAX] = { first };
    size_t count = 1;
    while (count < COUNT_MAX && (numbers[count] = va_arg(more, int)))
        count++;
    bide_signals *s = make(count);
    for (size_t i = 0; s && i < count; i++)
        if (listen_to(s, numbers[i]) < 0) {
            bide_signals_close(s);
            return NULL;
        }
    return s;
}

bide_signals *bide_signals_open_(int first, ...)
{
    va_list more;
    va_start(more, first);
    bide_signals *s = open_list(first, more);
    va_end(more);
    return s;
}

/* Who comes in may have to yield first, and be closed meanwhile. */
BIDE_WAITS static int enter(bide_signals *s)
{
    if (s)
        s->entering++;
    int rc = bide__enter();
    if (!s)
        return rc < 0 ? rc : bide_errcode();
    s->entering--;
    if (rc < 0 || s->closed)
        return rc;
    if (s->loop != bide__loop() || !s->sources->listener.link)
        return bide_fail(BIDE_EPERM, "signals: opened in another loop");
    bide__signal_look(s->loop);         /* what has come again by now came before it was taken */
    return 0;
}

static int take(bide_signals *s)
{
    struct source *source = s->first;
    s->first = source->next;
    if (!s->first)
        s->last = &s->first;
    source->pending = false;
    s->sender = source->sender;
    return source->listener.number;
}

static void let_go(bide_signals *s)
{
    if (s->closed && !s->entering)
        bide__free(s);
}

int bide_signals_wait(bide_signals *s)
{
    int rc = enter(s);
    if (!s)
        return rc;
    if (s->closed) {
        let_go(s);
        return rc;
    }
    if (rc < 0)
        return rc;
    if (s->first)
        return take(s);
    struct wait w = { .kind = &waiting, .data = s };
    s->loop->fds.waiters++;
    return bide__wait(&s->waiters, &w);
}

int bide_signal_wait_(int first, ...)
{
    va_list more;
    va_start(more, first);
    bide_auto(signals) s = open_list(first, more);
    va_end(more);
    return s ? bide_signals_wait(s) : bide_errcode();
}

pid_t bide_signals_sender(const bide_signals *s)
{
    return s ? s->sender : 0;
}

void bide_signals_close(bide_signals *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        bide__signal_unlisten(&s->sources[i].listener);
    while (s->waiters.head)
        settle(s->waiters.head, 0);
    s->closed = true;
    let_go(s);
}
