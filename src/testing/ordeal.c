/* The stream ordeal: its parts one after the other, each in a test of its own.
 *
 * A part knows no more of the streams than bide/stream.h promises: not how large a piece arrives,
 * nor when, nor how much is on its way. */
#include "testing/ordeal.h"
#include "testing/trial.h"
#include <bide/testing.h>
#include <string.h>

enum { PIECE = 65536 };

int bide__ordeal_failed(const char *what, int64_t got, int64_t wanted)
{
    struct bide_error held = bide_error_held_();
    return bide_fail(BIDE_ETEST, "%s is %lld, not %lld%s%s%s", what, (long long)got,
                     (long long)wanted, got < 0 ? " (" : "", got < 0 ? held.text : "",
                     got < 0 ? ")" : "");
}

int bide__ordeal_same(const char *data, size_t from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] != ordeal_byte(from + i))
            return bide_fail(BIDE_ETEST, "byte %zu of the stream is wrong", from + i);
    return 0;
}

int bide__ordeal_write(void *arg)
{
    const struct ordeal_writing *w = arg;
    char piece[1000];
    for (size_t done = 0; done < w->size; ) {
        size_t n = (done * 31 + 17) % sizeof piece + 1;
        if (n > w->size - done)
            n = w->size - done;
        for (size_t i = 0; i < n; i++)
            piece[i] = ordeal_byte(w->from + done + i);
        int rc = bide_write(w->s, piece, n);
        if (rc < 0)
            return rc;
        done += n;
    }
    return w->ends ? bide_write_end(w->s) : 0;
}

int bide__ordeal_hear(bide_stream *s, size_t from, size_t size, size_t most)
{
    static char data[PIECE];
    if (most > PIECE)
        most = PIECE;
    for (size_t done = 0; done < size; ) {
        size_t n = size - done < most ? size - done : most;
        char *to = most <= 512 ? (char[512]){ 0 } : data;       /* others may read meanwhile */
        ssize_t got = bide_read(s, to, n);
        if (got <= 0)
            return bide__ordeal_failed("bide_read()", got, (int64_t)n);
        int rc = bide__ordeal_same(to, from + done, (size_t)got);
        if (rc < 0)
            return rc;
        done += (size_t)got;
    }
    return 0;
}

int bide__ordeal_hear_end(bide_stream *s)
{
    char c;
    EXPECT(bide_read(s, &c, 1), 0);
    EXPECT(bide_read(s, &c, 1), 0);
    return 0;
}

struct part { const struct ordeal *ordeal; bide_test_make_fn *make; void *arg; };

/* waits: what the ordeal does */
static int run_part(void *arg)
{
    const struct part *p = arg;
    bide_stream *ends[2] = { NULL, NULL };
    int rc = p->make(p->arg, ends);
    if (rc >= 0)
        rc = p->ordeal->body(ends);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    return rc < 0 ? rc : 0;
}

static int run_all(const struct ordeal *list, bide_test_make_fn *make,
                   const struct bide_test_opts *o)
{
    for (; list->name; list++) {
        struct part part = { list, make, o->arg };
        struct bide_test_opts opts = *o;
        opts.arg = &part;
        if (bide_test_opts(run_part, &opts) < 0)
            return bide_within("%s", list->name);
    }
    return 0;
}

int bide_test_ordeal_opts(bide_test_make_fn *make, const struct bide_test_opts *o)
{
    int rc = run_all(bide__ordeals_read, make, o);
    if (rc == 0)
        rc = run_all(bide__ordeals_write, make, o);
    return rc == 0 ? run_all(bide__ordeals_end, make, o) : rc;
}
