/* Server-sent events: the standard's own examples, every way of ending a line, every cut. */
#include "test.h"

#include "base/memory.h"
#include "http/sse.h"
#include <bide/error.h>
#include <bide/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All events of a text that comes in pieces of one size, as "type|data|id|retry;". */
static int parse(struct sse *s, const char *text, size_t size, size_t piece, char *out, size_t room)
{
    size_t used = 0, written = 0;
    *out = '\0';
    while (used < size) {
        struct bide_sse_event event;
        size_t some = size - used < piece ? size - used : piece;
        ssize_t n = bide__sse_take(s, text + used, some, &event);
        if (n < 0)
            return (int)n;
        CHECK(n > 0 && (size_t)n <= some);
        CHECK(event.type || (size_t)n == some);
        used += (size_t)n;
        if (!event.type)
            continue;
        CHECK_EQ(event.data[event.data_size], '\0');
        written += (size_t)snprintf(out + written, room - written, "%s|%s|%s|%g;", event.type,
                                    event.data, event.id, event.retry);
    }
    return 0;
}

static const struct {
    const char *text, *events;
} streams[] = {
    { "", "" }, { "\n\n\r\n\r", "" }, { "data: x", "" }, { "data: x\n", "" },
    { "data: x\n\n", "message|x||-1;" },
    { "data:x\r\rdata: y\r\n\r\ndata:  z\n\r\n", "message|x||-1;message|y||-1;message| z||-1;" },
    { "data: YHOO\ndata: +2\ndata: 10\n\n", "message|YHOO\n+2\n10||-1;" },
    { ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
      "data:  third event\n\n",
      "message|first event|1|-1;message|second event||-1;message| third event||-1;" },
    { "data\n\ndata\ndata\n\ndata:", "message|||-1;message|\n||-1;" },
    { "data:test\n\ndata: test\n\n", "message|test||-1;message|test||-1;" },
    { "event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\ndata: 1\n\n",
      "add|73857293||-1;remove|2153||-1;message|1||-1;" },
    { "event: lost\n\ndata: x\n\n", "message|x||-1;" },
    { "event: a\nevent:\ndata: x\n\n", "message|x||-1;" },
    { "id: 7\n\ndata: x\n\n", "message|x|7|-1;" },
    { "retry: 2500\n\ndata: x\n\ndata: y\n\n", "message|x||2.5;message|y||2.5;" },
    { "retry: 1\nretry: -2\nretry: 3x\nretry:\nretry:  4\ndata: x\n\n", "message|x||0.001;" },
    { "Data: x\n data: y\nunknown: z\ndata : w\n: c\n:\ndata: ok\n\n", "message|ok||-1;" },
    { "\xef\xbb\xbf" "data: x\n\n", "message|x||-1;" },
    { "\xef\xbb\xbf\xef\xbb\xbf" "data: x\n\n", "" },
    { "data: x\n\n\xef\xbb\xbf" "data: y\n\n", "message|x||-1;" },
    { "\xef\xbb" "data: x\ndata: y\n\n", "message|y||-1;" },
    { "\xef\n\ndata: x\n\n", "message|x||-1;" },
    { "data: \xc3\xa4\xff:x\n\n", "message|\xc3\xa4\xff:x||-1;" },
    { "data: a\n\n\n\n\ndata: b\n\n", "message|a||-1;message|b||-1;" },
};

TEST(streams_are_read_alike_however_they_are_cut)
{
    char out[1000];
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        for (size_t piece = 1; piece < 100; piece++) {
            struct sse s = { 0 };
            const char *text = streams[i].text;
            CHECK_EQ(parse(&s, text, strlen(text), piece, out, sizeof out), 0);
            CHECK_STR(out, streams[i].events);
            bide__sse_end(&s);
        }
}

TEST(an_event_is_out_with_the_first_byte_of_the_empty_lines_end)
{
    struct sse s = { 0 };
    struct bide_sse_event event;
    CHECK_EQ(bide__sse_take(&s, "data: x\r\n\r", 10, &event), 10);
    CHECK_STR(event.data, "x");
    CHECK_EQ(bide__sse_take(&s, "\ndata: y\r\r", 10, &event), 10);
    CHECK_STR(event.data, "y");
    CHECK_EQ(bide__sse_take(&s, "data: z\n\ndata: 0\n\n", 18, &event), 9);
    CHECK_STR(event.data, "z");
    bide__sse_end(&s);
}

TEST(an_id_with_a_nul_is_ignored_and_data_with_one_are_whole)
{
    static const char text[] = "id: 1\nid: a\0b\ndata: x\0y\n\n";
    struct sse s = { 0 };
    struct bide_sse_event event;
    CHECK_EQ(bide__sse_take(&s, text, sizeof text - 1, &event), sizeof text - 1);
    CHECK_STR(event.id, "1");
    CHECK_EQ(event.data_size, 3);
    CHECK_MEM(event.data, "x\0y", 4);
    bide__sse_end(&s);
}

TEST(the_last_id_stays_until_another_is_sent)
{
    char out[200];
    struct sse s = { 0 };
    const char *text = "id: 1\ndata: a\n\ndata: b\n\nid: 22\ndata: c\n\nid:\ndata: d\n\n";
    CHECK_EQ(parse(&s, text, strlen(text), 5, out, sizeof out), 0);
    CHECK_STR(out, "message|a|1|-1;message|b|1|-1;message|c|22|-1;message|d||-1;");
    bide__sse_end(&s);
}

/* ---- limits ---- */

static int feed(struct sse *s, const char *text, size_t times)
{
    struct bide_sse_event event;
    for (size_t i = 0; i < times; i++) {
        ssize_t n = bide__sse_take(s, text, strlen(text), &event);
        if (n < 0)
            return (int)n;
    }
    return 0;
}

TEST(a_line_without_end_is_refused)
{
    struct sse s = { .max = 1000 };
    CHECK_EQ(feed(&s, "data: xxxx", 100), 0);
    CHECK_EQ(feed(&s, "x", 1), BIDE_ELIMIT);
    CHECK_STR(s.why, "an event is larger than the limit");
    bide__sse_end(&s);
    CHECK_EQ(feed(&s, ": for ever", SSE_EVENT_MAX), BIDE_ELIMIT);
    bide__sse_end(&s);
}

TEST(an_event_without_end_is_refused)
{
    struct sse s = { .max = 1000 };
    CHECK_EQ(feed(&s, "data: 123456789\n", 100), 0);
    CHECK_EQ(feed(&s, "data: 123456789\n", 1), BIDE_ELIMIT);
    bide__sse_end(&s);
    CHECK_EQ(feed(&s, "data: 123456789\n", SSE_EVENT_MAX), BIDE_ELIMIT);
    bide__sse_end(&s);
    CHECK_EQ(feed(&s, ": comment\nid: 1\nevent: x\nretry: 1\n", 100000), 0);
    bide__sse_end(&s);
}

/* ---- out of memory ---- */

static int until_refusal;

static void *scarce_resize(void *memory, size_t size)
{
    return until_refusal-- == 0 ? NULL : realloc(memory, size);
}

TEST(without_memory_it_says_so)
{
    const struct bide_allocator scarce = { malloc, scarce_resize, free };
    const char *text = "\xef\xbb\xbf" "event: a\nid: b\ndata: c\ndata: d\n\n";
    char out[100];
    int rc = BIDE_ENOMEM;
    CHECK_EQ(bide_allocator_set(&scarce), 0);
    for (int i = 0; rc == BIDE_ENOMEM && i < 100; i++) {
        struct sse s = { 0 };
        until_refusal = i;
        rc = parse(&s, text, strlen(text), 4, out, sizeof out);
        if (rc < 0)
            CHECK_STR(s.why, "out of memory for an event");
        bide__sse_end(&s);
    }
    CHECK_EQ(rc, 0);
    CHECK_STR(out, "a|c\nd|b|-1;");
    bide_allocator_set(NULL);
}
