/* The ordeal's writing: pieces, back-pressure, and writes that are cancelled. */
#include "testing/ordeal.h"
#include <bide/group.h>
#include <bide/scope.h>
#include <bide/testing.h>
#include <stdlib.h>
#include <string.h>

/* More than any system keeps for a connection that nobody reads. */
static const size_t endless = (size_t)1 << 26;

static int pieces(bide_stream *ends[2])
{
    static char b[] = "b", cd[] = "cd", e[] = "efg";
    struct iovec many[] = { { NULL, 0 }, { b, 1 }, { cd, 2 }, { NULL, 0 }, { e, 3 }, { NULL, 0 } };
    char got[6];
    EXPECT(bide_writev(ends[0], many, 6), 0);
    EXPECT(many[2].iov_len, 2);
    EXPECT(bide_read_exactly(ends[1], got, 6), 0);
    EXPECT(memcmp(got, "bcdefg", 6), 0);
    EXPECT(bide_writev(ends[0], many, 1), 0);
    EXPECT(bide_printf(ends[0], "%d-%s", 42, "x"), 0);
    EXPECT(bide_read_exactly(ends[1], got, 4), 0);
    EXPECT(memcmp(got, "42-x", 4), 0);
    return 0;
}

enum { MANY = 3000 };
struct many { bide_stream *s; char data[MANY]; struct iovec list[MANY]; };

static int write_many(void *arg)
{
    struct many *m = arg;
    for (int i = 0; i < MANY; i++) {
        m->data[i] = ordeal_byte((size_t)i);
        m->list[i] = (struct iovec){ m->data + i, 1 };
    }
    return bide_writev(m->s, m->list, MANY);
}

/* More than one system call takes (IOV_MAX is 1024). */
static int thousands_of_pieces(bide_stream *ends[2])
{
    struct many *m = malloc(sizeof *m);
    if (!m)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    BIDE_DEFER(tidy, free, m);
    m->s = ends[0];
    BIDE_GROUP(g);
    bide_spawn(g, write_many, m);
    int rc = bide__ordeal_hear(ends[1], 0, MANY, 1000);
    return rc < 0 ? rc : bide_group_wait(g);
}

/* A writer that nobody reads comes to a stop; then everything is there.  After a write that was cut
 * short, a stream that can tell (TLS) says so instead of an end. */
static int back_pressure(bide_stream *ends[2])
{
    struct ordeal_writing w = { ends[0], 0, endless, false };
    char c;
    size_t heard = 2000000;
    bide_task *writer;
    bide_stream_high_water(ends[0], 10000);
    BIDE_KEEP_GOING(g);
    bide_spawn(g, bide__ordeal_write, &w, .handle = &writer);
    EXPECT(bide_sleep(1), 0);
    EXPECT(bide_test_blocked(), 0);
    EXPECT(bide_task_done(writer), false);
    EXPECT(bide__ordeal_hear(ends[1], 0, heard, 65536), 0);
    bide_cancel(writer);
    EXPECT(bide_join(writer), 0);
    EXPECT(bide_task_result(writer), BIDE_ECANCELED);
    bide_stream_close(ends[0]);
    ends[0] = NULL;
    for (ssize_t n; (n = bide_read(ends[1], &c, 1)) != 0 && n != BIDE_EEOF; heard++) {
        if (n < 0)
            return bide__ordeal_failed("bide_read()", n, 1);
        if (c != ordeal_byte(heard))
            return bide_fail(BIDE_ETEST, "byte %zu of the stream is wrong", heard);
    }
    return bide_group_wait(g);
}

/* Nothing was sent of a write that was refused at once. */
static int a_write_in_a_cancelled_scope(bide_stream *ends[2])
{
    char got[2];
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        EXPECT(bide_write(ends[0], "lost", 4), BIDE_ECANCELED);
        EXPECT(bide_write_end(ends[0]), BIDE_ECANCELED);
    }
    EXPECT(bide_write(ends[0], "ab", 2), 0);
    EXPECT(bide_write_end(ends[0]), 0);
    EXPECT(bide_read_exactly(ends[1], got, 2), 0);
    EXPECT(memcmp(got, "ab", 2), 0);
    return bide__ordeal_hear_end(ends[1]);
}

/* Half of it has gone, so nothing may follow. */
static int a_write_cut_short(bide_stream *ends[2])
{
    char *data = calloc(1, endless);
    int rc, again;
    if (!data)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    {
        BIDE_TIMEOUT(t, 1);
        rc = bide_scope_result(t, bide_write(ends[0], data, endless));
    }
    again = bide_write(ends[0], "x", 1);
    free(data);
    EXPECT(rc, BIDE_ETIMEDOUT);
    EXPECT(again, BIDE_ECLOSED);
    return 0;
}

static int one_reader_one_writer(bide_stream *ends[2])
{
    struct ordeal_writing w = { ends[0], 0, endless, false };
    char c;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, bide__ordeal_write, &w);
    EXPECT(bide_sleep(1), 0);
    EXPECT(bide_write(ends[0], "x", 1), BIDE_EBUSY);
    EXPECT(bide_write_end(ends[0]), BIDE_EBUSY);
    struct ordeal_writing none = { ends[1], 0, 1, false };
    EXPECT(bide__ordeal_write(&none), 0);
    EXPECT(bide_read(ends[0], &c, 1), 1);
    bide_group_cancel(g);
    return bide_group_wait(g);
}

const struct ordeal bide__ordeals_write[] = {
    { "pieces", pieces },
    { "thousands_of_pieces", thousands_of_pieces },
    { "back_pressure", back_pressure },
    { "a_write_in_a_cancelled_scope", a_write_in_a_cancelled_scope },
    { "a_write_cut_short", a_write_cut_short },
    { "one_reader_one_writer", one_reader_one_writer },
    { NULL, NULL },
};
