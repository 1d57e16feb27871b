/* tests/io/test_stream_read.c -- reading: pieces, exact counts, lines, peeking; nothing is ever
 * lost. */
#include "io/ends.h"

#include <stdlib.h>
#include <string.h>

STREAM_TEST(what_is_written_is_read)
{
    char buf[100];
    ends_say(ends[0], "hello");
    CHECK_EQ(bide_read(ends[1], buf, sizeof buf), 5);
    CHECK_MEM(buf, "hello", 5);
    ends_say(ends[1], "and back");
    CHECK_EQ(bide_read(ends[0], buf, 3), 3);
    CHECK_EQ(bide_stream_buffered(ends[0]), 5);
    CHECK_EQ(bide_read(ends[0], buf, sizeof buf), 5);
    CHECK_MEM(buf, " back", 5);
}

STREAM_TEST(reading_no_bytes_is_no_end_and_does_not_wait)
{
    char buf[1];
    CHECK_EQ(bide_read(ends[0], buf, 0), 0);
    CHECK_EQ(bide_read_exactly(ends[0], buf, 0), 0);
    CHECK_EQ(bide_write(ends[0], buf, 0), 0);
}

static int write_by_bytes(void *arg)
{
    bide_stream *s = arg;
    for (const char *c = "GET / HTTP/1.1\r\nHost: x\r\n\r\nrest"; *c; c++)
        if (bide_write(s, c, 1) < 0 || bide_sleep(0.001) < 0)
            return bide_errcode();
    return bide_write_end(s);
}

STREAM_TEST(lines_come_whole_though_written_byte_by_byte)
{
    static const char *const lines[] = { "GET / HTTP/1.1\r\n", "Host: x\r\n", "\r\n", "rest" };
    char *line;
    BIDE_GROUP(g);
    bide_spawn(g, write_by_bytes, ends[0]);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(bide_read_until(ends[1], "\r\n", &line), strlen(lines[i]));
        CHECK_STR(line, lines[i]);
    }
    CHECK_EQ(bide_read_until(ends[1], "\r\n", &line), 0);
    CHECK_STR(line, "");
    CHECK_EQ(bide_read_until(ends[1], "\r\n", &line), 0);
    CHECK_EQ(bide_group_wait(g), 0);
}

STREAM_TEST(an_end_may_be_split_anywhere)
{
    static const char text[] = "aab--b-->ab-->";
    for (size_t cut = 0; cut <= sizeof text - 1; cut++) {
        char *line;
        CHECK_EQ(bide_write(ends[0], text, cut), 0);
        if (cut >= 9)
            CHECK_EQ(bide_read_until(ends[1], "-->", &line), 9);
        else if (cut > 0)
            bide_ignore(bide_stream_peek(ends[1], (const char **)(void *)&line));
        CHECK_EQ(bide_write(ends[0], text + cut, sizeof text - 1 - cut), 0);
        if (cut < 9)
            CHECK_EQ(bide_read_until(ends[1], "-->", &line), 9);
        CHECK_STR(line, "aab--b-->");
        CHECK_EQ(bide_read_until(ends[1], "-->", &line), 5);
        CHECK_STR(line, "ab-->");
    }
}

STREAM_TEST(the_byte_after_a_line_survives_its_nul)
{
    char *line, buf[8];
    ends_say(ends[0], "a\nb\nc\nd");
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), 2);
    CHECK_STR(line, "a\n");
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), 2);
    CHECK_STR(line, "b\n");
    CHECK_EQ(bide_read(ends[1], buf, 1), 1);
    CHECK_EQ(buf[0], 'c');
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), 1);
    bide_stream_consume(ends[1], 0);
    CHECK_EQ(bide_read(ends[1], buf, 8), 1);
    CHECK_EQ(buf[0], 'd');
    ends_say(ends[0], "x\ny");
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), 2);
    bide_stream_consume(ends[1], 1);
    bide_stream_rest(ends[1]);
    ends_say(ends[0], "z\n");
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), 2);
    CHECK_STR(line, "z\n");
}

STREAM_TEST(a_line_too_long_is_refused_and_nothing_is_lost)
{
    char *line;
    bide_stream_line_max(ends[1], 8);
    ends_say(ends[0], "1234567\n12345678\n");
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), 8);
    CHECK_STR(line, "1234567\n");
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), "more than 8 bytes");
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), BIDE_ELIMIT);
    bide_stream_line_max(ends[1], 9);
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), 9);
    CHECK_STR(line, "12345678\n");
}

STREAM_TEST(a_line_without_an_end_stops_at_the_limit_however_much_follows)
{
    char *line;
    char *data = malloc(100000);
    memset(data, 'x', 100000);
    bide_stream_line_max(ends[1], 30000);
    CHECK_EQ(bide_write(ends[0], data, 40000), 0);
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), BIDE_ELIMIT);
    CHECK(bide_stream_buffered(ends[1]) <= 30000);
    CHECK_EQ(bide_read_exactly(ends[1], data, 40000), 0);
    free(data);
}

static int write_long_lines(void *arg)
{
    bide_stream *s = arg;
    char *data = malloc(65536);
    memset(data, 'y', 65536);
    int rc = 0;
    for (size_t size = 1; size <= 65536 && rc == 0; size = size * 3 + 1) {
        data[size - 1] = '\n';
        rc = bide_write(s, data, size);
        data[size - 1] = 'y';
    }
    free(data);
    return rc == 0 ? bide_write_end(s) : rc;
}

STREAM_TEST(the_buffer_grows_with_the_lines)
{
    char *line;
    BIDE_GROUP(g);
    bide_spawn(g, write_long_lines, ends[0]);
    for (size_t size = 1; size <= 65536; size = size * 3 + 1) {
        CHECK_EQ(bide_read_until(ends[1], "\n", &line), size);
        CHECK_EQ(strlen(line), size);
        CHECK_EQ(strspn(line, "y"), size - 1);
    }
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), 0);
    CHECK_EQ(bide_group_wait(g), 0);
}

STREAM_TEST(a_lines_end_has_one_to_sixteen_bytes)
{
    char *line;
    CHECK_EQ(bide_read_until(ends[0], "", &line), BIDE_EINVAL);
    CHECK_EQ(bide_read_until(ends[0], "12345678901234567", &line), BIDE_EINVAL);
    CHECK_STR(line, "");
    ends_say(ends[1], "x1234567890123456y");
    CHECK_EQ(bide_read_until(ends[0], "1234567890123456", &line), 17);
}

STREAM_TEST(peeking_takes_nothing_until_it_is_consumed)
{
    const char *data;
    ends_say(ends[0], "abc");
    CHECK_EQ(bide_stream_peek(ends[1], &data), 3);
    CHECK_EQ(bide_stream_peek(ends[1], &data), 3);
    CHECK_MEM(data, "abc", 3);
    bide_stream_consume(ends[1], 2);
    CHECK_EQ(bide_stream_peek(ends[1], &data), 1);
    CHECK_EQ(*data, 'c');
    ends_say(ends[0], "de");
    CHECK_EQ(bide_stream_peek_more(ends[1], &data, 1), 3);
    CHECK_MEM(data, "cde", 3);
    CHECK_EQ(bide_stream_peek_more(ends[1], &data, 2), 3);
    bide_stream_consume(ends[1], 100);
    CHECK_EQ(bide_stream_buffered(ends[1]), 0);
    CHECK_EQ(bide_write_end(ends[0]), 0);
    CHECK_EQ(bide_stream_peek(ends[1], &data), 0);
}

STREAM_TEST(peeking_for_more_than_ever_comes_leaves_what_came)
{
    const char *data;
    ends_say(ends[0], "abc");
    CHECK_EQ(bide_write_end(ends[0]), 0);
    CHECK_EQ(bide_stream_peek_more(ends[1], &data, 3), 0);
    CHECK_EQ(bide_stream_peek(ends[1], &data), 3);
    CHECK_MEM(data, "abc", 3);
}

STREAM_TEST(peeking_has_the_limit_of_lines)
{
    const char *data;
    bide_stream_line_max(ends[1], 4);
    ends_say(ends[0], "abcdef");
    CHECK_EQ(bide_stream_peek_more(ends[1], &data, 3), 6);
    CHECK_EQ(bide_stream_peek_more(ends[1], &data, 5), 6);
    CHECK_EQ(bide_stream_peek_more(ends[1], &data, 6), BIDE_ELIMIT);
    CHECK_EQ(bide_stream_peek(ends[1], &data), 6);
}

static int write_pattern(void *arg)
{
    char data[1000];
    size_t done = 0;
    for (int i = 0; i < 300; i++) {
        size_t size = (size_t)(i * 37 % 1000);
        for (size_t j = 0; j < size; j++)
            data[j] = ends_byte(done + j);
        done += size;
        if (bide_write(arg, data, size) < 0)
            return bide_errcode();
    }
    return bide_write_end(arg);
}

/* Everything that reads, mixed, against one pattern. */
STREAM_TEST(all_ways_of_reading_go_together)
{
    size_t done = 0;
    char *data = malloc(40000), *line;
    const char *peeked = NULL;
    ssize_t n = 1;
    BIDE_GROUP(g);
    bide_spawn(g, write_pattern, ends[0]);
    for (int i = 0; n > 0; i++) {
        const char *at = data;
        if (i % 5 == 0 && i % 2) {
            n = bide_read(ends[1], data, 40000);
        } else if (i % 5 == 1) {
            n = bide_read(ends[1], data, (size_t)i);
        } else if (i % 5 == 2) {
            n = bide_read_until(ends[1], "\x11", &line);
            at = line;
        } else if (i % 5 == 3) {
            n = bide_stream_peek_more(ends[1], &peeked, 30);
            if (n == 0)
                n = bide_stream_peek(ends[1], &peeked);
            at = peeked;
            n = n > 20 ? 20 : n;
        } else {
            n = bide_read_exactly(ends[1], data, (size_t)(i % 3)) == 0 ? i % 3 + 1 : 0;
            if (n > 1)
                n--;
            else
                continue;
        }
        for (ssize_t j = 0; j < n; j++)
            CHECK_EQ(at[j], ends_byte(done + (size_t)j));
        done += (size_t)n;
        if (at == peeked && i % 5 == 3)
            bide_stream_consume(ends[1], (size_t)n);
    }
    CHECK_EQ(n, 0);
    CHECK_EQ(bide_group_wait(g), 0);
    size_t all = 0;
    for (int i = 0; i < 300; i++)
        all += (size_t)(i * 37 % 1000);
    CHECK_EQ(done, all);
    free(data);
}

STREAM_TEST(what_came_before_an_early_end_stays_readable)
{
    static const size_t sizes[] = { 1, 100, 16383, 16384, 20000, 50000 };
    char *data = malloc(100000), *back = malloc(100000);
    ends_fill(data, 100000);
    ends_fill(back, 100000);
    for (int i = 0; i < 6; i++) {
        bide_stream *pair[2];
        ends_open(pair, bide_stream_fd(ends[0]) < 0);
        CHECK_EQ(bide_write(pair[0], data, sizes[i]), 0);
        CHECK_EQ(bide_write_end(pair[0]), 0);
        CHECK_EQ(bide_read_exactly(pair[1], back, 100000), BIDE_EEOF);
        CHECK_HAS(bide_errmsg(), "read: the stream ended after");
        memset(back, 0, 100000);
        CHECK_EQ(bide_stream_buffered(pair[1]), sizes[i]);
        CHECK_EQ(bide_read_exactly(pair[1], back, sizes[i]), 0);
        CHECK_MEM(back, data, sizes[i]);
        CHECK_EQ(bide_read(pair[1], back, 1), 0);
        bide_stream_close(pair[0]);
        bide_stream_close(pair[1]);
    }
    free(data);
    free(back);
}

STREAM_TEST(a_read_that_times_out_has_taken_nothing)
{
    char back[20];
    ends_say(ends[0], "abc");
    for (int i = 0; i < 3; i++) {
        char *line;
        const char *data;
        BIDE_TIMEOUT(t, 1);
        int rc = i == 0 ? bide_read_exactly(ends[1], back, 6)
            : i == 1 ? (int)bide_read_until(ends[1], "\n", &line)
            : (int)bide_stream_peek_more(ends[1], &data, 3);
        CHECK_EQ(rc, BIDE_ECANCELED);
        CHECK_STR(bide_errmsg(), "cancelled");
        CHECK_EQ(bide_scope_result(t, rc), BIDE_ETIMEDOUT);
    }
    ends_say(ends[0], "def");
    ends_hear(ends[1], "abcdef");
}

STREAM_TEST(in_a_cancelled_scope_reading_fails_though_there_is_something)
{
    char back[3];
    char *line;
    const char *data;
    ends_say(ends[0], "abc\n");
    CHECK_EQ(bide_stream_peek(ends[1], &data), 4);
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_EQ(bide_read(ends[1], back, 3), BIDE_ECANCELED);
        CHECK_EQ(bide_read_exactly(ends[1], back, 3), BIDE_ECANCELED);
        CHECK_EQ(bide_read_until(ends[1], "\n", &line), BIDE_ECANCELED);
        CHECK_EQ(bide_stream_peek(ends[1], &data), BIDE_ECANCELED);
        CHECK_EQ(bide_copy(ends[0], ends[1], NULL, NULL), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_read_until(ends[1], "\n", &line), 4);
}

STREAM_TEST(the_end_is_read_again_and_again)
{
    char buf[10];
    CHECK_EQ(bide_write_end(ends[0]), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_read(ends[1], buf, 10), 0);
        CHECK_EQ(bide_read_exactly(ends[1], buf, 10), BIDE_EEOF);
    }
}

STREAM_TEST(an_idle_stream_holds_no_buffer)
{
    const char *data;
    ends_say(ends[0], "x");
    CHECK_EQ(bide_stream_peek(ends[1], &data), 1);
    bide_stream_rest(ends[1]);
    CHECK_EQ(bide_stream_buffered(ends[1]), 1);
    bide_stream_consume(ends[1], 1);
    bide_stream_rest(ends[1]);
    bide_stream_rest(ends[1]);
    ends_say(ends[0], "y");
    CHECK_EQ(bide_stream_peek(ends[1], &data), 1);
    CHECK_EQ(*data, 'y');
}

STREAM_TEST(readable_looks_and_does_not_wait)
{
    char buf[10];
    CHECK(!bide_stream_readable(ends[1]));
    ends_say(ends[0], "xy");
    CHECK(bide_stream_readable(ends[1]));
    CHECK_EQ(bide_read(ends[1], buf, 1), 1);
    CHECK(bide_stream_readable(ends[1]));
    CHECK_EQ(bide_read(ends[1], buf, 1), 1);
    CHECK(!bide_stream_readable(ends[1]));
    CHECK_EQ(bide_write_end(ends[0]), 0);
    CHECK(bide_stream_readable(ends[1]));
    CHECK(!bide_stream_readable(NULL));
}
