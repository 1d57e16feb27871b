/* tests/io/test_pair.c -- what is special to two ends in memory: the high-water mark, and their
 * lives. */
#include "io/ends.h"

#include <stdlib.h>
#include <string.h>

enum { TOTAL = 10000 };

static int write_total(void *arg)
{
    char *data = malloc(TOTAL);
    ends_fill(data, TOTAL);
    int rc = bide_write(arg, data, TOTAL);
    free(data);
    return rc == 0 ? bide_write_end(arg) : rc;
}

/* Any mark, also one, lets everything through in order. */
TASK_TEST(everything_passes_through_a_tiny_mark)
{
    static const size_t marks[] = { 0, 1, 2, 3, 7, 511, 512, 513, 1000, 9999, 10000, 70000 };
    for (int i = 0; i < 12; i++) {
        bide_stream *ends[2];
        char back[100];
        size_t done = 0;
        ssize_t n;
        CHECK_EQ(bide_stream_pair(ends), 0);
        bide_stream_high_water(ends[0], marks[i]);
        BIDE_GROUP(g);
        bide_spawn(g, write_total, ends[0]);
        while ((n = bide_read(ends[1], back, i % 2 ? 100 : 1)) > 0)
            for (ssize_t j = 0; j < n; j++)
                CHECK_EQ(back[j], ends_byte(done++));
        CHECK_EQ(n, 0);
        CHECK_EQ(done, TOTAL);
        CHECK_EQ(bide_group_wait(g), 0);
        bide_stream_close(ends[0]);
        bide_stream_close(ends[1]);
    }
}

struct writing { bide_stream *s; size_t done; };
static int write_bytes(void *arg)
{
    struct writing *w = arg;
    int rc;
    while ((rc = bide_write(w->s, "x", 1)) == 0)
        w->done++;
    return rc;
}

TASK_TEST(writing_waits_at_the_mark_exactly)
{
    bide_stream *ends[2];
    char buf[100];
    CHECK_EQ(bide_stream_pair(ends), 0);
    struct writing w = { ends[0], 0 };
    BIDE_GROUP(g);
    bide_stream_high_water(ends[0], 10);
    bide_spawn(g, write_bytes, &w);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(w.done, 10);
    CHECK_EQ(bide_read(ends[1], buf, 3), 3);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(w.done, 20);       /* ten went into the reader's buffer */
    bide_stream_high_water(ends[0], 100);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(w.done, 110);
    bide_stream_high_water(ends[0], 5);
    CHECK_EQ(bide_read_exactly(ends[1], buf, 17), 0);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(w.done, 115);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(what_was_written_outlives_its_end)
{
    bide_stream *ends[2];
    char buf[10];
    CHECK_EQ(bide_stream_pair(ends), 0);
    ends_say(ends[0], "testament");
    bide_stream_close(ends[0]);
    CHECK(bide_stream_readable(ends[1]));
    CHECK_EQ(bide_write(ends[1], "x", 1), -EPIPE);
    CHECK_STR(bide_errmsg(), "write: broken pipe");
    ends_hear(ends[1], "testament");
    CHECK_EQ(bide_read(ends[1], buf, 10), 0);
    bide_stream_close(ends[1]);
}

static int read_at_end(void *arg)
{
    char c;
    return (int)bide_read(arg, &c, 1);
}

TASK_TEST(closing_both_ends_with_a_reader_inside_each)
{
    bide_stream *ends[2];
    bide_task *readers[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    BIDE_KEEP_GOING(g);
    for (int i = 0; i < 2; i++)
        bide_spawn(g, read_at_end, ends[i], .handle = &readers[i]);
    CHECK_EQ(bide_sleep(1), 0);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(bide_join(readers[i]), 0);
        CHECK_EQ(bide_task_result(readers[i]), BIDE_ECLOSED);
    }
    bide_ignore(bide_group_wait(g));
}

static int read_ten(void *s)
{
    char got[10];
    return bide_read_exactly(s, got, 10);
}

static int write_much(void *s)
{
    static const char much[1000];
    return bide_write(s, much, sizeof much);
}

/* Woken, and cancelled before it runs, it would have to wait again. */
TASK_TEST(who_was_woken_with_too_little_and_cancelled_does_not_wait_again)
{
    bide_stream *ends[2];
    bide_task *reader, *writer;
    char got[3];
    CHECK_EQ(bide_stream_pair(ends), 0);
    bide_stream_high_water(ends[1], 10);
    BIDE_KEEP_GOING(g);
    bide_spawn(g, read_ten, ends[1], .handle = &reader);
    bide_spawn(g, write_much, ends[1], .handle = &writer);
    CHECK_EQ(bide_test_blocked(), 0);
    CHECK_EQ(bide_write(ends[0], "abc", 3), 0);
    CHECK_EQ(bide_read(ends[0], got, 3), 3);
    bide_cancel(reader);
    bide_cancel(writer);
    CHECK_EQ(bide_join(reader), 0);
    CHECK_EQ(bide_join(writer), 0);
    CHECK_EQ(bide_task_result(reader), BIDE_ECANCELED);
    CHECK_EQ(bide_task_result(writer), BIDE_ECANCELED);
    CHECK_EQ(bide_group_wait(g), 0);
    ends_hear(ends[1], "abc");
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(it_has_no_descriptor_and_no_peer)
{
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    CHECK_EQ(bide_stream_fd(ends[0]), -1);
    CHECK_STR(bide_stream_peer(ends[0]), "");
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}
