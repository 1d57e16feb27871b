/* What browsers make of a text (the WHATWG URL standard) beside what bide makes of it; where they
 * differ, docs/urls.md says why. */
#include "test.h"

#include "bide/error.h"
#include "http/url.h"

#include <stdio.h>
#include <string.h>

static char out[4 * URL_SIZE_MAX];

/* Made normal, or the sentence why not. */
static const char *resolved(const char *base_text, const char *text, size_t size, int flags)
{
    struct writer w = { .at = out, .room = sizeof out };
    struct url base;
    const char *why = NULL;
    if (base_text)
        CHECK_EQ(bide__url_parse(&base, base_text, strlen(base_text), &why), 0);
    ssize_t rc = bide__url_resolve(&w, base_text ? &base : NULL, text_of(text, size), flags, &why);
    if (rc < 0)
        return why;
    struct url url;
    if (bide__url_parse(&url, out, (size_t)rc, &why) < 0)
        test_fail(__FILE__, __LINE__, "%s becomes %s: %s", text, out, why);
    return out;
}

static void check_all(const char *const (*cases)[2], size_t count, const char *base, int flags)
{
    for (size_t i = 0; i < count; i++) {
        const char *got = resolved(base, cases[i][0], strlen(cases[i][0]), flags);
        if (!strstr(got, cases[i][1]) || (got == out && strcmp(got, cases[i][1]) != 0))
            test_fail(__FILE__, __LINE__, "'%s' gives %s, not %s", cases[i][0], got, cases[i][1]);
    }
}
#define CHECK_ALL(cases, base, flags) check_all(cases, sizeof cases / sizeof *cases, base, flags)

TEST(what_browsers_agree_with)
{
    static const char *const cases[][2] = {
        { "  \t\n http://a/ \r\n\f", "http://a/" },
        { "HTTP://EXAMPLE.COM:80", "http://example.com/" },
        { "https://a:443/", "https://a/" }, { "http://a:443/", "http://a:443/" },
        { "http://a:/b", "http://a/b" }, { "http://a?", "http://a/?" },
        { "http://a#", "http://a/#" },
        { "http://a/b c?d e#f g", "http://a/b%20c?d%20e#f%20g" },
        { "http://a/\xc3\xa4?\xc3\xa4#\xc3\xa4", "http://a/%C3%A4?%C3%A4#%C3%A4" },
        { "http://a/\xe2\x80\xa8\xe2\x80\xa9", "http://a/%E2%80%A8%E2%80%A9" },
        { "http://a/%41%7e%c3%a4", "http://a/%41%7e%c3%a4" },
        { "http://a/%0d%0aX:%20y", "http://a/%0d%0aX:%20y" },
        { "http://a/%00", "http://a/%00" },
        { "http://a/\"<>`{}", "http://a/%22%3C%3E%60%7B%7D" },
        { "http://a/b\\c\\..\\d", "http://a/b/d" },
        { "http://a/x/./y/../z/..", "http://a/x/" },
        { "http://a/x/%2e%2E/y/.%2e/%2e", "http://a/" },
        { "http://a/..%2f", "http://a/..%2f" },
        { "http://a/...", "http://a/..." }, { "http://a//b//../c", "http://a//b/c" },
        { "http://@a/", "http://a/" }, { "http://:@a/", "http://a/" },
        { "http://u:@a/", "http://u@a/" },
        { "http://:p@a/", "http://:p@a/" }, { "http://u s:p|@a", "http://u%20s:p%7C@a/" },
        { "http://a/@b:c", "http://a/@b:c" }, { "http://a?@b", "http://a/?@b" },
        { "http://a#@b", "http://a/#@b" }, { "http://[0:0:0::1]", "http://[::1]/" },
        { "http://[::FFFF:1.2.3.4]/", "http://[::ffff:1.2.3.4]/" },
        { "http://ex%41mple.org/", "http://example.org/" }, { "http://a_b/", "http://a_b/" },
        { "http://a./", "http://a./" },
        { "http://a b/", "space" }, { "http://a<b/", "no name has" },
        { "http://a%00b/", "NUL" },
        { "http://a%2fb/", "no name has" }, { "http://a%40b/", "no name has" },
        { "http://a%3a80/", "no name has" }, { "http://a%20b/", "space" },
        { "http://a%0d%0ab/", "control" }, { "http://%/", "hexadecimal" },
        { "http://[::1]x/", "port" }, { "http://[::1/", "without a ]" },
        { "http://[/", "without" },
        { "http://[fe80::1%25eth0]/", "zone" }, { "http://::1/", "no host" },
        { "http://a:65536/", "port" }, { "http://a:b/", "port" }, { "http://a:-1/", "port" },
        { "http://", "no host" }, { "http://u@/", "no host" }, { "http://:80/", "no host" },
        { "http://256.1.1.1/", "IPv4" }, { "http://1.2.3.4.5/", "IPv4" },
        { "a/b", "begin with" },
        { "//a/b", "begin with" }, { "", "begin with" }, { "http://[v1.x]/", "IPv6" },
    };
    CHECK_ALL(cases, NULL, 0);
}

TEST(what_browsers_do_otherwise)
{
    static const char *const cases[][2] = {
        { "http://a\t/", "line break or a tab" }, { "http://a/b\nc", "line break" },
        { "http://a/b\rc", "line break" }, { "http://a/\x01", "control" },
        { "http://a/\x7f", "control" },
        { "http://a/\xff", "UTF-8" }, { "http://a/\xc0\xaf", "UTF-8" },
        { "http://a/\xed\xa0\x80", "UTF-8" }, { "http://a/\xf4\x90\x80\x80", "UTF-8" },
        { "http://a/\xe2\x82", "UTF-8" },
        { "http://a/100%?50%&%4#%g", "http://a/100%25?50%25&%254#%25g" },
        { "http://a/[]^|?[]^|\\", "http://a/%5B%5D%5E%7C?%5B%5D%5E%7C%5C" },
        { "http://a/?it's", "http://a/?it's" }, { "http://a/##", "http://a/#%23" },
        { "http://a\\b", "backslash" }, { "http://a\\@b/", "backslash" },
        { "http:\\\\a", "backslash" },
        { "http:/\\a", "backslash" }, { "http://\\a", "backslash" },
        { "http://u:p\\@a/", "backslash" },
        { "http://a@b@c/", "two @" }, { "http://a@b:c@d/", "two @" },
        { "http:/a", "two slashes" }, { "http:a", "two slashes" }, { "http:///a", "no host" },
        { "http:?x", "two slashes" }, { "ftp://a/", "neither" }, { "mailto:a@b", "neither" },
        { "javascript:alert(1)//http://a/", "neither" }, { "data:,x", "neither" },
        { "http://a:0/", "port" }, { "http://a:000080/", "port" },
        { "http://127.1/", "IPv4" }, { "http://0x7f.1/", "IPv4" },
        { "http://017700000001/", "IPv4" },
        { "http://2130706433/", "IPv4" }, { "http://1.2.3.4./", "IPv4" },
        { "http://01.2.3.4/", "IPv4" },
        { "http://%31.2.3.4/", "other than plain" },
        { "http://1%2e2.3.4/", "other than plain" },
        { "http://a..b/", "empty part" }, { "http://.a/", "empty part" },
        { "http://a,b/", "no name" },
        { "http://a!$&'()*+,;=b/", "no name has" },
    };
    CHECK_ALL(cases, NULL, 0);
}

TEST(a_scheme_is_guessed_for_hosts_alone)
{
    static const char *const cases[][2] = {
        { "example.org", "http://example.org/" },
        { "example.org/x?y#z", "http://example.org/x?y#z" },
        { "a?x", "http://a/?x" }, { "localhost:8080", "http://localhost:8080/" },
        { "localhost:80/x:y", "http://localhost/x:y" }, { "[::1]:81/", "http://[::1]:81/" },
        { "//a/b", "http://a/b" }, { "u@a", "http://u@a/" }, { "https://a", "https://a/" },
        { "1.2.3.4:5", "http://1.2.3.4:5/" }, { "a:80\\@b", "neither" },
        { "a\\b", "backslash" },
        { "u:p@a/", "neither" }, { "mailto:a@b", "neither" }, { "javascript:1+1", "neither" },
        { "a:123456", "neither" }, { "a:", "neither" }, { "/x", "no host" }, { "", "no host" },
        { "http:/a", "two slashes" }, { "\\\\a\\b", "backslash" },
    };
    CHECK_ALL(cases, NULL, URL_GUESS_SCHEME);
}

TEST(references_of_pages_are_read_as_tolerantly)
{
    static const char *const cases[][2] = {
        { " c d ", "https://u:p@a:81/b/c%20d" }, { "\\c", "https://u:p@a:81/c" },
        { "c\\d", "https://u:p@a:81/b/c/d" }, { "/\\evil", "backslash" },
        { "\\\\evil", "backslash" },
        { "\\/evil", "backslash" }, { "//evil\\x", "backslash" }, { "//b/c", "https://b/c" },
        { "//v@b", "https://v@b/" }, { "", "https://u:p@a:81/b/x?q" },
        { "#", "https://u:p@a:81/b/x?q#" },
        { "?\xc3\xa4", "https://u:p@a:81/b/x?%C3%A4" },
        { "/.//evil", "https://u:p@a:81//evil" },
        { "%2e%2e/%2e%2e/c", "https://u:p@a:81/c" }, { "HTTPS://B", "https://b/" },
        { "https:c", "two slashes" }, { "c:d", "neither" },
        { "./c:d", "https://u:p@a:81/b/c:d" },
        { "c\r\nd", "line break" },
    };
    CHECK_ALL(cases, "https://u:p@a:81/b/x?q", 0);
    CHECK_STR(resolved("https://u:p@a/#f", "b#c", 3, URL_DROP_USER | URL_DROP_FRAGMENT),
              "https://a/b");
}

TEST(no_byte_from_outside_gets_through_raw)
{
    static const char *const shapes[] = {
        "http://a%cb/", "http://%c/", "http://u%c@a/", "http://a:%c/", "http://a/%c",
        "http://a/?%c", "http://a/#%c",
        "http%c://a/", "%chttp://a/", "http://a/%c ", "http://[::1%c]/",
    };
    for (int byte = 0; byte < 256; byte++)
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
            char text[64];
            int size = snprintf(text, sizeof text, shapes[i], byte);
            const char *got = resolved(NULL, text, (size_t)size, 0);
            if (got != out)
                continue;
            for (const char *at = out; *at; at++)
                CHECK(*at > 0x20 && *at < 0x7f);
        }
    CHECK_STR(resolved(NULL, "http://a/\0b", 11, 0), "the URL has a control character in it");
}

TEST(names_beyond_ascii_become_what_dns_knows)
{
#ifdef BIDE_IDN
    static const char *const cases[][2] = {
        { "http://B\xc3\x9c" "CHER.example/", "http://xn--bcher-kva.example/" },
        { "http://b%C3%BCcher.example/", "http://xn--bcher-kva.example/" },
        { "http://stra\xc3\x9f" "e.de", "http://xn--strae-oqa.de/" },
        { "http://a\xe3\x80\x82" "b:81/", "http://a.b:81/" },
        { "http://a\xef\xbc\x8e" "b", "http://a.b/" },
        { "http://\xef\xbd\x81/", "http://a/" }, { "http://a\xc2\xad" "b/", "http://ab/" },
        { "http://a\xef\xbc\x8f" "b/", "no name has" },
        { "http://a\xef\xbc\xbc" "b/", "no name has" },
        { "http://a\xef\xbc\xa0" "b/", "no name has" },
        { "http://a\xef\xbc\x9a" "80/", "no name has" },
        { "http://a\xef\xbc\x9f" "b/", "no name has" },
        { "http://a\xef\xbc\x83" "b/", "percent-encoded" },
        { "http://a\xef\xbc\x85" "2fb/", "no " }, { "http://\xef\xbc\xbb::1]/", "no " },
        { "http://a\xe2\x80\xa4" "b/", "no international" },
        { "http://a\xe2\x80\xa8/", "no " },
        { "http://a\xe2\x80\xae/", "no international" },
        { "http://\xe2\x98\x95.us/", "no international" },
        { "http://\xc2\xad/", "no host" }, { "http://\xc3\xa4../", "empty part" },
        { "http://\xef\xbc\x91.2.3.4/", "other than plain" },
        { "http://127\xe3\x80\x82" "0.0.1/", "other than plain" },
        { "http://\xef\xbc\x90x7f.1/", "IPv4" },
        { "http://\xe2\x91\xa0/", "other than plain" },
    };
    CHECK_ALL(cases, NULL, 0);
    char text[400] = "http://";
    for (int i = 0; i < 60; i++)
        strcat(text, "\xc3\xa4\xc3\xb6");
    CHECK_STR(resolved(NULL, text, strlen(text), 0),
              "the host has a part of more than 63 characters");
#else
    CHECK_HAS(resolved(NULL, "http://\xc3\xa4/", 9, 0), "no libidn2");
#endif
}

TEST(a_url_in_a_sentence_has_no_password)
{
    static const char *const cases[][2] = {
        { "http://a/b", "http://a/b" }, { "http://u:secret@a/b@c", "http://a/b@c" },
        { "http://u:se@cret@a/", "http://a/" }, { "u:secret@a/", "a/" },
        { "http://u:se/cret@a/", "http://a/" }, { "http://a:81/@b", "http://a:81/@b" },
        { "http://a/?x=y@z", "http://a/?x=y@z" },
        { "http://a/\r\n\t\x1b[m", "http://a/???" "?[m" },
        { "http://a/\xc2\x9bm", "http://a/?m" }, { "", "" },
    };
    char shown[URL_SHOWN_SIZE], text[400];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_STR(bide__url_show(shown, cases[i][0]), cases[i][1]);
    memset(text, 'a', sizeof text);
    text[399] = '\0';
    CHECK_EQ(strlen(bide__url_show(shown, text)), URL_SHOWN_SIZE - 1);
}
