/* Chunks: each case is decoded whole, cut in two at every byte, and byte by byte. */
#include "test.h"

#include "bide/error.h"
#include "http/chunked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct result {
    int rc;                     /* bytes taken in all, or < 0 */
    bool done;
    const char *why;
    char body[300];
    size_t size;
};

/* Decodes one piece, from memory of exactly its size. */
static void decode(struct chunked *chunked, struct result *result, const char *at, size_t size)
{
    char *exact = malloc(size ? size : 1);
    memcpy(exact, at, size);
    size_t from = 0;
    while (from < size && !chunked->done && result->rc >= 0) {
        struct text payload;
        ssize_t taken = bide__chunked_take(chunked, exact + from, size - from, &payload);
        if (taken < 0) {
            result->rc = (int)taken;
            break;
        }
        CHECK(taken > 0 && payload.size <= (size_t)taken);
        CHECK(result->size + payload.size <= sizeof result->body);
        memcpy(result->body + result->size, payload.at, payload.size);
        result->size += payload.size;
        result->rc += (int)taken;
        from += (size_t)taken;
    }
    result->done = chunked->done;
    result->why = chunked->why;
    free(exact);
}

static void same(const struct result *a, const struct result *b)
{
    CHECK_EQ(a->rc, b->rc);
    CHECK_EQ(a->done, b->done);
    CHECK_EQ(a->size, b->size);
    CHECK_STR(a->why, b->why);
    CHECK_MEM(a->body, b->body, a->size);
}

static struct result decode_all(const char *text, size_t size)
{
    struct chunked chunked = { 0 };
    struct result whole = { 0 };
    decode(&chunked, &whole, text, size);
    for (size_t cut = 0; cut <= size; cut++) {
        struct result halves = { 0 };
        memset(&chunked, 0, sizeof chunked);
        decode(&chunked, &halves, text, cut);
        decode(&chunked, &halves, text + cut, size - cut);
        same(&halves, &whole);
    }
    struct result bytes = { 0 };
    memset(&chunked, 0, sizeof chunked);
    for (size_t i = 0; i < size; i++)
        decode(&chunked, &bytes, text + i, 1);
    same(&bytes, &whole);
    return whole;
}

TEST(chunks_are_decoded)
{
    static const struct {
        const char *text, *body;
        int rest;               /* bytes behind the end, not taken */
    } cases[] = {
        { "0\r\n\r\n", "", 0 },
        { "5\r\nhello\r\n0\r\n\r\n", "hello", 0 },
        { "5\r\nhello\r\n0\r\n\r\nHTTP/1.1", "hello", 8 },
        { "5\r\nhello\r\nA\r\n, world!\r\n\r\n00\r\n\r\n", "hello, world!\r\n", 0 },
        { "5;a=b;c=\"d\"\r\nhello\r\n0;x\r\n\r\n", "hello", 0 },
        { "5 \t;a\r\nhello\r\n0\r\n\r\n", "hello", 0 },
        { "1\r\na\r\n1\r\nb\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n", "ab", 0 },
        { "0000000000000001\r\na\r\n0\r\n\r\n", "a", 0 },
        { "3\r\n\r\n\r\r\n0\r\n\r\n", "\r\n\r", 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = strlen(cases[i].text);
        struct result result = decode_all(cases[i].text, size);
        if (result.rc < 0)
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i].text, result.why);
        CHECK_EQ(result.rc, (int)size - cases[i].rest);
        CHECK(result.done);
        CHECK_EQ(result.size, strlen(cases[i].body));
        CHECK_MEM(result.body, cases[i].body, result.size);
    }
}

TEST(bad_chunks_are_refused_with_a_reason)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "\r\n", "begin with its size" }, { "g\r\n", "begin with its size" },
        { ";a\r\n", "begin with its size" }, { " 5\r\nhello", "begin with its size" },
        { "-1\r\n", "begin with its size" }, { "0x5\r\n", "hexadecimal" },
        { "5\nhello", "hexadecimal" }, { "5\rhello", "CRLF" }, { "5 \r\nhello", "extension" },
        { "5 5\r\nhello", "extension" }, { "5;a\nhello", "extension" },
        { "5;a\rb\r\n", "CRLF" }, { "5;\x01\r\n", "extension" },
        { "5\r\nhello!\r\n", "longer" }, { "5\r\nhello\n", "longer" },
        { "5\r\nhello\r0", "CRLF" }, { "5\r\nhello0\r\n\r\n", "longer" },
        { "00000000000000001\r\n", "64 bits" }, { "8000000000000000\r\n", "64 bits" },
        { "ffffffffffffffff\r\n", "64 bits" }, { "10000000000000000\r\n", "64 bits" },
        { "0\r\n\n", "trailer" }, { "0\r\n\rx", "CRLF" }, { "0\r\nA b: c\r\n\r\n", "trailer" },
        { "0\r\n: c\r\n\r\n", "trailer" }, { "0\r\nnocolon\r\n\r\n", "trailer" },
        { "0\r\n A: b\r\n\r\n", "trailer" }, { "0\r\nA: b\r\n c\r\n\r\n", "trailer" },
        { "0\r\nA: b\n\r\n", "trailer" }, { "0\r\nA: b\rc\r\n", "CRLF" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct result result = decode_all(cases[i].text, strlen(cases[i].text));
        if (result.rc != BIDE_EHTTP || result.done || !strstr(result.why, cases[i].why))
            test_fail(__FILE__, __LINE__, "%s gives %d, \"%s\", not \"%s\"", cases[i].text,
                      result.rc, result.rc < 0 ? result.why : "", cases[i].why);
    }
}

TEST(a_body_that_is_cut_short_is_not_done)
{
    static const char text[] = "5\r\nhello\r\n0\r\nA: b\r\n\r\n";
    for (size_t size = 0; size < sizeof text - 1; size++) {
        struct result result = decode_all(text, size);
        CHECK_EQ(result.rc, (int)size);
        CHECK(!result.done);
    }
}

/* Feeds `repeat` again and again: what it costs is limited although no payload grows. */
static void endless(const char *start, const char *repeat, size_t most, const char *why)
{
    struct chunked chunked = { 0 };
    struct result result = { 0 };
    size_t fed = 0;
    decode(&chunked, &result, start, strlen(start));
    while (result.rc >= 0 && fed <= 2 * most) {
        decode(&chunked, &result, repeat, strlen(repeat));
        result.size = 0;
        fed += strlen(repeat);
    }
    CHECK_EQ(result.rc, BIDE_ELIMIT);
    CHECK_HAS(result.why, why);
    CHECK(fed >= most / 2);
}

TEST(extensions_and_trailers_are_limited_in_sum)
{
    endless("1;", "aaaa", CHUNKED_EXTENSION_MAX, "extensions");
    endless("1 ", "    ", CHUNKED_EXTENSION_MAX, "extensions");
    endless("", "1;abcdefgh\r\na\r\n", CHUNKED_EXTENSION_MAX, "extensions");
    endless("0\r\nA: ", "bbbb", CHUNKED_TRAILER_MAX, "trailers");
    endless("0\r\n", "A: b\r\n", CHUNKED_TRAILER_MAX, "trailers");
    endless("0\r\n", "abcd", CHUNKED_TRAILER_MAX, "trailers");
}

TEST(sizes_are_written_in_hexadecimal)
{
    static const uint64_t sizes[] = { 1, 9, 10, 15, 16, 255, 4096, 0x123456789abcdef0,
                                      UINT64_MAX };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char out[CHUNKED_HEAD_SIZE + 1], expected[40];
        size_t size = bide__chunked_head(out, sizes[i]);
        out[size] = '\0';
        snprintf(expected, sizeof expected, "%llx\r\n", (unsigned long long)sizes[i]);
        CHECK_STR(out, expected);
    }
}
