/* Reading multipart bodies: the same parts however they are cut, and an error for what two readers
 * might read differently. */
#include "test.h"

#include "http/multipart_read.h"
#include <bide/http.h>
#include <bide/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct seen {
    char text[4096];            /* "[Name: value,]payload;" of each part, "." at the end */
    size_t size;
    char why[100];
};

static void see(struct seen *seen, const char *text, size_t size)
{
    CHECK(seen->size + size < sizeof seen->text);
    memcpy(seen->text + seen->size, text, size);
    seen->size += size;
    seen->text[seen->size] = '\0';
}

static void see_item(struct seen *seen, const struct multipart_reader *r, enum multipart_item item,
                     struct text data)
{
    char line[300];
    if (item == MULTIPART_HEAD)
        see(seen, "[", 1);
    for (const struct bide_pair *pair = r->headers; item == MULTIPART_HEAD && pair->name; pair++)
        see(seen, line, (size_t)snprintf(line, sizeof line, "%s: %s,", pair->name, pair->value));
    if (item == MULTIPART_HEAD)
        see(seen, "]", 1);
    if (item == MULTIPART_DATA) {
        CHECK(data.size > 0);
        see(seen, data.at, data.size);
    }
    if (item == MULTIPART_PART_END)
        see(seen, ";", 1);
    if (item == MULTIPART_END)
        see(seen, ".", 1);
}

/* Reads it in pieces of one size; 0, or how it failed. */
static int look(struct seen *seen, const char *text, size_t size, size_t piece,
                const struct multipart_limits *limits)
{
    struct multipart_reader r;
    int rc = bide__multipart_read_start(&r, text_of("B", 1), limits);
    *seen = (struct seen){ 0 };
    for (size_t used = 0; rc == 0 && used < size; ) {
        enum multipart_item item;
        struct text data;
        size_t some = size - used < piece ? size - used : piece;
        ssize_t n = bide__multipart_read_take(&r, text + used, some, &item, &data);
        if (n < 0) {
            rc = (int)n;
            break;
        }
        CHECK((size_t)n <= some && (item || (size_t)n == some));
        used += (size_t)n;
        see_item(seen, &r, item, data);
    }
    if (rc == 0)
        rc = bide__multipart_read_last(&r);
    snprintf(seen->why, sizeof seen->why, "%s", r.why ? r.why : "");
    bide__multipart_read_end(&r);
    return rc;
}

static struct seen seen;

static const struct {
    const char *body, *parts;
} good[] = {
    { "--B--", "." }, { "--B--\r\n", "." }, { "\r\n--B--", "." },
    { "--B\r\n\r\n\r\n--B--\r\n", "[];." },
    { "--B\r\n\r\nx\r\n--B--\r\n", "[]x;." },
    { "--B\r\n\r\n--B--", "[];." },
    { "--B\r\nA: b\r\n\r\n--B--", "[A: b,];." },
    { "--B\r\nA: b\r\nC:d \r\nE:\r\n\r\nx\r\n--B--", "[A: b,C: d,E: ,]x;." },
    { "--B \t \r\n\r\nx\r\n--B\t\r\n\r\ny\r\n--B--  epilogue\r\n--B\r\n", "[]x;[]y;." },
    { "preamble\r\nof lines\r\n--B\r\n\r\nx\r\n--B--", "[]x;." },
    { "x--B\r\n--\r\n-\r\n\r\r\n--B\r\n\r\nx\r\n--B--", "[]x;." },
    { "--B\r\n\r\nx\r\ny\r\n\r\n--\r\n--A\r\n-B\r\n --B\r\n--B--",
      "[]x\r\ny\r\n\r\n--\r\n--A\r\n-B\r\n --B;." },
    { "--B\r\n\r\n\r\r\n\r\r\n-\r\r\n--\r\n--B--", "[]\r\r\n\r\r\n-\r\r\n--;." },
    { "--B\r\n\r\n-\r\n--B--", "[]-;." }, { "--B\r\n\r\n--\r\n--B--", "[]--;." },
    { "--B\r\n\r\n--A\r\n--B--", "[]--A;." }, { "--B\r\n\r\n\n--B\r\n--B--", "[]\n--B;." },
    { "--B\r\n\r\nx--B\r\n--B--", "[]x--B;." },
};

TEST(bodies_are_read_alike_however_they_are_cut)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        for (size_t piece = 1; piece < 70; piece++) {
            CHECK_EQ(look(&seen, good[i].body, strlen(good[i].body), piece, NULL), 0);
            CHECK_STR(seen.text, good[i].parts);
        }
}

TEST(bad_bodies_are_errors_with_a_sentence)
{
    static const struct {
        const char *body;
        int code;
        const char *why;
    } bad[] = {
        { "", BIDE_EEOF, "cut short" }, { "--B", BIDE_EEOF, "cut short" },
        { "--B-", BIDE_EEOF, "cut short" }, { "nothing of the kind", BIDE_EEOF, "cut short" },
        { "--B\r\n\r\nx", BIDE_EEOF, "cut short" },
        { "--B\r\n\r\nx\r\n--B", BIDE_EEOF, "cut short" },
        { "--B\r\n\r\nx\r\n--B\r\n", BIDE_EEOF, "cut short" },
        { "--B\r\nA: b\r\n", BIDE_EEOF, "cut short" },
        { "--Bx\r\n\r\n\r\n--B--", BIDE_EHTTP, "behind a boundary" },
        { "--B\r\n\r\nx\r\n--Bx\r\n--B--", BIDE_EHTTP, "behind a boundary" },
        { "--B-x", BIDE_EHTTP, "behind a boundary" }, { "--B\n\nx", BIDE_EHTTP, "behind a" },
        { "--B\r\r\n", BIDE_EHTTP, "behind a boundary" }, { "--B x\r\n", BIDE_EHTTP, "behind a" },
        { "--B\r\nA: b\n\r\nx", BIDE_EHTTP, "LF without CR" },
        { "--B\r\n\nx", BIDE_EHTTP, "LF without CR" },
        { "--B\r\nA\r\n\r\nx", BIDE_EHTTP, "header is none" },
        { "--B\r\n: b\r\n\r\nx", BIDE_EHTTP, "header is none" },
        { "--B\r\nA : b\r\n\r\nx", BIDE_EHTTP, "header is none" },
        { "--B\r\nA: b\r\n folded\r\n\r\nx", BIDE_EHTTP, "header is none" },
        { "--B\r\nA: b\x01\r\n\r\nx", BIDE_EHTTP, "header is none" },
        { "--B\r\nA: b\rc\r\n\r\nx", BIDE_EHTTP, "header is none" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (size_t piece = 1; piece < 40; piece++) {
            int rc = look(&seen, bad[i].body, strlen(bad[i].body), piece, NULL);
            if (rc != bad[i].code)
                test_fail(__FILE__, __LINE__, "%s: %d, %s", bad[i].body, rc, seen.text);
            CHECK_HAS(seen.why, bad[i].why);
        }
}

TEST(binary_payload_is_whole)
{
    static const char body[] = "--B\r\n\r\n\0\r\n-\0\r\n--\0\r\n--B--";
    for (size_t piece = 1; piece < 30; piece++) {
        CHECK_EQ(look(&seen, body, sizeof body - 1, piece, NULL), 0);
        CHECK_EQ(seen.size, 2 + 10 + 2);
        CHECK_MEM(seen.text, "[]\0\r\n-\0\r\n--\0;.", seen.size);
    }
}

TEST(every_limit_is_kept)
{
    static const struct {
        struct multipart_limits limits;
        const char *fits, *exceeds, *why;
    } cases[] = {
        { { .head = 8 }, "--B\r\nA: b\r\n\r\n\r\n--B--",
          "--B\r\nA: bb\r\n\r\n\r\n--B--", "headers are" },
        { { .head = 4 }, "--B   \r\n\r\n\r\n--B--", "--B    \r\n\r\n\r\n--B--", "blanks" },
        { { .count = 1 }, "--B\r\nA:\r\n\r\n\r\n--B--",
          "--B\r\nA:\r\nB:\r\n\r\n\r\n--B--", "more headers" },
        { { .parts = 1 }, "--B\r\n\r\n\r\n--B--",
          "--B\r\n\r\n\r\n--B\r\n\r\n\r\n--B--", "more parts" },
        { { .preamble = 3 }, "123\r\n--B--", "1234\r\n--B--", "before the first" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece < 30; piece++) {
            const char *fits = cases[i].fits, *exceeds = cases[i].exceeds;
            CHECK_EQ(look(&seen, fits, strlen(fits), piece, &cases[i].limits), 0);
            CHECK_EQ(look(&seen, exceeds, strlen(exceeds), piece, &cases[i].limits), BIDE_ELIMIT);
            CHECK_HAS(seen.why, cases[i].why);
        }
}

TEST(a_boundary_must_be_one)
{
    struct multipart_reader r;
    char large[71];
    memset(large, 'x', sizeof large);
    CHECK_EQ(bide__multipart_read_start(&r, text_of("", 0), NULL), BIDE_EHTTP);
    CHECK_EQ(bide__multipart_read_start(&r, text_of("a\rb", 3), NULL), BIDE_EHTTP);
    CHECK_EQ(bide__multipart_read_start(&r, text_of("a\nb", 3), NULL), BIDE_EHTTP);
    CHECK_EQ(bide__multipart_read_start(&r, text_of(large, 71), NULL), BIDE_EHTTP);
    CHECK_EQ(bide__multipart_read_start(&r, text_of(large, 70), NULL), 0);
}

static int until_refusal;

static void *scarce_alloc(size_t size)
{
    return until_refusal-- == 0 ? NULL : malloc(size);
}

static void *scarce_resize(void *memory, size_t size)
{
    return until_refusal-- == 0 ? NULL : realloc(memory, size);
}

TEST(without_memory_it_says_so)
{
    const struct bide_allocator scarce = { scarce_alloc, scarce_resize, free };
    const char *body = "--B\r\nA: b\r\n\r\nx\r\n--B\r\nC: d\r\n\r\n--B--";
    int rc = BIDE_ENOMEM;
    CHECK_EQ(bide_allocator_set(&scarce), 0);
    for (int i = 0; rc == BIDE_ENOMEM && i < 100; i++) {
        until_refusal = i;
        rc = look(&seen, body, strlen(body), 100, NULL);
        if (rc < 0)
            CHECK_HAS(seen.why, "out of memory");
    }
    CHECK_EQ(rc, 0);
    bide_allocator_set(NULL);
}
