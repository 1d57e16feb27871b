/* Qualities of types and codings. */
#include "test.h"

#include "http/accept.h"

#include <stdio.h>
#include <string.h>

TEST(the_closest_entry_decides_how_welcome_a_type_is)
{
    static const struct {
        const char *value, *type;
        unsigned quality;
    } cases[] = {
        { "text/html", "text/html", 1000 }, { "text/html", "application/json", 0 },
        { "TEXT/HTML;q=0.5", "text/html", 500 }, { "text/*;q=0.25", "text/html", 250 },
        { "*/*;q=0.001", "text/html", 1 }, { "", "text/html", 1000 }, { " , ", "text/html", 1000 },
        { "text/html;q=0.1, text/*;q=0.9, */*", "text/html", 100 },
        { "*/*, text/*;q=0.9, text/html;q=0", "text/html", 0 },
        { "text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "text/plain", 300 },
        { "text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "image/png", 500 },
        { "text/html;charset=utf-8 ; q=0.7", "text/html", 700 },
        { "text/html;a=\"x,y;q=0\";q=0.7, text/plain", "text/html", 700 },
        { "text/html;a=\"x,y;q=0\";q=0.7, text/plain", "text/plain", 1000 },
        { "texts/*", "text/html", 0 }, { "text", "text/html", 0 }, { "text/", "text/html", 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned q = bide__accept_type(text_from(cases[i].value), cases[i].type);
        if (q != cases[i].quality)
            test_fail(__FILE__, __LINE__, "%s %s: %u", cases[i].value, cases[i].type, q);
    }
    CHECK_EQ(bide__accept_type(text_of(NULL, 0), "text/html"), 1000);
}

TEST(a_quality_that_is_none_makes_its_entry_none)
{
    static const char *const bad[] = {
        "q=", "q=2", "q=1.1", "q=0.1234", "q=-1", "q=.5", "q=a", "q=1.001", "q=0 .5",
        "q=\"x", "=1", "q = ",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char value[64];
        snprintf(value, sizeof value, "*/*;q=0.3, text/html;%s", bad[i]);
        unsigned q = bide__accept_type(text_from(value), "text/html");
        if (q != 300)
            test_fail(__FILE__, __LINE__, "%s: %u", value, q);
    }
    CHECK_EQ(bide__accept_type(text_from("text/html;q=0.,x/y"), "text/html"), 0);
    CHECK_EQ(bide__accept_type(text_from("text/html;q=1.,x/y"), "text/html"), 1000);
    CHECK_EQ(bide__accept_type(text_from("text/html;q=1.000"), "text/html"), 1000);
    CHECK_EQ(bide__accept_type(text_from("text/html;q=0.120"), "text/html"), 120);
}

TEST(the_coding_wanted_most_is_chosen_and_the_order_offered_breaks_ties)
{
    static const char *const offered[] = { "zstd", "br", "gzip" };
    static const struct {
        const char *value;
        int chosen;
    } cases[] = {
        { "gzip, deflate, br", 1 }, { "gzip, deflate, br, zstd", 0 }, { "gzip", 2 },
        { "x-gzip", 2 }, { "X-GZIP;q=0.1", 2 }, { "deflate", -1 }, { "", -1 }, { "*", 0 },
        { "*;q=0.5, br", 1 }, { "*;q=0", -1 }, { "gzip;q=0", -1 }, { "identity", -1 },
        { "gzip;q=0.5, br;q=0.4", 2 }, { "identity;q=0.6, gzip;q=0.5", -1 },
        { "identity;q=0.5, gzip;q=0.5", 2 }, { "gzip;q=0.001, identity;q=0", 2 },
        { "zstd;q=0, *", 1 }, { "br;q=1.5, gzip;q=0.2", 2 }, { ",, gzip ,", 2 },
        { "identity;q=0", -1 }, { "gzip;q=0.5;q=0.7", 2 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int chosen = bide__accept_coding(text_from(cases[i].value), offered, 3);
        if (chosen != cases[i].chosen)
            test_fail(__FILE__, __LINE__, "%s: %d", cases[i].value, chosen);
    }
    CHECK_EQ(bide__accept_coding(text_of(NULL, 0), offered, 3), ACCEPT_IDENTITY);
    CHECK_EQ(bide__accept_coding_quality(text_from("br;q=0.3"), "br"), 300);
    CHECK_EQ(bide__accept_coding_quality(text_from("*;q=0.2"), "br"), 200);
    CHECK_EQ(bide__accept_coding_quality(text_from("gzip"), "br"), 0);
    CHECK_EQ(bide__accept_coding_quality(text_of(NULL, 0), "br"), 0);
}
