/* Heads: every case is parsed whole, cut in two at every byte, and byte by byte, and must
 * end with the same verdict after the same byte. */
#include "test.h"

#include "bide/error.h"
#include "http/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Feeds the first `upto` bytes from memory of exactly that size: the address sanitizer sees
 * every byte read too many, and offsets must hold after a move. */
static int feed(struct head *head, const char *text, size_t upto)
{
    char *copy = malloc(upto + 1);
    memcpy(copy, text, upto);
    char *exact = malloc(upto ? upto : 1);
    memcpy(exact, copy, upto);
    int rc = bide__head_parse(head, exact, upto);
    free(exact);
    free(copy);
    return rc;
}

/* The verdict on text however it is cut; the last head parsed stays in *head. */
static int parse(struct head *head, enum head_kind kind, const struct head_limits *limits,
                 const char *text, size_t size)
{
    bide__head_start(head, kind, limits);
    int whole = feed(head, text, size);
    for (size_t cut = 0; cut <= size; cut++) {
        bide__head_start(head, kind, limits);
        int rc = feed(head, text, cut);
        if (rc == 0)
            rc = feed(head, text, size);
        CHECK_EQ(rc, whole);
    }
    bide__head_start(head, kind, limits);
    int rc = 0;
    for (size_t upto = 0; upto <= size && rc == 0; upto++)
        rc = feed(head, text, upto);
    CHECK_EQ(rc, whole);
    return whole;
}

static const char *spelled(struct text text)
{
    static char out[4][300];
    static int turn;
    char *to = out[turn++ % 4];
    if (!text.at)
        return NULL;
    snprintf(to, sizeof out[0], "%.*s", (int)text.size, text.at);
    return to;
}

TEST(a_request_is_understood)
{
    static const char text[] =
        "GET /a/b?c=d HTTP/1.1\r\n"
        "Host: example.org:80\r\n"
        "x-empty:\r\n"
        "X-Blank: \t \r\n"
        "X-Value: \t a b\tc\xe4 \t\r\n"
        "content-LENGTH: 12\r\n"
        "Connection: foo, Close ,,Upgrade\r\n"
        "x-value: second\r\n"
        "\r\n";
    static struct head head;
    char more[sizeof text + 4];
    memcpy(more, text, sizeof text - 1);
    memcpy(more + sizeof text - 1, "body", 5);
    CHECK_EQ(parse(&head, HEAD_REQUEST, NULL, more, sizeof text + 3), (int)sizeof text - 1);
    CHECK_EQ(head.size, sizeof text - 1);
    CHECK_EQ(head.minor, 1);
    CHECK_EQ(head.count, 7);
    CHECK_EQ(head.method_known, METHOD_GET);
    CHECK_STR(spelled(head_method(&head, text)), "GET");
    CHECK_STR(spelled(head_target(&head, text)), "/a/b?c=d");
    CHECK_STR(spelled(head_get(&head, text, HEADER_HOST)), "example.org:80");
    CHECK_STR(spelled(head_get(&head, text, HEADER_DATE)), NULL);
    CHECK_STR(spelled(bide__head_find(&head, text, "X-VALUE")), "a b\tc\xe4");
    CHECK_STR(spelled(bide__head_find(&head, text, "x-empty")), "");
    CHECK_STR(spelled(bide__head_find(&head, text, "X-Blank")), "");
    CHECK_STR(spelled(bide__head_find(&head, text, "x-valu")), NULL);
    CHECK(head.close && head.upgrade && !head.keep_alive && !head.chunked && head.has_length);
    CHECK_EQ(head.length, 12);
    CHECK_STR(spelled(head_name(text, &head.fields[6])), "x-value");
    CHECK_STR(spelled(head_value(text, &head.fields[6])), "second");
}

TEST(a_reply_is_understood)
{
    static const char text[] =
        "HTTP/1.0 404 Not Found\r\n"
        "Connection: keep-alive\r\n"
        "Content-Length: 7\r\n"
        "Content-Length: 07\r\n"
        "\r\n";
    static struct head head;
    CHECK_EQ(parse(&head, HEAD_RESPONSE, NULL, text, sizeof text - 1), (int)sizeof text - 1);
    CHECK_EQ(head.status, 404);
    CHECK_EQ(head.minor, 0);
    CHECK_STR(spelled(text_of(text + head.reason, head.reason_size)), "Not Found");
    CHECK(head.keep_alive && !head.close);
    CHECK_EQ(head.length, 7);
}

TEST(a_reason_may_be_missing)
{
    static const char *const texts[] = { "HTTP/1.1 200 \r\n\r\n", "HTTP/1.1 200\r\n\r\n" };
    static struct head head;
    for (int i = 0; i < 2; i++) {
        CHECK(parse(&head, HEAD_RESPONSE, NULL, texts[i], strlen(texts[i])) > 0);
        CHECK_EQ(head.reason_size, 0);
        CHECK_EQ(head.status, 200);
    }
}

#define G "GET / HTTP/1.1\r\n"
#define GH G "Host: a\r\n"

TEST(good_requests_are_taken)
{
    static const char *const texts[] = {
        "GET / HTTP/1.0\r\n\r\n",
        "\r\n" GH "\r\n",
        "OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n",
        "GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a?b HTTP/1.1\r\nHost: A\r\n\r\n",
        "GET https://a:1 HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.9\r\nHost: a\r\n\r\n",
        "M-SEARCH /x HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
        GH "Expect:\r\n\r\n",
        GH "Expect: 100-Continue\r\n\r\n",
        "GET / HTTP/1.0\r\nExpect: cake\r\n\r\n",
        GH "Transfer-Encoding: chunked\r\n\r\n",
        GH "Transfer-Encoding: \tCHUNKED \r\n\r\n",
        GH "Content-Length: 9223372036854775807\r\n\r\n",
        GH "!#$%&'*+-.^_`|~09azAZ: all of a token\r\n\r\n",
    };
    static struct head head;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (parse(&head, HEAD_REQUEST, NULL, texts[i], strlen(texts[i])) != (int)strlen(texts[i]))
            test_fail(__FILE__, __LINE__, "%s: %s", texts[i], head.why);
}

TEST(bad_requests_are_refused_with_a_reason)
{
    static const struct {
        const char *text;
        int answer;
        const char *why;
    } cases[] = {
        { "\r\n\r\n" GH "\r\n", 400, "method" },
        { "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "LF without CR" },
        { G "Host: a\n\r\n", 400, "LF without CR" },
        { GH "\n", 400, "LF without CR" },
        { GH "A: b\rc\r\n\r\n", 400, "control" },
        { GH "A: b\r\r\n\r\n", 400, "control" },
        { GH "A: b\x01\r\n\r\n", 400, "control" },
        { GH "A: b\x7f\r\n\r\n", 400, "control" },
        { GH "A: long enough for eight\x1f bytes\r\n\r\n", 400, "control" },
        { GH "A : b\r\n\r\n", 400, "space before its colon" },
        { GH "A\t: b\r\n\r\n", 400, "space before its colon" },
        { GH "A b: c\r\n\r\n", 400, "space before its colon" },
        { GH " folded\r\n\r\n", 400, "folded" },
        { GH "A: b\r\n\tc\r\n\r\n", 400, "folded" },
        { G " Host: a\r\n\r\n", 400, "folded" },
        { GH ": b\r\n\r\n", 400, "no name" },
        { GH "nocolon\r\n\r\n", 400, "no colon" },
        { GH "A\xe4: b\r\n\r\n", 400, "name has a forbidden" },
        { GH "A(: b\r\n\r\n", 400, "name has a forbidden" },
        { GH "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "both" },
        { GH "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", 400, "both" },
        { GH "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "two different" },
        { GH "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, "more than one" },
        { GH "Content-Length: 1, 1\r\n\r\n", 400, "not a number" },
        { GH "Content-Length: -1\r\n\r\n", 400, "not a number" },
        { GH "Content-Length: +1\r\n\r\n", 400, "not a number" },
        { GH "Content-Length: 0x1\r\n\r\n", 400, "not a number" },
        { GH "Content-Length: 1 1\r\n\r\n", 400, "not a number" },
        { GH "Content-Length:\r\n\r\n", 400, "not a number" },
        { GH "Content-Length: 9223372036854775808\r\n\r\n", 400, "not a number" },
        { GH "Content-Length: 99999999999999999999\r\n\r\n", 400, "not a number" },
        { GH "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "chunked alone" },
        { GH "Transfer-Encoding: a ,\tb, CHUNKED\r\n\r\n", 501, "chunked alone" },
        { GH "Transfer-Encoding: xchunked\r\n\r\n", 400, "chunked alone" },
        { GH "Transfer-Encoding: chunked, gzip\r\n\r\n", 400, "chunked alone" },
        { GH "Transfer-Encoding: chunked, chunked\r\n\r\n", 400, "chunked alone" },
        { GH "Transfer-Encoding: gzip,, chunked\r\n\r\n", 400, "chunked alone" },
        { GH "Transfer-Encoding: ,chunked\r\n\r\n", 400, "chunked alone" },
        { GH "Transfer-Encoding: chunked,\r\n\r\n", 400, "chunked alone" },
        { GH "Transfer-Encoding: chunked;a=b\r\n\r\n", 400, "chunked alone" },
        { GH "Transfer-Encoding:\r\n\r\n", 400, "chunked alone" },
        { GH "Transfer-Encoding: \x0b" "chunked\r\n\r\n", 400, "control" },
        { GH "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "more than" },
        { "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "1.0" },
        { G "\r\n", 400, "no Host" },
        { GH "Host: a\r\n\r\n", 400, "more than one Host" },
        { G "Host: a/b\r\n\r\n", 400, "Host header" },
        { G "Host: a@b\r\n\r\n", 400, "Host header" },
        { G "Host: a b\r\n\r\n", 400, "Host header" },
        { G "Host: a,b\r\n\r\n", 400, "Host header" },
        { G "Host: a:b\r\n\r\n", 400, "Host header" },
        { "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "not the Host" },
        { "GET http://aa/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "not the Host" },
        { "GET http:///a HTTP/1.0\r\n\r\n", 400, "target's host" },
        { "GET http://a@b/ HTTP/1.0\r\n\r\n", 400, "target's host" },
        { GH "Expect: 100-continue\r\nExpect: cake\r\n\r\n", 417, "expects" },
        { "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501, "tunnels" },
        { "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "CONNECT" },
        { "PRI * HTTP/2.0\r\n\r\n", 505, "neither" }, { "GET / HTTP/2.0\r\n\r\n", 505, "neither" },
        { "GET / HTTP/0.9\r\n\r\n", 505, "neither" }, { "GET / http/1.1\r\n\r\n", 400, "version" },
        { "GET / HTTP/1.1 \r\n\r\n", 400, "version" }, { "GET /\r\n\r\n", 400, "target" },
        { "GET / HTTP/11\r\n\r\n", 400, "version" },
        { "GET / \r\n\r\n", 400, "version" },
        { "GET  / HTTP/1.1\r\n\r\n", 400, "no target" },
        { "GET\t/ HTTP/1.1\r\n\r\n", 400, "method" },
        { " GET / HTTP/1.1\r\n\r\n", 400, "method" }, { "GET\r\n\r\n", 400, "method" },
        { "G(T / HTTP/1.1\r\n\r\n", 400, "method" }, { "/ HTTP/1.1\r\n\r\n", 400, "method" },
        { "GET a HTTP/1.1\r\n\r\n", 400, "begin with /" },
        { "GET * HTTP/1.1\r\n\r\n", 400, "with /" },
        { "GET ftp://a/ HTTP/1.1\r\n\r\n", 400, "begin with /" },
        { "CONNECT /x HTTP/1.1\r\n\r\n", 400, "CONNECT" },
        { "GET /a b HTTP/1.1\r\n\r\n", 400, "version" },
        { "GET /a\tb HTTP/1.1\r\n\r\n", 400, "forbidden" },
        { "GET /\xe4 HTTP/1.1\r\n\r\n", 400, "forbidden" },
        { "GET /#x HTTP/1.1\r\n\r\n", 400, "forbidden" },
    };
    static struct head head;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int rc = parse(&head, HEAD_REQUEST, NULL, cases[i].text, strlen(cases[i].text));
        if (rc != BIDE_EHTTP || head.answer != cases[i].answer || !strstr(head.why, cases[i].why))
            test_fail(__FILE__, __LINE__, "%s gives %d, %d, \"%s\", not \"%s\"", cases[i].text, rc,
                      head.answer, rc < 0 ? head.why : "", cases[i].why);
    }
}

TEST(a_nul_is_refused_everywhere)
{
    static const char text[] = "GET /a HTTP/1.1\r\nHost: a\r\nNa: value\r\n\r\n";
    static struct head head;
    for (size_t at = 0; at < sizeof text - 1; at++) {
        char copy[sizeof text];
        memcpy(copy, text, sizeof text);
        if (copy[at] == '\n' && at + 2 >= sizeof text - 1)
            continue;           /* without its last LF the head is not complete */
        copy[at] = '\0';
        CHECK_EQ(parse(&head, HEAD_REQUEST, NULL, copy, sizeof text - 1), BIDE_EHTTP);
    }
}

TEST(bad_replies_are_refused_with_a_reason)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "HTTP/1.1 200 OK\nA: b\r\n\r\n", "LF without CR" },
        { "\r\nHTTP/1.1 200 OK\r\n\r\n", "does not begin" },
        { "HTTP/1.1  200 OK\r\n\r\n", "status" }, { "HTTP/1.1 20 OK\r\n\r\n", "status" },
        { "HTTP/1.1 2000 OK\r\n\r\n", "status" }, { "HTTP/1.1 099 OK\r\n\r\n", "status" },
        { "HTTP/1.1 +20 OK\r\n\r\n", "status" }, { "HTTP/1.1\r\n\r\n", "does not begin" },
        { "HTTP/1.2 200 OK\r\n\r\n", "neither" },
        { "HTTP/1.1 200\tOK\r\n\r\n", "status" }, { "HTTP/2.0 200 OK\r\n\r\n", "neither" },
        { "ICY 200 OK\r\n\r\n", "does not begin" }, { "HTTP/1.1 200 O\x01K\r\n\r\n", "reason" },
        { "HTTP/1.1 200 O\rK\r\n\r\n", "reason" }, { "<html>\r\n", "does not begin" },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "chunked alone" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "two different" },
        { "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "folded" },
    };
    static struct head head;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int rc = parse(&head, HEAD_RESPONSE, NULL, cases[i].text, strlen(cases[i].text));
        if (rc != BIDE_EHTTP || !strstr(head.why, cases[i].why))
            test_fail(__FILE__, __LINE__, "%s gives %d, \"%s\", not \"%s\"", cases[i].text, rc,
                      rc < 0 ? head.why : "", cases[i].why);
    }
}

TEST(limits_hold_to_the_byte)
{
    static const char text[] = "GET /12345 HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n";
    static struct head head;
    size_t size = sizeof text - 1, line = strlen("GET /12345 HTTP/1.1\r");
    struct head_limits limits = { size, line, 2 };
    CHECK_EQ(parse(&head, HEAD_REQUEST, &limits, text, size), (int)size);
    limits.size = size - 1;
    CHECK_EQ(parse(&head, HEAD_REQUEST, &limits, text, size), BIDE_ELIMIT);
    CHECK_EQ(head.answer, 431);
    limits = (struct head_limits){ size, line - 1, 2 };
    CHECK_EQ(parse(&head, HEAD_REQUEST, &limits, text, size), BIDE_ELIMIT);
    CHECK_EQ(head.answer, 414);
    limits = (struct head_limits){ size, 4, 2 };
    CHECK_EQ(parse(&head, HEAD_REQUEST, &limits, text, size), BIDE_ELIMIT);
    CHECK_EQ(head.answer, 414);
    limits = (struct head_limits){ size, 3, 2 };
    CHECK_EQ(parse(&head, HEAD_REQUEST, &limits, text, size), BIDE_ELIMIT);
    CHECK_EQ(head.answer, 501);
    limits = (struct head_limits){ size, line, 1 };
    CHECK_EQ(parse(&head, HEAD_REQUEST, &limits, text, size), BIDE_ELIMIT);
    CHECK_EQ(head.answer, 431);
    CHECK_HAS(head.why, "many");
}

TEST(an_endless_head_ends_at_the_limit)
{
    static struct head head;
    static char endless[HEAD_SIZE_MAX + 100];
    struct head_limits most = { SIZE_MAX, SIZE_MAX, SIZE_MAX };
    memset(endless, 'a', sizeof endless);
    bide__head_start(&head, HEAD_REQUEST, NULL);
    CHECK_EQ(bide__head_parse(&head, endless, HEAD_LINE), 0);
    CHECK_EQ(bide__head_parse(&head, endless, HEAD_LINE + 1), BIDE_ELIMIT);
    bide__head_start(&head, HEAD_REQUEST, &most);
    CHECK_EQ(bide__head_parse(&head, endless, HEAD_SIZE_MAX), 0);
    CHECK_EQ(bide__head_parse(&head, endless, HEAD_SIZE_MAX + 1), BIDE_ELIMIT);
    bide__head_start(&head, HEAD_REQUEST, &most);
    memcpy(endless, GH, strlen(GH));
    CHECK_EQ(bide__head_parse(&head, endless, HEAD_SIZE_MAX), 0);
    CHECK_EQ(bide__head_parse(&head, endless, sizeof endless), BIDE_ELIMIT);
    bide__head_start(&head, HEAD_REQUEST, &most);
    memcpy(endless + HEAD_SIZE_MAX - 6, ":\r\n\r\n", 5);
    CHECK_EQ(bide__head_parse(&head, endless, sizeof endless), HEAD_SIZE_MAX - 1);
}

TEST(there_can_be_as_many_headers_as_there_is_room_for)
{
    static struct head head;
    static char text[4096];
    struct head_limits most = { SIZE_MAX, SIZE_MAX, SIZE_MAX };
    size_t size = (size_t)snprintf(text, sizeof text, GH);
    for (int i = 1; i < HEAD_COUNT_MAX; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "TE: %d\r\n", i);
    memcpy(text + size, "\r\n", 2);
    bide__head_start(&head, HEAD_REQUEST, &most);
    CHECK_EQ(bide__head_parse(&head, text, size + 2), (int)size + 2);
    CHECK_EQ(head.count, HEAD_COUNT_MAX);
    CHECK_STR(spelled(head_get(&head, text, HEADER_TE)), "1");
    memcpy(text + size, "X:\r\n\r\n", 6);
    bide__head_start(&head, HEAD_REQUEST, &most);
    CHECK_EQ(bide__head_parse(&head, text, size + 6), BIDE_ELIMIT);
}
