/* URLs: what is understood, what is refused and with which sentence, and joining. */
#include "test.h"

#include "bide/error.h"
#include "http/url.h"

#include <stdio.h>
#include <string.h>

/* Parses a copy without a NUL behind it, so that reading past the end is seen. */
static int parse(struct url *url, char *copy, const char *text, const char **why)
{
    size_t size = strlen(text);
    memcpy(copy, text, size);
    memset(copy + size, 'x', 8);
    return bide__url_parse(url, copy, size, why);
}

static const char *spelled(struct text text)
{
    static char out[4][600];
    static int turn;
    char *to = out[turn++ % 4];
    if (!text.at)
        return NULL;
    snprintf(to, sizeof out[0], "%.*s", (int)text.size, text.at);
    return to;
}

TEST(urls_are_taken_apart)
{
    static const struct {
        const char *text, *origin, *host, *field, *path, *query;
    } cases[] = {
        { "http://example.org", "http://example.org:80", "example.org", "example.org", "/", NULL },
        { "http://example.org/", "http://example.org:80", "example.org", "example.org", "/", NULL },
        { "HTTP://EXAMPLE.org:80/A", "http://example.org:80", "example.org", "example.org", "/A",
          NULL },
        { "https://a.b:443/x?y", "https://a.b:443", "a.b", "a.b", "/x", "y" },
        { "https://a.b:80/x?y=1&z=%20#frag?/", "https://a.b:80", "a.b", "a.b:80", "/x",
          "y=1&z=%20" },
        { "http://a?q", "http://a:80", "a", "a", "/", "q" },
        { "http://a?", "http://a:80", "a", "a", "/", "" },
        { "http://a#f", "http://a:80", "a", "a", "/", NULL },
        { "http://a:/", "http://a:80", "a", "a", "/", NULL },
        { "http://a:65535/", "http://a:65535", "a", "a:65535", "/", NULL },
        { "http://a:00080/", "http://a:80", "a", "a", "/", NULL },
        { "http://127.0.0.1:8080/;a=b/@:!$&'()*+,", "http://127.0.0.1:8080", "127.0.0.1",
          "127.0.0.1:8080", "/;a=b/@:!$&'()*+,", NULL },
        { "http://[::1]:8080/", "http://[::1]:8080", "[::1]", "[::1]:8080", "/", NULL },
        { "http://[0:0:0:0:0:0:0:1]", "http://[::1]:80", "[::1]", "[::1]", "/", NULL },
        { "http://[2001:DB8::1]/", "http://[2001:db8::1]:80", "[2001:db8::1]", "[2001:db8::1]",
          "/", NULL },
        { "http://a_b-c.d./x//y/.../z", "http://a_b-c.d.:80", "a_b-c.d.", "a_b-c.d.",
          "/x//y/.../z", NULL },
        { "http://u:p@a:81/@", "http://a:81", "a", "a:81", "/@", NULL },
        { "http://1a.2b/", "http://1a.2b:80", "1a.2b", "1a.2b", "/", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct url url;
        char copy[600];
        const char *why = cases[i].text;
        if (parse(&url, copy, cases[i].text, &why) != 0)
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i].text, why);
        CHECK_STR(url.origin, cases[i].origin);
        CHECK_EQ(url.origin_size, strlen(cases[i].origin));
        CHECK_STR(spelled(url_host(&url)), cases[i].host);
        CHECK_STR(spelled(url_host_field(&url)), cases[i].field);
        CHECK_STR(spelled(url.path), cases[i].path);
        CHECK_STR(spelled(url.query), cases[i].query);
        CHECK_STR(url_address(&url), strstr(cases[i].origin, "//") + 2);
        CHECK_EQ(url.secure, strncmp(cases[i].origin, "https", 5) == 0);
    }
}

TEST(bad_urls_are_refused_with_a_reason)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "", "http://" }, { "http:/", "http://" }, { "example.org", "http://" },
        { "ftp://a/", "http://" }, { "/x", "http://" }, { " http://a/", "http://" },
        { "http://", "no host" }, { "http:///x", "no host" }, { "http://?x", "no host" },
        { "http://:80/", "no host" },
        { "http://a b/", "space" }, { "http://a/b c", "space" }, { "http://a/?b c", "space" },
        { "http://a/#b c", "space" }, { "http://a/\r\nX: y", "control" },
        { "http://a\r\n/", "control" }, { "http://a/\x7f", "control" },
        { "http://a/\t", "control" },
        { "http://a/\xc3\xa4", "non-ASCII" }, { "http://\xc3\xa4/", "non-ASCII" },
        { "http://a/%", "hexadecimal" }, { "http://a/%2", "hexadecimal" },
        { "http://a/%2g", "hexadecimal" }, { "http://a/?%zz", "hexadecimal" },
        { "http://a%2e/", "no name has" },
        { "http://a/\\b", "backslash" }, { "http://a\\b/", "no name has" },
        { "http://a/<", "percent-encoded" }, { "http://a/{x}", "percent-encoded" },
        { "http://a/\"", "percent-encoded" }, { "http://a/?a[]=1", "percent-encoded" },
        { "http://a/##", "percent-encoded" },
        { "http://u@b@a/", "two @" }, { "http://u<@a/", "percent-encoded" },
        { "http://u%@a/", "hexadecimal" }, { "http://u@/", "no host" },
        { "http://a/.", "between slashes" }, { "http://a/b/../c", "between slashes" },
        { "http://a/%2e%2E", "between slashes" }, { "http://a/.%2e/", "between slashes" },
        { "http://a:0/", "port" }, { "http://a:65536/", "port" }, { "http://a:8o/", "port" },
        { "http://a:-1/", "port" }, { "http://a:+1/", "port" }, { "http://a:80:80/", "port" },
        { "http://a:000080/", "port" }, { "http://[::1]80/", "port" },
        { "http://a..b/", "empty part" }, { "http://.a/", "empty part" }, { "http://./", "empty" },
        { "http://a../", "empty part" },
        { "http://a,b/", "no name has" }, { "http://a*b/", "no name has" },
        { "http://1/", "IPv4" }, { "http://127.1/", "IPv4" }, { "http://0x7f.1/", "IPv4" },
        { "http://0x7f000001/", "IPv4" }, { "http://256.0.0.1/", "IPv4" },
        { "http://127.0.0.1./", "IPv4" }, { "http://a.1/", "IPv4" },
        { "http://1.2.3.4.5/", "IPv4" },
        { "http://01.2.3.4/", "IPv4" },
        { "http://[::1/", "without a ]" }, { "http://[]/", "IPv6" }, { "http://[:::1]/", "IPv6" },
        { "http://[1.2.3.4]/", "IPv6" }, { "http://[fe80::1%25eth0]/", "zone" },
        { "http://[v1.x]/", "IPv6" }, { "http://::1/", "no host" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct url url;
        char copy[600];
        const char *why = "nothing";
        int rc = parse(&url, copy, cases[i].text, &why);
        if (rc != BIDE_EURL || !strstr(why, cases[i].why))
            test_fail(__FILE__, __LINE__, "%s gives %d, \"%s\", not \"%s\"", cases[i].text, rc,
                      why, cases[i].why);
    }
}

TEST(user_password_and_fragment_are_apart)
{
    static const struct {
        const char *text, *user, *password, *fragment;
    } cases[] = {
        { "http://a/", NULL, NULL, NULL }, { "http://a/#", NULL, NULL, "" },
        { "http://u@a/x?y#z?/", "u", NULL, "z?/" }, { "http://u:@a", "u", "", NULL },
        { "http://:p@a", "", "p", NULL }, { "http://@a", NULL, NULL, NULL },
        { "http://:@a", NULL, NULL, NULL }, { "http://u:p:q@a", "u", "p:q", NULL },
        { "http://u%40x:%3a@[::1]:81/", "u%40x", "%3a", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct url url;
        char copy[600];
        const char *why = cases[i].text;
        if (parse(&url, copy, cases[i].text, &why) != 0)
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i].text, why);
        CHECK_STR(spelled(url.user), cases[i].user);
        CHECK_STR(spelled(url.password), cases[i].password);
        CHECK_STR(spelled(url.fragment), cases[i].fragment);
        CHECK(!strchr(url.origin, '@'));
    }
}

TEST(names_and_urls_have_a_longest_length)
{
    char text[URL_SIZE_MAX + 64], label[65];
    struct url url;
    const char *why = NULL;
    memset(label, 'a', 64);
    snprintf(text, sizeof text, "http://%.63s/", label);
    CHECK_EQ(bide__url_parse(&url, text, strlen(text), &why), 0);
    snprintf(text, sizeof text, "http://%.64s/", label);
    CHECK_EQ(bide__url_parse(&url, text, strlen(text), &why), BIDE_EURL);
    CHECK_HAS(why, "63");
    snprintf(text, sizeof text, "http://%.63s.%.63s.%.63s.%.61s:65535/", label, label, label,
             label);
    CHECK_EQ(bide__url_parse(&url, text, strlen(text), &why), 0);
    CHECK_EQ(url.origin_size, 7 + 253 + 6);
    snprintf(text, sizeof text, "https://%.63s.%.63s.%.63s.%.61s:65535", label, label, label,
             label);
    CHECK_EQ(bide__url_parse(&url, text, strlen(text), &why), 0);
    CHECK_EQ(url.origin_size, URL_ORIGIN_SIZE - 1);
    snprintf(text, sizeof text, "http://%.63s.%.63s.%.63s.%.62s/", label, label, label, label);
    CHECK_EQ(bide__url_parse(&url, text, strlen(text), &why), BIDE_EURL);
    CHECK_HAS(why, "253");
    memset(text, 'a', sizeof text);
    memcpy(text, "http://a/", 9);
    CHECK_EQ(bide__url_parse(&url, text, URL_SIZE_MAX, &why), 0);
    CHECK_EQ(bide__url_parse(&url, text, URL_SIZE_MAX + 1, &why), BIDE_EURL);
}

TEST(a_nul_in_a_url_is_refused)
{
    struct url url;
    const char *why = NULL;
    CHECK_EQ(bide__url_parse(&url, "http://a\0b/", 11, &why), BIDE_EURL);
    CHECK_EQ(bide__url_parse(&url, "http://a/\0b", 11, &why), BIDE_EURL);
    CHECK_EQ(bide__url_parse(&url, "http://[::1\0]/", 14, &why), BIDE_EURL);
}

/* The examples of RFC 3986, sections 5.4.1 and 5.4.2, read strictly, and some more. */
TEST(references_are_joined_as_the_standard_says)
{
    static const char base_text[] = "http://a/b/c/d;p?q";
    static const struct {
        const char *reference, *result;
    } cases[] = {
        { "g", "http://a/b/c/g" }, { "./g", "http://a/b/c/g" },
        { "g/", "http://a/b/c/g/" }, { "/g", "http://a/g" }, { "//g", "http://g/" },
        { "?y", "http://a/b/c/d;p?y" }, { "g?y", "http://a/b/c/g?y" },
        { "#s", "http://a/b/c/d;p?q#s" }, { "g#s", "http://a/b/c/g#s" },
        { "g?y#s", "http://a/b/c/g?y#s" }, { ";x", "http://a/b/c/;x" },
        { "g;x", "http://a/b/c/g;x" },
        { "", "http://a/b/c/d;p?q" }, { ".", "http://a/b/c/" }, { "./", "http://a/b/c/" },
        { "..", "http://a/b/" }, { "../", "http://a/b/" }, { "../g", "http://a/b/g" },
        { "../..", "http://a/" }, { "../../", "http://a/" }, { "../../g", "http://a/g" },
        { "../../../g", "http://a/g" }, { "../../../../g", "http://a/g" },
        { "/./g", "http://a/g" }, { "/../g", "http://a/g" }, { "g.", "http://a/b/c/g." },
        { ".g", "http://a/b/c/.g" }, { "g..", "http://a/b/c/g.." }, { "..g", "http://a/b/c/..g" },
        { "./../g", "http://a/b/g" }, { "./g/.", "http://a/b/c/g/" },
        { "g/./h", "http://a/b/c/g/h" }, { "g/../h", "http://a/b/c/h" },
        { "g;x=1/./y", "http://a/b/c/g;x=1/y" }, { "g;x=1/../y", "http://a/b/c/y" },
        { "g?y/./x", "http://a/b/c/g?y/./x" }, { "g?y/../x", "http://a/b/c/g?y/../x" },
        { "g#s/./x", "http://a/b/c/g#s/./x" }, { "g#s/../x", "http://a/b/c/g#s/../x" },
        { "//h:81/x/../y?z", "http://h:81/y?z" },
        { "//h?z", "http://h/?z" },
        { "?", "http://a/b/c/d;p?" }, { "a/../../../x/..", "http://a/" },
        { "/a//b/../c", "http://a/a//c" },
        { "/", "http://a/" }, { "...", "http://a/b/c/..." }, { "y;x:y", "http://a/b/c/y;x:y" },
        { "./x:y", "http://a/b/c/x:y" }, { "https://b/", "https://b/" },
    };
    struct url base;
    const char *why = NULL;
    CHECK_EQ(bide__url_parse(&base, base_text, sizeof base_text - 1, &why), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[200];
        ssize_t size = bide__url_join(&base, cases[i].reference, strlen(cases[i].reference),
                                      out, sizeof out, &why);
        if (size < 0 || strcmp(out, cases[i].result) != 0)
            test_fail(__FILE__, __LINE__, "%s gives %s, not %s", cases[i].reference,
                      size < 0 ? why : out, cases[i].result);
        CHECK_EQ(size, strlen(out));
        for (size_t room = 0; room <= (size_t)size; room++)
            CHECK_EQ(bide__url_join(&base, cases[i].reference, strlen(cases[i].reference),
                                    out, room, &why), BIDE_EURL);
        CHECK_HAS(why, "no room");
    }
}

TEST(a_joined_url_keeps_the_port)
{
    struct url base;
    const char *why = NULL;
    char out[100];
    CHECK_EQ(bide__url_parse(&base, "https://[::1]:8443/x/y", 22, &why), 0);
    CHECK_EQ(bide__url_join(&base, "../z", 4, out, sizeof out, &why), 20);
    CHECK_STR(out, "https://[::1]:8443/z");
}
