/* Where requests come from, and where to, with proxies and without. */
#include "web/site.h"

static int tell(bide_request *req)
{
    return bide_respond_text(req, 200, "%s %s %s %s", bide_request_remote(req),
                             bide_request_scheme(req), bide_request_host(req),
                             bide_request_url(req));
}

static int tell_id(bide_request *req)
{
    const char *id = bide_request_id(req);
    CHECK_PTR(bide_request_id(req), id);
    return bide_respond_text(req, 200, "%s", id);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/", tell), 0);
    CHECK_EQ(bide_route(app, "GET", "/id", tell_id), 0);
    return app;
}

struct told {
    const char *fields, *body;
};

static void check_told(struct site *site, const struct told *cases, size_t count)
{
    char out[2000], request[1000];
    SITE(site);
    for (size_t i = 0; i < count; i++) {
        snprintf(request, sizeof request, "GET /?a=b HTTP/1.1\r\nHost: h:81\r\n%s\r\n",
                 cases[i].fields);
        exchange(site, request, false, out, sizeof out);
        check_body(out, cases[i].body);
    }
}

TASK_TEST(nobody_is_believed_unless_that_is_said)
{
    struct site site = { .opts = { .trusted_proxies = "10.0.0.0/8" } };
    static const struct told cases[] = {
        { "", "127.0.0.1 http h:81 http://h:81/?a=b" },
        { "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: x\r\n",
          "127.0.0.1 http h:81 http://h:81/?a=b" },
        { "Forwarded: for=9.9.9.9;proto=https\r\n", "127.0.0.1 http h:81 http://h:81/?a=b" },
    };
    check_told(&site, cases, sizeof cases / sizeof *cases);
}

TASK_TEST(a_trusted_proxy_is_believed)
{
    struct site site = { .opts = { .trusted_proxies = "127.0.0.1, 10.0.0.0/8" } };
    static const struct told cases[] = {
        { "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: x:1\r\n",
          "9.9.9.9 https x:1 https://x:1/?a=b" },
        { "X-Forwarded-For: 6.6.6.6, 9.9.9.9\r\n", "9.9.9.9 http h:81 http://h:81/?a=b" },
        { "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 9.9.9.9, 10.1.1.1\r\n",
          "9.9.9.9 http h:81 http://h:81/?a=b" },
        { "X-Forwarded-For: [2001:DB8::1]:80\r\n", "2001:db8::1 http h:81 http://h:81/?a=b" },
        { "X-Forwarded-For: nonsense\r\n", "127.0.0.1 http h:81 http://h:81/?a=b" },
        { "X-Forwarded-Proto: gopher\r\n", "127.0.0.1 http h:81 http://h:81/?a=b" },
        { "X-Forwarded-Proto: http, https\r\n", "127.0.0.1 https h:81 https://h:81/?a=b" },
        { "X-Forwarded-For: 9.9.9.9, 10.0.0.1\r\nX-Forwarded-Proto: https, http\r\n",
          "9.9.9.9 https h:81 https://h:81/?a=b" },
        { "X-Forwarded-Host: a b\r\n", "127.0.0.1 http h:81 http://h:81/?a=b" },
        { "X-Forwarded-Host: x@y\r\n", "127.0.0.1 http h:81 http://h:81/?a=b" },
        { "Forwarded: for=9.9.9.9;proto=https;host=\"y:2\"\r\n",
          "9.9.9.9 https y:2 https://y:2/?a=b" },
        { "Forwarded: for=6.6.6.6;proto=gopher, for=9.9.9.9;proto=https\r\n",
          "9.9.9.9 https h:81 https://h:81/?a=b" },
        { "Forwarded: for=9.9.9.9;host=y, for=10.0.0.1;host=z\r\n",
          "9.9.9.9 http y http://y/?a=b" },
        { "Forwarded: for=\"9.9.9.9\r\n", "127.0.0.1 http h:81 http://h:81/?a=b" },
        { "X-Forwarded-For: 9.9.9.9\r\nForwarded: for=6.6.6.6\r\n",
          "9.9.9.9 http h:81 http://h:81/?a=b" },
    };
    check_told(&site, cases, sizeof cases / sizeof *cases);
}

TASK_TEST(a_proxy_may_be_said_to_write_forwarded_alone)
{
    struct site site = { .opts = { .trusted_proxies = "127.0.0.1, forwarded" } };
    static const struct told cases[] = {
        { "X-Forwarded-For: 6.6.6.6\r\nForwarded: for=9.9.9.9\r\n",
          "9.9.9.9 http h:81 http://h:81/?a=b" },
        { "X-Forwarded-For: 6.6.6.6\r\n", "127.0.0.1 http h:81 http://h:81/?a=b" },
    };
    check_told(&site, cases, sizeof cases / sizeof *cases);
}

TASK_TEST(an_absolute_target_tells_the_host)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET http://other/?q HTTP/1.1\r\nHost: other\r\n\r\n", false, out, sizeof out);
    check_body(out, "127.0.0.1 http other http://other/?q");
    exchange(&site, "GET http://other?q HTTP/1.1\r\nHost: other\r\n\r\n", false, out, sizeof out);
    check_body(out, "127.0.0.1 http other http://other/?q");
    exchange(&site, "GET / HTTP/1.0\r\n\r\n", false, out, sizeof out);
    check_body(out, "127.0.0.1 http  /");
    exchange(&site, "GET https://other/ HTTP/1.1\r\nHost: other\r\n\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 421 Misdirected Request\r\n"));
    exchange(&site, "GET HTTP://other/ HTTP/1.1\r\nHost: other\r\n\r\n", false, out, sizeof out);
    check_body(out, "127.0.0.1 http other http://other/");
}

TASK_TEST(ids_are_a_proxys_or_made_up)
{
    static const char *const bad[] = { "a b", "", "<x>", "\xc3\xbc",
        "12345678901234567890123456789012345678901234567890123456789012345" };
    struct site site = { .opts = { .trusted_proxies = "127.0.0.0/8" } };
    char out[2000], request[300], before[2000] = "";
    SITE(&site);
    exchange(&site, "GET /id" H "X-Request-Id: aZ-_.9\r\n\r\n", false, out, sizeof out);
    check_body(out, "aZ-_.9");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(request, sizeof request, "GET /id" H "X-Request-Id: %s\r\n\r\n", bad[i]);
        exchange(&site, request, false, out, sizeof out);
        const char *id = strstr(out, "\r\n\r\n") + 4;
        CHECK_EQ(strlen(id), 32);
        CHECK_EQ(strspn(id, "0123456789abcdef"), 32);
        CHECK(strcmp(id, before) != 0);
        strcpy(before, id);
    }
}

TASK_TEST(a_list_of_proxies_that_makes_no_sense_is_refused)
{
    bide_auto(app) app = make_app();
    CHECK_EQ(bide_app_run(app, "127.0.0.1:0", .trusted_proxies = "proxy.example"), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "proxy.example: not an address");
}
