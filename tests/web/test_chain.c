/* Middlewares around handlers, and what becomes of failures. */
#include "web/site.h"

/* ---- an application with middlewares ---- */

static char trace[200];

static void note(const char *what)
{
    strncat(trace, what, sizeof trace - strlen(trace) - 1);
}

static int noting(bide_request *req)
{
    const char *name = bide_middleware_arg(req);
    note(name);
    int rc = bide_next(req);
    CHECK_STR(bide_middleware_arg(req), name);
    note(name);
    return rc;
}

/* Answers instead of the rest. */
static int gate(bide_request *req)
{
    if (bide_request_header(req, "X-Stop"))
        return bide_respond_text(req, 403, "stopped");
    int rc = bide_next(req);
    if (bide_request_header(req, "X-Twice")) {
        CHECK_EQ(bide_next(req), BIDE_EINVAL);
        CHECK_HAS(bide_errmsg(), "has run already");
    }
    return rc;
}

static int hello(bide_request *req)
{
    note(".");
    CHECK_PTR(bide_middleware_arg(req), NULL);
    CHECK_EQ(bide_next(req), BIDE_EINVAL);
    return bide_respond_text(req, 200, "hello");
}

static int fails(bide_request *req)
{
    (void)req;
    return bide_fail(-7, "the password is xyzzy");
}

static int silent(bide_request *req)
{
    (void)req;
    return 0;
}

static int fails_half_way(bide_request *req)
{
    int rc = bide_respond_write(req, "half", 4);
    return rc < 0 ? rc : bide_fail(-7, "half-way");
}

static int answers_and_fails(bide_request *req)
{
    CHECK_EQ(bide_respond_text(req, 200, "answered"), 0);
    return bide_fail(-7, "afterwards");
}

/* An answer that is given before the body is read; the middlewares keep it back. */
static int answers_and_reads(bide_request *req)
{
    char body[10];
    CHECK_EQ(bide_respond_text(req, 200, "answered"), 0);
    ssize_t got = bide_request_read(req, body, sizeof body);
    return got < 0 ? (int)got : 0;
}

static unsigned dropped;

static void drop(void *arg)
{
    (void)arg;
    dropped++;
}

static bide_app *make_app(void)
{
    static char a[] = "a", b[] = "b";
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_use_with(app, noting, a, drop), 0);
    CHECK_EQ(bide_use_with(app, noting, b, drop), 0);
    CHECK_EQ(bide_use(app, gate), 0);
    CHECK_EQ(bide_route(app, "GET", "/", hello), 0);
    CHECK_EQ(bide_route(app, "GET", "/fails", fails), 0);
    CHECK_EQ(bide_route(app, "GET", "/silent", silent), 0);
    CHECK_EQ(bide_route(app, "GET", "/half", fails_half_way), 0);
    CHECK_EQ(bide_route(app, "GET", "/late", answers_and_fails), 0);
    CHECK_EQ(bide_route(app, "POST", "/early", answers_and_reads), 0);
    return app;
}

static char logged[500];

static void catch_log(void *unused, enum bide_log_level level, const char *text)
{
    (void)unused;
    (void)level;
    snprintf(logged, sizeof logged, "%s", text);
}

TASK_TEST(the_first_middleware_added_is_the_outermost)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /" H "X-Twice: 1\r\n\r\n", false, out, sizeof out);
    check_body(out, "hello");
    CHECK_STR(trace, "ab.ba");
}

TASK_TEST(a_middleware_may_answer_instead_of_the_rest)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /" H "X-Stop: 1\r\n\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 403 Forbidden\r\n"));
    CHECK_STR(trace, "abba");
}

TASK_TEST(middlewares_are_around_what_has_no_route_too)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /none" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 404 Not Found\r\n"));
    exchange(&site, "PUT /" H "Content-Length: 0\r\n\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 405 Method Not Allowed\r\n"));
    CHECK_HAS(out, "\r\nAllow: GET, HEAD\r\n");
    CHECK_STR(trace, "abbaabba");
}

TASK_TEST(a_failing_handler_becomes_a_500_that_tells_nothing)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    exchange(&site, "GET /fails" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK(!strstr(out, "xyzzy"));
    CHECK_HAS(logged, "GET /fails");
    CHECK_HAS(logged, "the password is xyzzy");
    exchange(&site, "GET /silent" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK_HAS(logged, "did not respond");
}

TASK_TEST(a_handler_that_fails_half_way_cuts_the_answer)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    exchange(&site, "GET /half" H "\r\nGET /" H "\r\n", false, out, sizeof out);
    check_body(out, "4\r\nhalf\r\n");
    CHECK_HAS(logged, "half-way");
}

TASK_TEST(an_answer_given_before_a_failure_stands)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    exchange(&site, "GET /late" H "\r\n", false, out, sizeof out);
    check_body(out, "answered");
    CHECK_HAS(logged, "afterwards");
}

TASK_TEST(who_asks_first_is_invited_though_an_answer_is_kept_back)
{
    struct site site = { .opts = { .idle = 10 } };
    char *text;
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    CHECK_EQ(bide_printf(s, "POST /early" H "Content-Length: 5\r\n"
                            "Expect: 100-continue\r\n\r\n"), 0);
    CHECK(bide_read_until(s, "\r\n\r\n", &text) > 0);
    CHECK_STR(text, "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK_EQ(bide_write(s, "hello", 5), 0);
    CHECK(bide_read_until(s, "answered", &text) > 0);
    CHECK(begins(text, "HTTP/1.1 200 OK\r\n"));
    CHECK(!strstr(text, "Connection: close"));
}

TEST(what_a_middleware_was_given_ends_with_the_application)
{
    bide_app *app = make_app();
    CHECK_EQ(dropped, 0);
    bide_app_free(app);
    CHECK_EQ(dropped, 2);
}
