/* The ordeal's reading: bytes, lines, exact counts, peeking, and reads that are cancelled. */
#include "testing/ordeal.h"
#include <bide/group.h>
#include <bide/scope.h>
#include <bide/testing.h>
#include <string.h>

enum { LARGE = 300000 };

static int small(bide_stream *ends[2])
{
    char got[16];
    EXPECT(bide_write(ends[0], "hello", 5), 0);
    EXPECT(bide_read_exactly(ends[1], got, 5), 0);
    EXPECT(memcmp(got, "hello", 5), 0);
    EXPECT(bide_write(ends[1], "back", 4), 0);
    EXPECT(bide_read_exactly(ends[0], got, 4), 0);
    EXPECT(memcmp(got, "back", 4), 0);
    return 0;
}

static int nothing(bide_stream *ends[2])
{
    char c = 0;
    EXPECT(bide_write(ends[0], "", 0), 0);
    EXPECT(bide_writev(ends[0], NULL, 0), 0);
    EXPECT(bide_read(ends[1], &c, 0), 0);
    EXPECT(bide_read_exactly(ends[1], &c, 0), 0);
    EXPECT(bide_write(ends[0], "x", 1), 0);
    EXPECT(bide_read(ends[1], &c, 0), 0);
    EXPECT(bide_read(ends[1], &c, 1), 1);
    EXPECT(c, 'x');
    return 0;
}

static int hear_large(void *s)
{
    int rc = bide__ordeal_hear(s, LARGE, LARGE, 511);
    return rc < 0 ? rc : bide__ordeal_hear_end(s);
}

static int large_both_ways(bide_stream *ends[2])
{
    struct ordeal_writing there = { ends[0], 0, LARGE, true };
    struct ordeal_writing back = { ends[1], LARGE, LARGE, true };
    BIDE_GROUP(g);
    bide_spawn(g, bide__ordeal_write, &there);
    bide_spawn(g, bide__ordeal_write, &back);
    bide_spawn(g, hear_large, ends[0]);
    int rc = bide__ordeal_hear(ends[1], 0, LARGE, 100000);
    if (rc == 0)
        rc = bide__ordeal_hear_end(ends[1]);
    int others = bide_group_wait(g);
    return rc < 0 && rc != BIDE_ECANCELED ? rc : others;
}

static int byte_by_byte(bide_stream *ends[2])
{
    struct ordeal_writing w = { ends[0], 0, 3000, true };
    BIDE_GROUP(g);
    bide_spawn(g, bide__ordeal_write, &w);
    int rc = bide__ordeal_hear(ends[1], 0, 3000, 1);
    if (rc == 0)
        rc = bide__ordeal_hear_end(ends[1]);
    return rc < 0 ? rc : bide_group_wait(g);
}

static int lines(bide_stream *ends[2])
{
    static const char text[] = "one\r\n\r\na longer one, with \r and \n\r\nthe last";
    static const ssize_t sizes[] = { 5, 2, 28, 8, 0 };
    const char *at = text;
    char *line;
    EXPECT(bide_write(ends[0], text, sizeof text - 1), 0);
    EXPECT(bide_write_end(ends[0]), 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        EXPECT(bide_read_until(ends[1], "\r\n", &line), sizes[i]);
        EXPECT(memcmp(line, at, (size_t)sizes[i]), 0);
        EXPECT(line[sizes[i]], '\0');
        at += sizes[i];
    }
    EXPECT(bide_read_until(ends[1], "\r\n", &line), 0);
    return 0;
}

static int a_line_too_long(bide_stream *ends[2])
{
    char *line, got[30];
    bide_stream_line_max(ends[1], 20);
    EXPECT(bide_write(ends[0], "012345678901234567890123456789\n", 31), 0);
    EXPECT(bide_read_until(ends[1], "\n", &line), BIDE_ELIMIT);
    EXPECT(bide_read_until(ends[1], "\n", &line), BIDE_ELIMIT);
    EXPECT(bide_read_exactly(ends[1], got, 25), 0);
    EXPECT(memcmp(got, "0123456789012345678901234", 25), 0);
    EXPECT(bide_read_until(ends[1], "\n", &line), 6);
    EXPECT(strcmp(line, "56789\n"), 0);
    return 0;
}

static int exact_counts(bide_stream *ends[2])
{
    char got[16];
    EXPECT(bide_write(ends[0], "0123456789", 10), 0);
    EXPECT(bide_write_end(ends[0]), 0);
    EXPECT(bide_read_exactly(ends[1], got, 3), 0);
    EXPECT(memcmp(got, "012", 3), 0);
    EXPECT(bide_read_exactly(ends[1], got, 8), BIDE_EEOF);
    EXPECT(bide_read_exactly(ends[1], got, 7), 0);
    EXPECT(memcmp(got, "3456789", 7), 0);
    EXPECT(bide_read_exactly(ends[1], got, 1), BIDE_EEOF);
    return bide__ordeal_hear_end(ends[1]);
}

static int peeking(bide_stream *ends[2])
{
    const char *data;
    char c;
    EXPECT(bide_write(ends[0], "0123456789", 10), 0);
    ssize_t n = bide_stream_peek(ends[1], &data);
    EXPECT(n >= 1 && n <= 10, true);
    EXPECT(data[0], '0');
    EXPECT(bide_stream_peek(ends[1], &data), n);
    EXPECT(bide_stream_buffered(ends[1]), n);
    EXPECT(bide_stream_peek_more(ends[1], &data, 9), 10);
    EXPECT(memcmp(data, "0123456789", 10), 0);
    bide_stream_consume(ends[1], 4);
    EXPECT(bide_read(ends[1], &c, 1), 1);
    EXPECT(c, '4');
    EXPECT(bide_write_end(ends[0]), 0);
    EXPECT(bide_stream_peek_more(ends[1], &data, 5), 0);
    EXPECT(bide_stream_peek(ends[1], &data), 5);
    bide_stream_consume(ends[1], 5);
    EXPECT(bide_stream_peek(ends[1], &data), 0);
    return 0;
}

/* Cancels a scope after a number of turns. */
struct canceller { bide_scope *scope; int turns; };
static int cancel_later(void *arg)
{
    const struct canceller *c = arg;
    for (int i = 0; i < c->turns; i++)
        if (bide_yield() < 0)
            return 0;
    bide_scope_cancel(c->scope);
    return 0;
}

/* One try at ten bytes, cancelled or not. */
static int try_ten(bide_stream *s, char *to, int turns)
{
    BIDE_GROUP(g);
    BIDE_SCOPE(scope);
    struct canceller c = { scope, turns };
    bide_spawn(g, cancel_later, &c);
    int rc = bide_read_exactly(s, to, 10);
    bide_group_cancel(g);
    return rc;
}

/* A read that is cancelled has taken nothing, whenever that was. */
static int reads_cancelled_at_any_moment(bide_stream *ends[2])
{
    struct ordeal_writing w = { ends[0], 0, 2000, true };
    char got[10];
    size_t done = 0;
    BIDE_GROUP(g);
    bide_spawn(g, bide__ordeal_write, &w);
    for (int i = 0; done < 2000; i++) {
        int rc = try_ten(ends[1], got, i % 7);
        if (rc == BIDE_ECANCELED && i % 3 == 0)
            rc = bide_read_exactly(ends[1], got, 10);
        if (rc == BIDE_ECANCELED)
            continue;
        EXPECT(rc, 0);
        if (bide__ordeal_same(got, done, 10) < 0)
            return bide_errcode();
        done += 10;
    }
    int rc = bide__ordeal_hear_end(ends[1]);
    return rc < 0 ? rc : bide_group_wait(g);
}

static int a_read_in_vain(bide_stream *ends[2])
{
    char got[4];
    {
        BIDE_TIMEOUT(t, 0.01);
        EXPECT(bide_scope_result(t, (int)bide_read(ends[1], got, 4)), BIDE_ETIMEDOUT);
    }
    EXPECT(bide_write(ends[0], "ab", 2), 0);
    EXPECT(bide_test_blocked(), 0);
    {
        BIDE_TIMEOUT(t, 1);
        EXPECT(bide_scope_result(t, bide_read_exactly(ends[1], got, 4)), BIDE_ETIMEDOUT);
    }
    EXPECT(bide_write(ends[0], "cd", 2), 0);
    EXPECT(bide_read_exactly(ends[1], got, 4), 0);
    EXPECT(memcmp(got, "abcd", 4), 0);
    return 0;
}

const struct ordeal bide__ordeals_read[] = {
    { "small", small },
    { "nothing", nothing },
    { "large_both_ways", large_both_ways },
    { "byte_by_byte", byte_by_byte },
    { "lines", lines },
    { "a_line_too_long", a_line_too_long },
    { "exact_counts", exact_counts },
    { "peeking", peeking },
    { "reads_cancelled_at_any_moment", reads_cancelled_at_any_moment },
    { "a_read_in_vain", a_read_in_vain },
    { NULL, NULL },
};
