/* Who sends what waits, and when.
 *
 * A write that was begun is gone on with by whoever comes next: so a sender that is cancelled
 * spoils nothing, unless part of a payload has gone that is its own and not ours. */
#include "web/ws_out.h"

#include "base/memory.h"
#include "io/stream.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/task.h>

#include <string.h>

enum { SLICE = 262144 };

static const struct waitkind a_turn = { .what = "a WebSocket's turn to send", .undo = bide__undo };
static const struct waitkind its_end = { .what = "a WebSocket's writer", .undo = bide__undo };

/* ---- its life ---- */

static bool grow(struct writer *w, size_t more)
{
    size_t room = w->room * 2 > w->size + more ? w->room * 2 : w->size + more;
    room = room < 1024 ? 1024 : room;
    char *at = bide__resize(w->at, room);
    if (!at)
        return false;
    w->at = at;
    w->room = room;
    return true;
}

struct ws_out *bide__ws_out(struct bide_ws *ws)
{
    if (ws->out)
        return ws->out;
    struct ws_out *o = bide__zalloc(sizeof *o);
    if (!o) {
        bide_fail(BIDE_ENOMEM, "out of memory");
        return NULL;
    }
    o->ws = ws;
    o->next.grow = o->now.grow = grow;
    o->last = &o->first;
    return ws->out = o;
}

static void drop_first(struct ws_out *o)
{
    struct ws_queued *q = o->first;
    o->first = q->next;
    if (!o->first)
        o->last = &o->first;
    o->count--;
    o->bytes -= q->packet->size;
    o->first_done = 0;
    bide__ws_packet_drop(q->packet);
    bide__free(q);
}

static void drop_writer(struct writer *w)
{
    bide__free(w->at);
    *w = (struct writer){ .grow = grow };
}

static void drop_all(struct ws_out *o)
{
    while (o->first)
        drop_first(o);
    drop_writer(&o->next);
    drop_writer(&o->now);
    o->now_done = 0;
}

size_t bide__ws_pending(const struct bide_ws *ws)
{
    const struct ws_out *o = ws->out;
    return o ? o->now.size - o->now_done + o->next.size + o->bytes - o->first_done : 0;
}

/* ---- later ---- */

/* Of this thread's loop: those that have something to send. */
static __thread struct { struct alarm alarm; struct ws_out *first; } later;

static void unlist(struct ws_out *o)
{
    if (!o->later)
        return;
    o->later = false;
    *(o->prev_later ? &o->prev_later->next_later : &later.first) = o->next_later;
    if (o->next_later)
        o->next_later->prev_later = o->prev_later;
}

static void flush_listed(struct alarm *alarm)
{
    (void)alarm;
    while (later.first) {
        struct ws_out *o = later.first;
        size_t left;
        unlist(o);
        bide_ignore(bide__ws_flush_now(o->ws, &left));
    }
}

void bide__ws_flush_later(struct bide_ws *ws)
{
    struct ws_out *o = ws->out;
    if (!o || o->later)
        return;
    o->later = true;
    o->prev_later = NULL;
    o->next_later = later.first;
    if (later.first)
        later.first->prev_later = o;
    later.first = o;
    later.alarm.fn = flush_listed;
    if (!bide__alarm_is_set(&later.alarm))
        bide__alarm_set(&later.alarm, bide__loop()->looked_ns);
}

void bide__ws_out_free(struct bide_ws *ws)
{
    struct ws_out *o = ws->out;
    if (!o)
        return;
    unlist(o);
    drop_all(o);
    bide_group_close(o->flushers);
    bide__free(o);
    ws->out = NULL;
}

void bide__ws_out_rest(struct bide_ws *ws)
{
    struct ws_out *o = ws->out;
    if (!o || o->busy || o->locked || o->flushers || o->turn.head || o->idle.head ||
        bide__ws_pending(ws) > 0)
        return;
    bide__ws_out_free(ws);
}

/* ---- turns ---- */

int bide__ws_turn(struct bide_ws *ws)
{
    struct ws_out *o = bide__ws_out(ws);
    if (!o)
        return BIDE_ENOMEM;
    if (o->locked) {
        struct wait w = { .kind = &a_turn };
        return bide__wait(&o->turn, &w);        /* handed over as it is: locked */
    }
    o->locked = true;
    return 0;
}

void bide__ws_turn_over(struct bide_ws *ws)
{
    struct ws_out *o = ws->out;
    if (!bide__settle_first(&o->turn, 0))
        o->locked = false;
}

static void refuse_all(struct waitlist *line)
{
    for (struct wait *w; (w = line->head);) {
        bide__unlink(w);
        bide__hold(w->task, BIDE_ECLOSED, "the WebSocket is closed");
        bide__settle(w->task, BIDE_ECLOSED);
    }
}

void bide__ws_out_abort(struct ws_out *o)
{
    refuse_all(&o->turn);
    refuse_all(&o->idle);
}

/* ---- writing ---- */

/* The caller's own pieces, whose beginning may be out already: then nothing may come between. */
struct own { struct iovec *pieces; int count; size_t whole, left; };

static int put_own(const struct own *own, struct iovec pieces[WS_PIECES], int used)
{
    for (int i = 0; i < own->count && used < WS_PIECES; i++)
        if (own->pieces[i].iov_len > 0)
            pieces[used++] = own->pieces[i];
    return used;
}

/* What waits, and behind all of it the caller's own.  Packets are whole messages: they wait until
 * one in fragments is over. */
static int gather(struct ws_out *o, struct iovec pieces[WS_PIECES], const struct own *own)
{
    int used = 0;
    if (own->left > 0 && own->left < own->whole)
        return put_own(own, pieces, 0);
    if (o->now_done == o->now.size && o->next.size > 0) {
        struct writer empty = o->now;
        o->now = o->next;
        o->next = empty;
        o->next.size = o->now_done = 0;
    }
    if (o->now_done < o->now.size)
        pieces[used++] = (struct iovec){ o->now.at + o->now_done, o->now.size - o->now_done };
    if (o->next.size > 0)
        return used;
    size_t done = o->first_done;
    struct ws_queued *q = o->ws->flags & WS_PART ? NULL : o->first;
    for (; q && used < WS_PIECES; q = q->next, done = 0)
        pieces[used++] = (struct iovec){ q->packet->bytes + done, q->packet->size - done };
    return q ? used : put_own(own, pieces, used);
}

static size_t take(size_t *gone, size_t size)
{
    size_t n = *gone < size ? *gone : size;
    *gone -= n;
    return n;
}

static void note_own(struct own *own, size_t gone)
{
    own->left -= gone;
    for (int i = 0; i < own->count; i++) {
        size_t n = take(&gone, own->pieces[i].iov_len);
        own->pieces[i].iov_base = (char *)own->pieces[i].iov_base + n;
        own->pieces[i].iov_len -= n;
    }
}

/* So many bytes are out, of what was gathered. */
static void note(struct ws_out *o, size_t gone, struct own *own)
{
    if (own->left < own->whole) {
        size_t n = gone < own->left ? gone : own->left;
        note_own(own, n);
        gone -= n;
    }
    o->now_done += take(&gone, o->now.size - o->now_done);
    while (o->first && gone > 0) {
        o->first_done += take(&gone, o->first->packet->size - o->first_done);
        if (o->first_done == o->first->packet->size)
            drop_first(o);
    }
    note_own(own, gone);
}

/* As much as there is room for; < 0 without a sentence. */
static ssize_t write_now(struct bide_ws *ws, const struct iovec *pieces, int count)
{
    bide_stream *s = ws->stream;
    if (ws->flags & (WS_MUTE | WS_ABORTED))
        return BIDE_ECLOSED;
    if (!s)
        return ws->connection ? ws->settings->home->write_now(ws->connection, pieces, count) : 0;
    if (s->flags & (STREAM_ABORTED | STREAM_CUT_SHORT | STREAM_ENDED))
        return BIDE_ECLOSED;
    return s->ops->write_now && !(s->flags & STREAM_WRITING)
        ? s->ops->write_now(s, pieces, count) : 0;
}

ssize_t bide__ws_write_now(struct bide_ws *ws, const void *bytes, size_t size)
{
    const struct iovec piece = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = size };
    return write_now(ws, &piece, 1);
}

/* waits: through the stream's operations */
static ssize_t write_waiting(struct bide_ws *ws, const struct iovec *pieces, int count)
{
    bide_stream *s = ws->stream;
    if (!s || ws->flags & (WS_MUTE | WS_ABORTED))
        return bide_fail(BIDE_ECLOSED, "the WebSocket is closed");
    int rc = bide__stream_enter(s, STREAM_WRITING, "write");
    if (rc < 0)
        return rc;
    return bide__stream_leave(s, STREAM_WRITING, "write", s->ops->writev(s, pieces, count));
}

/* Without waiting: 1: all is out; 0: not all; < 0, without a sentence. */
static int write_all_now(struct bide_ws *ws, struct own *own)
{
    struct iovec pieces[WS_PIECES];
    for (;;) {
        int used = gather(ws->out, pieces, own);
        ssize_t n = used > 0 ? write_now(ws, pieces, used) : 0;
        if (n < 0 || used == 0)
            return n < 0 ? (int)n : 1;
        note(ws->out, (size_t)n, own);
        if (n == 0)
            return 0;
    }
}

BIDE_WAITS static int write_all(struct bide_ws *ws, struct own *own)
{
    struct iovec pieces[WS_PIECES];
    int used;
    while ((used = gather(ws->out, pieces, own)) > 0) {
        ssize_t n = write_waiting(ws, pieces, used);
        if (n < 0)
            return (int)n;
        note(ws->out, (size_t)n, own);
    }
    return 0;
}

BIDE_WAITS static int write_in_time(struct bide_ws *ws, struct own *own)
{
    size_t size = bide__ws_pending(ws) + own->left;
    double seconds = ws->settings->write_timeout * (double)(1 + size / SLICE);
    BIDE_TIMEOUT(limit, seconds);
    int rc = bide_scope_result(limit, write_all(ws, own));
    return rc == BIDE_ETIMEDOUT ? bide_fail(rc, "the peer took nothing for %g s", seconds) : rc;
}

/* Nothing more goes out.  What the peer has said can still be read, but where it is stuck in the
 * middle of a frame. */
static void give_up(struct bide_ws *ws, int rc, bool half)
{
    if (rc == BIDE_ECANCELED && !half) {
        bide__ws_flush_later(ws);
        return;
    }
    ws->flags |= WS_MUTE;
    drop_all(ws->out);
    bide__ws_out_abort(ws->out);
    if (rc == BIDE_ECANCELED || rc == BIDE_ETIMEDOUT)
        bide__ws_cut(ws);
}

/* Waits until nobody writes. */
BIDE_WAITS static int await_idle(struct ws_out *o)
{
    while (o->busy) {
        struct wait w = { .kind = &its_end };
        int rc = bide_cancelled() ? bide_fail(BIDE_ECANCELED, "cancelled") :
                 bide__wait(&o->idle, &w);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* What it was made for is over: the next ones need not be as large. */
static void tidy(struct ws_out *o)
{
    o->now.size = o->now_done = 0;
    if (o->now.room > WS_COPY_MAX)
        drop_writer(&o->now);
    if (o->next.room > WS_COPY_MAX && o->next.size == 0)
        drop_writer(&o->next);
}

/* ---- while it is parked ---- */

/* The caller's own becomes ours, behind all that waits: if it has begun, nothing else does. */
static int keep_own(struct ws_out *o, const struct own *own)
{
    struct ws_packet *p = own->left > 0 && o->first ? bide__ws_packet_new(own->left) : NULL;
    char *to = p ? p->bytes : own->left > 0 && !o->first ? writer_room(&o->next, own->left) : NULL;
    o->next.code = 0;
    if (own->left == 0)
        return 0;
    if (!to)
        return bide_fail(BIDE_ENOMEM, "out of memory for a message");
    for (int i = 0; i < own->count; to += own->pieces[i++].iov_len)
        memcpy(to, own->pieces[i].iov_base, own->pieces[i].iov_len);
    if (!p)
        o->next.size += own->left;
    int rc = p ? bide__ws_queue(o->ws, p) : 0;
    if (p)
        bide__ws_packet_drop(p);
    return rc;
}

/* There is no stream to wait with: its connection gets a task, which sends what is kept. */
BIDE_WAITS static int await_task(struct bide_ws *ws)
{
    struct ws_out *o = ws->out;
    if (ws->connection)
        ws->settings->home->wake(ws->connection);
    while (bide__ws_pending(ws) > 0) {
        struct wait w = { .kind = &its_end };
        int rc = bide_cancelled() ? bide_fail(BIDE_ECANCELED, "cancelled") :
                 bide__wait(&o->idle, &w);
        if (rc < 0)
            return rc;
    }
    return ws->flags & (WS_MUTE | WS_ABORTED)
        ? bide_fail(BIDE_ECLOSED, "the WebSocket is closed") : 0;
}

BIDE_WAITS static int flush_parked(struct bide_ws *ws, struct own *own)
{
    int rc = keep_own(ws->out, own);
    ws->out->busy = false;
    if (rc < 0 && own->left < own->whole)
        bide__ws_cut(ws);       /* half of it is out */
    return rc < 0 ? rc : await_task(ws);
}

BIDE_WAITS static int flush(struct bide_ws *ws, struct own *own)
{
    struct ws_out *o = ws->out;
    o->busy = true;
    int rc = write_all_now(ws, own);
    if (rc == 0 && !ws->stream)
        return flush_parked(ws, own);
    if (rc < 0)
        bide_fail(rc, "%s", rc == BIDE_ECLOSED ? "the WebSocket is closed" : bide_strerror(rc));
    if (rc == 0)
        rc = write_in_time(ws, own);
    o->busy = false;
    if (rc >= 0)
        tidy(o);
    else
        give_up(ws, rc, own->left < own->whole);
    bide__settle_all(&o->idle, 0);
    return rc < 0 ? rc : 0;
}

int bide__ws_flush(struct bide_ws *ws, struct iovec *more, int count)
{
    struct ws_out *o = bide__ws_out(ws);
    struct own own = { .pieces = more, .count = count };
    if (!o)
        return BIDE_ENOMEM;
    for (int i = 0; i < count; i++)
        own.left = own.whole += more[i].iov_len;
    int rc = await_idle(o);
    unlist(o);
    if (rc < 0 || bide__ws_pending(ws) + own.whole == 0)
        return rc;
    return flush(ws, &own);
}

/* ---- without waiting ---- */

static int flush_task(void *arg)
{
    struct bide_ws *ws = arg;
    int rc = bide__ws_flush(ws, NULL, 0);
    if (ws->out) {
        bide_group *group = ws->out->flushers;
        ws->out->flushers = NULL;
        bide_group_close(group);
    }
    return rc == BIDE_ECANCELED ? rc : 0;       /* whoever sends or receives next hears of it */
}

static void leave(void *arg)
{
    bide__ws_leave(arg);
}

/* The group is there for as long as the one task; a parked one's connection has a task of its own.
 * Without memory for one, whoever sends or receives next sends it. */
static void start_flushing(struct bide_ws *ws)
{
    struct ws_out *o = ws->out;
    if (!ws->stream && ws->connection)
        ws->settings->home->wake(ws->connection);
    if (!ws->stream || o->flushers || o->busy)
        return;
    bide_group *group = o->flushers = bide_group_open("WebSocket", NULL, NULL);
    if (!group)
        return;
    ws_enter(ws);
    if (bide_spawn(group, flush_task, ws, .name = "WebSocket sender", .drop = leave) == 0)
        return;
    o->flushers = NULL;
    bide_group_close(group);
}

int bide__ws_flush_now(struct bide_ws *ws, size_t *left)
{
    struct ws_out *o = ws->out;
    *left = bide__ws_pending(ws);
    if (!o || o->busy || *left == 0)
        return 0;
    struct own none = { 0 };
    o->busy = true;
    int rc = write_all_now(ws, &none);
    o->busy = false;
    *left = bide__ws_pending(ws);
    if (rc < 0)
        give_up(ws, rc, true);
    else if (rc > 0)
        tidy(o);
    else
        start_flushing(ws);
    return rc < 0 ? rc : 0;
}
