/* The ordeal's ends: one direction, both, by the owner, by others, and the peer's. */
#include "testing/ordeal.h"
#include <bide/group.h>
#include <bide/testing.h>
#include <string.h>

static int half_close(bide_stream *ends[2])
{
    char got[4];
    EXPECT(bide_write(ends[0], "over", 4), 0);
    EXPECT(bide_write_end(ends[0]), 0);
    EXPECT(bide_write_end(ends[0]), 0);
    EXPECT(bide_write(ends[0], "x", 1), -EPIPE);
    EXPECT(bide_read_exactly(ends[1], got, 4), 0);
    EXPECT(bide__ordeal_hear_end(ends[1]), 0);
    EXPECT(bide_write(ends[1], "back", 4), 0);
    EXPECT(bide_write_end(ends[1]), 0);
    EXPECT(bide_read_exactly(ends[0], got, 4), 0);
    EXPECT(memcmp(got, "back", 4), 0);
    return bide__ordeal_hear_end(ends[0]);
}

static void close_end(bide_stream **s)
{
    bide_stream_close(*s);
    *s = NULL;
}

static int what_was_written_outlives_its_end(bide_stream *ends[2])
{
    char got[9];
    EXPECT(bide_write(ends[0], "testament", 9), 0);
    close_end(&ends[0]);
    EXPECT(bide_read_exactly(ends[1], got, 9), 0);
    EXPECT(memcmp(got, "testament", 9), 0);
    return bide__ordeal_hear_end(ends[1]);
}

static int read_one(void *s)
{
    char c;
    return (int)bide_read(s, &c, 1);
}

static int read_one_exactly(void *s)
{
    char c;
    return bide_read_exactly(s, &c, 1);
}

/* Somebody waits for bytes while the peer closes. */
static int the_end_wakes_a_reader(bide_stream *ends[2])
{
    bide_task *reader;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, read_one, ends[1], .handle = &reader);
    EXPECT(bide_test_blocked(), 0);
    EXPECT(bide_task_done(reader), false);
    close_end(&ends[0]);
    EXPECT(bide_join(reader), 0);
    EXPECT(bide_task_result(reader), 0);
    return bide_group_wait(g);
}

/* The first writes may still be taken by the system. */
static int writing_to_nobody_fails(bide_stream *ends[2])
{
    int rc = 0;
    close_end(&ends[1]);
    for (int i = 0; i < 1000 && rc == 0; i++) {
        rc = bide_write(ends[0], "x", 1);
        if (rc == 0)
            rc = bide_sleep(0.001);
    }
    if (rc != -EPIPE && rc != -ECONNRESET)
        return bide__ordeal_failed("writing after the peer has closed", rc, -EPIPE);
    return 0;
}

/* Everybody in the stream, and who comes later, until the owner closes it. */
static int abort_with_all_inside(bide_stream *ends[2])
{
    struct ordeal_writing w = { ends[0], 0, (size_t)1 << 26, false };
    bide_task *reader, *writer;
    char c;
    const char *data;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, read_one, ends[0], .handle = &reader);
    bide_spawn(g, bide__ordeal_write, &w, .handle = &writer);
    EXPECT(bide_sleep(1), 0);
    EXPECT(bide_task_done(reader), false);
    EXPECT(bide_task_done(writer), false);
    EXPECT(bide_read(ends[0], &c, 1), BIDE_EBUSY);
    bide_stream_abort(ends[0]);
    bide_stream_abort(ends[0]);
    EXPECT(bide_join(reader), 0);
    EXPECT(bide_join(writer), 0);
    EXPECT(bide_task_result(reader), BIDE_ECLOSED);
    EXPECT(bide_task_result(writer), BIDE_ECLOSED);
    EXPECT(bide_read(ends[0], &c, 1), BIDE_ECLOSED);
    EXPECT(bide_stream_peek(ends[0], &data), BIDE_ECLOSED);
    EXPECT(bide_write(ends[0], "x", 1), BIDE_ECLOSED);
    EXPECT(bide_write_end(ends[0]), BIDE_ECLOSED);
    bide_ignore(bide_group_wait(g));
    return 0;
}

static int close_with_a_reader_inside(bide_stream *ends[2])
{
    bide_task *reader;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, read_one_exactly, ends[0], .handle = &reader);
    EXPECT(bide_test_blocked(), 0);
    close_end(&ends[0]);
    EXPECT(bide_join(reader), 0);
    EXPECT(bide_task_result(reader), BIDE_ECLOSED);
    bide_ignore(bide_group_wait(g));
    return bide__ordeal_hear_end(ends[1]);
}

static int readable_says_so(bide_stream *ends[2])
{
    char got[2];
    EXPECT(bide_stream_readable(ends[1]), false);
    EXPECT(bide_write(ends[0], "ab", 2), 0);
    EXPECT(bide_sleep(10), 0);
    EXPECT(bide_stream_readable(ends[1]), true);
    EXPECT(bide_read_exactly(ends[1], got, 2), 0);
    EXPECT(bide_stream_readable(ends[1]), false);
    EXPECT(bide_write_end(ends[0]), 0);
    EXPECT(bide_sleep(10), 0);
    EXPECT(bide_stream_readable(ends[1]), true);
    return bide__ordeal_hear_end(ends[1]);
}

const struct ordeal bide__ordeals_end[] = {
    { "half_close", half_close },
    { "what_was_written_outlives_its_end", what_was_written_outlives_its_end },
    { "the_end_wakes_a_reader", the_end_wakes_a_reader },
    { "writing_to_nobody_fails", writing_to_nobody_fails },
    { "abort_with_all_inside", abort_with_all_inside },
    { "close_with_a_reader_inside", close_with_a_reader_inside },
    { "readable_says_so", readable_says_so },
    { NULL, NULL },
};
