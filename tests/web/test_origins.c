/* Lists of origins. */
#include "web/origins.h"

#include <bide/error.h>

#include "test.h"

static bool have(const char *list, const char *origin)
{
    struct origins o;
    CHECK_EQ(bide__origins_read(&o, list), 0);
    bool found = bide__origins_have(&o, origin);
    bide__origins_end(&o);
    return found;
}

TEST(an_origin_is_compared_as_a_whole)
{
    static const char list[] = "https://a.example, HTTP://B.example:8080,https://c.example:443";
    static const char *const in[] = { "https://a.example", "http://b.example:8080",
                                      "https://c.example" };
    static const char *const out[] = { "http://a.example", "https://a.example:444", "a.example",
        "https://a.example.evil", "https://xa.example", "https://a.example/", "null", "",
        "http://b.example", "https://c.example:443", "https://A.example", "https://a.example " };
    for (size_t i = 0; i < sizeof in / sizeof *in; i++)
        CHECK(have(list, in[i]));
    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        if (have(list, out[i]))
            test_fail(__FILE__, __LINE__, "%s", out[i]);
}

TEST(a_star_stands_for_whole_names)
{
    static const char list[] = "https:" "//*.example.org, http:" "//*.x:81";
    static const char *const in[] = { "https://a.example.org", "https://a.b.example.org",
                                      "http://a.x:81" };
    static const char *const out[] = { "https://example.org", "https://.example.org",
        "https://evilexample.org", "https://a.example.org.evil", "http://a.example.org",
        "https://a.example.org:8443", "https://evil/.example.org", "https://evil:1.example.org",
        "https://user@a.example.org", "https://a.example.orgx", "http://a.x", "http://a.x:811" };
    for (size_t i = 0; i < sizeof in / sizeof *in; i++)
        CHECK(have(list, in[i]));
    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        if (have(list, out[i]))
            test_fail(__FILE__, __LINE__, "%s", out[i]);
}

TEST(everybody_and_nobody_have_words)
{
    CHECK(have("*", "https://x") && have("*", "null"));
    CHECK(have("null", "null") && !have("null", "https://x"));
    CHECK(have("http://[::1]:8080, https://[::1]", "https://[::1]"));
    CHECK(!have("", "https://x") && !have(NULL, "https://x") && !have(" , ", ""));
}

#define STAR "*"           /* not to look like the end of a comment */

TEST(what_is_no_origin_is_refused)
{
    static const char *const bad[] = { "a.example", "https://", "https://a/", "https://a.example/b",
        "https://a b", "https://*", ("https://" STAR "a.example"), "https://a.*.example", "://a",
        "https://a:x", "https://a:70000", "https://a:", "https://.a", "https://a, b" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct origins o;
        if (bide__origins_read(&o, bad[i]) != BIDE_EINVAL)
            test_fail(__FILE__, __LINE__, "%s", bad[i]);
        bide__origins_end(&o);
    }
}
