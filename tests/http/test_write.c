/* Heads as written, and what must never be written; percent-encoding and dates. */
#include "test.h"

#include "bide/error.h"
#include "http/date.h"
#include "http/head.h"
#include "http/percent.h"
#include "http/write.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

TEST(a_request_is_written_and_read_back)
{
    char out[200];
    struct writer w = { .at = out, .room = sizeof out };
    bide__write_request_line(&w, text_from("GET"), text_from("/a"), text_from("b=c"));
    bide__write_field(&w, text_from("Host"), text_from("example.org"));
    bide__write_field(&w, text_from("X-Empty"), text_from(""));
    bide__write_number_field(&w, "Content-Length", 1234567890123);
    CHECK_EQ(bide__write_end(&w), 0);
    static const char expected[] =
        "GET /a?b=c HTTP/1.1\r\nHost: example.org\r\nX-Empty: \r\n"
        "Content-Length: 1234567890123\r\n\r\n";
    CHECK_EQ(w.size, sizeof expected - 1);
    CHECK_MEM(out, expected, w.size);
    static struct head head;
    bide__head_start(&head, HEAD_REQUEST, NULL);
    CHECK_EQ(bide__head_parse(&head, out, w.size), (int)w.size);
}

TEST(a_status_line_has_its_reason)
{
    char out[100];
    struct writer w = { .at = out, .room = sizeof out };
    bide__write_status_line(&w, 404);
    bide__write_status_line(&w, 799);
    CHECK_EQ(w.size, 39);
    CHECK_MEM(out, "HTTP/1.1 404 Not Found\r\nHTTP/1.1 799 \r\n", 39);
    bide__write_status_line(&w, 99);
    CHECK_EQ(w.code, BIDE_EINVAL);
}

/* Every byte in every place: what is written must be read back as one head with one header. */
TEST(nothing_from_outside_can_split_a_head)
{
    static struct head head;
    for (int c = 0; c < 256; c++)
        for (int place = 0; place < 5; place++) {
            char out[200], piece[4] = { 'a', (char)c, 'b', '\0' };
            struct text bad = text_of(piece, 3), good = text_from("/a");
            struct writer w = { .at = out, .room = sizeof out };
            char path[5] = { '/', 'a', (char)c, 'b', '\0' };
            bide__write_request_line(&w, place == 0 ? bad : text_from("GET"),
                                     place == 1 ? text_of(path, 4) : good,
                                     place == 2 ? bad : text_of(NULL, 0));
            bide__write_field(&w, place == 3 ? bad : text_from("A"),
                              place == 4 ? bad : text_from("x"));
            bide__write_field(&w, text_from("Host"), text_from("h"));
            int rc = bide__write_end(&w);
            if (c == '\r' || c == '\n' || c == '\0')
                CHECK_EQ(rc, BIDE_EINVAL);
            if (rc < 0)
                continue;
            bide__head_start(&head, HEAD_REQUEST, NULL);
            CHECK_EQ(bide__head_parse(&head, out, w.size), (int)w.size);
            CHECK_EQ(head.count, 2);
        }
}

TEST(empty_words_are_refused)
{
    char out[100];
    for (int i = 0; i < 3; i++) {
        struct writer w = { .at = out, .room = sizeof out };
        bide__write_request_line(&w, text_from(i == 0 ? "" : "GET"), text_from(i == 1 ? "" : "/"),
                                 text_of(NULL, 0));
        bide__write_field(&w, text_from(i == 2 ? "" : "A"), text_from("b"));
        CHECK_EQ(bide__write_end(&w), BIDE_EINVAL);
    }
}

TEST(fixed_memory_is_never_overrun)
{
    for (size_t room = 0; room < 60; room++) {
        char *out = malloc(room ? room : 1);
        struct writer w = { .at = out, .room = room };
        bide__write_request_line(&w, text_from("GET"), text_from("/abc"), text_from("d"));
        bide__write_status_line(&w, 200);
        bide__write_field(&w, text_from("Host"), text_from("h"));
        bide__write_number_field(&w, "N", 77);
        CHECK_EQ(bide__write_end(&w), room < 56 ? BIDE_ELIMIT : 0);
        CHECK(w.size <= room);
        free(out);
    }
}

static bool grow_to_double(struct writer *w, size_t more)
{
    size_t room = w->room * 2 + more;
    if (--*(int *)w->owner < 0)
        return false;
    char *at = realloc(w->at, room);
    CHECK(at != NULL);
    w->at = at;
    w->room = room;
    return true;
}

TEST(a_writer_grows_until_memory_is_out)
{
    int times = 100;
    struct writer w = { .grow = grow_to_double, .owner = &times };
    for (int i = 0; i < 1000; i++)
        bide__write_field(&w, text_from("Name"), text_from("value"));
    CHECK_EQ(w.code, 0);
    CHECK_EQ(w.size, 13000);
    times = 0;
    for (int i = 0; i < 3000; i++)
        bide__write_field(&w, text_from("Name"), text_from("value"));
    CHECK_EQ(bide__write_end(&w), BIDE_ENOMEM);
    free(w.at);
}

TEST(percent_codes_go_both_ways)
{
    char all[255], encoded[800], decoded[800];
    for (int i = 0; i < 255; i++)
        all[i] = (char)(i + 1);
    struct writer w = { .at = encoded, .room = sizeof encoded };
    bide__percent_write(&w, text_of(all, sizeof all));
    CHECK_EQ(w.code, 0);
    CHECK_EQ(bide__percent_decode(decoded, text_of(encoded, w.size), true), 255);
    CHECK_MEM(decoded, all, 255);
    CHECK_EQ(bide__percent_decode(encoded, text_of(encoded, w.size), false), 255);
    CHECK_MEM(encoded, all, 255);
}

TEST(bad_percent_codes_are_refused)
{
    static const char *const bad[] = { "%", "%1", "a%", "%g0", "%0g", "%00", "a%00b" };
    char out[10];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_EQ(bide__percent_decode(out, text_from(bad[i]), false), -1);
    CHECK_EQ(bide__percent_decode(out, text_from("a+b%2B"), true), 4);
    CHECK_MEM(out, "a b+", 4);
    CHECK_EQ(bide__percent_decode(out, text_from("a+b%2b"), false), 4);
    CHECK_MEM(out, "a+b+", 4);
}

TEST(dates_agree_with_the_c_library)
{
    for (int64_t t = 0; t < 253402300800; t += 86400 * 13 + 3607) {
        char out[DATE_SIZE + 1] = "", expected[64];
        time_t seconds = (time_t)t;
        struct tm tm;
        bide__date_write(out, t);
        strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &tm));
        CHECK_STR(out, expected);
        int64_t back;
        CHECK(bide__date_read(text_of(out, DATE_SIZE), &back));
        CHECK_EQ(back, t);
    }
}

TEST(other_dates_are_refused)
{
    static const char *const bad[] = {
        "", "Sun, 06 Nov 1994 08:49:37 GM", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 1994 08-49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t seconds;
        CHECK(!bide__date_read(text_from(bad[i]), &seconds));
    }
}
