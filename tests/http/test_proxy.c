/* Reading proxies: their URLs, and what the environment says. */
#include "test.h"

#include "http/proxy.h"

#include <bide/error.h>
#include <stdio.h>
#include <string.h>

TEST(a_proxy_s_url_is_read)
{
    static const struct {
        const char *text;
        int kind;
        const char *address, *host, *user, *password;
    } good[] = {
        { "http://p.example:8080", PROXY_HTTP, "p.example:8080", "p.example", NULL, "" },
        { "http://Proxy.Example/", PROXY_HTTP, "proxy.example:3128", "proxy.example", NULL, "" },
        { "http://p:", PROXY_HTTP, "p:3128", "p", NULL, "" },
        { "proxy:80", PROXY_HTTP, "proxy:80", "proxy", NULL, "" },
        { "127.0.0.1", PROXY_HTTP, "127.0.0.1:3128", "127.0.0.1", NULL, "" },
        { "HTTPS://p", PROXY_HTTPS, "p:443", "p", NULL, "" },
        { "https://p:80", PROXY_HTTPS, "p:80", "p", NULL, "" },
        { "socks5://[::1]", PROXY_SOCKS5, "[::1]:1080", "::1", NULL, "" },
        { "socks5h://[0:0::1]:9/", PROXY_SOCKS5H, "[::1]:9", "::1", NULL, "" },
        { "http://me:secret@p:1", PROXY_HTTP, "p:1", "p", "me", "secret" },
        { "http://me@p:1", PROXY_HTTP, "p:1", "p", "me", "" },
        { "http://a%3Ab:c@p:1", PROXY_HTTP, NULL, NULL, NULL, NULL },
        { "socks5://a%3Ab:c%40%2f:d@p", PROXY_SOCKS5, "p:1080", "p", "a:b", "c@/:d" },
        { "http://me:p@ss@p:1", PROXY_HTTP, "p:1", "p", "me", "p@ss" },
        { "http://:pw@p", PROXY_HTTP, "p:3128", "p", "", "pw" },
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct proxy p;
        const char *why = NULL;
        int rc = bide__proxy_parse(&p, good[i].text, strlen(good[i].text), &why);
        CHECK_EQ(rc, good[i].address ? 0 : BIDE_EURL);
        if (rc < 0)
            continue;
        CHECK_EQ(p.kind, good[i].kind);
        CHECK_STR(p.address, good[i].address);
        CHECK_STR(p.host, good[i].host);
        CHECK_EQ(p.bracketed, strchr(p.host, ':') != NULL);
        CHECK_EQ(p.has_user, good[i].user != NULL);
        CHECK_STR(p.user, good[i].user ? good[i].user : "");
        CHECK_STR(p.password, good[i].password);
        CHECK_EQ(p.user_size, strlen(p.user));
        CHECK_EQ(p.password_size, strlen(p.password));
    }
}

TEST(a_bad_proxy_is_refused_with_a_sentence)
{
    char long_text[3000], long_user[400];
    memset(long_text, 'a', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    snprintf(long_user, sizeof long_user, "http://%.256s@p", long_text);
    const struct { const char *text, *why; } bad[] = {
        { "", "names no host" }, { "http://", "names no host" }, { "http:///", "names no host" },
        { "socks4://p", "http, https, socks5 or socks5h" }, { "://p", "socks5h" },
        { "ftp://p", "socks5h" }, { "http://p/path", "no path" }, { "http://p?q", "no path" },
        { "http://p#f", "no path" }, { "http://p:0", "" },
        { "http://p:65536", "" }, { "http://p:x", "" }, { "http://p q", "" },
        { "http://[::1", "" }, { "http://a b@p", "blank" }, { "http://a%2@p", "hexadecimal" },
        { "http://a%zz@p", "hexadecimal" }, { "http://a%00@p", "NUL" },
        { "http://a:b%0a%00@p", "NUL" }, { "http://a\r\n:b@p", "control" },
        { "socks5://u@p", "not empty" }, { "socks5://:b@p", "not empty" },
        { "http://a%3ab:c@p", "':'" }, { long_text, "longer than 2048" },
        { long_user, "longer than 255" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct proxy p;
        const char *why = NULL;
        if (bide__proxy_parse(&p, bad[i].text, strlen(bad[i].text), &why) != BIDE_EURL)
            test_fail(__FILE__, __LINE__, "not refused: %s", bad[i].text);
        CHECK(why && *why);
        CHECK_HAS(why, bad[i].why);
    }
}

/* ---- the environment ---- */

static const char *const *variables;    /* name, value, name, value, ..., NULL */

static char *get(const char *name)
{
    for (const char *const *v = variables; *v; v += 2)
        if (strcmp(*v, name) == 0)
            return (char *)(uintptr_t)v[1];
    return NULL;
}

static struct url url_of(const char *text)
{
    struct url url;
    const char *why = "";
    if (bide__url_parse(&url, text, strlen(text), &why) < 0)
        test_fail(__FILE__, __LINE__, "%s: %s", text, why);
    return url;
}

#define ASK(url_, ...) \
    (variables = (const char *const[]){ __VA_ARGS__ }, \
     bide__proxy_from_environment(get, &(struct url[1]){ url_of(url_) }[0]))

TEST(the_environment_names_a_proxy_for_each_scheme)
{
    CHECK_STR(ASK("http://x/", NULL), NULL);
    CHECK_STR(ASK("http://x/", "http_proxy", "a", NULL), "a");
    CHECK_STR(ASK("https://x/", "http_proxy", "a", NULL), NULL);
    CHECK_STR(ASK("https://x/", "http_proxy", "a", "https_proxy", "b", NULL), "b");
    CHECK_STR(ASK("https://x/", "HTTPS_PROXY", "c", NULL), "c");
    CHECK_STR(ASK("https://x/", "HTTPS_PROXY", "c", "https_proxy", "b", NULL), "b");
    CHECK_STR(ASK("http://x/", "all_proxy", "d", NULL), "d");
    CHECK_STR(ASK("https://x/", "ALL_PROXY", "e", NULL), "e");
    CHECK_STR(ASK("http://x/", "ALL_PROXY", "e", "http_proxy", "a", NULL), "a");
    CHECK_STR(ASK("http://x/", "ALL_PROXY", "e", "http_proxy", "", NULL), "e");
}

TEST(what_a_cgi_client_may_set_is_not_looked_at)
{
    CHECK_STR(ASK("http://x/", "HTTP_PROXY", "a", NULL), NULL);
}

TEST(no_proxy_excepts_hosts)
{
    static const struct { const char *list, *url; bool excepted; } cases[] = {
        { "", "http://x/", false },
        { "x", "http://x/", true }, { "X", "http://x/", true }, { "xy", "http://x/", false },
        { "example.org", "http://example.org/", true },
        { "example.org", "http://a.b.example.org/", true },
        { "example.org", "http://badexample.org/", false },
        { "example.org", "http://example.org.evil/", false },
        { ".example.org", "http://example.org/", true },
        { ".example.org", "http://www.example.org/", true },
        { "*.example.org", "http://www.example.org/", true },
        { "example.org.", "http://example.org/", true },
        { "a, b\tc  ,d", "http://c/", true }, { "a,b", "http://d/", false },
        { ",,", "http://x/", false }, { ".", "http://x/", false }, { "*", "http://x/", true },
        { "a *", "http://[::1]/", true },
        { "x:80", "http://x/", true }, { "x:81", "http://x/", false },
        { "x:81", "http://x:81/", true }, { "x:80", "https://x/", false },
        { "x:443", "https://x/", true }, { "x:", "http://x/", false },
        { "127.0.0.1", "http://127.0.0.1/", true }, { "127.0.0.1", "http://127.0.0.2/", false },
        { "127.0.0.1:80", "http://127.0.0.1/", true },
        { "0.0.1", "http://127.0.0.1/", false },
        { "127.0.0.0/8", "http://127.9.9.9/", true }, { "127.0.0.0/8", "http://128.0.0.1/", false },
        { "10.1.2.128/25", "http://10.1.2.129/", true },
        { "10.1.2.128/25", "http://10.1.2.127/", false },
        { "10.1.2.3/32", "http://10.1.2.3/", true }, { "0.0.0.0/0", "http://1.2.3.4/", true },
        { "0.0.0.0/0", "http://x/", false }, { "0.0.0.0/0", "http://[::1]/", false },
        { "10.0.0.0/33", "http://10.0.0.1/", false }, { "10.0.0.0/", "http://10.0.0.1/", false },
        { "10.0.0.0/x", "http://10.0.0.1/", false }, { "x/8", "http://x/", false },
        { "::1", "http://[::1]/", true }, { "[::1]", "http://[::1]/", true },
        { "[::1]:80", "http://[::1]/", true }, { "[::1]:81", "http://[::1]/", false },
        { "fd00::/8", "http://[fd12::1]/", true }, { "fd00::/8", "http://[fe80::1]/", false },
        { "localhost", "http://localhost/", true }, { "y", "http://localhost/", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct url url = url_of(cases[i].url);
        if (bide__proxy_is_excepted(cases[i].list, &url) != cases[i].excepted)
            test_fail(__FILE__, __LINE__, "no_proxy=%s %s", cases[i].list, cases[i].url);
    }
    CHECK_STR(ASK("http://a.x/", "http_proxy", "p", "no_proxy", "x", NULL), NULL);
    CHECK_STR(ASK("http://a.x/", "http_proxy", "p", "NO_PROXY", "x", NULL), NULL);
    CHECK_STR(ASK("http://a.x/", "http_proxy", "p", "no_proxy", "y", "NO_PROXY", "x", NULL), "p");
}
