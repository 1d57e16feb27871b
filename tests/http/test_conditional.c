/* Tags, and conditions in the order of RFC 9110, 13.2.2. */
#include "test.h"

#include "http/conditional.h"

#include <stdio.h>
#include <string.h>

#define SAME "Sun, 06 Nov 1994 08:49:37 GMT"
#define EARLIER "Sun, 06 Nov 1994 08:49:36 GMT"
#define LATER "Sun, 06 Nov 1994 08:49:38 GMT"
enum { MODIFIED = 784111777 };

static struct etag tag(const char *text)
{
    return bide__etag_of(text_from(text));
}

TEST(a_tag_is_a_quoted_string_without_escapes)
{
    static const char *const bad[] = {
        "", "a", "\"", "\"a", "a\"", "w/\"a\"", "W/", "W/a", "\"a b\"", "\"a\" ", "\"a\"\"b\"",
        "\"\\\"\"", "\"\n\"", "'a'",
    };
    CHECK_EQ(tag("\"\"").opaque.size, 2);
    CHECK_EQ(tag("\"a,\\!\xff\"").opaque.size, 7);
    CHECK(!tag("\"a\"").weak && tag("W/\"a\"").weak);
    CHECK_EQ(tag("W/\"a\"").opaque.size, 3);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (tag(bad[i]).opaque.size > 0)
            test_fail(__FILE__, __LINE__, "%s", bad[i]);
}

TEST(tags_are_compared_strongly_and_weakly)
{
    static const struct {
        const char *tag, *list;
        bool strongly, weakly;
    } cases[] = {
        { "\"1\"", "\"1\"", true, true }, { "W/\"1\"", "W/\"1\"", false, true },
        { "W/\"1\"", "\"1\"", false, true }, { "\"1\"", "W/\"1\"", false, true },
        { "W/\"1\"", "W/\"2\"", false, false }, { "\"1\"", "*", true, true },
        { "", "*", true, true }, { "", "\"\"", false, false }, { "\"\"", "\"\"", true, true },
        { "\"1\"", "\"0\",W/\"1\" , \"1\"", true, true }, { "\"1\"", "\"0\", \"2\"", false, false },
        { "\"a,b\"", "\"a,b\"", true, true }, { "\"1\"", ",, \"1\",", true, true },
        { "\"1\"", "1, \"1\"", true, true }, { "\"1\"", "\"1\" x", false, false },
        { "\"1\"", "", false, false }, { "\"1\"", "\"1", false, false },
        { "\"1\"", "*, \"2\"", false, false }, { "\"a\"", "\"A\"", false, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct etag etag = tag(cases[i].tag);
        if (bide__etag_is_in(&etag, text_from(cases[i].list), false) != cases[i].strongly ||
            bide__etag_is_in(&etag, text_from(cases[i].list), true) != cases[i].weakly)
            test_fail(__FILE__, __LINE__, "%s in %s", cases[i].tag, cases[i].list);
    }
}

/* A request with these headers, each "Name: value\r\n". */
static struct head *parse(const char *method, const char *headers, char *text, size_t room)
{
    static struct head head;
    snprintf(text, room, "%s / HTTP/1.1\r\nHost: h\r\n%s\r\n", method, headers);
    bide__head_start(&head, HEAD_REQUEST, NULL);
    CHECK(bide__head_parse(&head, text, strlen(text)) > 0);
    return &head;
}

static int judge(const char *method, const char *headers, const char *etag, int64_t modified)
{
    char text[2000];
    struct validators is = { tag(etag), modified, MODIFIED + 10 };
    const struct head *head = parse(method, headers, text, sizeof text);
    return bide__conditions_judge(head, text, &is);
}

TEST(each_condition_is_judged)
{
    static const struct {
        const char *headers;
        int get, put;
    } cases[] = {
        { "", 0, 0 }, { "If-Match: \"1\"\r\n", 0, 0 }, { "If-Match: \"2\"\r\n", 412, 412 },
        { "If-Match: W/\"1\"\r\n", 412, 412 }, { "If-Match: *\r\n", 0, 0 },
        { "If-Match: \"0\"\r\nIf-Match: \"1\"\r\n", 0, 0 },
        { "If-None-Match: \"1\"\r\n", 304, 412 }, { "If-None-Match: W/\"1\"\r\n", 304, 412 },
        { "If-None-Match: \"2\"\r\n", 0, 0 }, { "If-None-Match: *\r\n", 304, 412 },
        { "If-None-Match: \"0\"\r\nIf-None-Match: \"1\"\r\n", 304, 412 },
        { "If-Modified-Since: " SAME "\r\n", 304, 0 },
        { "If-Modified-Since: " LATER "\r\n", 304, 0 },
        { "If-Modified-Since: " EARLIER "\r\n", 0, 0 },
        { "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n", 304, 0 },
        { "If-Modified-Since: Sun Nov  6 08:49:37 1994\r\n", 304, 0 },
        { "If-Modified-Since: yesterday\r\n", 0, 0 },
        { "If-Unmodified-Since: " SAME "\r\n", 0, 0 },
        { "If-Unmodified-Since: " EARLIER "\r\n", 412, 412 },
        { "If-Unmodified-Since: yesterday\r\n", 0, 0 },
        /* the order: a tag goes before a date, what guards before what saves */
        { "If-Match: \"1\"\r\nIf-Unmodified-Since: " EARLIER "\r\n", 0, 0 },
        { "If-None-Match: \"2\"\r\nIf-Modified-Since: " LATER "\r\n", 0, 0 },
        { "If-None-Match: \"1\"\r\nIf-Modified-Since: " EARLIER "\r\n", 304, 412 },
        { "If-None-Match: \"1\"\r\nIf-Match: \"2\"\r\n", 412, 412 },
        { "If-Match: \"1\"\r\nIf-None-Match: \"1\"\r\n", 304, 412 },
        { "If-Unmodified-Since: " EARLIER "\r\nIf-None-Match: \"1\"\r\n", 412, 412 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int get = judge("GET", cases[i].headers, "\"1\"", MODIFIED);
        int put = judge("PUT", cases[i].headers, "\"1\"", MODIFIED);
        if (get != cases[i].get || put != cases[i].put ||
            judge("HEAD", cases[i].headers, "\"1\"", MODIFIED) != get)
            test_fail(__FILE__, __LINE__, "%s: %d %d", cases[i].headers, get, put);
    }
}

TEST(what_has_no_validator_has_not_changed)
{
    CHECK_EQ(judge("GET", "If-Modified-Since: " LATER "\r\n", "", -1), 0);
    CHECK_EQ(judge("GET", "If-Unmodified-Since: " EARLIER "\r\n", "", -1), 0);
    CHECK_EQ(judge("GET", "If-None-Match: \"1\"\r\n", "", -1), 0);
    CHECK_EQ(judge("GET", "If-Match: \"1\"\r\n", "", -1), 412);
}

static bool holds(const char *if_range, const char *etag, int64_t age)
{
    char text[2000], header[200] = "";
    struct validators is = { tag(etag), MODIFIED, MODIFIED + age };
    if (if_range)
        snprintf(header, sizeof header, "If-Range: %s\r\n", if_range);
    const struct head *head = parse("GET", header, text, sizeof text);
    return bide__if_range_holds(head, text, &is);
}

TEST(a_part_is_sent_only_of_exactly_what_the_client_has)
{
    CHECK(holds(NULL, "\"1\"", 10));
    CHECK(holds("\"1\"", "\"1\"", 10));
    CHECK(!holds("\"2\"", "\"1\"", 10));
    CHECK(!holds("W/\"1\"", "\"1\"", 10));
    CHECK(!holds("\"1\"", "W/\"1\"", 10));
    CHECK(!holds("*", "\"1\"", 10));
    CHECK(holds(SAME, "\"1\"", 10));
    CHECK(!holds(SAME, "\"1\"", 1));
    CHECK(!holds(LATER, "\"1\"", 10));
    CHECK(!holds(EARLIER, "\"1\"", 10));
    CHECK(!holds("nonsense", "\"1\"", 10));
}
