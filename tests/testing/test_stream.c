/* tests/testing/test_stream.c -- a pair that splits, delays and cuts does just that. */
#include "testing/said.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <string.h>

TASK_TEST(a_read_finds_no_more_than_the_split)
{
    bide_stream *ends[2];
    char got[20];
    CHECK_EQ(bide_test_stream_pair(ends, .split = 3), 0);
    CHECK_EQ(bide_write(ends[0], "0123456789", 10), 0);
    CHECK_EQ(bide_read(ends[1], got, 20), 3);
    CHECK_EQ(bide_read(ends[1], got, 2), 2);
    CHECK_EQ(bide_read(ends[1], got, 20), 1);
    CHECK_EQ(bide_read(ends[1], got, 20), 3);
    CHECK_EQ(bide_read(ends[1], got, 20), 1);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

static void draw(uint64_t seed, size_t split, char *sizes)
{
    bide_stream *ends[2];
    char got[200];
    ssize_t n;
    CHECK_EQ(bide_test_stream_pair(ends, .split = split, .seed = seed), 0);
    CHECK_EQ(bide_write(ends[0], memset(got, 'x', 200), 200), 0);
    CHECK_EQ(bide_write_end(ends[0]), 0);
    while ((n = bide_read(ends[1], got, 200)) > 0) {
        CHECK(n <= (ssize_t)split);
        *sizes++ = (char)n;
    }
    *sizes = '\0';
    CHECK_EQ(n, 0);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(a_seed_draws_the_same_splits_again)
{
    char one[201], again[201], other[201];
    draw(4, 9, one);
    draw(4, 9, again);
    draw(5, 9, other);
    CHECK_STR(one, again);
    CHECK(strcmp(one, other) != 0);
    CHECK(strspn(one, "\t") < strlen(one));
}

TASK_TEST(what_is_written_arrives_after_the_delay)
{
    bide_stream *ends[2];
    char got[20];
    double start = bide_now();
    CHECK_EQ(bide_test_stream_pair(ends, .delay = 0.25), 0);
    CHECK_EQ(bide_write(ends[0], "ab", 2), 0);
    CHECK_NEAR(bide_now(), start, 0);
    CHECK(!bide_stream_readable(ends[1]));
    CHECK_EQ(bide_sleep(0.1), 0);
    CHECK_EQ(bide_write(ends[0], "cd", 2), 0);
    CHECK_EQ(bide_read(ends[1], got, 20), 2);
    CHECK_NEAR(bide_now(), start + 0.25, 1e-6);
    CHECK_EQ(bide_read(ends[1], got, 20), 2);
    CHECK_NEAR(bide_now(), start + 0.35, 1e-6);
    bide_stream_close(ends[0]);
    CHECK_EQ(bide_read(ends[1], got, 20), 0);
    CHECK_NEAR(bide_now(), start + 0.60, 1e-6);
    bide_stream_close(ends[1]);
}

TASK_TEST(a_delay_can_be_cancelled_and_nothing_is_lost)
{
    bide_stream *ends[2];
    char got[20];
    CHECK_EQ(bide_test_stream_pair(ends, .delay = 10), 0);
    CHECK_EQ(bide_write(ends[0], "ab", 2), 0);
    {
        BIDE_TIMEOUT(t, 4);
        CHECK_EQ(bide_scope_result(t, (int)bide_read(ends[1], got, 20)), BIDE_ETIMEDOUT);
    }
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_EQ(bide_read(ends[1], got, 20), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_read(ends[1], got, 20), 2);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(it_breaks_after_so_many_bytes)
{
    bide_stream *ends[2];
    char got[20];
    CHECK_EQ(bide_test_stream_pair(ends, .cut = 5), 0);
    CHECK_EQ(bide_write(ends[0], "0123", 4), 0);
    CHECK_EQ(bide_write(ends[1], "back", 4), 0);
    CHECK_EQ(bide_write(ends[0], "456789", 6), -ECONNRESET);
    CHECK_EQ(bide_read_exactly(ends[1], got, 5), 0);
    CHECK_MEM(got, "01234", 5);
    CHECK_EQ(bide_read(ends[1], got, 20), -ECONNRESET);
    CHECK_EQ(bide_write(ends[1], "more", 4), -ECONNRESET);
    CHECK_EQ(bide_read_exactly(ends[0], got, 4), 0);
    CHECK_EQ(bide_read(ends[0], got, 20), -ECONNRESET);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(it_breaks_backwards_and_with_a_code_of_ones_own)
{
    bide_stream *ends[2];
    char got[20];
    CHECK_EQ(bide_test_stream_pair(ends, .cut_back = 1, .code = -ETIMEDOUT, .delay = 1), 0);
    CHECK_EQ(bide_write(ends[0], "0123", 4), 0);
    CHECK_EQ(bide_write(ends[1], "x", 1), 0);
    CHECK_EQ(bide_read(ends[0], got, 20), 1);
    CHECK_EQ(bide_read(ends[0], got, 20), -ETIMEDOUT);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(it_ends_cleanly_if_asked_to)
{
    bide_stream *ends[2];
    char got[20];
    CHECK_EQ(bide_test_stream_pair(ends, .cut = 3, .code = 1), 0);
    CHECK_EQ(bide_write(ends[0], "0123", 4), -EPIPE);
    CHECK_EQ(bide_read_exactly(ends[1], got, 3), 0);
    CHECK_EQ(bide_read(ends[1], got, 20), 0);
    CHECK_EQ(bide_write(ends[1], "back", 4), 0);
    CHECK_EQ(bide_read_exactly(ends[0], got, 4), 0);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(nonsense_is_refused)
{
    bide_stream *ends[2];
    CHECK_EQ(bide_test_stream_pair(ends, .delay = -1), BIDE_EINVAL);
    CHECK_EQ(bide_test_stream_pair(ends, .delay = __builtin_nan("")), BIDE_EINVAL);
    CHECK_EQ(bide_test_stream_pair(ends, .code = 5), BIDE_EINVAL);
    CHECK(!ends[0] && !ends[1]);
}
