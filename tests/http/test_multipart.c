/* Multipart bodies: what they look like, how long they are, and what they refuse. */
#include "drain.h"
#include "io/place.h"

#include "http/multipart.h"
#include <bide.h>

static struct drained got;

/* The whole body; its announced size must be its size, if it has one. */
static const char *body_of(bide_multipart *m, size_t piece)
{
    struct source *s = bide__source_of_multipart(m);
    CHECK(s);
    CHECK_STR(s->type, bide_multipart_type(m));
    drain(s, &got, piece);
    CHECK_EQ(got.rc, 0);
    if (s->size >= 0)
        CHECK_EQ(s->size, got.size);
    bide__source_close(s);
    return got.text;
}

static int64_t size_of(bide_multipart *m)
{
    struct source *s = bide__source_of_multipart(m);
    CHECK(s);
    int64_t size = s->size;
    bide__source_close(s);
    return size;
}

/* ---- what they look like ---- */

TASK_TEST(a_form_is_written_as_browsers_do)
{
    bide_auto(multipart) m = bide_multipart_new(NULL, .boundary = "B");
    CHECK_EQ(bide_multipart_text(m, "a", "one"), 0);
    CHECK_EQ(bide_multipart_text(m, "b", ""), 0);
    CHECK_EQ(bide_multipart_add(m, "c", .data = "\0\r\n", .size = 3, .filename = "x.png"), 0);
    CHECK_EQ(bide_multipart_add(m, "d", .data = "{}", .size = 2, .type = "application/json"), 0);
    CHECK_STR(bide_multipart_type(m), "multipart/form-data; boundary=B");
    static const char expected[] =
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"c\"; filename=\"x.png\"\r\n"
        "Content-Type: image/png\r\n\r\n\0\r\n\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"d\"\r\n"
        "Content-Type: application/json\r\n\r\n{}\r\n"
        "--B--\r\n";
    for (size_t piece = 1; piece < 600; piece = piece * 3 + 1) {
        body_of(m, piece);
        CHECK_EQ(got.size, sizeof expected - 1);
        CHECK_MEM(got.text, expected, got.size);
    }
}

TASK_TEST(a_form_without_fields_is_its_end)
{
    bide_auto(multipart) m = bide_multipart_new(NULL, .boundary = "B");
    CHECK_STR(body_of(m, 100), "--B--\r\n");
}

TASK_TEST(names_cannot_end_early)
{
    static const struct {
        const char *name, *filename, *head;
    } cases[] = {
        { "a\"b", NULL, "name=\"a%22b\"\r\n" },
        { "a\r\nX: y", "f\r\ng\"", "name=\"a%0D%0AX: y\"; filename=\"f%0D%0Ag%22\"\r\n" },
        { "a\nb\rc", "a\nb\rc", "name=\"a%0D%0Ab%0D%0Ac\"; filename=\"a%0Ab%0Dc\"\r\n" },
        { "\xc3\xa4\\", "\xe2\x82\xac%22.txt",
          "name=\"\xc3\xa4\\\"; filename=\"\xe2\x82\xac%22.txt\"" },
        { "", NULL, "name=\"\"\r\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bide_auto(multipart) m = bide_multipart_new(NULL);
        CHECK_EQ(bide_multipart_text(m, cases[i].name, "x", .filename = cases[i].filename), 0);
        CHECK_HAS(body_of(m, 100), cases[i].head);
    }
}

TASK_TEST(headers_of_a_part_are_added_or_replace_ours)
{
    bide_auto(multipart) m = bide_multipart_new("mixed", .boundary = "B");
    bide_multipart_add(m, NULL, .data = "x", .size = 1,
                       .headers = BIDE_PAIRS({ "content-type", "a/b" }, { "Content-ID", "<1>" }));
    bide_multipart_text(m, NULL, "y", .headers = BIDE_PAIRS({ "Content-Type", NULL }));
    CHECK_STR(body_of(m, 1000), "--B\r\ncontent-type: a/b\r\nContent-ID: <1>\r\n\r\nx\r\n"
                                "--B\r\n\r\ny\r\n--B--\r\n");
    bide_auto(multipart) form = bide_multipart_new(NULL, .boundary = "B");
    bide_multipart_text(form, "a", "y", .headers = BIDE_PAIRS({ "CONTENT-DISPOSITION", "none" }));
    CHECK_STR(body_of(form, 1000), "--B\r\nCONTENT-DISPOSITION: none\r\n\r\ny\r\n--B--\r\n");
}

TASK_TEST(headers_that_would_begin_another_are_refused)
{
    const struct bide_part_opts bad[] = {
        { .text = "x", .type = "text/plain\r\nX: y" },
        { .text = "x", .headers = BIDE_PAIRS({ "A", "b\nc" }) },
        { .text = "x", .headers = BIDE_PAIRS({ "A b", "c" }) },
        { .text = "x", .headers = BIDE_PAIRS({ "", "c" }) },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bide_auto(multipart) m = bide_multipart_new(NULL);
        CHECK_EQ(bide_multipart_add_opts(m, "a", &bad[i]), BIDE_EINVAL);
        CHECK_HAS(bide_errmsg(), "multipart: part 1: a header's");
    }
}

TASK_TEST(a_file_elsewhere_has_its_name_twice_if_it_is_not_ascii)
{
    bide_auto(multipart) m = bide_multipart_new("mixed", .boundary = "B");
    bide_multipart_text(m, NULL, "x", .filename = "a \"b\\c.txt");
    bide_multipart_text(m, "n", "y", .filename = "\xc3\xa4 1.txt");
    const char *text = body_of(m, 1000);
    CHECK_HAS(text, "--B\r\nContent-Disposition: attachment; "
                    "filename=\"a \\\"b\\\\c.txt\"\r\n\r\n");
    CHECK_HAS(text, "attachment; name=\"n\"; filename=\"__ 1.txt\"; "
                    "filename*=UTF-8''%C3%A4%201.txt\r\n");
    CHECK_STR(bide_multipart_type(m), "multipart/mixed; boundary=B");
}

TASK_TEST(a_boundary_that_is_no_word_stands_in_quotes)
{
    bide_auto(multipart) m = bide_multipart_new("mixed", .boundary = "a b:c");
    CHECK_STR(bide_multipart_type(m), "multipart/mixed; boundary=\"a b:c\"");
    CHECK_STR(body_of(m, 100), "--a b:c--\r\n");
}

/* ---- the boundary ---- */

TASK_TEST(boundaries_are_drawn_anew_each_time)
{
    bide_auto(multipart) a = bide_multipart_new(NULL);
    bide_auto(multipart) b = bide_multipart_new(NULL);
    CHECK(strcmp(bide_multipart_type(a), bide_multipart_type(b)) != 0);
    CHECK(a->boundary.size > 32 && a->boundary.size <= BOUNDARY_MAX);
}

TASK_TEST(a_drawn_boundary_occurs_in_no_part)
{
    bide_auto(multipart) m = bide_multipart_new(NULL);
    char before[100];
    CHECK_EQ(bide_multipart_text(m, "a", "x"), 0);
    snprintf(before, sizeof before, "%s", m->boundary.at);
    CHECK_EQ(bide_multipart_text(m, "b", before), 0);
    CHECK(strcmp(before, m->boundary.at) != 0);
    snprintf(before, sizeof before, "%s", m->boundary.at);
    CHECK_EQ(bide_multipart_text(m, before, "x"), 0);
    CHECK(strcmp(before, m->boundary.at) != 0);
    CHECK_HAS(bide_multipart_type(m), m->boundary.at);
}

TASK_TEST(a_chosen_boundary_that_occurs_is_refused)
{
    bide_auto(multipart) m = bide_multipart_new(NULL, .boundary = "edge");
    CHECK_EQ(bide_multipart_text(m, "a", "an egde"), 0);
    bide_auto(multipart) n = bide_multipart_new(NULL, .boundary = "edge");
    CHECK_EQ(bide_multipart_text(n, "b", "the edge of it"), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "multipart: part 1: the boundary occurs in a part");
}

TASK_TEST(bad_boundaries_and_types_are_refused)
{
    static const char *const bad[] = { "", "a ", "a\"b", "a\r\n", "\xc3\xa4", "a;b",
        "12345678901234567890123456789012345678901234567890123456789012345678901" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_PTR(bide_multipart_new(NULL, .boundary = bad[i]), NULL);
        CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    }
    CHECK_PTR(bide_multipart_new("a b"), NULL);
    CHECK_PTR(bide_multipart_new(""), NULL);
    CHECK_PTR(bide_multipart_new("a\r\nb"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}

/* ---- parts that are made while they are sent ---- */

struct giver { const char *text; size_t at; };

static ssize_t give(void *arg, void *buf, size_t size)
{
    struct giver *g = arg;
    size_t left = strlen(g->text) - g->at, n = left < size ? left : size;
    memcpy(buf, g->text + g->at, n);
    g->at += n;
    return (ssize_t)n;
}

TASK_TEST(a_function_of_known_size_leaves_the_body_its_length)
{
    struct giver g = { "given", 0 };
    bide_auto(multipart) m = bide_multipart_new("x", .boundary = "B");
    bide_multipart_add(m, NULL, .source = give, .source_arg = &g, .size = 5);
    CHECK(size_of(m) > 0);
    CHECK_STR(body_of(m, 7), "--B\r\nContent-Type: application/octet-stream\r\n\r\ngiven\r\n"
                             "--B--\r\n");
    CHECK_PTR(bide__source_of_multipart(m), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "part 1: it has been sent already");
}

TASK_TEST(a_part_of_unknown_size_makes_the_body_chunked)
{
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    CHECK_EQ(bide_write(ends[0], "streamed", 8), 0);
    CHECK_EQ(bide_write_end(ends[0]), 0);
    bide_auto(multipart) m = bide_multipart_new(NULL, .boundary = "B");
    bide_multipart_text(m, "a", "b");
    bide_multipart_add(m, "s", .stream = ends[1], .type = "text/plain", .filename = "");
    CHECK_EQ(size_of(m), -1);
    CHECK_STR(body_of(m, 20),
              "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n"
              "--B\r\nContent-Disposition: form-data; name=\"s\"\r\nContent-Type: text/plain\r\n"
              "\r\nstreamed\r\n--B--\r\n");
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(what_is_at_hand_does_not_wait_for_a_slow_part)
{
    bide_stream *ends[2];
    char buf[1000];
    CHECK_EQ(bide_stream_pair(ends), 0);
    bide_auto(multipart) m = bide_multipart_new(NULL, .boundary = "B");
    bide_multipart_text(m, "a", "b");
    bide_multipart_add(m, "s", .stream = ends[1]);
    struct source *s = bide__source_of_multipart(m);
    CHECK(bide__source_is_rewindable(s));
    CHECK(bide__source_read(s, buf, sizeof buf) > 100);
    CHECK(bide__source_is_rewindable(s));
    CHECK_EQ(bide__source_rewind(s), 0);
    CHECK(bide__source_read(s, buf, sizeof buf) > 100);
    CHECK_EQ(bide_write(ends[0], "now", 3), 0);
    CHECK_EQ(bide__source_read(s, buf, sizeof buf), 3);
    CHECK(!bide__source_is_rewindable(s));
    CHECK_EQ(bide__source_rewind(s), BIDE_EINVAL);
    bide__source_close(s);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(a_part_that_breaks_its_size_fails_by_number)
{
    struct giver g = { "given", 0 };
    bide_auto(multipart) m = bide_multipart_new(NULL);
    bide_multipart_text(m, "a", "b");
    bide_multipart_add(m, "s", .source = give, .source_arg = &g, .size = 6);
    struct source *s = bide__source_of_multipart(m);
    drain(s, &got, 1000);
    CHECK_EQ(got.rc, BIDE_EEOF);
    CHECK_STR(bide_errmsg(), "multipart: part 2: the body ended after 5 of 6 bytes");
    bide__source_close(s);
}

TASK_TEST(multiparts_lie_in_multiparts)
{
    bide_auto(multipart) inner = bide_multipart_new("mixed", .boundary = "I");
    bide_auto(multipart) outer = bide_multipart_new("related", .boundary = "O");
    bide_multipart_text(inner, NULL, "deep");
    bide_multipart_add(outer, NULL, .multipart = inner);
    bide_multipart_text(outer, NULL, "flat");
    CHECK(size_of(outer) > 0);
    CHECK_STR(body_of(outer, 11),
              "--O\r\nContent-Type: multipart/mixed; boundary=I\r\n\r\n"
              "--I\r\n\r\ndeep\r\n--I--\r\n\r\n--O\r\n\r\nflat\r\n--O--\r\n");
    CHECK_EQ(bide_multipart_text(inner, NULL, "late"), BIDE_EINVAL);
    CHECK_EQ(bide_multipart_add(outer, NULL, .multipart = outer), BIDE_EINVAL);
}

TASK_TEST(the_boundary_does_not_occur_in_an_inner_multipart_either)
{
    bide_auto(multipart) innermost = bide_multipart_new("mixed", .boundary = "J");
    bide_auto(multipart) inner = bide_multipart_new("mixed", .boundary = "I");
    bide_auto(multipart) outer = bide_multipart_new("related", .boundary = "outer");
    bide_multipart_text(innermost, NULL, "\r\n--outer--\r\n");
    bide_multipart_add(inner, NULL, .multipart = innermost);
    CHECK_EQ(bide_multipart_add(outer, NULL, .multipart = inner), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "multipart: part 1: the boundary occurs in a part");
}

/* ---- files ---- */

FILE_TEST(files_are_opened_one_after_the_other)
{
    bide_auto(multipart) m = bide_multipart_new(NULL, .boundary = "B");
    place_put_text("a.txt", "file a");
    place_put_text("b", "");
    CHECK_EQ(mkdir("dir", 0777), 0);
    place_put_text("dir/c.GIF", "file c");
    bide_multipart_file(m, "1", "a.txt");
    bide_multipart_file(m, "2", "b", .type = "x/y");
    bide_multipart_file(m, "3", "dir/c.GIF");
    int descriptors = place_descriptors();
    CHECK(size_of(m) > 0);
    for (size_t piece = 10; piece < 1000; piece *= 4)
        CHECK_STR(body_of(m, piece),
                  "--B\r\nContent-Disposition: form-data; name=\"1\"; filename=\"a.txt\"\r\n"
                  "Content-Type: text/plain\r\n\r\nfile a\r\n"
                  "--B\r\nContent-Disposition: form-data; name=\"2\"; filename=\"b\"\r\n"
                  "Content-Type: x/y\r\n\r\n\r\n"
                  "--B\r\nContent-Disposition: form-data; name=\"3\"; filename=\"c.GIF\"\r\n"
                  "Content-Type: image/gif\r\n\r\nfile c\r\n--B--\r\n");
    place_settle(descriptors);
}

FILE_TEST(a_file_that_is_not_there_is_named_with_its_part)
{
    bide_auto(multipart) m = bide_multipart_new(NULL);
    bide_multipart_text(m, "0", "x");
    CHECK_EQ(bide_multipart_file(m, "1", "none"), 0);
    CHECK_PTR(bide__source_of_multipart(m), NULL);
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_HAS(bide_errmsg(), "multipart: part 2: ");
    CHECK_HAS(bide_errmsg(), "none");
    bide_auto(multipart) n = bide_multipart_new(NULL);
    bide_multipart_file(n, "1", ".");
    CHECK_PTR(bide__source_of_multipart(n), NULL);
    CHECK_EQ(bide_errcode(), -EISDIR);
}

FILE_TEST(a_file_that_changes_before_its_turn_fails)
{
    bide_auto(multipart) m = bide_multipart_new(NULL);
    place_put_text("a", "12345");
    bide_multipart_file(m, "1", "a");
    struct source *s = bide__source_of_multipart(m);
    place_put_text("a", "1234");
    drain(s, &got, 1000);
    CHECK_EQ(got.rc, BIDE_EEOF);
    CHECK_HAS(bide_errmsg(), "part 1: a has changed from 5 to 4 bytes");
    CHECK_EQ(bide__source_rewind(s), 0);
    drain(s, &got, 1000);
    CHECK_EQ(got.rc, 0);
    CHECK_HAS(got.text, "1234");
    bide__source_close(s);
}

FILE_TEST(a_file_without_a_size_makes_the_body_chunked)
{
    bide_auto(multipart) m = bide_multipart_new(NULL);
    bide_multipart_file(m, "1", "/proc/self/status");
    CHECK_EQ(size_of(m), -1);
    CHECK_HAS(body_of(m, 1000), "Pid:");
}

/* ---- misuse ---- */

TASK_TEST(a_part_is_of_one_kind)
{
    static const struct {
        struct bide_part_opts part;
        const char *name, *why;
    } bad[] = {
        { { .text = NULL }, "a", "no kind" }, { { .text = "x", .file = "y" }, "a", "one kind" },
        { { .text = "x", .size = 1 }, "a", "one kind" }, { { .size = 1 }, "a", "a size without" },
        { { .file = "x", .size = 1 }, "a", "one kind" },
        { { .text = "x" }, NULL, "needs a name" },
        { { .data = "x", .size = UINT64_MAX }, "a", "no size" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bide_auto(multipart) m = bide_multipart_new(NULL);
        CHECK_EQ(bide_multipart_add_opts(m, bad[i].name, &bad[i].part), BIDE_EINVAL);
        CHECK_HAS(bide_errmsg(), bad[i].why);
    }
}

TASK_TEST(a_failed_part_spoils_the_whole)
{
    bide_auto(multipart) m = bide_multipart_new(NULL);
    CHECK_EQ(bide_multipart_add(m, "a", .type = "x/y"), BIDE_EINVAL);
    bide_fail(-EIO, "something else");
    CHECK_EQ(bide_multipart_text(m, "b", "x"), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "multipart: part 1: a part of no kind");
    CHECK_PTR(bide__source_of_multipart(m), NULL);
    CHECK_STR(bide_errmsg(), "multipart: part 1: a part of no kind");
    bide_auto(multipart) outer = bide_multipart_new("mixed");
    CHECK_EQ(bide_multipart_add(outer, NULL, .multipart = m), BIDE_EINVAL);
}

TASK_TEST(while_it_is_sent_it_takes_no_parts)
{
    bide_auto(multipart) m = bide_multipart_new(NULL);
    bide_multipart_text(m, "a", "b");
    struct source *one = bide__source_of_multipart(m), *two = bide__source_of_multipart(m);
    drain(one, &got, 100);
    bide__source_close(one);
    CHECK_EQ(bide_multipart_text(m, "b", "c"), BIDE_EBUSY);
    drain(two, &got, 100);
    CHECK_EQ(got.rc, 0);
    bide__source_close(two);
}

TASK_TEST(null_is_taken_and_passes_the_error_on)
{
    bide_fail(-EPROTO, "before");
    CHECK_EQ(bide_multipart_text(NULL, "a", "b"), -EPROTO);
    CHECK_PTR(bide_multipart_type(NULL), NULL);
    bide_multipart_free(NULL);
}

static int make(void *unused)
{
    (void)unused;
    bide_auto(multipart) inner = bide_multipart_new("mixed");
    bide_auto(multipart) m = bide_multipart_new(NULL);
    bide_multipart_text(inner, "a", "b", .filename = "\xc3\xa4");
    bide_multipart_text(m, "a", "b");
    bide_multipart_file(m, "b", "/proc/self/status");
    if (bide_multipart_add(m, "c", .multipart = inner) < 0)
        return bide_errcode();
    struct source *s = bide__source_of_multipart(m);
    if (!s)
        return bide_errcode();
    drain(s, &got, 1000);
    bide__source_close(s);
    return got.rc;
}

TEST(without_memory_it_fails_with_a_sentence)
{
    if (bide_test_each_allocation(make, NULL) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}
