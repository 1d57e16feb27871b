/* tests/http/test_head_memo.c -- blocks of fields that came before mean the same again. */
#include "test.h"

#include "http/head_memo.h"

#include <stdio.h>
#include <string.h>

static struct head_memo memo;

static int parse(struct head *head, const char *text, bool remembering)
{
    bide__head_start(head, HEAD_REQUEST, NULL);
    head->memo = remembering ? &memo : NULL;
    return bide__head_parse(head, text, strlen(text));
}

static void check_field(const struct field *a, const struct field *b)
{
    CHECK_EQ(a->name, b->name);
    CHECK_EQ(a->name_size, b->name_size);
    CHECK_EQ(a->value, b->value);
    CHECK_EQ(a->value_size, b->value_size);
    CHECK_EQ(a->header, b->header);
}

static void check_same(const char *text)
{
    struct head fresh, head;
    CHECK_EQ(parse(&head, text, true), parse(&fresh, text, false));
    CHECK_EQ(head.count, fresh.count);
    CHECK_EQ(head.size, fresh.size);
    CHECK(memcmp(&head.facts, &fresh.facts, sizeof head.facts) == 0);
    for (unsigned i = 0; i < head.count; i++)
        check_field(&head.fields[i], &fresh.fields[i]);
    CHECK_EQ(head.answer, fresh.answer);
}

#define FIELDS \
    "Host: example.org\r\nUser-Agent: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"

TEST(a_block_that_came_before_means_the_same_behind_any_request_line)
{
    struct head head;
    CHECK(parse(&head, "GET / HTTP/1.1\r\n" FIELDS, true) > 0);
    CHECK(!head.recalled);
    check_same("GET / HTTP/1.1\r\n" FIELDS);
    check_same("POST /a/longer/path?with=query HTTP/1.1\r\n" FIELDS);
    check_same("GET / HTTP/1.0\r\n" FIELDS);
    CHECK(parse(&head, "PUT /x HTTP/1.1\r\n" FIELDS "hello", true) > 0);
    CHECK(head.recalled);
    bide__memo_end(&memo);
}

TEST(the_request_line_is_judged_with_the_block_that_was_recalled)
{
    struct head head;
    const char *chunked = "Host: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    char text[200];
    snprintf(text, sizeof text, "POST / HTTP/1.1\r\n%s", chunked);
    CHECK(parse(&head, text, true) > 0);
    snprintf(text, sizeof text, "POST / HTTP/1.0\r\n%s", chunked);
    check_same(text);           /* HTTP/1.0 has no such coding */
    snprintf(text, sizeof text, "GET http://other/ HTTP/1.1\r\n%s", chunked);
    check_same(text);           /* and the target's host is not Host */
    bide__memo_end(&memo);
}

TEST(a_block_that_differs_in_one_byte_or_is_cut_is_read_itself)
{
    struct head head;
    char text[300];
    const char *first = "GET / HTTP/1.1\r\n" FIELDS;
    CHECK(parse(&head, first, true) > 0);
    for (size_t i = strlen("GET / HTTP/1.1\r\n"); i < strlen(first); i++) {
        snprintf(text, sizeof text, "%s", first);
        text[i] ^= 1;
        check_same(text);
        snprintf(text, i + 1, "%s", first);
        check_same(text);
    }
    bide__memo_end(&memo);
}

TEST(what_was_refused_is_not_remembered_and_limits_hold_for_what_is)
{
    struct head head;
    struct head_limits few = { .count = 2 };
    const char *bad = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n";
    CHECK(parse(&head, bad, true) < 0);
    check_same(bad);
    const char *good = "GET / HTTP/1.1\r\n" FIELDS;
    CHECK(parse(&head, good, true) > 0);
    bide__head_start(&head, HEAD_REQUEST, &few);
    head.memo = &memo;
    CHECK(bide__head_parse(&head, good, strlen(good)) < 0);
    CHECK_EQ(head.answer, 431);
    few = (struct head_limits){ .size = 40 };
    bide__head_start(&head, HEAD_REQUEST, &few);
    head.memo = &memo;
    CHECK(bide__head_parse(&head, good, strlen(good)) < 0);
    CHECK_EQ(head.answer, 431);
    bide__memo_end(&memo);
}

TEST(more_blocks_than_are_kept_and_blocks_that_are_too_large_do_no_harm)
{
    struct head head;
    char text[3000];
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 3 * MEMO_BLOCKS; i++) {
            snprintf(text, sizeof text, "GET /%d HTTP/1.1\r\nHost: h%d\r\nX: %0*d\r\n\r\n", i, i,
                     1 + i * 100, i);
            check_same(text);
        }
    CHECK(parse(&head, text, true) > 0);
    CHECK(!head.recalled);
    bide__memo_end(&memo);
}

/* A reply whose length is `length`, when the minute is `minute`. */
static bool reply_is_recalled(int length, int minute)
{
    struct head head;
    char text[300];
    snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nServer: x\r\nDate: Sun, 29 Nov 2026 13:%02d:07 "
             "GMT\r\nContent-Length: %d\r\n\r\n", minute, length);
    bide__head_start(&head, HEAD_RESPONSE, NULL);
    head.memo = &memo;
    CHECK_EQ(bide__head_parse(&head, text, strlen(text)), (int)strlen(text));
    CHECK_EQ(head.length, (uint64_t)length);
    CHECK_EQ(head.status, 200);
    return head.recalled;
}

TEST(replies_are_remembered_until_they_say_something_else)
{
    CHECK(!reply_is_recalled(13, 1));
    CHECK(reply_is_recalled(13, 1));
    CHECK(!reply_is_recalled(13, 2));
    CHECK(reply_is_recalled(13, 2));
    CHECK(!reply_is_recalled(14, 2));
    CHECK(reply_is_recalled(13, 2));
    bide__memo_end(&memo);
}

TEST(what_never_comes_again_is_looked_for_now_and_then_only)
{
    int recalled = 0;
    for (int i = 0; i < 1000; i++)
        recalled += reply_is_recalled(i, 1);
    CHECK_EQ(recalled, 0);
    for (int i = 0; i < MEMO_AGAIN; i++)
        recalled += reply_is_recalled(13, 2);
    CHECK(recalled < MEMO_AGAIN);
    recalled = 0;
    for (int i = 0; i < MEMO_AGAIN; i++)        /* it was noticed */
        recalled += reply_is_recalled(13, 2);
    CHECK_EQ(recalled, MEMO_AGAIN);
    bide__memo_end(&memo);
}
