/* Lines of a body: every end, every cut, the limit to the byte. */
#include "test.h"

#include "base/memory.h"
#include "http/lines.h"
#include <bide/error.h>
#include <bide/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All lines of a text that comes in pieces of one size, as "line|whole;". */
static int cut(struct lines *l, const char *text, size_t size, size_t piece, char *out)
{
    size_t used = 0;
    struct line line;
    *out = '\0';
    while (used < size) {
        size_t some = size - used < piece ? size - used : piece;
        ssize_t n = bide__lines_take(l, text + used, some, &line);
        if (n < 0)
            return (int)n;
        CHECK(n > 0 && (size_t)n <= some);
        CHECK(line.text || (size_t)n == some);
        used += (size_t)n;
        if (line.text)
            out += sprintf(out, "%s|%zu;", line.text, line.whole);
    }
    int rc = bide__lines_last(l, &line);
    if (rc == 0 && line.text)
        sprintf(out, "%s|%zu.", line.text, line.whole);
    return rc;
}

static const struct {
    const char *text, *lines;
} bodies[] = {
    { "", "" }, { "\n", "|1;" }, { "\r\n", "|2;" }, { "\r", "\r|1." }, { "a", "a|1." },
    { "a\n", "a|2;" }, { "a\nb", "a|2;b|1." }, { "a\r\nb\r\n", "a|3;b|3;" },
    { "\n\n\r\n", "|1;|1;|2;" }, { "a\rb\r\r\n", "a\rb\r|6;" },
    { "{}\n{}\r\n{}", "{}|3;{}|4;{}|2." },
    { "a long line and\nanother\r\n", "a long line and|16;another|9;" },
    { "ends in\r", "ends in\r|8." },
};

TEST(bodies_are_cut_alike_however_they_come)
{
    char out[1000];
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        for (size_t piece = 1; piece < 40; piece++) {
            struct lines l = { 0 };
            CHECK_EQ(cut(&l, bodies[i].text, strlen(bodies[i].text), piece, out), 0);
            CHECK_STR(out, bodies[i].lines);
            bide__lines_end(&l);
        }
}

TEST(a_nul_is_a_byte_like_any_other)
{
    struct lines l = { 0 };
    struct line line;
    CHECK_EQ(bide__lines_take(&l, "a\0b\n", 4, &line), 4);
    CHECK_EQ(line.size, 3);
    CHECK_MEM(line.text, "a\0b", 4);
    bide__lines_end(&l);
}

TEST(a_line_may_be_as_long_as_the_limit)
{
    char out[100];
    for (size_t piece = 1; piece < 20; piece++) {
        struct lines l = { .max = 5 };
        CHECK_EQ(cut(&l, "12345\r\n12345\n12345", 18, piece, out), 0);
        CHECK_STR(out, "12345|7;12345|6;12345|5.");
        static const char *const bad[] = { "123456", "123456\n", "123456\r\n", "12345\r" };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            bide__lines_end(&l);
            l.max = 5;
            CHECK_EQ(cut(&l, bad[i], strlen(bad[i]), piece, out), BIDE_ELIMIT);
            CHECK_STR(l.why, "a line is longer than the limit");
        }
        bide__lines_end(&l);
    }
}

TEST(the_default_limit_is_64_kib)
{
    static char large[LINES_MAX + 2];
    struct lines l = { 0 };
    struct line line;
    memset(large, 'x', sizeof large);
    CHECK_EQ(bide__lines_take(&l, large, LINES_MAX, &line), LINES_MAX);
    CHECK_EQ(bide__lines_take(&l, "\n", 1, &line), 1);
    CHECK_EQ(line.size, LINES_MAX);
    CHECK_EQ(bide__lines_take(&l, large, sizeof large, &line), BIDE_ELIMIT);
    bide__lines_end(&l);
}

static int until_refusal;

static void *scarce_resize(void *memory, size_t size)
{
    return until_refusal-- == 0 ? NULL : realloc(memory, size);
}

TEST(without_memory_it_says_so)
{
    const struct bide_allocator scarce = { malloc, scarce_resize, free };
    struct lines l = { 0 };
    struct line line;
    CHECK_EQ(bide_allocator_set(&scarce), 0);
    CHECK_EQ(bide__lines_take(&l, "a\n", 2, &line), BIDE_ENOMEM);
    CHECK_STR(l.why, "out of memory for a line");
    bide__lines_end(&l);
    bide_allocator_set(NULL);
}
