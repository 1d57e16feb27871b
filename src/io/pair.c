/* Two ends in memory: what is written to one is read from the other.
 *
 * Each direction is a ring that grows up to its writer's high-water mark; when it is full the
 * writer waits.  An end that is closed is the end of what its peer reads, and a broken pipe for
 * what its peer writes.  Both ends lie in one piece of memory, which goes with the last of
 * them. */
#include "base/memory.h"
#include "core/park.h"
#include "io/buffers.h"
#include "io/stream.h"
#include <string.h>

enum { RING_LEAST = 512 };

/* One direction. */
struct flow {
    char *ring;
    size_t room, first, size;   /* of the ring; where its bytes begin, and how many they are */
    size_t high_water;
    struct waitlist reader, writer;
    bool ended;                 /* by write_end or by closing the end that writes */
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
    int open;
};

static const struct waitkind reading = { .what = "a memory pair to read", .undo = bide__undo };
static const struct waitkind writing = { .what = "a memory pair to write", .undo = bide__undo };

static struct pair_end *end_of(bide_stream *s)
{
    return (struct pair_end *)(void *)s;
}

static int closed(void)
{
    return bide_fail(BIDE_ECLOSED, "closed");
}

/* One call may wait more than once, and may have been cancelled between its being woken and its
 * running again. */
BIDE_WAITS static int wait_in(struct waitlist *line, const struct waitkind *kind)
{
    struct wait w = { .kind = kind };
    return bide_cancelled() ? bide_fail(BIDE_ECANCELED, "cancelled") : bide__wait(line, &w);
}

static int pair_await(bide_stream *s)
{
    struct flow *f = end_of(s)->in;
    while (!f->size && !f->ended) {
        int rc = wait_in(&f->reader, &reading);
        if (rc < 0)
            return rc;
    }
    return s->flags & STREAM_ABORTED ? closed() : 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Bytes that lie together at place (from the first one). */
static size_t stretch(const struct flow *f, size_t place, size_t size, char **at)
{
    size_t from = (f->first + place) % f->room;
    *at = f->ring + from;
    return least(size, f->room - from);
}

static ssize_t take(struct flow *f, char *to, size_t size)
{
    size_t total = least(size, f->size);
    for (size_t done = 0, n; done < total; done += n) {
        char *at;
        n = stretch(f, done, total - done, &at);
        memcpy(to + done, at, n);
    }
    if (total) {
        f->first = (f->first + total) % f->room;
        f->size -= total;
        bide__settle_first(&f->writer, 0);
    }
    return (ssize_t)total;
}

static ssize_t pair_read(bide_stream *s, void *buf, size_t size)
{
    int rc = pair_await(s);
    return rc < 0 ? rc : take(end_of(s)->in, buf, size);
}

static ssize_t pair_read_now(bide_stream *s, void *buf, size_t size)
{
    struct flow *f = end_of(s)->in;
    return f->size || f->ended ? take(f, buf, size) : BIDE_EAGAIN;
}

/* Makes the ring larger, as far as it may and need be. */
static int grow(struct flow *f, size_t wanted)
{
    size_t room = f->room ? f->room : RING_LEAST;
    if (wanted > f->high_water)
        wanted = f->high_water;
    while (room < wanted)
        room = room < f->high_water / 2 ? room * 2 : f->high_water;
    if (room <= f->room)
        return 0;
    char *ring = bide__alloc(room), *at;
    if (!ring)
        return f->room > f->size ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
    for (size_t done = 0, n; done < f->size; done += n) {
        n = stretch(f, done, f->size - done, &at);
        memcpy(ring + done, at, n);
    }
    bide__free(f->ring);
    f->ring = ring;
    f->room = room;
    f->first = 0;
    return 0;
}

static size_t put(struct flow *f, const char *data, size_t size)
{
    size_t total = least(size, least(f->room, f->high_water) - f->size);
    for (size_t done = 0, n; done < total; done += n) {
        char *at;
        n = stretch(f, f->size, total - done, &at);
        memcpy(at, data + done, n);
        f->size += n;
    }
    return total;
}

static int wait_for_room(bide_stream *s, struct flow *f)
{
    while (f->size >= f->high_water && !f->deaf) {
        int rc = wait_in(&f->writer, &writing);
        if (rc < 0)
            return rc;
    }
    if (s->flags & STREAM_ABORTED)
        return closed();
    return f->deaf ? bide_fail(-EPIPE, "broken pipe") : 0;
}

/* As much as there is room for, or can be made. */
static ssize_t put_all(struct flow *f, const struct iovec *pieces, int count)
{
    size_t wanted = f->size, total = 0;
    for (int i = 0; i < count && wanted < f->high_water; i++)
        wanted += least(pieces[i].iov_len, f->high_water);
    int rc = grow(f, wanted);
    if (rc < 0)
        return rc;
    for (int i = 0; i < count && f->size < least(f->room, f->high_water); i++)
        total += put(f, pieces[i].iov_base, pieces[i].iov_len);
    bide__settle_first(&f->reader, 0);
    return (ssize_t)total;
}

static ssize_t pair_writev(bide_stream *s, const struct iovec *pieces, int count)
{
    int rc = wait_for_room(s, end_of(s)->out);
    return rc < 0 ? rc : put_all(end_of(s)->out, pieces, count);
}

static ssize_t pair_write_now(bide_stream *s, const struct iovec *pieces, int count)
{
    struct flow *f = end_of(s)->out;
    return f->deaf ? -EPIPE : f->size >= f->high_water ? 0 : put_all(f, pieces, count);
}

static int pair_write_end(bide_stream *s)
{
    struct flow *f = end_of(s)->out;
    f->ended = true;
    bide__settle_first(&f->reader, 0);
    return 0;
}

static bool pair_readable(bide_stream *s)
{
    const struct flow *f = end_of(s)->in;
    return f->size || f->ended;
}

static void refuse_all(struct waitlist *list)
{
    for (struct wait *w; (w = list->head); ) {
        bide__unlink(w);
        bide__hold(w->task, BIDE_ECLOSED, "closed");
        bide__settle(w->task, BIDE_ECLOSED);
    }
}

static void pair_abort(bide_stream *s)
{
    refuse_all(&end_of(s)->in->reader);
    refuse_all(&end_of(s)->out->writer);
}

static void drop_ring(struct flow *f)
{
    bide__free(f->ring);
    f->ring = NULL;
    f->room = f->first = f->size = 0;
}

/* What it had written stays readable; what it had not read is gone. */
static void pair_close(bide_stream *s)
{
    struct pair_end *e = end_of(s);
    struct pair *pair = e->pair;
    e->out->ended = e->in->deaf = true;
    drop_ring(e->in);
    bide__settle_first(&e->out->reader, 0);
    bide__settle_first(&e->in->writer, 0);
    bide__stream_release(s);
    if (--pair->open)
        return;
    drop_ring(e->out);
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

int bide_stream_pair(bide_stream *ends[2])
{
    struct pair *pair = bide__zalloc(sizeof *pair);
    ends[0] = ends[1] = NULL;
    if (!pair)
        return bide_fail(BIDE_ENOMEM, "stream pair: out of memory");
    for (int i = 0; i < 2; i++) {
        struct pair_end *e = &pair->ends[i];
        bide__stream_init(&e->stream, &ops);
        e->pair = pair;
        e->in = &pair->flows[i];
        e->out = &pair->flows[1 - i];
        e->out->high_water = BIDE_HIGH_WATER;
        ends[i] = &e->stream;
    }
    pair->open = 2;
    return 0;
}
