/* Where bodies end: the table of RFC 9112 section 6.3 for both directions. */
#include "test.h"

#include "bide/error.h"
#include "http/framing.h"

#include <stdio.h>
#include <string.h>

static void parse(struct head *head, enum head_kind kind, const char *start, const char *fields)
{
    char text[500];
    int size = snprintf(text, sizeof text, "%s\r\n%s\r\n", start, fields);
    bide__head_start(head, kind, NULL);
    if (bide__head_parse(head, text, (size_t)size) != size)
        test_fail(__FILE__, __LINE__, "%s: %s", text, head->why);
}

TEST(requests_have_a_body_only_if_they_say_so)
{
    static const struct {
        const char *start, *fields;
        enum body_kind kind;
        uint64_t length;
        bool keep_alive;
    } cases[] = {
        { "GET / HTTP/1.1", "Host: a\r\n", BODY_NONE, 0, true },
        { "POST / HTTP/1.1", "Host: a\r\n", BODY_NONE, 0, true },
        { "POST / HTTP/1.1", "Host: a\r\nContent-Length: 5\r\n", BODY_LENGTH, 5, true },
        { "GET / HTTP/1.1", "Host: a\r\nContent-Length: 0\r\n", BODY_NONE, 0, true },
        { "PUT / HTTP/1.1", "Host: a\r\nTransfer-Encoding: chunked\r\n", BODY_CHUNKED, 0, true },
        { "GET / HTTP/1.1", "Host: a\r\nConnection: close\r\n", BODY_NONE, 0, false },
        { "GET / HTTP/1.0", "", BODY_NONE, 0, false },
        { "GET / HTTP/1.0", "Connection: keep-alive\r\n", BODY_NONE, 0, true },
        { "GET / HTTP/1.0", "Connection: keep-alive, close\r\n", BODY_NONE, 0, false },
    };
    static struct head head;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct framing framing;
        parse(&head, HEAD_REQUEST, cases[i].start, cases[i].fields);
        bide__framing_of_request(&framing, &head);
        CHECK_EQ(framing.kind, cases[i].kind);
        CHECK_EQ(framing.length, cases[i].length);
        CHECK_EQ(framing.keep_alive, cases[i].keep_alive);
    }
}

TEST(a_reply_s_body_depends_on_status_method_and_headers)
{
    static const char length[] = "Content-Length: 5\r\n", zero[] = "Content-Length: 0\r\n";
    static const char chunks[] = "Transfer-Encoding: chunked\r\n";
    static const struct {
        int status;
        enum method asked;
        const char *fields;
        enum body_kind kind;
        bool keep_alive;
    } cases[] = {
        { 200, METHOD_GET, length, BODY_LENGTH, true },
        { 200, METHOD_GET, zero, BODY_NONE, true },
        { 200, METHOD_GET, chunks, BODY_CHUNKED, true },
        { 200, METHOD_GET, "", BODY_UNTIL_CLOSE, false },
        { 404, METHOD_POST, "", BODY_UNTIL_CLOSE, false },
        { 999, METHOD_GET, length, BODY_LENGTH, true },
        { 200, METHOD_HEAD, length, BODY_NONE, true },
        { 200, METHOD_HEAD, chunks, BODY_NONE, true },
        { 200, METHOD_HEAD, "", BODY_NONE, true },
        { 204, METHOD_GET, "", BODY_NONE, true },
        { 204, METHOD_GET, zero, BODY_NONE, true },
        { 304, METHOD_GET, length, BODY_NONE, true },
        { 304, METHOD_GET, chunks, BODY_NONE, true },
        { 205, METHOD_GET, zero, BODY_NONE, true },
        { 100, METHOD_GET, "", BODY_NONE, true },
        { 103, METHOD_GET, "", BODY_NONE, true },
        { 101, METHOD_GET, "", BODY_TUNNEL, false },
        { 200, METHOD_CONNECT, "", BODY_TUNNEL, false },
        { 200, METHOD_CONNECT, length, BODY_TUNNEL, false },
        { 407, METHOD_CONNECT, length, BODY_LENGTH, true },
    };
    static struct head head;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct framing framing;
        char start[40];
        snprintf(start, sizeof start, "HTTP/1.1 %d x", cases[i].status);
        parse(&head, HEAD_RESPONSE, start, cases[i].fields);
        CHECK_EQ(bide__framing_of_response(&framing, &head, cases[i].asked), 0);
        CHECK_EQ(framing.kind, cases[i].kind);
        CHECK_EQ(framing.keep_alive, cases[i].keep_alive);
    }
}

TEST(a_body_where_none_may_be_is_refused)
{
    static const int statuses[] = { 100, 103, 204 };
    static const char *const fields[] = {
        "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
    };
    static struct head head;
    for (int i = 0; i < 6; i++) {
        struct framing framing;
        char start[40];
        snprintf(start, sizeof start, "HTTP/1.1 %d x", statuses[i / 2]);
        parse(&head, HEAD_RESPONSE, start, fields[i % 2]);
        CHECK_EQ(bide__framing_of_response(&framing, &head, METHOD_GET), BIDE_EHTTP);
        CHECK_HAS(framing.why, "announces");
    }
}
