/* Bodies of requests: every kind gives its bytes and no others, tells its size, can be had again or
 * says that it cannot, and never gives more or less than was announced. */
#include "drain.h"
#include "io/place.h"

#include "base/memory.h"
#include "http/coding.h"
#include <bide.h>
#include <sys/stat.h>

static struct drained got;

/* ---- in memory ---- */

TASK_TEST(memory_is_given_in_any_pieces_and_again)
{
    struct source s;
    bide__source_in_memory(&s, "hello world", 11, "text/plain");
    CHECK(s.in_memory && s.size == 11 && s.memory.size == 11);
    CHECK_STR(s.type, "text/plain");
    for (size_t piece = 1; piece < 13; piece++) {
        drain(&s, &got, piece);
        CHECK_EQ(got.rc, 0);
        CHECK_STR(got.text, "hello world");
        CHECK(bide__source_is_rewindable(&s));
        CHECK_EQ(bide__source_rewind(&s), 0);
    }
    bide__source_close(&s);
    bide__source_close(NULL);
}

TASK_TEST(nothing_in_memory_is_an_empty_body)
{
    struct source s;
    bide__source_in_memory(&s, NULL, 0, NULL);
    drain(&s, &got, 10);
    CHECK_EQ(got.rc, 0);
    CHECK_EQ(got.size, 0);
}

TASK_TEST(a_text_is_freed_with_its_source)
{
    struct source *s = bide__source_of_text(bide__copy_text("{}", 2), 2, "application/json");
    drain(s, &got, 10);
    CHECK_STR(got.text, "{}");
    bide__source_close(s);
    bide_fail(BIDE_ENOMEM, "out of memory for JSON");
    CHECK_PTR(bide__source_of_text(NULL, 0, NULL), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
}

/* ---- forms ---- */

static const struct {
    const struct bide_pair form[4];
    const char *text;
} forms[] = {
    { { { NULL, NULL } }, "" },
    { { { "a", "b" } }, "a=b" },
    { { { "a", "" }, { "", "b" }, { "c", NULL } }, "a=&=b&c=" },
    { { { "a b", "c+d&e=f" } }, "a+b=c%2Bd%26e%3Df" },
    { { { "x", "*-._~'()!" } }, "x=*-._%7E%27%28%29%21" },
    { { { "x", "\r\n%" }, { "x", "\xc3\xa4\xff" } }, "x=%0D%0A%25&x=%C3%A4%FF" },
    { { { "0aZ9", "zA" } }, "0aZ9=zA" },
};

TASK_TEST(a_form_is_written_as_the_url_standard_says)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct source *s = bide__source_of_form(forms[i].form);
        CHECK(s && s->in_memory);
        CHECK_EQ(s->size, strlen(forms[i].text));
        CHECK_STR(s->type, "application/x-www-form-urlencoded");
        drain(s, &got, 3);
        CHECK_STR(got.text, forms[i].text);
        bide__source_close(s);
    }
}

/* ---- files ---- */

FILE_TEST(a_file_is_given_whole_and_again)
{
    enum { SIZE = 60000 };
    char *data = place_bytes(SIZE);
    place_put("a", data, SIZE);
    struct source *s = bide__source_of_file("a");
    CHECK(s && s->file);
    CHECK_EQ(s->size, SIZE);
    for (size_t piece = 999; piece < 5000; piece += 1000) {
        drain(s, &got, piece);
        CHECK_EQ(got.rc, 0);
        CHECK_EQ(got.size, SIZE);
        CHECK_MEM(got.text, data, SIZE);
        CHECK(bide__source_is_rewindable(s));
        CHECK_EQ(bide__source_rewind(s), 0);
    }
    bide__source_close(s);
    free(data);
}

FILE_TEST(an_empty_file_is_an_empty_body)
{
    place_put_text("a", "");
    struct source *s = bide__source_of_file("a");
    CHECK_EQ(s->size, 0);
    drain(s, &got, 10);
    CHECK_EQ(got.rc, 0);
    bide__source_close(s);
}

FILE_TEST(a_file_that_is_not_there_or_no_file_is_named)
{
    CHECK_PTR(bide__source_of_file("none"), NULL);
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_HAS(bide_errmsg(), "none");
    CHECK_PTR(bide__source_of_file("."), NULL);
    CHECK_EQ(bide_errcode(), -EISDIR);
}

FILE_TEST(a_file_that_becomes_shorter_fails_where_it_ends)
{
    place_put_text("a", "0123456789");
    struct source *s = bide__source_of_file("a");
    CHECK_EQ(truncate("a", 7), 0);
    drain(s, &got, 4);
    CHECK_EQ(got.rc, BIDE_EEOF);
    CHECK_STR(got.text, "0123456");
    CHECK_STR(bide_errmsg(), "a ended after 7 of 10 bytes");
    bide__source_close(s);
}

FILE_TEST(a_file_that_becomes_longer_fails_before_its_last_byte)
{
    place_put_text("a", "0123456789");
    struct source *s = bide__source_of_file("a");
    place_put_text("a", "0123456789X");
    drain(s, &got, 4);
    CHECK_EQ(got.rc, BIDE_ELIMIT);
    CHECK_STR(got.text, "01234567");
    CHECK_STR(bide_errmsg(), "a is longer than the announced 10 bytes");
    bide__source_close(s);
}

FILE_TEST(an_empty_file_that_becomes_longer_fails)
{
    place_put_text("a", "");
    struct source *s = bide__source_of_file("a");
    place_put_text("a", "X");
    drain(s, &got, 4);
    CHECK_EQ(got.rc, BIDE_ELIMIT);
    bide__source_close(s);
}

FILE_TEST(a_file_without_a_size_is_chunked)
{
    struct source *s = bide__source_of_file("/proc/self/status");
    CHECK_EQ(s->size, -1);
    CHECK_PTR(s->file, NULL);
    drain(s, &got, 1000);
    CHECK_EQ(got.rc, 0);
    CHECK_HAS(got.text, "Pid:");
    CHECK_EQ(bide__source_rewind(s), 0);
    drain(s, &got, 100);
    CHECK_HAS(got.text, "Pid:");
    bide__source_close(s);
}

static int write_fifo(void *unused)
{
    (void)unused;
    bide_auto(file) f = bide_file_open("fifo", "w");
    int rc = bide_file_write(f, "through a pipe", 14);
    return rc < 0 ? rc : bide_file_finish(f);
}

static void fifo_body(void)
{
    CHECK_EQ(mkfifo("fifo", 0600), 0);
    BIDE_GROUP(group);
    struct source *s = bide__source_of_file("fifo");
    bide_spawn(group, write_fifo, NULL);
    CHECK_EQ(s->size, -1);
    drain(s, &got, 5);
    CHECK_EQ(got.rc, 0);
    CHECK_STR(got.text, "through a pipe");
    CHECK(!bide__source_is_rewindable(s));
    CHECK_EQ(bide__source_rewind(s), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "the body cannot be sent again");
    bide__source_close(s);
}

/* By the poller, whatever the machine's files are like. */
TEST(a_fifo_is_chunked_and_cannot_be_had_again)
{
    place_run(fifo_body, PLACE_USUAL);
}

/* ---- files straight to a stream ---- */

/* Sends s in pieces; what came out, and how it ended. */
static void send_file(struct source *s, size_t piece)
{
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    got.size = 0;
    ssize_t n = 1;
    while (n > 0) {
        n = bide__source_send_file(s, ends[0], piece);
        if (n > 0) {
            CHECK((size_t)n <= piece);
            CHECK_EQ(bide_read_exactly(ends[1], got.text + got.size, (size_t)n), 0);
            got.size += (size_t)n;
        }
    }
    got.text[got.size] = '\0';
    got.rc = (int)n;
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

FILE_TEST(a_file_is_sent_without_a_copy_and_again)
{
    char *data = place_bytes(30000);
    place_put("a", data, 30000);
    struct source *s = bide__source_of_file("a");
    for (size_t piece = 7000; piece < 40000; piece += 8000) {
        send_file(s, piece);
        CHECK_EQ(got.rc, 0);
        CHECK_EQ(got.size, 30000);
        CHECK_MEM(got.text, data, 30000);
        CHECK_EQ(bide__source_rewind(s), 0);
    }
    bide__source_close(s);
    place_put_text("a", "");
    s = bide__source_of_file("a");
    send_file(s, 10);
    CHECK_EQ(got.rc, 0);
    CHECK_EQ(got.size, 0);
    bide__source_close(s);
    free(data);
}

FILE_TEST(a_file_that_changes_while_it_is_sent_without_a_copy_fails)
{
    place_put_text("a", "0123456789");
    struct source *s = bide__source_of_file("a");
    place_put_text("a", "0123456789X");
    send_file(s, 4);
    CHECK_EQ(got.rc, BIDE_ELIMIT);
    CHECK_STR(got.text, "01234567");
    CHECK_EQ(bide__source_rewind(s), 0);
    CHECK_EQ(truncate("a", 5), 0);
    send_file(s, 4);
    CHECK_EQ(got.rc, BIDE_EEOF);
    CHECK_STR(bide_errmsg(), "a ended after 5 of 10 bytes");
    bide__source_close(s);
}

/* ---- streams ---- */

static struct source *stream_with(bide_stream *ends[2], const char *text, int64_t size)
{
    CHECK_EQ(bide_stream_pair(ends), 0);
    CHECK_EQ(bide_write(ends[0], text, strlen(text)), 0);
    CHECK_EQ(bide_write_end(ends[0]), 0);
    return bide__source_of_stream(ends[1], size);
}

static void close_both(struct source *s, bide_stream *ends[2])
{
    bide__source_close(s);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(a_stream_is_read_to_its_end)
{
    bide_stream *ends[2];
    struct source *s = stream_with(ends, "what comes", -1);
    CHECK_EQ(s->size, -1);
    CHECK(bide__source_is_rewindable(s));
    drain(s, &got, 3);
    CHECK_EQ(got.rc, 0);
    CHECK_STR(got.text, "what comes");
    CHECK(!bide__source_is_rewindable(s));
    CHECK_EQ(bide__source_rewind(s), BIDE_EINVAL);
    close_both(s, ends);
}

TASK_TEST(of_a_stream_no_more_is_taken_than_was_announced)
{
    bide_stream *ends[2];
    char rest[8] = "";
    struct source *s = stream_with(ends, "what comes", 4);
    drain(s, &got, 3);
    CHECK_EQ(got.rc, 0);
    CHECK_STR(got.text, "what");
    CHECK_EQ(bide_read_exactly(ends[1], rest, 6), 0);
    CHECK_STR(rest, " comes");
    close_both(s, ends);
}

TASK_TEST(a_stream_that_ends_early_fails)
{
    bide_stream *ends[2];
    struct source *s = stream_with(ends, "what", 10);
    drain(s, &got, 30);
    CHECK_EQ(got.rc, BIDE_EEOF);
    CHECK_STR(bide_errmsg(), "the body ended after 4 of 10 bytes");
    close_both(s, ends);
}

/* ---- functions ---- */

struct giver {
    const char *text;
    size_t at, piece;
    int fail;                   /* at the end */
    int calls;
};

static ssize_t give(void *arg, void *buf, size_t size)
{
    struct giver *g = arg;
    size_t left = strlen(g->text) - g->at, n = left < g->piece ? left : g->piece;
    g->calls++;
    if (left == 0 && g->fail)
        return g->fail == -EIO ? bide_fail(-EIO, "the tape is torn") : g->fail;
    n = n < size ? n : size;
    memcpy(buf, g->text + g->at, n);
    g->at += n;
    return (ssize_t)n;
}

TASK_TEST(a_function_gives_until_it_says_the_end)
{
    struct giver g = { .text = "bit by bit", .piece = 2 };
    struct source *s = bide__source_of_callback(give, &g, -1);
    CHECK_EQ(s->size, -1);
    drain(s, &got, 100);
    CHECK_EQ(got.rc, 0);
    CHECK_STR(got.text, "bit by bit");
    CHECK_EQ(g.calls, 6);
    CHECK(!bide__source_is_rewindable(s));
    bide__source_close(s);
}

TASK_TEST(a_function_must_keep_to_the_announced_size)
{
    struct giver g = { .text = "bit by bit", .piece = 20 };
    struct source *s = bide__source_of_callback(give, &g, 10);
    drain(s, &got, 4);
    CHECK_EQ(got.rc, 0);
    CHECK_STR(got.text, "bit by bit");
    bide__source_close(s);
    g.at = 0;
    s = bide__source_of_callback(give, &g, 9);
    drain(s, &got, 4);
    CHECK_EQ(got.rc, BIDE_ELIMIT);
    CHECK_STR(got.text, "bit by b");
    CHECK_STR(bide_errmsg(), "the body is longer than the announced 9 bytes");
    bide__source_close(s);
    g.at = 0;
    s = bide__source_of_callback(give, &g, 11);
    drain(s, &got, 4);
    CHECK_EQ(got.rc, BIDE_EEOF);
    CHECK_STR(bide_errmsg(), "the body ended after 10 of 11 bytes");
    bide__source_close(s);
}

TASK_TEST(a_functions_failure_is_the_bodys)
{
    struct giver g = { .text = "bit", .piece = 2, .fail = -EIO };
    struct source *s = bide__source_of_callback(give, &g, -1);
    drain(s, &got, 4);
    CHECK_EQ(got.rc, -EIO);
    CHECK_STR(bide_errmsg(), "the tape is torn");
    bide__source_close(s);
    g = (struct giver){ .text = "bit", .piece = 2, .fail = -EPROTO };
    s = bide__source_of_callback(give, &g, 3);
    drain(s, &got, 4);
    CHECK_EQ(got.rc, -EPROTO);
    CHECK_HAS(bide_errmsg(), "the function that gives the body failed");
    CHECK_EQ(bide_errcode(), -EPROTO);
    bide__source_close(s);
}

static ssize_t give_too_much(void *unused, void *buf, size_t size)
{
    (void)unused, (void)buf;
    return (ssize_t)size + 1;
}

TASK_TEST(a_function_that_claims_too_much_is_refused)
{
    struct source *s = bide__source_of_callback(give_too_much, NULL, -1);
    drain(s, &got, 10);
    CHECK_EQ(got.rc, BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "gave 11 bytes where 10 were asked for");
    bide__source_close(s);
}

/* ---- coded ---- */

/* What is in got, decoded. */
static const char *decoded(const char *coding)
{
    static char text[70000];
    struct coding *c;
    const char *why, *in = got.text;
    size_t in_size = got.size, size = sizeof text - 1;
    CHECK_EQ(bide__coding_open(&c, text_of(coding, strlen(coding)), NULL, &why), 0);
    CHECK_EQ(bide__coding_run(c, &in, &in_size, text, &size, true), 1);
    bide__coding_free(c);
    text[size] = '\0';
    return text;
}

static const char *const codings[] = { "gzip", "deflate", "zstd" };

/* False: that library is not here. */
static bool is_built_in(const char *coding)
{
    return bide__coding_accept() && strstr(bide__coding_accept(), coding);
}

TASK_TEST(a_coded_body_decodes_to_the_same_and_again)
{
    static char large[60001];
    for (size_t i = 0; i < sizeof large - 1; i++)
        large[i] = (char)('a' + (i * i / 7) % 26);
    for (size_t i = 0; i < 3; i++) {
        if (!is_built_in(codings[i]))
            continue;
        struct source inner;
        bide__source_in_memory(&inner, large, sizeof large - 1, "text/plain");
        struct source *s = bide__source_of_coding(&inner, codings[i]);
        CHECK(s && s->size == -1 && !s->in_memory);
        CHECK_STR(s->coding, codings[i]);
        CHECK_STR(s->type, "text/plain");
        for (size_t piece = 10; piece < 20000; piece *= 7) {
            drain(s, &got, piece);
            CHECK_EQ(got.rc, 0);
            CHECK_STR(decoded(codings[i]), large);
            CHECK_EQ(bide__source_rewind(s), 0);
        }
        bide__source_close(s);
        bide__source_in_memory(&inner, NULL, 0, NULL);
        s = bide__source_of_coding(&inner, codings[i]);
        drain(s, &got, 100);
        CHECK_EQ(got.rc, 0);
        CHECK_STR(decoded(codings[i]), "");
        bide__source_close(s);
    }
}

TASK_TEST(a_coded_stream_is_flushed_with_every_piece)
{
    bide_stream *ends[2];
    char buf[1000];
    if (!is_built_in("gzip"))
        return;
    CHECK_EQ(bide_stream_pair(ends), 0);
    struct source *s = bide__source_of_coding(bide__source_of_stream(ends[1], -1), "gzip");
    got.size = 0;
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_write(ends[0], "tick ", 5), 0);
        ssize_t n = 0;
        while (n == 0 || got.size < 10 || bide_stream_buffered(ends[1])) {
            n = bide__source_read(s, buf, sizeof buf);
            CHECK(n > 0);
            memcpy(got.text + got.size, buf, (size_t)n);
            got.size += (size_t)n;
        }
    }
    CHECK(!bide__source_is_rewindable(s));
    CHECK_EQ(bide_write_end(ends[0]), 0);
    for (ssize_t n; (n = bide__source_read(s, buf, sizeof buf)) > 0; got.size += (size_t)n)
        memcpy(got.text + got.size, buf, (size_t)n);
    CHECK_STR(decoded("gzip"), "tick tick tick ");
    close_both(s, ends);
}

TASK_TEST(a_coded_body_fails_as_what_it_is_made_of)
{
    struct giver g = { .text = "bit", .piece = 2, .fail = -EIO };
    if (!is_built_in("gzip"))
        return;
    struct source *s = bide__source_of_coding(bide__source_of_callback(give, &g, -1), "gzip");
    drain(s, &got, 100);
    CHECK_EQ(got.rc, -EIO);
    CHECK_STR(bide_errmsg(), "the tape is torn");
    bide__source_close(s);
}

TASK_TEST(an_unknown_coding_is_refused_and_identity_is_none)
{
    CHECK_PTR(bide__source_of_coding(bide__source_of_form(forms[1].form), "lzw"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "compress lzw: ");
    CHECK_PTR(bide__source_of_coding(NULL, "gzip"), NULL);
    struct source *s = bide__source_of_form(forms[1].form);
    CHECK_PTR(bide__source_of_coding(s, "Identity"), s);
    bide__source_close(s);
}

/* ---- all of them ---- */

static int cancelled_reader(void *arg)
{
    char buf[10];
    ssize_t n = bide__source_read(arg, buf, sizeof buf);
    return (int)n;
}

TASK_TEST(a_cancelled_read_takes_nothing_from_a_stream)
{
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    struct source *s = bide__source_of_stream(ends[1], -1);
    {
        BIDE_GROUP(group);
        bide_spawn(group, cancelled_reader, s);
        CHECK_EQ(bide_sleep(1), 0);
        bide_group_cancel(group);
    }
    CHECK_EQ(bide_write(ends[0], "late", 4), 0);
    CHECK_EQ(bide_write_end(ends[0]), 0);
    drain(s, &got, 10);
    CHECK_STR(got.text, "late");
    close_both(s, ends);
}

static int make_each(void *unused)
{
    (void)unused;
    struct giver g = { .text = "x", .piece = 1 };
    struct source *all[] = {
        bide__source_of_form(forms[3].form), bide__source_of_callback(give, &g, 1),
        bide__source_of_file("/proc/self/status"),
        bide__source_of_coding(bide__source_of_form(forms[3].form),
                               is_built_in("gzip") ? "gzip" : "identity"),
    };
    int rc = 0;
    for (int i = 0; i < 4; i++) {
        if (!all[i]) {
            rc = bide_errcode();
            continue;
        }
        drain(all[i], &got, 1000);
        rc = got.rc < 0 ? got.rc : rc;
        bide__source_close(all[i]);
    }
    return rc;
}

TEST(without_memory_every_kind_fails_with_a_sentence)
{
    if (bide_test_each_allocation(make_each, NULL) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}
