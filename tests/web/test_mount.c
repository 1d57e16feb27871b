/* Applications in applications: whose routes, whose state, whose middlewares. */
#include "web/site.h"

#include "web/mounted_hosts.h"

static int told(bide_request *req)
{
    const char *id = bide_request_param(req, "id");
    return bide_respond_text(req, 200, "%s %s id=%s path=%s", (const char *)bide_request_state(req),
                             bide_request_route(req), id ? id : "-", bide_request_path(req));
}

/* Says that it was there, and around what. */
static int sign(bide_request *req)
{
    int rc = bide_respond_header(req, "X-Around", bide_middleware_arg(req));
    return rc < 0 ? rc : bide_next(req);
}

static bide_app *part(const char *state, bide_app *in, const char *prefix, const char *name)
{
    bide_app *app = bide_app_new((void *)(uintptr_t)state);
    CHECK_EQ(bide_use_with(app, sign, (void *)(uintptr_t)state, NULL), 0);
    CHECK_EQ(bide_route(app, "GET", "/", told), 0);
    CHECK_EQ(bide_route(app, "GET", "/things/{id}", told, .name = "thing"), 0);
    CHECK_EQ(bide_route(app, "POST", "/things/all", told), 0);
    if (in && prefix[0] == '/')
        CHECK_EQ(bide_mount(in, prefix, app, name), 0);
    else if (in)
        CHECK_EQ(bide_mount_host(in, prefix, app, name), 0);
    return app;
}

static int no_page(bide_request *req, int status, const char *why)
{
    return bide_respond_text(req, status, "api: %s", why);
}

static bide_app *make_app(void)
{
    bide_app *app = part("root", NULL, NULL, NULL);
    bide_app *api = part("api", app, "/api", "api");
    part("deep", api, "/v1/x/", "deep");
    part("sub", app, "*.example.org", "sub");
    part("host", app, "api.example.org", "host");
    part("port", app, "api.example.org:81", NULL);
    CHECK_EQ(bide_route(app, "GET", "/api/own", told), 0);
    CHECK_EQ(bide_app_on_error(api, no_page), 0);
    return app;
}

static void ask(struct site *site, const char *request, char out[2000])
{
    exchange(site, request, false, out, 2000);
}

TASK_TEST(what_is_mounted_answers_below_its_prefix_with_its_own_state)
{
    static const struct {
        const char *request, *body;
    } cases[] = {
        { "GET /things/1" H "\r\n", "root thing id=1 path=/things/1" },
        { "GET /api/things/1" H "\r\n", "api api.thing id=1 path=/api/things/1" },
        { "GET /%61pi/things/%31" H "\r\n", "api api.thing id=1 path=/api/things/1" },
        { "GET /api/" H "\r\n", "api /api/ id=- path=/api/" },
        { "GET /api" H "\r\n", "api /api/ id=- path=/api" },
        { "GET /api/own" H "\r\n", "root /api/own id=- path=/api/own" },
        { "GET /api/v1/x" H "\r\n", "deep /api/v1/x/ id=- path=/api/v1/x" },
        { "GET /api/v1/x/things/2" H "\r\n", "deep api.deep.thing id=2 path=/api/v1/x/things/2" },
        { "POST /api/v1/x/things/all" H "Content-Length: 0\r\n\r\n",
          "deep /api/v1/x/things/all id=- path=/api/v1/x/things/all" },
    };
    struct site site = { .opts = { .idle = 10 } };
    SITE(&site);
    char out[2000];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ask(&site, cases[i].request, out);
        check_body(out, cases[i].body);
    }
}

TASK_TEST(what_is_mounted_for_a_host_gets_its_requests_and_no_others)
{
    static const struct {
        const char *host, *state;
    } cases[] = {
        { "h", "root" }, { "example.org", "root" }, { "a.example.org", "sub" },
        { "A.Example.ORG:8080", "sub" }, { "b.a.example.org", "sub" },
        { "api.example.org", "host" },
        { "API.example.org:80", "host" }, { "api.example.org:81", "host" },
        { "xapi.example.org", "sub" }, { "example.org.evil", "root" }, { ".example.org", "root" },
    };
    struct site site = { .opts = { .idle = 10 } };
    SITE(&site);
    char out[2000], request[200], body[100];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", cases[i].host);
        ask(&site, request, out);
        snprintf(body, sizeof body, "%s / id=- path=/", cases[i].state);
        check_body(out, body);
    }
}

TEST(of_the_hosts_that_fit_whole_names_go_first_then_the_longest_then_the_first)
{
    static const char *const patterns[] = {
        "a.b.c", "a.b.c:81", "x.b.c:82", "X.B.C", "*.b.c", "*.c", "*.c:8083", "[::1]", "[::1]:84",
    };
    static const struct {
        const char *host;
        int pattern;            /* -1: none */
    } cases[] = {
        { "a.b.c", 0 }, { "A.b.C", 0 }, { "a.b.c:81", 0 }, { "a.b.c:9", 0 }, { "x.b.c:82", 2 },
        { "x.b.c", 3 }, { "x.b.c:81", 3 }, { "y.b.c", 4 }, { "y.b.c:9", 4 }, { "z.y.b.c", 4 },
        { "b.c", 5 }, { "b.c:9", 5 }, { "b.c:8083", 6 }, { "y.b.c:8083", 6 }, { "c", -1 },
        { ".c", -1 }, { "c:80", -1 }, { "", -1 }, { ":", -1 }, { "[::1]", 7 }, { "[::1]:84", 7 },
        { "[::1]:85", 7 }, { "[::2]", -1 }, { "a.b.c.d", -1 },
    };
    struct mounted_hosts hosts = { 0 };
    static char apps[9];
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        CHECK_EQ(bide__mounted_hosts_add(&hosts, patterns[i], (bide_app *)(void *)&apps[i]), 0);
    CHECK_EQ(bide__mounted_hosts_add(&hosts, "A.b.c", NULL), BIDE_EINVAL);
    CHECK_EQ(bide__mounted_hosts_add(&hosts, "*.C", NULL), BIDE_EINVAL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *found = (const char *)bide__mounted_hosts_find(&hosts, cases[i].host);
        CHECK_EQ(found ? found - apps : -1, cases[i].pattern);
    }
    bide__mounted_hosts_forget(&hosts);
}

TEST(of_a_host_that_is_too_long_the_end_may_be_known)
{
    static char app, host[2000];
    struct mounted_hosts hosts = { 0 };
    CHECK_EQ(bide__mounted_hosts_add(&hosts, "*.b.c", (bide_app *)(void *)&app), 0);
    memset(host, 'a', sizeof host - 1);
    CHECK(!bide__mounted_hosts_find(&hosts, host));
    CHECK_EQ(bide__mounted_hosts_add(&hosts, host, NULL), BIDE_EINVAL);
    strcpy(host + sizeof host - 5, ".b.c");
    CHECK_PTR(bide__mounted_hosts_find(&hosts, host), &app);
    bide__mounted_hosts_forget(&hosts);
}

TASK_TEST(middlewares_of_what_is_mounted_are_inside_of_those_around_it)
{
    struct site site = { .opts = { .idle = 10 } };
    SITE(&site);
    char out[2000];
    ask(&site, "GET /api/v1/x/things/1" H "\r\n", out);
    CHECK_HAS(out, "X-Around: root\r\nX-Around: api\r\nX-Around: deep\r\n");
    ask(&site, "GET /api/none" H "\r\n", out);
    CHECK_HAS(out, "HTTP/1.1 404 Not Found\r\n");
    CHECK_HAS(out, "X-Around: root\r\nX-Around: api\r\n");
    CHECK(!strstr(out, "X-Around: deep"));
    ask(&site, "GET /none" H "\r\n", out);
    CHECK_HAS(out, "X-Around: root\r\n");
    CHECK(!strstr(out, "X-Around: api"));
}

TASK_TEST(error_pages_of_what_is_mounted_are_its_own_or_its_parents)
{
    struct site site = { .opts = { .idle = 10 } };
    SITE(&site);
    char out[2000];
    ask(&site, "GET /api/v1/x/none" H "\r\n", out);
    check_body(out, "api: There is nothing at this path.");
    ask(&site, "DELETE /api/things/all" H "\r\n", out);
    CHECK_HAS(out, "405 Method Not Allowed\r\n");
    CHECK_HAS(out, "\r\nAllow: GET, HEAD, POST\r\n");
    check_body(out, "api: This path has no such method.");
    ask(&site, "GET /none" H "\r\n", out);
    check_body(out, "404 Not Found\nThere is nothing at this path.\n");
}

static int never(bide_request *req)
{
    (void)req;
    return 0;
}

TEST(what_makes_no_sense_is_not_mounted)
{
    bide_auto(app) app = bide_app_new(NULL);
    bide_auto(app) other = bide_app_new(NULL);
    static const char *const paths[] = { "api", "/a//b", "/{x}", "//" };
    static const char *const hosts[] = { "", "*.", "a b", "http://x", "*.*.x" };
    for (size_t i = 0; i < 4; i++)
        CHECK_EQ(bide_mount(app, paths[i], other, NULL), BIDE_EINVAL);
    for (size_t i = 0; i < 5; i++)
        CHECK_EQ(bide_mount_host(app, hosts[i], other, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_mount(app, "/x", app, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_mount(NULL, "/x", other, NULL), BIDE_EINVAL);
    bide_app *in = bide_app_new(NULL);
    CHECK_EQ(bide_mount(app, "/x", in, NULL), 0);
    CHECK_EQ(bide_mount(app, "/y", in, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_mount(in, "/z", app, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_mount(app, "/x/", other, NULL), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "another application is there");
    CHECK_EQ(bide_route(in, "GET", "/", never, .name = "root"), 0);
    char url[20];
    CHECK_EQ(bide_app_url(in, "root", NULL, NULL, url, sizeof url), 3);
    CHECK_STR(url, "/x/");
}

static int build(void *unused)
{
    (void)unused;
    bide_auto(app) app = bide_app_new(NULL);
    bide_auto(app) in = bide_app_new(NULL);
    bide_auto(app) host = bide_app_new(NULL);
    if (!app || !in || !host || bide_mount(app, "/x/y", in, "in") < 0)
        return bide_errcode();
    bide_steal(in);
    if (bide_mount_host(app, "h", host, NULL) < 0)
        return bide_errcode();
    bide_steal(host);
    return 0;
}

TEST(what_cannot_be_mounted_for_want_of_memory_stays_the_callers)
{
    CHECK(bide_test_each_allocation(build, NULL) > 5);
}
