/* Bodies that are made while they are sent: what comes out of a stream, and what a function gives.
 * Neither can be had twice. */
#include "http/source.h"

#include "base/memory.h"

#include <bide/error.h>

struct stream_source {
    struct source source;       /* first */
    bide_stream *stream;
};

struct callback_source {
    struct source source;       /* first */
    ssize_t (*fn)(void *arg, void *buf, size_t size);
    void *arg;
};

static ssize_t stream_read(struct source *s, void *buf, size_t size)
{
    return bide_read(((struct stream_source *)(void *)s)->stream, buf, size);
}

/* waits: in the caller's function, if it likes */
static ssize_t callback_read(struct source *s, void *buf, size_t size)
{
    struct callback_source *c = (struct callback_source *)(void *)s;
    ssize_t n = c->fn(c->arg, buf, size);
    if (n < 0 && n != BIDE_ECANCELED && bide_errcode() != (int)n)
        return bide_fail((int)n, "the function that gives the body failed: %s",
                         bide_strerror((int)n));
    return n;
}

/* It is called until it returns 0, also when the size is known. */
/* waits: in the caller's function, if it likes */
static int callback_more(struct source *s)
{
    char byte;
    ssize_t n = callback_read(s, &byte, 1);
    return n > 0 ? 1 : (int)n;
}

static void free_source(struct source *s)
{
    bide__free(s);
}

static const struct source_ops stream_ops = {
    .read = stream_read, .close = free_source, .slow = true,
};
static const struct source_ops callback_ops = {
    .read = callback_read, .more = callback_more, .close = free_source, .slow = true,
};

/* One of `room` bytes, which begin with a struct source. */
static struct source *new_source(size_t room, const struct source_ops *ops, int64_t size)
{
    struct source *s = bide__zalloc(room);
    if (!s) {
        bide_fail(BIDE_ENOMEM, "out of memory for a request's body");
        return NULL;
    }
    s->ops = ops;
    s->size = size < 0 ? -1 : size;
    s->name = "the body";
    s->once = true;
    s->type = "application/octet-stream";
    return s;
}

struct source *bide__source_of_stream(bide_stream *stream, int64_t size)
{
    struct source *s = new_source(sizeof(struct stream_source), &stream_ops, size);
    if (s)
        ((struct stream_source *)(void *)s)->stream = stream;
    return s;
}

struct source *bide__source_of_callback(ssize_t (*fn)(void *arg, void *buf, size_t size), void *arg,
                                        int64_t size)
{
    struct source *s = new_source(sizeof(struct callback_source), &callback_ops, size);
    if (s) {
        ((struct callback_source *)(void *)s)->fn = fn;
        ((struct callback_source *)(void *)s)->arg = arg;
    }
    return s;
}
