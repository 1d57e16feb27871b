/* bide_url: parts, joining, building, and what cannot get through any of them. */
#include "test.h"

#include <bide.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TASK_TEST(a_url_is_taken_apart_into_texts)
{
    bide_auto(url) u = bide_url_parse(" HTTPS://m%40e:p%3aw@EXAMPLE.org:8443/a b/./c"
                                  "?x=1 2&y&z=#f g ");
    CHECK_STR(bide_url_text(u), "https://m%40e:p%3aw@example.org:8443/a%20b/c?x=1%202&y&z=#f%20g");
    CHECK_STR(bide_url_redacted(u), "https://example.org:8443/a%20b/c?x=1%202&y&z=#f%20g");
    CHECK_STR(bide_url_scheme(u), "https");
    CHECK_STR(bide_url_user(u), "m@e");
    CHECK_STR(bide_url_password(u), "p:w");
    CHECK_STR(bide_url_host(u), "example.org");
    CHECK_STR(bide_url_host_unicode(u), "example.org");
    CHECK_EQ(bide_url_port(u), 8443);
    CHECK_STR(bide_url_path(u), "/a%20b/c");
    CHECK_STR(bide_url_query(u), "x=1%202&y&z=");
    CHECK_STR(bide_url_target(u), "/a%20b/c?x=1%202&y&z=");
    CHECK_STR(bide_url_fragment(u), "f%20g");
    CHECK_STR(bide_url_origin(u), "https://example.org:8443");
    bide_auto(url) plain = bide_url_parse("http://[0:0::1]:80");
    CHECK_STR(bide_url_text(plain), "http://[::1]/");
    CHECK_STR(bide_url_redacted(plain), bide_url_text(plain));
    CHECK_STR(bide_url_host(plain), "::1");
    CHECK_STR(bide_url_origin(plain), "http://[::1]");
    CHECK_EQ(bide_url_port(plain), 80);
    CHECK_STR(bide_url_target(plain), "/");
    CHECK_PTR(bide_url_user(plain), NULL);
    CHECK_PTR(bide_url_password(plain), NULL);
    CHECK_PTR(bide_url_query(plain), NULL);
    CHECK_PTR(bide_url_fragment(plain), NULL);
    CHECK_PTR(bide_url_params(plain)->name, NULL);
}

#ifdef BIDE_IDN
TASK_TEST(a_host_beyond_ascii_has_two_forms)
{
    bide_auto(url) u = bide_url_parse("http://STRA\xc3\x9f" "E.example/");
    CHECK_STR(bide_url_host(u), "xn--strae-oqa.example");
    CHECK_STR(bide_url_host_unicode(u), "stra\xc3\x9f" "e.example");
    bide_auto(url) bad = bide_url_parse("http://xn--zzzzzzzzzzz--.example/");
    CHECK_STR(bide_url_host_unicode(bad), "xn--zzzzzzzzzzz--.example");
}
#endif

TASK_TEST(parameters_are_decoded_in_their_order)
{
    bide_auto(url) u = bide_url_parse("http://a/?q=1+%26+2&&\xc3\xa4=%c3%a4&none&=x&q=3&"
                                  "nul=%00&e==");
    static const struct bide_pair expected[] = {
        { "q", "1 & 2" }, { "\xc3\xa4", "\xc3\xa4" }, { "none", "" }, { "", "x" }, { "q", "3" },
        { "nul", "%00" }, { "e", "=" },
    };
    const struct bide_pair *pair = bide_url_params(u);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++, pair++) {
        CHECK_STR(pair->name, expected[i].name);
        CHECK_STR(pair->value, expected[i].value);
    }
    CHECK_PTR(pair->name, NULL);
    CHECK_STR(bide_url_param(u, "q"), "1 & 2");
    CHECK_PTR(bide_url_param(u, "w"), NULL);
}

TASK_TEST(a_reference_is_joined)
{
    bide_auto(url) base = bide_url_parse("http://me@a/b/c?q#f");
    bide_auto(url) near = bide_url_join(base, " ../d e#g ");
    CHECK_STR(bide_url_text(near), "http://me@a/d%20e#g");
    bide_auto(url) far = bide_url_join(base, "//b/x");
    CHECK_STR(bide_url_text(far), "http://b/x");
    CHECK(bide_url_same_origin(base, near));
    CHECK(!bide_url_same_origin(base, far));
    CHECK(!bide_url_same_origin(base, NULL));
    bide_auto(url) port = bide_url_join(base, "http://A:80/");
    CHECK(bide_url_same_origin(base, port));
    CHECK_PTR(bide_url_join(base, "mailto:me@a"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EURL);
    CHECK_HAS(bide_errmsg(), "neither http nor https");
}

TASK_TEST(a_scheme_is_guessed_only_where_it_may_be)
{
    CHECK_PTR(bide_url_parse("example.org/x"), NULL);
    bide_auto(url) u = bide_url_parse("example.org:8080/x", .guess_scheme = true);
    CHECK_STR(bide_url_text(u), "http://example.org:8080/x");
}

TASK_TEST(a_failure_tells_the_url_but_not_its_password)
{
    CHECK_PTR(bide_url_parse("http://me:secret@a b/"), NULL);
    CHECK_STR(bide_errmsg(), "http://a b/: the URL has a space in it; write %20");
    CHECK_PTR(bide_url_parse(NULL), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}

TASK_TEST(everything_on_null_passes_the_failure_on)
{
    CHECK_PTR(bide_url_parse("?"), NULL);
    CHECK_PTR(bide_url_join(NULL, "x"), NULL);
    CHECK_PTR(bide_url_text(NULL), NULL);
    CHECK_PTR(bide_url_param(NULL, "x"), NULL);
    CHECK_EQ(bide_url_port(NULL), BIDE_EURL);
    bide_url_free(NULL);
    CHECK_EQ(bide_errcode(), BIDE_EURL);
}

TASK_TEST(a_url_is_built_of_parts)
{
    static const char *const segments[] = { "a/b", "c d", "%41", "\r\n", NULL };
    bide_auto(url) u = bide_url_build(.scheme = "https", .host = "A.example", .port = 444,
        .user = "me@", .password = "p:/w", .path = "x y?#/%41%", .segments = segments,
        .query = BIDE_PAIRS({ "q", "1 & 2" }, { "flag", NULL }, { "empty", "" }),
        .fragment = "top #1");
    CHECK_STR(bide_url_text(u), "https://me%40:p%3A%2Fw@a.example:444/x%20y%3F%23/%41%25/a%2Fb/"
              "c%20d/%2541/%0D%0A?q=1%20%26%202&flag&empty=#top%20%231");
    CHECK_STR(bide_url_user(u), "me@");
    CHECK_STR(bide_url_password(u), "p:/w");
    bide_auto(url) six = bide_url_build(.host = "::1");
    CHECK_STR(bide_url_text(six), "http://[::1]/");
    bide_auto(url) usual = bide_url_build(.host = "[::1]", .port = 80, .path = "/../a");
    CHECK_STR(bide_url_text(usual), "http://[::1]/a");
}

TASK_TEST(a_url_is_changed_in_parts)
{
    static const char *const more[] = { "d", NULL };
    static const struct bide_pair none[] = { { NULL, NULL } };
    bide_auto(url) u = bide_url_parse("http://me:pw@a:81/b/?x=%41+1#f");
    bide_auto(url) same = bide_url_build(.from = u);
    CHECK_STR(bide_url_text(same), bide_url_text(u));
    bide_auto(url) added = bide_url_build(.from = u, .segments = more,
                                          .add = BIDE_PAIRS({ "y", "a b" }), .fragment = "");
    CHECK_STR(bide_url_text(added), "http://me:pw@a:81/b/d?x=%41+1&y=a%20b");
    bide_auto(url) bare = bide_url_build(.from = u, .user = "", .query = none, .scheme = "https");
    CHECK_STR(bide_url_text(bare), "https://a:81/b/#f");
    bide_auto(url) usual = bide_url_parse("http://a/");
    bide_auto(url) other = bide_url_build(.from = usual, .scheme = "https", .host = "b",
                                          .add = BIDE_PAIRS({ "x", "1" }));
    CHECK_STR(bide_url_text(other), "https://b/?x=1");
    CHECK_EQ(bide_url_port(other), 443);
}

TASK_TEST(parts_that_make_no_url_are_refused)
{
    static const char *const up[] = { "..", NULL };
    CHECK_PTR(bide_url_build(.path = "/"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_url_build(.host = "a", .port = 65536), NULL);
    CHECK_PTR(bide_url_build(.host = "a", .port = -1), NULL);
    CHECK_PTR(bide_url_build(.host = "a", .segments = up), NULL);
    CHECK_PTR(bide_url_build(.host = "a", .scheme = "ftp"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EURL);
    static const char *const hosts[] = {
        "", "a/b", "a?b", "a#b", "u@a", "a\\b", "a:80", "[::1]:80", "[::1", "a b", "a\r\nb", "%61",
        " a", "1.2.3", "a..b",
    };
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (bide_url_build(.host = hosts[i]))
            test_fail(__FILE__, __LINE__, "the host '%s' is taken", hosts[i]);
}

TASK_TEST(percent_codes_go_both_ways)
{
    char out[BIDE_PERCENT_ROOM(8)];
    CHECK_EQ(bide_percent_encode(out, sizeof out, "a b/\xc3\xa4~"), 15);
    CHECK_STR(out, "a%20b%2F%C3%A4~");
    CHECK_EQ(bide_percent_encode(out, 16, "a b/\xc3\xa4~"), 15);
    CHECK_EQ(bide_percent_encode(out, 15, "a b/\xc3\xa4~"), BIDE_ELIMIT);
    CHECK_EQ(bide_percent_decode(out, sizeof out, "a%20b+%c3%A4"), 6);
    CHECK_STR(out, "a b+\xc3\xa4");
    memcpy(out, "%41%25", 7);
    CHECK_EQ(bide_percent_decode(out, 7, out), 2);
    CHECK_STR(out, "A%");
    CHECK_EQ(bide_percent_decode(out, 6, "%41%25"), BIDE_ELIMIT);
    CHECK_EQ(bide_percent_decode(out, sizeof out, "a%"), BIDE_EURL);
    CHECK_EQ(bide_percent_decode(out, sizeof out, "%00"), BIDE_EURL);
    CHECK_EQ(bide_percent_decode(out, sizeof out, "%4g"), BIDE_EURL);
}

TASK_TEST(many_parameters_and_long_urls_are_held)
{
    static char text[16384 + 8];
    memset(text, '&', sizeof text);
    memcpy(text, "http://a/?", 10);
    for (size_t i = 11; i < 16384; i += 2)
        text[i] = 'x';
    text[16384] = '\0';
    bide_auto(url) u = bide_url_parse(text);
    CHECK_STR(bide_url_text(u), text);
    size_t count = 0;
    for (const struct bide_pair *pair = bide_url_params(u); pair->name; pair++)
        count++;
    CHECK_EQ(count, (16384 - 10) / 2);
    text[16384] = 'x';
    text[16385] = '\0';
    CHECK_PTR(bide_url_parse(text), NULL);
    memset(text + 9, ' ', sizeof text - 9);
    text[6000] = 'x';
    text[6001] = '\0';
    CHECK_PTR(bide_url_parse(text), NULL);
    CHECK_HAS(bide_errmsg(), "when it is percent-encoded");
}

static int try_one(void *arg)
{
    (void)arg;
    bide_auto(url) u = bide_url_parse("http://u:p@xn--bcher-kva.example/a b?x=1&y=2#f");
    bide_auto(url) next = bide_url_join(u, "c");
    bide_auto(url) built = bide_url_build(.from = next, .add = BIDE_PAIRS({ "a", "b" }));
    return built ? 0 : bide_errcode();
}

TEST(each_allocation_may_fail)
{
    CHECK(bide_test_each_allocation(try_one, NULL) > 0);
}
