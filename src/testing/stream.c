/* Two ends in memory, connected as badly as a test wishes.
 *
 * Like io/pair.c, but what is written goes as pieces that each have the time of their arrival:
 * delay is latency, not slowness.  An end arrives like a piece, and so does a break, so what was
 * written before it is read first.  A break that is no end strikes both directions, as a reset of
 * TCP does. */
#include "base/memory.h"
#include "base/random.h"
#include "core/park.h"
#include "io/stream.h"
#include <bide/scope.h>
#include <bide/testing.h>
#include <math.h>
#include <string.h>

enum { CLEAN_END = 1, RANDOM_MOST = 64 };

struct piece { struct piece *next; double due; size_t size, done; char data[]; };
/* One direction. */
struct flow {
    struct piece *first, **last;
    size_t size, high_water;    /* bytes on their way */
    size_t passed, cut;         /* bytes taken; after how many it breaks (0: never) */
    uint64_t random;
    struct waitlist reader, writer;
    bool ended;                 /* no more pieces: at `over` the reader finds the end */
    double over;
    int code;                   /* instead of an end, this; writers get it too */
    bool deaf;                  /* the end that reads is closed */
};
struct pair;
struct pair_end {
    bide_stream stream;         /* first */
    struct pair *pair;
    struct flow *in, *out;
};
struct pair {
    struct pair_end ends[2];
    struct flow flows[2];
    struct bide_test_stream_opts o;
    int open;
};

static const struct waitkind reading = { .what = "a test's pair to read", .undo = bide__undo };
static const struct waitkind writing = { .what = "a test's pair to write", .undo = bide__undo };

static struct pair_end *end_of(bide_stream *s)
{
    return (struct pair_end *)(void *)s;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int closed(void)
{
    return bide_fail(BIDE_ECLOSED, "closed");
}

/* --- reading --- */

/* When the next thing arrives; infinite: nothing is on its way. */
static double next_due(const struct flow *f)
{
    return f->first ? f->first->due : f->ended ? f->over : (double)INFINITY;
}

static bool has_arrived(const struct flow *f)
{
    return next_due(f) <= bide_now();
}

/* One call may wait more than once, and may have been cancelled between its being woken and its
 * running again. */
BIDE_WAITS static int wait_in(struct waitlist *line, const struct waitkind *kind)
{
    struct wait w = { .kind = kind };
    return bide_cancelled() ? bide_fail(BIDE_ECANCELED, "cancelled") : bide__wait(line, &w);
}

/* 0 also when its time has come. */
BIDE_WAITS static int wait_for_arrival(struct flow *f)
{
    double due = next_due(f);
    if (isinf(due))
        return wait_in(&f->reader, &reading);
    BIDE_TIMEOUT(limit, due - bide_now());
    int rc = bide_scope_result(limit, wait_in(&f->reader, &reading));
    return rc == BIDE_ETIMEDOUT ? 0 : rc;
}

static int pair_await(bide_stream *s)
{
    struct flow *f = end_of(s)->in;
    while (!(s->flags & STREAM_ABORTED) && !has_arrived(f)) {
        int rc = wait_for_arrival(f);
        if (rc < 0)
            return rc;
    }
    return s->flags & STREAM_ABORTED ? closed() : 0;
}

static size_t how_many(struct pair *p, struct flow *f, size_t size)
{
    size_t most = p->o.split;
    if (!p->o.seed)
        return most ? least(most, size) : size;
    return least((size_t)(bide__random(&f->random) % (most ? most : RANDOM_MOST)) + 1, size);
}

static void drop_first(struct flow *f)
{
    struct piece *gone = f->first;
    f->first = gone->next;
    if (!f->first)
        f->last = &f->first;
    bide__free(gone);
}

static size_t take(struct flow *f, char *to, size_t size)
{
    size_t got = 0;
    while (got < size && f->first && has_arrived(f)) {
        struct piece *p = f->first;
        size_t n = least(size - got, p->size - p->done);
        memcpy(to + got, p->data + p->done, n);
        p->done += n;
        got += n;
        if (p->done == p->size)
            drop_first(f);
    }
    f->size -= got;
    return got;
}

static ssize_t take_some(struct pair_end *e, void *buf, size_t size)
{
    struct flow *f = e->in;
    size_t got = take(f, buf, how_many(e->pair, f, size));
    bide__settle_first(&f->writer, 0);
    return (ssize_t)got;
}

static ssize_t pair_read(bide_stream *s, void *buf, size_t size)
{
    struct flow *f = end_of(s)->in;
    int rc = pair_await(s);
    if (rc < 0)
        return rc;
    if (!f->first)
        return f->code ? bide_fail(f->code, "%s", bide_strerror(f->code)) : 0;
    return take_some(end_of(s), buf, size);
}

static ssize_t pair_read_now(bide_stream *s, void *buf, size_t size)
{
    struct flow *f = end_of(s)->in;
    if (!has_arrived(f))
        return BIDE_EAGAIN;
    return f->first ? take_some(end_of(s), buf, size) : f->code;
}

static bool pair_readable(bide_stream *s)
{
    return has_arrived(end_of(s)->in);
}

/* --- writing --- */

static void end(struct pair *p, struct flow *f, int code)
{
    if (f->ended)
        return;
    f->ended = true;
    f->over = bide_now() + p->o.delay;
    f->code = code;
    bide__settle_first(&f->reader, 0);
    bide__settle_first(&f->writer, 0);
}

static void break_off(struct pair *p, struct flow *f)
{
    int code = p->o.code ? p->o.code : -ECONNRESET;
    if (code == CLEAN_END) {
        end(p, f, 0);
        return;
    }
    end(p, &p->flows[0], code);
    end(p, &p->flows[1], code);
}

static int wait_for_room(bide_stream *s, struct flow *f)
{
    while (f->size >= f->high_water && !f->deaf && !f->ended && !(s->flags & STREAM_ABORTED)) {
        int rc = wait_in(&f->writer, &writing);
        if (rc < 0)
            return rc;
    }
    if (s->flags & STREAM_ABORTED)
        return closed();
    if (f->deaf || f->ended) {
        int code = f->code ? f->code : -EPIPE;
        return bide_fail(code, "%s", bide_strerror(code));
    }
    return 0;
}

static size_t total_of(const struct iovec *pieces, int count)
{
    size_t total = 0;
    for (int i = 0; i < count; i++)
        total += pieces[i].iov_len;
    return total;
}

/* How many bytes of a write are taken at once. */
static size_t limited(const struct pair *p, const struct flow *f, size_t size)
{
    size = least(size, f->high_water - f->size);
    if (p->o.short_writes)
        size = least(size, p->o.short_writes);
    return f->cut ? least(size, f->cut - f->passed) : size;
}

static int put(struct pair *pair, struct flow *f, const struct iovec *pieces, size_t size)
{
    struct piece *p = bide__alloc(sizeof *p + size);
    if (!p)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    *p = (struct piece){ .due = bide_now() + pair->o.delay, .size = size };
    for (size_t done = 0; done < size; pieces++) {
        size_t n = least(pieces->iov_len, size - done);
        if (n)
            memcpy(p->data + done, pieces->iov_base, n);
        done += n;
    }
    *f->last = p;
    f->last = &p->next;
    f->size += size;
    f->passed += size;
    bide__settle_first(&f->reader, 0);
    return 0;
}

static ssize_t put_some(struct pair_end *e, const struct iovec *pieces, int count)
{
    size_t size = limited(e->pair, e->out, total_of(pieces, count));
    int rc = put(e->pair, e->out, pieces, size);
    if (rc < 0)
        return rc;
    if (e->out->cut && e->out->passed == e->out->cut)
        break_off(e->pair, e->out);
    return (ssize_t)size;
}

static ssize_t pair_writev(bide_stream *s, const struct iovec *pieces, int count)
{
    int rc = wait_for_room(s, end_of(s)->out);
    return rc < 0 ? rc : put_some(end_of(s), pieces, count);
}

static ssize_t pair_write_now(bide_stream *s, const struct iovec *pieces, int count)
{
    struct flow *f = end_of(s)->out;
    if (f->deaf || f->ended)
        return f->code ? f->code : -EPIPE;
    return f->size >= f->high_water ? 0 : put_some(end_of(s), pieces, count);
}

static int pair_write_end(bide_stream *s)
{
    end(end_of(s)->pair, end_of(s)->out, 0);
    return 0;
}

/* --- its end --- */

static void refuse(struct waitlist *list)
{
    struct wait *w = list->head;
    if (!w)
        return;
    bide__unlink(w);
    bide__hold(w->task, BIDE_ECLOSED, "closed");
    bide__settle_wait(w, BIDE_ECLOSED);
}

static void pair_abort(bide_stream *s)
{
    refuse(&end_of(s)->in->reader);
    refuse(&end_of(s)->out->writer);
}

static void drop_all(struct flow *f)
{
    while (f->first)
        drop_first(f);
    f->size = 0;
}

static void pair_close(bide_stream *s)
{
    struct pair_end *e = end_of(s);
    struct pair *pair = e->pair;
    end(pair, e->out, 0);
    e->in->deaf = true;
    drop_all(e->in);
    bide__settle_first(&e->in->writer, 0);
    bide__stream_release(s);
    if (--pair->open)
        return;
    drop_all(e->out);
    bide__free(pair);
}

static void pair_high_water(bide_stream *s, size_t size)
{
    struct flow *f = end_of(s)->out;
    f->high_water = size ? size : 1;
    if (f->size < f->high_water)
        bide__settle_first(&f->writer, 0);
}

static const struct stream_ops ops = {
    .read = pair_read,
    .await = pair_await,
    .writev = pair_writev,
    .write_end = pair_write_end,
    .readable = pair_readable,
    .abort = pair_abort,
    .close = pair_close,
    .high_water = pair_high_water,
    .read_now = pair_read_now,
    .write_now = pair_write_now,
};

int bide_test_stream_pair_opts(bide_stream *ends[2], const struct bide_test_stream_opts *o)
{
    ends[0] = ends[1] = NULL;
    if (!(o->delay >= 0) || isinf(o->delay))
        return bide_fail(BIDE_EINVAL, "test pair: a delay of %g s", o->delay);
    if (o->code > CLEAN_END)
        return bide_fail(BIDE_EINVAL, "test pair: a failure's code is negative, not %d", o->code);
    struct pair *pair = bide__zalloc(sizeof *pair);
    if (!pair)
        return bide_fail(BIDE_ENOMEM, "test pair: out of memory");
    pair->o = *o;
    pair->open = 2;
    for (int i = 0; i < 2; i++) {
        struct pair_end *e = &pair->ends[i];
        struct flow *f = &pair->flows[i];
        bide__stream_init(&e->stream, &ops);
        e->pair = pair;
        e->in = f;
        e->out = &pair->flows[1 - i];
        f->last = &f->first;
        f->high_water = o->high_water ? o->high_water : BIDE_HIGH_WATER;
        f->cut = i ? o->cut : o->cut_back;
        f->random = o->seed + (uint64_t)i;
        ends[i] = &e->stream;
    }
    return 0;
}
