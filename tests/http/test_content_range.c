/* Content-Range and what If-Range may be asked with: nothing is guessed. */
#include "test.h"

#include "http/content_range.h"
#include <string.h>

static const struct {
    const char *text;
    int64_t first, last, total;
} good[] = {
    { "bytes 0-0/1", 0, 0, 1 }, { "bytes 5-9/10", 5, 9, 10 }, { "Bytes 5-9/*", 5, 9, -1 },
    { "bytes */10", -1, -1, 10 }, { "bytes */0", -1, -1, 0 },
    { "bytes 5368709120-5368709129/5368709130", 5368709120, 5368709129, 5368709130 },
    { "bytes 0-9223372036854775806/9223372036854775807", 0, INT64_MAX - 1, INT64_MAX },
};

TEST(ranges_are_read)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct content_range r;
        CHECK(bide__content_range_read(text_of(good[i].text, strlen(good[i].text)), &r));
        CHECK_EQ(r.first, good[i].first);
        CHECK_EQ(r.last, good[i].last);
        CHECK_EQ(r.total, good[i].total);
    }
}

TEST(what_is_no_range_is_refused)
{
    static const char *const bad[] = {
        "", "bytes", "bytes ", "bytes 5", "bytes 5-", "bytes 5-9", "bytes 5-9/", "bytes 9-5/10",
        "bytes 5-10/10", "bytes -5/10", "bytes 5-/10", "bytes  5-9/10", "bytes 5 -9/10",
        "bytes 5-9/10 ", "bytes=5-9/10", "items 5-9/10", "bytes */*", "bytes *-9/10",
        "bytes +5-9/10", "bytes 5-9/x", "bytes 0-9223372036854775808/*", "bytes 0x5-9/10",
        "bytes 5-9/-1", "bytes 0-99999999999999999999999/*",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct content_range r;
        if (bide__content_range_read(text_of(bad[i], strlen(bad[i])), &r))
            test_fail(__FILE__, __LINE__, "%s", bad[i]);
    }
}

TEST(only_what_is_strong_proves_anything)
{
    const char *old = "Sun, 06 Nov 1994 08:49:37 GMT", *now = "Sun, 06 Nov 1994 08:51:37 GMT";
    const char *soon = "Sun, 06 Nov 1994 08:50:36 GMT", *then = "Sun, 06 Nov 1994 08:50:37 GMT";
    CHECK_STR(bide__if_range_of("\"x\"", NULL, NULL), "\"x\"");
    CHECK_STR(bide__if_range_of("\"\"", old, now), "\"\"");
    CHECK_STR(bide__if_range_of("W/\"x\"", old, now), NULL);
    CHECK_STR(bide__if_range_of("x", NULL, NULL), NULL);
    CHECK_STR(bide__if_range_of("\"x", NULL, NULL), NULL);
    CHECK_STR(bide__if_range_of("\"", NULL, NULL), NULL);
    CHECK_STR(bide__if_range_of("\"a\"b\"", NULL, NULL), NULL);
    CHECK_STR(bide__if_range_of(NULL, old, now), old);
    CHECK_STR(bide__if_range_of(NULL, old, then), old);
    CHECK_STR(bide__if_range_of(NULL, old, soon), NULL);
    CHECK_STR(bide__if_range_of(NULL, now, old), NULL);
    CHECK_STR(bide__if_range_of(NULL, old, NULL), NULL);
    CHECK_STR(bide__if_range_of(NULL, NULL, now), NULL);
    CHECK_STR(bide__if_range_of(NULL, "yesterday", now), NULL);
}
