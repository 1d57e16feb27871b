/* The jar: what is kept of what servers set, what is sent where, in which order, for how long. */
#include "test.h"

#include "base/sys.h"
#include "http/cookies.h"

#include <bide.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The time of day of these tests: the first second of 2026, and on. */
enum { NEW_YEAR = 1767225600 };
static time_t wall;
static int (*real_clock)(clockid_t clock, struct timespec *now);

static int told_clock(clockid_t clock, struct timespec *now)
{
    int rc = real_clock(clock, now);
    if (clock == CLOCK_REALTIME)
        *now = (struct timespec){ .tv_sec = wall };
    return rc;
}

static bide_cookies *jar_in_2026(void)
{
    wall = NEW_YEAR;
    if (!real_clock) {
        real_clock = bide__sys.clock_gettime;
        bide__sys.clock_gettime = told_clock;
    }
    return bide_cookies_new();
}

static const char *sent(bide_cookies *jar, const char *url)
{
    static char out[2][20000];
    static int turn;
    char *to = out[turn++ % 2];
    CHECK(bide_cookies_for(jar, url, to, sizeof out[0]) >= 0);
    return to;
}

/* Learns as the client does. */
static void learn(bide_cookies *jar, const char *text, const char *set_cookie)
{
    struct url url;
    const char *why = NULL;
    CHECK_EQ(bide__url_parse(&url, text, strlen(text), &why), 0);
    bide__cookies_learn(jar, &url, text_of(set_cookie, strlen(set_cookie)));
}

static void refuses(const char *url, const char *set_cookie, const char *why)
{
    bide_auto(cookies) jar = jar_in_2026();
    int rc = bide_cookies_set(jar, url, set_cookie);
    if (rc != BIDE_EINVAL || !strstr(bide_errmsg(), why))
        test_fail(__FILE__, __LINE__, "%s: %d, %s", set_cookie, rc, bide_errmsg());
    CHECK_EQ(bide_cookies_count(jar), 0);
    learn(jar, url, set_cookie);
    CHECK_EQ(bide_cookies_count(jar), 0);
    CHECK_EQ(bide_cookies_refused(jar), 1);
}

TEST(a_cookie_goes_back_to_its_host_alone)
{
    bide_auto(cookies) jar = jar_in_2026();
    CHECK_EQ(bide_cookies_set(jar, "http://example.org/", "a=b"), 1);
    CHECK_STR(sent(jar, "http://example.org/"), "a=b");
    CHECK_STR(sent(jar, "https://EXAMPLE.org:8443/x?y"), "a=b");
    CHECK_STR(sent(jar, "http://www.example.org/"), "");
    CHECK_STR(sent(jar, "http://org/"), "");
    CHECK_STR(sent(jar, "http://example.com/"), "");
}

TEST(a_cookie_of_a_parent_domain_is_sent)
{
    bide_auto(cookies) jar = jar_in_2026();
    CHECK_EQ(bide_cookies_set(jar, "http://www.example.org/", "a=b; Domain=.Example.ORG"), 1);
    CHECK_STR(sent(jar, "http://www.example.org/"), "a=b");
    CHECK_STR(sent(jar, "http://example.org/"), "a=b");
    CHECK_STR(sent(jar, "http://x.y.example.org/"), "a=b");
    CHECK_STR(sent(jar, "http://notexample.org/"), "");
}

TEST(a_host_only_cookie_and_one_of_the_domain_are_two)
{
    bide_auto(cookies) jar = jar_in_2026();
    CHECK_EQ(bide_cookies_set(jar, "http://example.org/", "a=1"), 1);
    CHECK_EQ(bide_cookies_set(jar, "http://example.org/", "a=2; Domain=example.org"), 1);
    CHECK_STR(sent(jar, "http://example.org/"), "a=1; a=2");
    CHECK_STR(sent(jar, "http://www.example.org/"), "a=2");
}

TEST(foreign_domains_are_refused)
{
    refuses("http://www.example.org/", "a=b; Domain=example.com", "not that of the URL's host");
    refuses("http://example.org/", "a=b; Domain=www.example.org", "not that of the URL's host");
    refuses("http://example.org/", "a=b; Domain=ample.org", "not that of the URL's host");
    refuses("http://example.org/", "a=b; Domain=ex\xc3\xa4mple.org", "not ASCII");
    refuses("http://127.0.0.1/", "a=b; Domain=0.0.1", "not that of the URL's host");
}

TEST(public_suffixes_are_refused)
{
    refuses("http://example.org/", "a=b; Domain=org", "public suffix");
    refuses("http://example.corp/", "a=b; Domain=corp", "public suffix");
#ifdef BIDE_PSL
    refuses("http://www.bbc.co.uk/", "a=b; Domain=co.uk", "public suffix");
    refuses("http://me.github.io/", "a=b; Domain=github.io", "public suffix");
    refuses("http://www.city.kawasaki.jp/", "a=b; Domain=kawasaki.jp", "public suffix");
#endif
}

TEST(a_public_suffix_may_have_cookies_of_its_own)
{
    bide_auto(cookies) jar = jar_in_2026();
    CHECK_EQ(bide_cookies_set(jar, "http://localhost/", "a=b; Domain=localhost"), 1);
    CHECK_STR(sent(jar, "http://localhost/"), "a=b");
    CHECK_STR(sent(jar, "http://x.localhost/"), "");
#ifdef BIDE_PSL
    CHECK_EQ(bide_cookies_set(jar, "http://github.io/", "a=b; Domain=github.io"), 1);
    CHECK_STR(sent(jar, "http://github.io/"), "a=b");
    CHECK_STR(sent(jar, "http://me.github.io/"), "");
#endif
}

TEST(an_address_has_cookies_of_its_own)
{
    static const char *const urls[] = { "http://192.0.2.1/", "http://[2001:db8::1]/" };
    for (int i = 0; i < 2; i++) {
        bide_auto(cookies) jar = jar_in_2026();
        CHECK_EQ(bide_cookies_set(jar, urls[i], "a=b"), 1);
        CHECK_STR(sent(jar, urls[i]), "a=b");
        CHECK_STR(sent(jar, "http://192.0.2.2/"), "");
        CHECK_STR(sent(jar, "http://[2001:db8::2]/"), "");
    }
    bide_auto(cookies) jar = jar_in_2026();
    CHECK_EQ(bide_cookies_set(jar, urls[0], "a=b; Domain=192.0.2.1"), 1);
    CHECK_EQ(bide_cookies_set(jar, urls[1], "a=b; Domain=[2001:db8::1]"), 1);
    CHECK_EQ(bide_cookies_count(jar), 2);
}

TEST(a_cookie_is_sent_below_its_path)
{
    static const struct {
        const char *set_at, *path, *asked, *sent;
    } cases[] = {
        { "/", "", "/", "a=b" }, { "/x", "", "/y", "a=b" }, { "/x/y", "", "/x", "a=b" },
        { "/x/y", "", "/x/", "a=b" }, { "/x/y", "", "/x/z/w", "a=b" }, { "/x/y", "", "/xy", "" },
        { "/x/y", "", "/", "" }, { "/x/", "", "/x", "a=b" }, { "/x?/y/z", "", "/", "a=b" },
        { "/", "; Path=/x", "/x", "a=b" }, { "/", "; Path=/x", "/x/y", "a=b" },
        { "/", "; Path=/x", "/x?y", "a=b" }, { "/", "; Path=/x", "/xy", "" },
        { "/", "; Path=/x/", "/x", "" }, { "/", "; Path=/x/", "/x/y", "a=b" },
        { "/x/y", "; Path=z", "/x", "a=b" }, { "/x/y", "; Path=", "/x", "a=b" },
        { "/x/y", "; Path", "/x", "a=b" }, { "/x/y", "; Path=/", "/", "a=b" },
        { "/", "; Path=/x; Path=/y", "/y", "a=b" }, { "/x/y", "; Path=/; Path=q", "/", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bide_auto(cookies) jar = jar_in_2026();
        char url[100], cookie[100];
        snprintf(url, sizeof url, "http://example.org%s", cases[i].set_at);
        snprintf(cookie, sizeof cookie, "a=b%s", cases[i].path);
        CHECK_EQ(bide_cookies_set(jar, url, cookie), 1);
        snprintf(url, sizeof url, "http://example.org%s", cases[i].asked);
        if (strcmp(sent(jar, url), cases[i].sent) != 0)
            test_fail(__FILE__, __LINE__, "%s set at %s is wrong at %s", cookie, cases[i].set_at,
                      cases[i].asked);
    }
}

TEST(longer_paths_are_sent_first_then_older_cookies)
{
    bide_auto(cookies) jar = jar_in_2026();
    const char *url = "http://www.example.org/x/y/z";
    CHECK_EQ(bide_cookies_set(jar, url, "a=1; Path=/"), 1);
    CHECK_EQ(bide_cookies_set(jar, url, "b=2; Path=/x/y"), 1);
    CHECK_EQ(bide_cookies_set(jar, url, "c=3; Path=/; Domain=example.org"), 1);
    CHECK_EQ(bide_cookies_set(jar, url, "d=4; Path=/x; Domain=example.org"), 1);
    CHECK_EQ(bide_cookies_set(jar, url, "e=5; Path=/"), 1);
    CHECK_EQ(bide_cookies_set(jar, url, "f=6; Path=/x/y"), 1);
    CHECK_STR(sent(jar, url), "b=2; f=6; d=4; a=1; c=3; e=5");
    CHECK_EQ(bide_cookies_set(jar, url, "a=7; Path=/"), 1);
    CHECK_STR(sent(jar, url), "b=2; f=6; d=4; a=7; c=3; e=5");
}

TEST(what_replaces_a_cookie_takes_its_place)
{
    bide_auto(cookies) jar = jar_in_2026();
    const char *url = "http://example.org/";
    CHECK_EQ(bide_cookies_set(jar, url, "a=1; Max-Age=60"), 1);
    CHECK_EQ(bide_cookies_set(jar, url, "b=2"), 1);
    CHECK_EQ(bide_cookies_set(jar, url, "a=3"), 1);
    CHECK_EQ(bide_cookies_count(jar), 2);
    wall += 61;
    CHECK_STR(sent(jar, url), "a=3; b=2");
    bide_cookie c;
    uint64_t at = 0;
    CHECK(bide_cookies_next(jar, &at, &c));
    CHECK_STR(c.name, "a");
}

TEST(cookies_expire)
{
    bide_auto(cookies) jar = jar_in_2026();
    const char *url = "http://example.org/";
    CHECK_EQ(bide_cookies_set(jar, url, "a=1; Max-Age=60"), 1);
    CHECK_EQ(bide_cookies_set(jar, url, "b=2; Expires=Thu, 01 Jan 2026 01:00:00 GMT"), 1);
    CHECK_EQ(bide_cookies_set(jar, url, "c=3"), 1);
    CHECK_EQ(bide_cookies_set(jar, url, "d=4; Max-Age=60; Expires=Thu, 01 Jan 2015 01:00:00 GMT"),
             1);
    CHECK_EQ(bide_cookies_set(jar, url, "e=5; Expires=Thu, 01 Jan 2015 01:00:00 GMT; Max-Age=60"),
             1);
    CHECK_EQ(bide_cookies_set(jar, url, "f=6; Max-Age=never; Expires=never"), 1);
    wall += 59;
    CHECK_STR(sent(jar, url), "a=1; b=2; c=3; d=4; e=5; f=6");
    wall += 1;
    CHECK_STR(sent(jar, url), "b=2; c=3; f=6");
    CHECK_EQ(bide_cookies_count(jar), 3);
    wall = NEW_YEAR + 3600;
    CHECK_STR(sent(jar, url), "c=3; f=6");
}

TEST(a_cookie_of_the_past_takes_the_old_one_away)
{
    static const char *const ways[] = {
        "a=; Max-Age=0", "a=; max-age=-1", "a=x; expires=Thu, 01-Jan-1970 00:00:00 GMT",
        "a=; Max-Age=-99999999999999999999",
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        bide_auto(cookies) jar = jar_in_2026();
        CHECK_EQ(bide_cookies_set(jar, "http://example.org/", "a=1"), 1);
        CHECK_EQ(bide_cookies_set(jar, "http://example.org/", ways[i]), 0);
        CHECK_EQ(bide_cookies_count(jar), 0);
        CHECK_EQ(bide_cookies_set(jar, "http://example.org/", ways[i]), 0);
    }
}

TEST(a_cookie_lives_400_days_at_most)
{
    static const char *const ways[] = {
        "a=1; Max-Age=99999999999999999999999", "a=1; Max-Age=34560001",
        "a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        bide_auto(cookies) jar = jar_in_2026();
        CHECK_EQ(bide_cookies_set(jar, "http://example.org/", ways[i]), 1);
        wall += 400 * 86400 - 1;
        CHECK_EQ(bide_cookies_count(jar), 1);
        wall++;
        CHECK_EQ(bide_cookies_count(jar), 0);
    }
}

TEST(secure_cookies_need_https)
{
    bide_auto(cookies) jar = jar_in_2026();
    CHECK_EQ(bide_cookies_set(jar, "https://example.org/", "a=b; Secure"), 1);
    CHECK_STR(sent(jar, "https://example.org/"), "a=b");
    CHECK_STR(sent(jar, "http://example.org/"), "");
    refuses("http://example.org/", "a=b; secure", "cannot be set over http");
}

TEST(this_machine_counts_as_secure)
{
    static const char *const here[] = { "http://localhost:8080/", "http://x.localhost/",
                                        "http://127.0.0.1/", "http://127.9.9.9/",
                                        "http://[::1]/" };
    for (size_t i = 0; i < sizeof here / sizeof *here; i++) {
        bide_auto(cookies) jar = jar_in_2026();
        CHECK_EQ(bide_cookies_set(jar, here[i], "__Secure-a=b; Secure"), 1);
        CHECK_STR(sent(jar, here[i]), "__Secure-a=b");
    }
    refuses("http://notlocalhost/", "a=b; Secure", "cannot be set over http");
    refuses("http://127.example.org/", "a=b; Secure", "cannot be set over http");
    refuses("http://128.0.0.1/", "a=b; Secure", "cannot be set over http");
}

TEST(a_cookie_of_http_does_not_hide_a_secure_one)
{
    bide_auto(cookies) jar = jar_in_2026();
    CHECK_EQ(bide_cookies_set(jar, "https://www.example.org/", "a=b; Secure; Path=/x"), 1);
    CHECK_EQ(bide_cookies_set(jar, "http://www.example.org/", "a=c; Path=/x"), BIDE_EINVAL);
    CHECK_EQ(bide_cookies_set(jar, "http://www.example.org/", "a=c; Path=/x/y"), BIDE_EINVAL);
    CHECK_EQ(bide_cookies_set(jar, "http://example.org/", "a=c; Path=/x; Domain=example.org"),
             BIDE_EINVAL);
    CHECK_EQ(bide_cookies_set(jar, "http://x.www.example.org/", "a=c; Path=/x"), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "hide a Secure one");
    CHECK_EQ(bide_cookies_set(jar, "http://www.example.org/", "a=c; Path=/"), 1);
    CHECK_EQ(bide_cookies_set(jar, "http://www.example.org/", "b=c; Path=/x"), 1);
    CHECK_EQ(bide_cookies_set(jar, "http://w.example.org/", "a=c; Path=/x"), 1);
    CHECK_EQ(bide_cookies_set(jar, "https://www.example.org/", "a=d; Path=/x"), 1);
}

TEST(prefixed_names_keep_their_promise)
{
    bide_auto(cookies) jar = jar_in_2026();
    const char *url = "https://example.org/";
    CHECK_EQ(bide_cookies_set(jar, url, "__Host-a=b; Secure; Path=/"), 1);
    CHECK_EQ(bide_cookies_set(jar, url, "__secure-a=b; Secure"), 1);
    refuses(url, "__Secure-a=b", "must be Secure");
    refuses(url, "__SECURE-a=b", "must be Secure");
    refuses(url, "__Host-a=b; Path=/", "__Host- cookie");
    refuses(url, "__host-a=b; Secure", "__Host- cookie");
    refuses(url, "__Host-a=b; Secure; Path=/x", "__Host- cookie");
    refuses(url, "__Host-a=b; Secure; Path=/; Domain=example.org", "__Host- cookie");
    refuses(url, "=__Host-a=b; Secure; Path=/", "pretends");
    refuses(url, "__Secure-x; Secure", "pretends");
}

TEST(same_site_is_kept_and_none_must_be_secure)
{
    static const char *const words[] = { "", "; SameSite=none", "; SameSite=LAX",
                                         "; samesite=Strict", "; SameSite=odd" };
    for (int i = 0; i < 5; i++) {
        bide_auto(cookies) jar = jar_in_2026();
        char cookie[60];
        bide_cookie c;
        uint64_t at = 0;
        snprintf(cookie, sizeof cookie, "a=b; Secure; HttpOnly; Partitioned%s", words[i]);
        CHECK_EQ(bide_cookies_set(jar, "https://example.org/", cookie), 1);
        CHECK(bide_cookies_next(jar, &at, &c));
        CHECK_EQ(c.same_site, i % 4);
        CHECK(c.http_only && c.secure && c.host_only && c.expires == 0);
    }
    refuses("https://example.org/", "a=b; SameSite=None", "must be Secure");
}

TEST(names_and_values_are_taken_as_browsers_take_them)
{
    static const struct { const char *set, *sent; } cases[] = {
        { "a=b", "a=b" }, { "a=b;", "a=b" }, { " \ta \t=\t b c\t ; x", "a=b c" },
        { "a=b=c", "a=b=c" }, { "a=", "a=" }, { "=b", "b" }, { "b", "b" }, { "==b", "=b" },
        { "a=\"b; c\"", "a=\"b" }, { "a=\"b\"", "a=\"b\"" }, { "a=b, c=d", "a=b, c=d" },
        { "a=\xc3\xa4", "a=\xc3\xa4" }, { "a b=c", "a b=c" }, { "a=b\tc", "a=b\tc" },
        { "a=b;;; ;=;Secur;Path=/;=x", "a=b" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bide_auto(cookies) jar = jar_in_2026();
        CHECK_EQ(bide_cookies_set(jar, "http://example.org/", cases[i].set), 1);
        CHECK_STR(sent(jar, "http://example.org/"), cases[i].sent);
    }
}

TEST(what_cannot_be_a_cookie_is_refused)
{
    const char *url = "http://example.org/";
    refuses(url, "", "neither name nor value");
    refuses(url, "=", "neither name nor value");
    refuses(url, " ; Path=/", "neither name nor value");
    refuses(url, "a=b\r\nX: y", "control character");
    refuses(url, "a=b\x01", "control character");
    refuses(url, "a=b; Path=/\x7f", "control character");
    refuses(url, "a\tb=c", "tab");
    refuses(url, "a=b; Path=/x\ty", "tab");
}

TEST(a_cookie_has_a_largest_size)
{
    char cookie[COOKIE_SIZE_MAX + 20];
    bide_auto(cookies) jar = jar_in_2026();
    memset(cookie, 'x', sizeof cookie);
    memcpy(cookie, "ab=", 3);
    cookie[COOKIE_SIZE_MAX + 1] = '\0';
    CHECK_EQ(bide_cookies_set(jar, "http://example.org/", cookie), 1);
    cookie[COOKIE_SIZE_MAX + 1] = 'x';
    cookie[COOKIE_SIZE_MAX + 2] = '\0';
    refuses("http://example.org/", cookie, "larger than 4096");
}

TEST(an_attribute_that_is_too_long_is_passed_over)
{
    char cookie[COOKIE_ATTRIBUTE_MAX + 40];
    for (size_t longer = 0; longer < 2; longer++) {
        bide_auto(cookies) jar = jar_in_2026();
        memset(cookie, 'x', sizeof cookie);
        memcpy(cookie, "a=b; Path=/", 11);
        cookie[10 + COOKIE_ATTRIBUTE_MAX + longer] = '\0';
        CHECK_EQ(bide_cookies_set(jar, "http://example.org/", cookie), 1);
        CHECK_STR(sent(jar, "http://example.org/"), longer ? "a=b" : "");
    }
}

static void fill(bide_cookies *jar, const char *url, const char *form, int from, int to)
{
    for (int i = from; i < to; i++) {
        char cookie[60];
        snprintf(cookie, sizeof cookie, form, i);
        CHECK_EQ(bide_cookies_set(jar, url, cookie), 1);
    }
}

TEST(a_domain_has_a_limit)
{
    bide_auto(cookies) jar = jar_in_2026();
    const char *url = "https://example.org/";
    fill(jar, url, "a%d=x; Path=/x", 0, 49);
    CHECK_EQ(bide_cookies_set(jar, url, "used=1; Path=/"), 1);
    fill(jar, url, "b%d=x; Path=/x", 0, 49);
    CHECK_EQ(bide_cookies_count(jar), 50);
    CHECK_STR(bide_cookies_get(jar, url, "used"), "1");
    CHECK_STR(sent(jar, url), "used=1");
    fill(jar, url, "c%d=x; Path=/x", 0, 49);
    CHECK_STR(sent(jar, url), "used=1");
    fill(jar, url, "d%d=x; Path=/x", 0, 50);
    CHECK_STR(sent(jar, url), "");
    fill(jar, "https://www.example.org/", "e%d=x", 0, 50);
    CHECK_EQ(bide_cookies_count(jar), 100);
}

TEST(cookies_that_are_not_secure_go_first)
{
    bide_auto(cookies) jar = jar_in_2026();
    const char *url = "https://example.org/";
    fill(jar, url, "s%d=x; Secure; Path=/s", 0, 25);
    fill(jar, url, "a%d=x; Path=/a", 0, 25);
    fill(jar, url, "t%d=x; Secure; Path=/t", 0, 25);
    CHECK_STR(sent(jar, "https://example.org/a"), "");
    CHECK_HAS(sent(jar, "https://example.org/s"), "s0=x; s1=x");
    fill(jar, url, "t%d=x; Secure; Path=/t", 25, 26);
    CHECK(!strstr(sent(jar, "https://example.org/t"), "t0=x"));
}

TEST(expired_cookies_go_before_all)
{
    bide_auto(cookies) jar = jar_in_2026();
    const char *url = "https://example.org/";
    fill(jar, url, "a%d=x", 0, 40);
    fill(jar, url, "b%d=x; Max-Age=10", 0, 10);
    wall += 10;
    fill(jar, url, "c%d=x", 0, 10);
    CHECK_HAS(sent(jar, url), "a0=x; a1=x");
    CHECK_EQ(bide_cookies_count(jar), 50);
}

TEST(a_jar_has_a_limit)
{
    bide_cookies_free(jar_in_2026());           /* the clock */
    bide_auto(cookies) jar = bide_cookies_new(.count_max = 3, .domain_max = 2);
    CHECK_EQ(bide_cookies_set(jar, "http://a.org/", "a=1"), 1);
    CHECK_EQ(bide_cookies_set(jar, "http://b.org/", "b=1"), 1);
    CHECK_EQ(bide_cookies_set(jar, "http://c.org/", "c=1"), 1);
    CHECK_STR(sent(jar, "http://a.org/"), "a=1");
    CHECK_EQ(bide_cookies_set(jar, "http://d.org/", "d=1"), 1);
    CHECK_STR(sent(jar, "http://a.org/"), "a=1");
    CHECK_STR(sent(jar, "http://b.org/"), "");
    fill(jar, "http://e.org/", "e%d=x", 0, 3);
    CHECK_STR(sent(jar, "http://e.org/"), "e1=x; e2=x");
    CHECK_EQ(bide_cookies_count(jar), 3);
}

TEST(three_thousand_hosts_are_remembered_by_default)
{
    bide_auto(cookies) jar = jar_in_2026();
    for (int i = 0; i <= COOKIES_MAX; i++) {
        char url[60];
        snprintf(url, sizeof url, "http://h%d.example.org/", i);
        CHECK_EQ(bide_cookies_set(jar, url, "a=b"), 1);
    }
    CHECK_EQ(bide_cookies_count(jar), COOKIES_MAX);
    CHECK_STR(sent(jar, "http://h0.example.org/"), "");
    CHECK_STR(sent(jar, "http://h1.example.org/"), "a=b");
    bide_cookies_clear(jar);
    CHECK_EQ(bide_cookies_count(jar), 0);
    CHECK_STR(sent(jar, "http://h1.example.org/"), "");
}

static bool begins_with(void *letter, const bide_cookie *cookie)
{
    return cookie->name[0] == *(const char *)letter;
}

TEST(cookies_are_removed_by_domain_and_by_choice)
{
    bide_auto(cookies) jar = jar_in_2026();
    CHECK_EQ(bide_cookies_set(jar, "http://example.org/", "a=1"), 1);
    CHECK_EQ(bide_cookies_set(jar, "http://www.example.org/", "a=2"), 1);
    CHECK_EQ(bide_cookies_set(jar, "http://www.example.org/", "b=3"), 1);
    CHECK_EQ(bide_cookies_set(jar, "http://notexample.org/", "a=4"), 1);
    CHECK_EQ(bide_cookies_remove(jar, begins_with, (char[]){ 'b' }), 1);
    CHECK_EQ(bide_cookies_clear_domain(jar, ".Example.org"), 2);
    CHECK_EQ(bide_cookies_count(jar), 1);
    CHECK_STR(sent(jar, "http://notexample.org/"), "a=4");
}

TEST(a_jar_may_change_while_it_is_looked_through)
{
    bide_auto(cookies) jar = jar_in_2026();
    const char *url = "http://example.org/";
    bide_cookie c;
    uint64_t at = 0;
    char met[20] = "";
    fill(jar, url, "%d=x", 0, 4);
    while (bide_cookies_next(jar, &at, &c)) {
        strcat(met, c.name);
        if (c.name[0] == '1') {
            CHECK_EQ(bide_cookies_set(jar, url, "1=; Max-Age=0"), 0);
            CHECK_EQ(bide_cookies_set(jar, url, "2=; Max-Age=0"), 0);
            CHECK_EQ(bide_cookies_set(jar, url, "3=y"), 1);
            CHECK_EQ(bide_cookies_set(jar, url, "4=x"), 1);
        }
    }
    CHECK_STR(met, "0134");
}

TEST(a_jar_lives_as_long_as_its_last_owner)
{
    bide_cookies *jar = jar_in_2026();
    CHECK(bide__cookies_ref(jar) == jar);
    bide_cookies_free(jar);
    CHECK_EQ(bide_cookies_set(jar, "http://example.org/", "a=1"), 1);
    bide__cookies_unref(jar);
    CHECK(!bide__cookies_ref(NULL));
    bide__cookies_unref(NULL);
    bide_cookies_free(NULL);
}

TEST(learning_never_fails_and_keeps_the_held_error)
{
    bide_auto(cookies) jar = jar_in_2026();
    bide_fail(-EPROTO, "before");
    learn(jar, "http://example.org/", "a=b; Domain=org");
    learn(NULL, "http://example.org/", "a=b");
    learn(jar, "http://example.org/", "a=b");
    CHECK_STR(bide_errmsg(), "before");
    CHECK_EQ(bide_cookies_refused(jar), 1);
    CHECK_EQ(bide_cookies_count(jar), 1);
}

TEST(what_is_asked_wrongly_fails)
{
    bide_auto(cookies) jar = jar_in_2026();
    char out[4];
    CHECK_EQ(bide_cookies_set(jar, "example.org", "a=b"), BIDE_EURL);
    CHECK_HAS(bide_errmsg(), "http://");
    CHECK_EQ(bide_cookies_set(jar, NULL, "a=b"), BIDE_EURL);
    CHECK_EQ(bide_cookies_set(jar, "http://a.b/", NULL), BIDE_EINVAL);
    CHECK(!bide_cookies_get(jar, "x", "a"));
    CHECK_EQ(bide_cookies_for(jar, "x", out, sizeof out), BIDE_EURL);
    CHECK_EQ(bide_cookies_set(jar, "http://a.b/", "a=b"), 1);
    CHECK_EQ(bide_cookies_for(jar, "http://a.b/", out, 4), 3);
    CHECK_EQ(bide_cookies_for(jar, "http://a.b/", out, 3), BIDE_ELIMIT);
    CHECK_STR(out, "");
    CHECK_EQ(bide_cookies_for(jar, "http://a.b/", out, 0), BIDE_ELIMIT);
    CHECK(bide_cookies_set(NULL, "http://a.b/", "a=b") < 0);
    CHECK_EQ(bide_cookies_count(NULL), 0);
    CHECK(!bide_cookies_next(NULL, &(uint64_t){ 0 }, NULL));
}

TEST(no_sentence_tells_the_password_of_a_url)
{
    bide_auto(cookies) jar = jar_in_2026();
    char out[2];
    CHECK(!bide_cookies_get(jar, "http://me:secret@a b/", "a"));
    CHECK_HAS(bide_errmsg(), "http://a b/");
    CHECK(!strstr(bide_errmsg(), "secret"));
    CHECK_EQ(bide_cookies_set(jar, "http://a.b/", "a=b"), 1);
    CHECK_EQ(bide_cookies_for(jar, "http://me:secret@a.b/", out, sizeof out), BIDE_ELIMIT);
    CHECK(!strstr(bide_errmsg(), "secret"));
}

/* Each allocation refused once: the jar is whole, and what fails says so. */
static int set_some(void *unused)
{
    (void)unused;
    bide_auto(cookies) jar = bide_cookies_new();
    if (!jar)
        return bide_errcode();
    for (int i = 0; i < 3; i++) {
        char url[60];
        snprintf(url, sizeof url, "http://h%d.example.org/", i);
        if (bide_cookies_set(jar, url, "a=b") < 0)
            return bide_errcode();
        if (bide_cookies_set(jar, url, "a=c") < 0)
            return strcmp(bide_cookies_get(jar, url, "a"), "b") == 0 ? bide_errcode() : 0;
    }
    return 0;
}

TEST(without_memory_a_jar_stays_as_it_was)
{
    CHECK(bide_test_each_allocation(set_some, NULL) > 0);
}
