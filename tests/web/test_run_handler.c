/* What a route's options do with its handler. */
#include "web/site.h"

#include <pthread.h>
#include <time.h>

static char trace[200];

static void note(const char *what)
{
    strncat(trace, what, sizeof trace - strlen(trace) - 1);
}

static int sleeps(bide_request *req)
{
    int rc = bide_sleep(10);
    note(rc == BIDE_ECANCELED ? "cancelled." : "slept.");
    return rc < 0 ? rc : bide_respond_text(req, 200, "slept");
}

static int starts_and_sleeps(bide_request *req)
{
    int rc = bide_respond_write(req, "half", 4);
    return rc < 0 ? rc : sleeps(req);
}

static int minds(bide_request *req)
{
    bide_event *gone = bide_request_gone(req);
    CHECK_PTR(bide_request_gone(req), gone);
    CHECK(!bide_request_disconnected(req));
    int rc = bide_event_wait(gone);
    note(bide_request_disconnected(req) ? "told." : "");
    note(bide_request_stopping(req) ? "stopping." : "");
    return rc < 0 ? rc : bide_respond_text(req, 200, "bye");
}

static pthread_t loop_thread;

static int blocks(bide_request *req)
{
    size_t size;
    const char *body = bide_request_text(req, &size), *id = bide_request_param(req, "id");
    if (pthread_equal(pthread_self(), loop_thread))
        return bide_fail(-7, "this is the loop's thread");
    if (!body || bide_sleep(1) != BIDE_EPERM || bide_respond_write(req, "x", 1) != BIDE_EPERM)
        return bide_fail(-8, "what waits did not fail");
    nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    int rc = bide_respond_header(req, "X-Id", bide_request_id(req));
    return rc < 0 ? rc : bide_respond_text(req, 201, "%s %zu %s", id, size, body);
}

static int blocks_and_fails(bide_request *req)
{
    (void)req;
    return bide_fail(-7, "over there");
}

static int echo(bide_request *req)
{
    size_t size;
    const char *text = bide_request_text(req, &size);
    return text ? bide_respond(req, 200, NULL, text, size) : bide_errcode();
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    loop_thread = pthread_self();
    CHECK_EQ(bide_route(app, "GET", "/limited", sleeps, .timeout = 2), 0);
    CHECK_EQ(bide_route(app, "GET", "/half", starts_and_sleeps, .timeout = 2), 0);
    CHECK_EQ(bide_route(app, "GET", "/kept", sleeps), 0);
    CHECK_EQ(bide_route(app, "GET", "/cancelled", sleeps,
                        .on_disconnect = BIDE_DISCONNECT_CANCEL), 0);
    CHECK_EQ(bide_route(app, "GET", "/told", minds, .on_disconnect = BIDE_DISCONNECT_TELL), 0);
    CHECK_EQ(bide_route(app, "POST", "/blocks/{id}", blocks, .blocking = true), 0);
    CHECK_EQ(bide_route(app, "POST", "/short", blocks, .blocking = true, .body_max = 3), 0);
    CHECK_EQ(bide_route(app, "GET", "/fails", blocks_and_fails, .blocking = true), 0);
    CHECK_EQ(bide_route(app, "POST", "/echo", echo, .body_max = 3), 0);
    return app;
}

static char logged[500];

static void catch_log(void *unused, enum bide_log_level level, const char *text)
{
    (void)unused;
    (void)level;
    snprintf(logged, sizeof logged, "%s", text);
}

/* Asks, and goes away after a second. */
static void ask_and_go(const struct site *site, const char *path)
{
    bide_auto(stream) s = bide_connect(site->address);
    CHECK_EQ(bide_printf(s, "GET %s" H "\r\n", path), 0);
    CHECK_EQ(bide_sleep(1), 0);
}

TASK_TEST(a_handler_that_takes_too_long_is_cancelled_and_answered_with_503)
{
    struct site site = { .opts = { .idle = 100 } };
    char out[2000];
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    double start = bide_now();
    CHECK_EQ(bide_printf(s, "GET /limited" H "\r\n"), 0);
    ssize_t size = bide_read(s, out, sizeof out - 1);
    CHECK(size > 0);
    out[size] = '\0';
    CHECK(begins(out, "HTTP/1.1 503 Service Unavailable\r\n"));
    CHECK_NEAR(bide_now() - start, 2, 0.1);
    CHECK_STR(trace, "cancelled.");
    CHECK_HAS(logged, "timed out");
    exchange(&site, "GET /half" H "\r\n", false, out, sizeof out);
    check_body(out, "4\r\nhalf\r\n");
}

TASK_TEST(a_handler_whose_client_goes_is_kept_cancelled_or_told)
{
    struct site site = { .opts = { .idle = 100 } };
    SITE(&site);
    ask_and_go(&site, "/kept");
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_STR(trace, "");
    ask_and_go(&site, "/cancelled");
    CHECK_EQ(bide_sleep(0.1), 0);
    CHECK_STR(trace, "cancelled.");
    ask_and_go(&site, "/told");
    CHECK_EQ(bide_sleep(0.1), 0);
    CHECK_STR(trace, "cancelled.told.");
    CHECK_EQ(bide_sleep(20), 0);
    CHECK_STR(trace, "cancelled.told.slept.");
}

TASK_TEST(a_client_that_stays_is_answered_by_a_watched_handler)
{
    struct site site = { .opts = { .idle = 100 } };
    char out[2000];
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_printf(s, "GET /cancelled" H "\r\n"), 0);
        ssize_t size = bide_read(s, out, sizeof out - 1);
        CHECK(size > 0);
        out[size] = '\0';
        check_body(out, "slept");
    }
}

TASK_TEST(a_stop_is_told_like_a_client_that_goes)
{
    struct site site = { .opts = { .grace = 5 } };
    char out[2000];
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    CHECK_EQ(bide_printf(s, "GET /told" H "\r\n"), 0);
    CHECK_EQ(bide_sleep(1), 0);
    bide_cancel(site_task);
    ssize_t size = bide_read(s, out, sizeof out - 1);
    CHECK(size > 0);
    out[size] = '\0';
    check_body(out, "bye");
    CHECK_STR(trace, "stopping.");
}

TASK_TEST(a_blocking_handler_runs_on_a_thread_with_its_body_read)
{
    struct site site = { .opts = { .idle = 100 } };
    char out[2000];
    SITE(&site);
    exchange(&site, "POST /blocks/7" H "Content-Length: 5\r\n\r\nhello", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 201 Created\r\n"));
    CHECK_HAS(out, "\r\nX-Id: ");
    check_body(out, "7 5 hello");
    exchange(&site, "POST /blocks/8" H "Content-Length: 0\r\n\r\n", false, out, sizeof out);
    check_body(out, "8 0 ");
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    exchange(&site, "GET /fails" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 500 "));
    CHECK_HAS(logged, "over there");
}

TASK_TEST(a_route_may_have_its_own_limit_for_bodies)
{
    struct site site = { .opts = { .idle = 100 } };
    char out[2000];
    SITE(&site);
    exchange(&site, "POST /short" H "Content-Length: 5\r\n\r\nhello", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 413 "));
    exchange(&site, "POST /echo" H "Content-Length: 4\r\n\r\nhell", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 413 "));
    exchange(&site, "POST /echo" H "Content-Length: 3\r\n\r\nhel", false, out, sizeof out);
    check_body(out, "hel");
}
