/* The server over real sockets: raw requests in, raw answers out. */
#include "web/site.h"

#include <bide.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- an application with a bit of everything ---- */

static int hello(bide_request *req)
{
    return bide_respond_text(req, 200, "hello, %s", bide_request_param(req, "name"));
}

static int tell(bide_request *req)
{
    const char *q = bide_request_query(req, "q"), *header = bide_request_header(req, "x-y");
    return bide_respond_text(req, 200, "%s %s q=%s y=%s state=%s", bide_request_method(req),
                             bide_request_path(req), q ? q : "-", header ? header : "-",
                             (const char *)bide_request_state(req));
}

static int echo(bide_request *req)
{
    size_t size;
    const char *text = bide_request_text(req, &size);
    if (!text)
        return bide_errcode();
    CHECK_PTR(bide_request_text(req, NULL), text);
    return bide_respond(req, 200, "text/plain", text, size);
}

static int count(bide_request *req)
{
    char piece[7];
    ssize_t got;
    long size = 0;
    while ((got = bide_request_read(req, piece, sizeof piece)) > 0)
        size += got;
    return got < 0 ? (int)got : bide_respond_text(req, 200, "%ld", size);
}

static int slow(bide_request *req)
{
    int rc = bide_sleep(strtod(bide_request_param(req, "seconds"), NULL));
    return rc < 0 ? rc : bide_respond_text(req, 200, "slept");
}

static int fail(bide_request *req)
{
    (void)req;
    return bide_fail(-7, "on purpose");
}

static int fails_late(bide_request *req)
{
    CHECK_EQ(bide_respond_header(req, "Content-Length", "5"), 0);
    CHECK_EQ(bide_respond_header(req, "X-Secret", "told"), 0);
    return bide_fail(-7, "on second thoughts");
}

static int closes(bide_request *req)
{
    CHECK_EQ(bide_respond_header(req, "Connection", "upgrade"), BIDE_EINVAL);
    CHECK_EQ(bide_respond_header(req, "connection", "keep-alive"), 0);
    const char *how = bide_request_query(req, "close");
    int rc = how ? bide_respond_header(req, "connection", how) : 0;
    return rc < 0 ? rc : bide_respond_text(req, 200, "bye");
}

static int silent(bide_request *req)
{
    (void)req;
    return 0;
}

static int stream(bide_request *req)
{
    const char *length = bide_request_query(req, "length");
    int rc = length ? bide_respond_header(req, "Content-Length", length) : 0;
    for (int i = 0; rc == 0 && i < 3; i++)
        rc = bide_respond_write(req, "abcde", 5);
    if (rc == 0 && bide_request_query(req, "fail"))
        return bide_fail(-7, "half-way");
    return rc;
}

/* Answers while it reads. */
static int echo_early(bide_request *req)
{
    char piece[7];
    int rc = bide_respond_start(req, 200);
    for (ssize_t got = 1; rc == 0 && got > 0;) {
        got = bide_request_read(req, piece, sizeof piece);
        rc = got < 0 ? (int)got : got > 0 ? bide_respond_write(req, piece, (size_t)got) : 0;
    }
    return rc;
}

static int headers(bide_request *req)
{
    CHECK_EQ(bide_respond_header(req, "X-A", "1"), 0);
    CHECK_EQ(bide_respond_header(req, "X-A", "2"), 0);
    CHECK_EQ(bide_respond_header(req, "X-B", "1\r\nX-C: 2"), BIDE_EINVAL);
    CHECK_EQ(bide_respond_header(req, "X B", "1"), BIDE_EINVAL);
    CHECK_EQ(bide_respond_header(req, "Transfer-Encoding", "chunked"), BIDE_EINVAL);
    CHECK_EQ(bide_respond(req, 200, "text/plain\r\nX-D: 3", "no", 2), BIDE_EINVAL);
    CHECK_EQ(bide_respond(req, 99, NULL, "no", 2), BIDE_EINVAL);
    CHECK_EQ(bide_respond(req, 204, NULL, "no", 2), BIDE_EINVAL);
    CHECK_EQ(bide_respond(req, 200, NULL, "ok", 2), 0);
    CHECK_EQ(bide_respond(req, 200, NULL, "ok", 2), BIDE_EINVAL);
    CHECK_EQ(bide_respond_header(req, "X-E", "1"), BIDE_EINVAL);
    CHECK_EQ(bide_respond_write(req, "x", 1), BIDE_EINVAL);
    return 0;
}

static int typed(bide_request *req)
{
    CHECK_EQ(bide_respond_header(req, "CONTENT-TYPE", "text/css"), 0);
    return bide_respond(req, 200, NULL, "a{}", 3);
}

static int empty(bide_request *req)
{
    return bide_respond(req, 204, NULL, NULL, 0);
}

static bide_app *make_app(void)
{
    static char state[] = "kept";
    bide_app *app = bide_app_new(state);
    CHECK_EQ(bide_route(app, "GET", "/", tell), 0);
    CHECK_EQ(bide_route(app, "GET", "/hello/{name}", hello), 0);
    CHECK_EQ(bide_route(app, "GET", "/tell/{a}/x/{b}", tell), 0);
    CHECK_EQ(bide_route(app, "*", "/any", tell), 0);
    CHECK_EQ(bide_route(app, "POST", "/echo", echo), 0);
    CHECK_EQ(bide_route(app, "PUT", "/echo", echo), 0);
    CHECK_EQ(bide_route(app, "POST", "/count", count), 0);
    CHECK_EQ(bide_route(app, "POST", "/early", echo_early), 0);
    CHECK_EQ(bide_route(app, "POST", "/ignore", empty), 0);
    CHECK_EQ(bide_route(app, "GET", "/slow/{seconds}", slow), 0);
    CHECK_EQ(bide_route(app, "GET", "/fail", fail), 0);
    CHECK_EQ(bide_route(app, "GET", "/silent", silent), 0);
    CHECK_EQ(bide_route(app, "GET", "/late", fails_late), 0);
    CHECK_EQ(bide_route(app, "GET", "/closes", closes), 0);
    CHECK_EQ(bide_route(app, "GET", "/stream", stream), 0);
    CHECK_EQ(bide_route(app, "GET", "/headers", headers), 0);
    CHECK_EQ(bide_route(app, "GET", "/typed", typed), 0);
    CHECK_EQ(bide_route(app, "GET", "/empty", empty), 0);
    return app;
}

TASK_TEST(requests_reach_their_handlers)
{
    static const struct {
        const char *request, *status, *body;
    } cases[] = {
        { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "200 OK", "GET / q=- y=- state=kept" },
        { "GET /hello/w%6frld" H "\r\n", "200 OK", "hello, world" },
        { "GET /hello/a%2Fb" H "\r\n", "200 OK", "hello, a/b" },
        { "GET /tell/1/x/%32?a=b&q=x+%26+y&q=z" H "X-Y: z\r\n\r\n", "200 OK",
          "GET /tell/1/x/2 q=x & y y=z state=kept" },
        { "GET http://h/hello/abs?x" H "\r\n", "200 OK", "hello, abs" },
        { "BREW /any?q" H "\r\n", "200 OK", "BREW /any q= y=- state=kept" },
        { "POST /echo" H "Content-Length: 5\r\n\r\nhello", "200 OK", "hello" },
        { "PUT /echo" H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
          "200 OK", "hello!" },
        { "POST /echo" H "\r\n", "200 OK", "" },
        { "POST /count" H "Content-Length: 30\r\n\r\n012345678901234567890123456789", "200 OK",
          "30" },
        { "HEAD /hello/you" H "\r\n", "200 OK", "" },
        { "HEAD /stream" H "\r\n", "200 OK", "" },
        { "GET /empty" H "\r\n", "204 No Content", "" },
        { "GET /stream?length=15" H "\r\n", "200 OK", "abcdeabcdeabcde" },
        { "GET /stream" H "\r\n", "200 OK",
          "5\r\nabcde\r\n5\r\nabcde\r\n5\r\nabcde\r\n0\r\n\r\n" },
        { "GET /stream HTTP/1.0\r\n\r\n", "200 OK", "abcdeabcdeabcde" },
    };
    struct site site = { 0 };
    SITE(&site);
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        char out[2000], line[100];
        exchange(&site, cases[i / 2].request, i % 2, out, sizeof out);
        snprintf(line, sizeof line, "HTTP/1.1 %s\r\nDate: ", cases[i / 2].status);
        if (!begins(out, line))
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i / 2].request, out);
        check_body(out, cases[i / 2].body);
    }
}

TASK_TEST(who_asks_first_is_told_before_an_answer_begins_and_never_within_it)
{
    struct site site = { 0 };
    char *text;
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(bide_printf(s, "POST /early" H "Content-Length: 5\r\n"
                                "Expect: 100-continue\r\n\r\n"), 0);
        CHECK(bide_read_until(s, "\r\n\r\n", &text) > 0);
        CHECK_STR(text, "HTTP/1.1 100 Continue\r\n\r\n");
        CHECK(bide_read_until(s, "\r\n\r\n", &text) > 0);
        CHECK(begins(text, "HTTP/1.1 200 OK\r\n"));
        CHECK(!strstr(text, "Connection: close"));
        CHECK_EQ(bide_write(s, "hello", 5), 0);
        CHECK(bide_read_until(s, "\r\n0\r\n\r\n", &text) > 0);
        CHECK_STR(text, "5\r\nhello\r\n0\r\n\r\n");
    }
}

TASK_TEST(what_is_no_request_is_refused_and_the_connection_closed)
{
    static const struct {
        const char *request, *status, *why;
    } cases[] = {
        { "nonsense\r\n\r\n", "400", "method" }, { "GET /\r\n\r\n", "400", "target" },
        { "GET / HTTP/1.1\nHost: h\n\n", "400", "LF without CR" },
        { "GET / HTTP/1.1\r\n\r\n", "400", "no Host" },
        { "GET / HTTP/2.0\r\n\r\n", "505", "version" },
        { "GET /" H "A : b\r\n\r\n", "400", "space before" },
        { "GET /hello/%zz" H "\r\n", "400", "path" }, { "GET /hello/%00" H "\r\n", "400", "path" },
        { "POST /echo" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400", "both" },
        { "POST /echo" H "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "400", "two" },
        { "POST /echo" H "Transfer-Encoding: gzip\r\n\r\n", "400", "chunked alone" },
        { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "400", "chunk" },
        { "POST /echo" H "Content-Length: 99\r\n\r\nx", "413", "99 bytes" },
        { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n40\r\n012345678901234567890123456789012"
          "3456789012345678901234567890123\r\n0\r\n\r\n", "413", "longer than" },
        { "GET /" H "X: 0123456789012345678901234567890123456789012345678901234567890123456789"
          "01234567890123456789012345678901234567890123456789012345678901234567890123456789"
          "01234567890123456789012345678901234567890123456789012345678901234567890123456789"
          "\r\n\r\n", "431", "large" },
    };
    struct site site = { .opts = { .header_max = 256, .body_max = 50 } };
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        char out[2000], line[100];
        exchange(&site, cases[i / 2].request, i % 2, out, sizeof out);
        snprintf(line, sizeof line, "HTTP/1.1 %s ", cases[i / 2].status);
        if (!begins(out, line) || !strstr(out, cases[i / 2].why) ||
            !strstr(out, "\r\nConnection: close\r\n"))
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i / 2].request, out);
    }
}

TASK_TEST(paths_and_methods_that_do_not_exist_are_told_apart)
{
    struct site site = { 0 };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /nothing" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 404 Not Found\r\n"));
    exchange(&site, "GET /hello/" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 404 Not Found\r\n"));
    exchange(&site, "GET /hello/a/" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 404 Not Found\r\n"));
    exchange(&site, "OPTIONS *" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 204 No Content\r\n"));
    CHECK_HAS(out, "\r\nAllow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n");
    exchange(&site, "GET *" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 4"));
    exchange(&site, "DELETE /echo" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 405 Method Not Allowed\r\n"));
    CHECK_HAS(out, "\r\nAllow: POST, PUT\r\n");
    exchange(&site, "HEAD /nothing" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 404 Not Found\r\n"));
    check_body(out, "");
}

TASK_TEST(a_handler_that_fails_is_a_500_and_a_message)
{
    struct site site = { 0 };
    char out[2000], log[300] = "";
    bide_log_to(quiet, log, BIDE_LOG_WARNING);
    SITE(&site);
    exchange(&site, "GET /fail" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK(!strstr(out, "on purpose"));
    CHECK_HAS(log, "GET /fail: on purpose (request ");
    exchange(&site, "GET /silent" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK_HAS(log, "GET /silent: the handler did not respond (request ");
    exchange(&site, "GET /stream?fail" H "\r\nGET /" H "\r\n", false, out, sizeof out);
    CHECK_HAS(out, "5\r\nabcde\r\n");
    CHECK(!strstr(out, "0\r\n\r\n") && !strstr(out, "state="));
    exchange(&site, "GET /stream?length=16" H "\r\n", false, out, sizeof out);
    check_body(out, "abcdeabcdeabcde");
    CHECK_HAS(log, "less data");
    exchange(&site, "GET /stream?length=14" H "\r\n", false, out, sizeof out);
    check_body(out, "abcdeabcde");
    CHECK_HAS(log, "more data");
}

TASK_TEST(a_failure_is_told_without_the_headers_of_what_was_to_be)
{
    struct site site = { 0 };
    char out[2000];
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    exchange(&site, "GET /late" H "\r\nGET /hello/you" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK(!strstr(out, "X-Secret"));
    CHECK_HAS(out, "hello, you");
}

TASK_TEST(a_handler_may_say_that_its_connection_closes)
{
    struct site site = { 0 };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /closes" H "\r\nGET /hello/you" H "\r\n", false, out, sizeof out);
    CHECK(!strstr(out, "onnection: "));
    CHECK_HAS(out, "hello, you");
    double start = bide_now();
    exchange(&site, "GET /closes?close=Close" H "\r\nGET /hello/you" H "\r\n", false, out,
             sizeof out);
    CHECK_NEAR(bide_now(), start, 0.5);         /* it did close */
    CHECK_HAS(out, "Connection: close\r\n");
    check_body(out, "bye");
}

TASK_TEST(a_type_given_as_a_header_is_sent_once)
{
    struct site site = { 0 };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /typed" H "\r\n", false, out, sizeof out);
    CHECK_HAS(out, "\r\nCONTENT-TYPE: text/css\r\n");
    CHECK(!strstr(out, "Content-Type:"));
}

TASK_TEST(headers_of_a_response_are_checked)
{
    struct site site = { 0 };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /headers" H "\r\n", false, out, sizeof out);
    CHECK_HAS(out, "\r\nContent-Type: application/octet-stream\r\nX-A: 1\r\nX-A: 2\r\n"
                   "Content-Length: 2\r\n\r\nok");
    CHECK(!strstr(out, "X-B") && !strstr(out, "X-D"));
}

static size_t occurrences(const char *text, const char *part)
{
    size_t times = 0;
    for (; (text = strstr(text, part)); text++)
        times++;
    return times;
}

TASK_TEST(requests_that_come_together_are_answered_in_order)
{
    struct site site = { 0 };
    char out[8000], request[4000] = "";
    SITE(&site);
    for (int i = 0; i < 20; i++)
        sprintf(request + strlen(request), "GET /hello/%c" H "\r\n", 'a' + i);
    strcat(request, "POST /echo" H "Content-Length: 3\r\n\r\nxyzGET /nothing" H "\r\n"
                    "POST /ignore" H "Content-Length: 4\r\n\r\nGET GET /hello/last" H "\r\n");
    for (int slowly = 0; slowly < 2; slowly++) {
        const char *at = out;
        exchange(&site, request, slowly, out, sizeof out);
        CHECK_EQ(occurrences(out, "HTTP/1.1 "), 24);
        for (int i = 0; i < 20; i++) {
            char body[20];
            snprintf(body, sizeof body, "\r\n\r\nhello, %c", 'a' + i);
            at = strstr(at, body);
            CHECK(at != NULL);
        }
        CHECK(strstr(at, "\r\n\r\nxyz") < strstr(at, "404 Not Found"));
        CHECK_HAS(at, "hello, last");
    }
}

TASK_TEST(a_connection_closes_when_it_is_asked_to)
{
    struct site site = { 0 };
    char out[4000];
    SITE(&site);
    exchange(&site, "GET /" H "Connection: close\r\n\r\nGET /" H "\r\n", false, out, sizeof out);
    CHECK_EQ(occurrences(out, "state=kept"), 1);
    CHECK_HAS(out, "\r\nConnection: close\r\n");
    exchange(&site, "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n", false, out, sizeof out);
    CHECK_EQ(occurrences(out, "state=kept"), 1);
    exchange(&site, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n", false,
             out, sizeof out);
    CHECK_EQ(occurrences(out, "state=kept"), 2);
    CHECK_EQ(occurrences(out, "Connection: keep-alive"), 1);
}

TASK_TEST(a_client_that_asks_first_is_told_to_go_on)
{
    struct site site = { 0 };
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    char *line;
    CHECK_EQ(bide_printf(s, "POST /echo" H "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"), 0);
    CHECK(bide_read_until(s, "\r\n\r\n", &line) > 0);
    CHECK_STR(line, "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK_EQ(bide_write(s, "ok", 2), 0);
    CHECK(bide_read_until(s, "\r\n\r\nok", &line) > 0);
    CHECK(begins(line, "HTTP/1.1 200 OK\r\n"));
    CHECK_EQ(bide_printf(s, "GET /" H "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"), 0);
    CHECK(bide_read_until(s, "kept", &line) > 0);
    CHECK_HAS(line, "Connection: close");       /* the body was never asked for */
    CHECK_EQ(bide_read_until(s, "\n", &line), 0);
}

TASK_TEST(an_old_client_is_told_nothing_before_its_answer)
{
    struct site site = { 0 };
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    char *line;
    CHECK_EQ(bide_printf(s, "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\n"
                            "Content-Length: 5\r\n\r\n"), 0);
    CHECK_EQ(bide_sleep(0.1), 0);
    CHECK_EQ(bide_printf(s, "hello"), 0);
    CHECK(bide_read_until(s, "\r\n", &line) > 0);
    CHECK_STR(line, "HTTP/1.1 200 OK\r\n");
}

/* ---- the end ---- */

static int ask_slowly(void *arg)
{
    char url[100];
    snprintf(url, sizeof url, "http://%s/slow/3", (const char *)arg);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, url);
    const char *text = bide_response_text(r, NULL);
    return text ? strcmp(text, "slept") : bide_errcode();
}

/* How a running request ends, and when the server has, if it is cancelled after a second. */
static int end_while_running(double grace, double *took)
{
    struct site site = { .opts = { .grace = grace } };
    SITE(&site);
    bide_auto(stream) idle = bide_connect(site.address);
    CHECK_EQ(bide_yield(), 0);
    struct bide_task *asking;
    BIDE_KEEP_GOING(clients);
    bide_spawn(clients, ask_slowly, site.address, .handle = &asking);
    CHECK_EQ(bide_sleep(1), 0);
    double start = bide_now();
    bide_cancel(site_task);
    char byte;
    CHECK_EQ(bide_read(idle, &byte, 1), 0);     /* an idle connection goes at once */
    CHECK_NEAR(bide_now() - start, 0, 0.2);
    CHECK_EQ(bide_join(site_task), 0);
    *took = site.ended - start;
    CHECK_EQ(site.rc, BIDE_ECANCELED);
    bide_ignore(bide_group_wait(clients));
    return bide_task_result(asking);
}

TASK_TEST(a_cancelled_server_lets_running_requests_end_in_their_grace)
{
    double took;
    CHECK_EQ(end_while_running(0, &took), 0);           /* default: 5 s */
    CHECK_NEAR(took, 2, 0.3);
    CHECK_EQ(end_while_running(1, &took), BIDE_EEOF);
    CHECK_NEAR(took, 1, 0.3);
    CHECK_EQ(end_while_running(-1, &took), BIDE_EEOF);
    CHECK_NEAR(took, 0, 0.3);
}

static int run_twice(void *listener)
{
    bide_auto(app) app = make_app();
    return bide_app_run(app, NULL, .listener = listener, .grace = -1);
}

TASK_TEST(two_applications_run_side_by_side)
{
    bide_auto(listener) a = bide_listen("127.0.0.1:0");
    bide_auto(listener) b = bide_listen("127.0.0.1:0");
    BIDE_GROUP(group);
    bide_spawn(group, run_twice, a);
    bide_spawn(group, run_twice, b);
    bide_auto(session) session = bide_session_open();
    for (int i = 0; i < 2; i++) {
        char url[100];
        snprintf(url, sizeof url, "http://%s/hello/x", bide_listener_address(i ? b : a));
        bide_auto(response) r = bide_get(session, url);
        CHECK_STR(bide_response_text(r, NULL), "hello, x");
    }
}

TASK_TEST(a_server_that_cannot_listen_says_so)
{
    bide_auto(app) app = make_app();
    CHECK(bide_app_run(app, "256.0.0.1:80") < 0);
    CHECK_EQ(bide_app_run(app, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_app_run(app, "127.0.0.1:0", .grace = __builtin_nan("")), BIDE_EINVAL);
    bide_fail(-77, "held");
    CHECK_EQ(bide_app_run(NULL, "127.0.0.1:0"), -77);
    bide_app_free(NULL);
}

TEST(routes_that_make_no_sense_are_refused)
{
    static const char *const paths[] = { "", "x", "/{", "/}", "/{}", "/{a}{b}", "/{a}}",
                                         "/{a{b}}" };
    bide_auto(app) app = bide_app_new(NULL);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        CHECK_EQ(bide_route(app, "GET", paths[i], silent), BIDE_EINVAL);
    CHECK_EQ(bide_route(app, "", "/", silent), BIDE_EINVAL);
    CHECK_EQ(bide_route(app, "G T", "/", silent), BIDE_EINVAL);
    CHECK_EQ(bide_route(app, "GET", "/", NULL), BIDE_EINVAL);
    CHECK_EQ(bide_route(app, "GET", "/", silent), 0);
}

/* The first answer of a batch must not wait for a handler that is known to. */
TASK_TEST(a_slow_request_does_not_hold_up_the_answers_before_it)
{
    struct site site = { 0 };
    SITE(&site);
    for (int i = 0; i < 2; i++) {
        bide_auto(stream) s = bide_connect(site.address);
        double start = bide_now();
        char *line;
        CHECK_EQ(bide_printf(s, "GET /" H "\r\nGET /slow/5" H "\r\n"), 0);
        CHECK(bide_read_until(s, "state=kept", &line) > 0);
        CHECK_NEAR(bide_now() - start, i == 0 ? 5 : 0, 0.2);    /* it learns */
        CHECK(bide_read_until(s, "slept", &line) > 0);
        CHECK_NEAR(bide_now() - start, 5, 0.2);
    }
}
