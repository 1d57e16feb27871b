/* A file as a stream: a thin view, which asks the file for everything.
 *
 * It is freed with the file.  Who is in it then finds that its file is gone. */
#include "base/memory.h"
#include "core/fd.h"
#include "io/file.h"
#include "io/stream.h"

struct view {
    bide_stream stream;         /* first */
    bide_file *file;            /* NULL: closed */
};

static bide_file *file_of(const bide_stream *s)
{
    return ((const struct view *)(const void *)s)->file;
}

static int closed(void)
{
    return bide_fail(BIDE_ECLOSED, "closed");
}

static ssize_t view_read(bide_stream *s, void *buf, size_t size)
{
    return file_of(s) ? bide_file_read(file_of(s), buf, size) : closed();
}

/* What has to be waited for is waited for in the reading. */
static int view_await(bide_stream *s)
{
    return file_of(s) ? 0 : closed();
}

static ssize_t view_writev(bide_stream *s, const struct iovec *pieces, int count)
{
    size_t total = 0;
    for (int i = 0; i < count; i++) {
        int rc = file_of(s) ? bide_file_write(file_of(s), pieces[i].iov_base, pieces[i].iov_len)
            : closed();
        if (rc < 0)
            return total ? (ssize_t)total : rc;
        total += pieces[i].iov_len;
    }
    return (ssize_t)total;
}

static int view_write_end(bide_stream *s)
{
    return file_of(s) ? bide_file_flush(file_of(s)) : closed();
}

static bool view_readable(bide_stream *s)
{
    (void)s;
    return true;
}

static void view_abort(bide_stream *s)
{
    (void)s;
}

static void view_close(bide_stream *s)
{
    if (file_of(s))
        file_of(s)->view = NULL;
    bide__stream_release(s);
    bide__free(s);
}

static int view_fd(const bide_stream *s)
{
    return bide_file_fd(file_of(s));
}

static const struct stream_ops ops = {
    .read = view_read,
    .await = view_await,
    .writev = view_writev,
    .write_end = view_write_end,
    .readable = view_readable,
    .abort = view_abort,
    .close = view_close,
    .fd = view_fd,
};

bide_stream *bide_file_stream(bide_file *f)
{
    if (!f || f->view)
        return f ? f->view : NULL;
    struct view *v = bide__zalloc(sizeof *v);
    if (!v) {
        bide_fail(BIDE_ENOMEM, "file stream: out of memory");
        return NULL;
    }
    bide__stream_init(&v->stream, &ops);
    v->file = f;
    return f->view = &v->stream;
}

void bide__file_end_view(bide_file *f)
{
    if (!f->view)
        return;
    ((struct view *)(void *)f->view)->file = NULL;
    bide_stream_close(f->view);
    f->view = NULL;
}
