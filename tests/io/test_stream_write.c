/* tests/io/test_stream_write.c -- writing: whole or failed, back-pressure, half a write, ends,
 * copies. */
#include "io/ends.h"

#include <bide/sync.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE = 3000000 };

static int write_large(void *arg)
{
    char *data = malloc(LARGE);
    ends_fill(data, LARGE);
    int rc = bide_write(arg, data, LARGE);
    free(data);
    return rc == 0 ? bide_write_end(arg) : rc;
}

static void read_large(bide_stream *s, size_t piece)
{
    char *data = malloc(piece);
    size_t done = 0;
    ssize_t n;
    while ((n = bide_read(s, data, piece)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            if (data[i] != ends_byte(done + (size_t)i))
                test_fail(__FILE__, __LINE__, "byte %zu is wrong", done + (size_t)i);
        done += (size_t)n;
    }
    CHECK_EQ(n, 0);
    CHECK_EQ(done, LARGE);
    free(data);
}

STREAM_TEST(a_large_write_waits_for_the_reader)
{
    BIDE_GROUP(g);
    bide_spawn(g, write_large, ends[0]);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bide_group_count(g), 1);
    read_large(ends[1], 1000);
    CHECK_EQ(bide_group_wait(g), 0);
}

STREAM_TEST(large_reads_and_large_writes_meet)
{
    BIDE_GROUP(g);
    bide_spawn(g, write_large, ends[0]);
    read_large(ends[1], 100000);
    CHECK_EQ(bide_group_wait(g), 0);
}

static int write_pieces(void *arg)
{
    enum { PIECES = 3000 };
    static struct iovec pieces[PIECES];
    char *data = malloc(LARGE), *at = data;
    ends_fill(data, LARGE);
    for (int i = 0; i < PIECES; i++) {
        size_t size = i % 3 ? (size_t)(i % 7 * 200) : 0;
        if (i == PIECES - 2)
            size = (size_t)(data + LARGE - at);
        if (i == PIECES - 1)
            size = 0;
        pieces[i] = (struct iovec){ at, size };
        at += size;
    }
    static struct iovec before[PIECES];
    memcpy(before, pieces, sizeof pieces);
    int rc = bide_writev(arg, pieces, PIECES);
    CHECK_MEM(before, pieces, sizeof pieces);
    free(data);
    return rc == 0 ? bide_write_end(arg) : rc;
}

STREAM_TEST(pieces_are_written_in_order_and_stay_as_they_are)
{
    BIDE_GROUP(g);
    bide_spawn(g, write_pieces, ends[0]);
    read_large(ends[1], 4096);
    CHECK_EQ(bide_group_wait(g), 0);
}

STREAM_TEST(nothing_in_many_pieces_is_nothing)
{
    struct iovec pieces[3] = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    CHECK_EQ(bide_writev(ends[0], pieces, 3), 0);
    CHECK_EQ(bide_writev(ends[0], pieces, 0), 0);
    CHECK(!bide_stream_readable(ends[1]));
}

STREAM_TEST(printf_prints_up_to_64_kib)
{
    char *back = malloc(65537);
    CHECK_EQ(bide_printf(ends[0], "%d-%s", 5, "x"), 0);
    ends_hear(ends[1], "5-x");
    CHECK_EQ(bide_printf(ends[0], "%01023d", 1), 0);
    CHECK_EQ(bide_read_exactly(ends[1], back, 1023), 0);
    CHECK_EQ(bide_printf(ends[0], "%01024d", 1), 0);
    CHECK_EQ(bide_read_exactly(ends[1], back, 1024), 0);
    CHECK_EQ(back[1023], '1');
    CHECK_EQ(bide_printf(ends[0], "%065536d", 7), 0);
    CHECK_EQ(bide_read_exactly(ends[1], back, 65536), 0);
    CHECK_EQ(back[65535], '7');
    CHECK_EQ(bide_printf(ends[0], "%065537d", 7), BIDE_ELIMIT);
    CHECK(!bide_stream_readable(ends[1]));
    free(back);
}

STREAM_TEST(a_write_cut_short_is_the_last)
{
    char *data = malloc(LARGE);
    memset(data, 'x', LARGE);
    {
        BIDE_TIMEOUT(t, 1);
        CHECK_EQ(bide_scope_result(t, bide_write(ends[0], data, LARGE)), BIDE_ETIMEDOUT);
    }
    CHECK_EQ(bide_write(ends[0], "y", 1), BIDE_ECLOSED);
    CHECK_STR(bide_errmsg(), "write: an earlier write was cut short");
    CHECK_EQ(bide_write_end(ends[0]), BIDE_ECLOSED);
    ends_say(ends[1], "reading goes on");
    ends_hear(ends[0], "reading goes on");
    CHECK(bide_read(ends[1], data, LARGE) > 0);
    free(data);
}

STREAM_TEST(a_write_that_never_began_does_no_harm)
{
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_EQ(bide_write(ends[0], "x", 1), BIDE_ECANCELED);
        CHECK_EQ(bide_printf(ends[0], "x"), BIDE_ECANCELED);
        CHECK_EQ(bide_write_end(ends[0]), BIDE_ECANCELED);
    }
    ends_say(ends[0], "y");
    ends_hear(ends[1], "y");
}

STREAM_TEST(ending_one_direction_leaves_the_other)
{
    char buf[4];
    ends_say(ends[0], "last");
    CHECK_EQ(bide_write_end(ends[0]), 0);
    CHECK_EQ(bide_write_end(ends[0]), 0);
    CHECK_EQ(bide_write(ends[0], "x", 1), -EPIPE);
    CHECK_STR(bide_errmsg(), "write: the writing side was ended");
    ends_hear(ends[1], "last");
    CHECK_EQ(bide_read(ends[1], buf, 4), 0);
    ends_say(ends[1], "answer");
    ends_hear(ends[0], "answer");
}

STREAM_TEST(writing_to_a_closed_peer_fails)
{
    char buf[4];
    ends_say(ends[1], "bye");
    bide_stream_close(ends[1]);
    ends[1] = NULL;
    CHECK_EQ(bide_write(ends[0], "x", 1), -EPIPE);
    CHECK_HAS(bide_errmsg(), "write: ");
    ends_hear(ends[0], "bye");
    CHECK_EQ(bide_read(ends[0], buf, 4), 0);
}

static int write_till_it_fails(void *arg)
{
    static char data[100000];
    int rc;
    while ((rc = bide_write(arg, data, sizeof data)) == 0)
        ;
    return rc;
}

STREAM_TEST(closing_the_peer_wakes_a_waiting_writer)
{
    bide_task *writer;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, write_till_it_fails, ends[0], .handle = &writer);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(!bide_task_done(writer));
    bide_stream_close(ends[1]);
    ends[1] = NULL;
    CHECK_EQ(bide_join(writer), 0);
    CHECK(bide_task_result(writer) == -EPIPE || bide_task_result(writer) == -ECONNRESET);
    bide_ignore(bide_group_wait(g));
}

static int read_one(void *arg)
{
    char c;
    return (int)bide_read(arg, &c, 1);
}

STREAM_TEST(a_second_reader_or_writer_is_refused)
{
    char c;
    char *line;
    const char *data;
    bide_task *reader, *writer;
    BIDE_GROUP(g);
    bide_spawn(g, read_one, ends[0], .handle = &reader);
    bide_spawn(g, write_till_it_fails, ends[0], .handle = &writer);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(!bide_task_done(reader) && !bide_task_done(writer));
    CHECK_EQ(bide_read(ends[0], &c, 1), BIDE_EBUSY);
    CHECK_EQ(bide_read_exactly(ends[0], &c, 1), BIDE_EBUSY);
    CHECK_EQ(bide_read_until(ends[0], "\n", &line), BIDE_EBUSY);
    CHECK_EQ(bide_stream_peek(ends[0], &data), BIDE_EBUSY);
    CHECK_EQ(bide_copy(ends[1], ends[0], NULL, NULL), BIDE_EBUSY);
    CHECK_EQ(bide_write(ends[0], "x", 1), BIDE_EBUSY);
    CHECK_EQ(bide_write_end(ends[0]), BIDE_EBUSY);
    CHECK_HAS(bide_errmsg(), "write: another task");
    ends_say(ends[1], "z");
    CHECK_EQ(bide_join(reader), 0);
    CHECK_EQ(bide_task_result(reader), 1);
}

STREAM_TEST(abort_lets_all_calls_fail_at_once)
{
    bide_task *reader, *writer;
    char c;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, read_one, ends[0], .handle = &reader);
    bide_spawn(g, write_till_it_fails, ends[0], .handle = &writer);
    CHECK_EQ(bide_sleep(1), 0);
    bide_stream_abort(ends[0]);
    bide_stream_abort(ends[0]);
    CHECK_EQ(bide_join(reader), 0);
    CHECK_EQ(bide_join(writer), 0);
    CHECK_EQ(bide_task_result(reader), BIDE_ECLOSED);
    CHECK_STR(bide_task_error(reader)->text, "read: closed");
    CHECK_EQ(bide_task_result(writer), BIDE_ECLOSED);
    CHECK_STR(bide_task_error(writer)->text, "write: closed");
    CHECK_EQ(bide_read(ends[0], &c, 1), BIDE_ECLOSED);
    CHECK_EQ(bide_write(ends[0], &c, 1), BIDE_ECLOSED);
    CHECK_EQ(bide_write_end(ends[0]), BIDE_ECLOSED);
    CHECK(bide_stream_readable(ends[0]));
    bide_stream_abort(NULL);
    bide_ignore(bide_group_wait(g));
}

/* Reads after `peeks` calls that succeed at once, so that its turn ends somewhere in between. */
struct peeking { bide_stream *s; int peeks; };
static int peek_and_read(void *arg)
{
    struct peeking *p = arg;
    const char *data;
    char c;
    for (int i = 0; i < p->peeks; i++)
        if (bide_stream_peek(p->s, &data) < 0)
            return bide_errcode();
    bide_stream_consume(p->s, 1);
    return (int)bide_read(p->s, &c, 1);
}

/* Whoever has only given way before looking would else wait for ever. */
STREAM_TEST(abort_reaches_those_who_were_about_to_look)
{
    for (int i = 1; i < 300; i++) {
        bide_stream *pair[2];
        bide_task *reader;
        ends_open(pair, bide_stream_fd(ends[0]) < 0);
        ends_say(pair[1], "x");
        BIDE_KEEP_GOING(g);
        bide_spawn_opts(g, peek_and_read, &(struct bide_spawn_opts){
            .fn_name_ = "reader", .handle = &reader, .arg = &(struct peeking){ pair[0], i },
            .copy = sizeof(struct peeking) });
        CHECK_EQ(bide_yield(), 0);
        bide_stream_abort(pair[0]);
        CHECK_EQ(bide_join(reader), 0);
        CHECK_EQ(bide_task_result(reader), BIDE_ECLOSED);
        bide_ignore(bide_group_wait(g));
        bide_stream_close(pair[0]);
        bide_stream_close(pair[1]);
    }
}

STREAM_TEST(closing_with_readers_and_writers_inside_frees_it_later)
{
    bide_task *reader, *writer;
    BIDE_KEEP_GOING(g);
    bide_spawn(g, read_one, ends[0], .handle = &reader);
    bide_spawn(g, write_till_it_fails, ends[0], .handle = &writer);
    CHECK_EQ(bide_sleep(1), 0);
    bide_stream_close(ends[0]);
    ends[0] = NULL;
    CHECK_EQ(bide_join(reader), 0);
    CHECK_EQ(bide_join(writer), 0);
    CHECK_EQ(bide_task_result(reader), BIDE_ECLOSED);
    CHECK_EQ(bide_task_result(writer), BIDE_ECLOSED);
    bide_ignore(bide_group_wait(g));
}

STREAM_TEST(cancelled_readers_and_writers_leave_it_usable_or_say_so)
{
    for (int i = 0; i < 3; i++) {
        BIDE_GROUP(g);
        bide_spawn(g, read_one, ends[0]);
        CHECK_EQ(bide_yield(), 0);
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    ends_say(ends[1], "x");
    ends_hear(ends[0], "x");
}

static size_t moved_sum;
static void moved(void *arg, size_t size)
{
    CHECK_PTR(arg, &moved_sum);
    moved_sum += size;
}

struct copying { bide_stream *to, *from; };
static int copy(void *arg)
{
    struct copying *c = arg;
    int64_t n = bide_copy(c->to, c->from, moved, &moved_sum);
    return n < 0 ? (int)n : n != LARGE ? BIDE_EUNKNOWN : bide_write_end(c->to);
}

STREAM_TEST(copying_copies_all_of_it)
{
    bide_stream *more[2];
    moved_sum = 0;
    ends_open(more, bide_stream_fd(ends[0]) < 0);
    BIDE_GROUP(g);
    bide_spawn(g, write_large, ends[0]);
    bide_spawn_with(g, copy, struct copying, more[0], ends[1]);
    read_large(more[1], 5000);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(moved_sum, LARGE);
    bide_stream_close(more[0]);
    bide_stream_close(more[1]);
}

static int echo(void *arg)
{
    return (int)bide_copy(arg, arg, NULL, NULL);
}

STREAM_TEST(a_stream_copied_to_itself_is_an_echo)
{
    bide_task *task;
    char c;
    BIDE_GROUP(g);
    bide_spawn(g, echo, ends[1], .handle = &task);
    ends_say(ends[0], "hello");
    ends_hear(ends[0], "hello");
    CHECK_EQ(bide_write_end(ends[0]), 0);
    CHECK_EQ(bide_join(task), 0);
    CHECK_EQ(bide_task_result(task), 5);
    CHECK_EQ(bide_write_end(ends[1]), 0);
    CHECK_EQ(bide_read(ends[0], &c, 1), 0);
    CHECK_EQ(bide_group_wait(g), 0);
}

STREAM_TEST(a_copy_that_cannot_write_keeps_what_it_read)
{
    bide_stream *more[2];
    ends_open(more, bide_stream_fd(ends[0]) < 0);
    CHECK_EQ(bide_write_end(more[0]), 0);
    ends_say(ends[0], "abc");
    CHECK_EQ(bide_copy(more[0], ends[1], NULL, NULL), -EPIPE);
    CHECK_STR(bide_errmsg(), "copy: write: the writing side was ended");
    ends_hear(ends[1], "abc");
    bide_stream_close(more[0]);
    bide_stream_close(more[1]);
}

STREAM_TEST(a_call_on_no_stream_passes_the_held_error_on)
{
    char c;
    char *line;
    const char *data;
    (void)ends;
    bide_fail(-ENOENT, "the reason");
    CHECK_EQ(bide_read(NULL, &c, 1), -ENOENT);
    CHECK_EQ(bide_read_exactly(NULL, &c, 1), -ENOENT);
    CHECK_EQ(bide_read_until(NULL, "\n", &line), -ENOENT);
    CHECK_EQ(bide_stream_peek(NULL, &data), -ENOENT);
    CHECK_EQ(bide_write(NULL, &c, 1), -ENOENT);
    CHECK_EQ(bide_write_end(NULL), -ENOENT);
    CHECK_EQ(bide_copy(ends[0], NULL, NULL, NULL), -ENOENT);
    CHECK_EQ(bide_stream_buffered(NULL), 0);
    CHECK_EQ(bide_stream_fd(NULL), -1);
    CHECK_STR(bide_stream_peer(NULL), "");
    CHECK_STR(bide_errmsg(), "the reason");
    bide_stream_close(NULL);
    bide_stream_rest(NULL);
}

TEST(streams_work_only_in_a_task)
{
    bide_stream *ends[2];
    char c;
    CHECK_EQ(bide_stream_pair(ends), 0);
    CHECK_EQ(bide_read(ends[0], &c, 1), BIDE_EPERM);
    CHECK_EQ(bide_write(ends[0], &c, 1), BIDE_EPERM);
    CHECK(!bide_stream_of_fd(0));
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

/* Everybody gets a turn, though the stream could always go on. */
static int count_yields(void *arg)
{
    int *count = arg;
    while (bide_yield() == 0)
        ++*count;
    return bide_errcode();
}

STREAM_TEST(nobody_starves_beside_a_busy_stream)
{
    int turns = 0;
    BIDE_GROUP(g);
    bide_spawn(g, count_yields, &turns);
    for (int i = 0; i < 1000; i++) {
        ends_say(ends[0], "x");
        ends_hear(ends[1], "x");
    }
    CHECK(turns >= 3);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
}
