/* The server's limits: in time, in connections, in memory. */
#include "web/site.h"

#include "base/sys.h"
#include "core/loop.h"

#include <bide/memory.h>
#include <stdlib.h>
#include <unistd.h>

static int hello(bide_request *req)
{
    return bide_respond_text(req, 200, "hello, %s", bide_request_param(req, "name"));
}

static int tell(bide_request *req)
{
    return bide_respond_text(req, 200, "state=%s", (const char *)bide_request_state(req));
}

static int echo(bide_request *req)
{
    size_t size;
    const char *text = bide_request_text(req, &size);
    if (!text)
        return bide_errcode();
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

static bide_app *make_app(void)
{
    static char state[] = "kept";
    bide_app *app = bide_app_new(state);
    CHECK_EQ(bide_route(app, "GET", "/", tell), 0);
    CHECK_EQ(bide_route(app, "GET", "/hello/{name}", hello), 0);
    CHECK_EQ(bide_route(app, "POST", "/echo", echo), 0);
    CHECK_EQ(bide_route(app, "POST", "/count", count), 0);
    CHECK_EQ(bide_route(app, "GET", "/stream", stream), 0);
    return app;
}

TASK_TEST(slow_and_silent_clients_are_given_up)
{
    struct site site = { .opts = { .idle = 10, .slow = 5 } };
    static const char *const started[] = {
        "", "GET /", "GET /" H, "POST /echo" H "Content-Length: 5\r\n\r\nhel",
    };
    SITE(&site);
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    for (int i = 0; i < 4; i++) {
        bide_auto(stream) s = bide_connect(site.address);
        char *line;
        double start = bide_now();
        CHECK(i == 0 || bide_write(s, started[i], strlen(started[i])) == 0);
        BIDE_TIMEOUT(limit, 100);       /* what is parked makes no clock jump by itself */
        ssize_t size = bide_read_until(s, "\r\n\r\n", &line);
        CHECK_NEAR(bide_now() - start, i == 0 ? 10 : 5, 0.2);
        CHECK_EQ(size > 0, i > 0);
        if (i > 0)
            CHECK(begins(line, "HTTP/1.1 408 Request Timeout\r\n"));
    }
}

static unsigned look;
static int in_look, in_look_max, all;

static int count_close(int fd)
{
    in_look = look == bide__loop()->turns ? in_look + 1 : 1;
    look = bide__loop()->turns;
    in_look_max = in_look > in_look_max ? in_look : in_look_max;
    all++;
    return close(fd);
}

TASK_TEST(of_many_who_are_silent_for_too_long_64_are_given_up_in_one_look)
{
    enum { CLIENTS = 200 };
    struct site site = { .opts = { .idle = 10, .slow = 5 } };
    static bide_stream *clients[CLIENTS];
    SITE(&site);
    for (int i = 0; i < CLIENTS; i++)
        CHECK((clients[i] = bide_connect(site.address)) != NULL);
    CHECK_EQ(bide_sleep(1), 0);
    bide__sys.close = count_close;
    CHECK_EQ(bide_sleep(12), 0);
    bide__sys.close = close;
    CHECK_EQ(all, CLIENTS);
    CHECK_EQ(in_look_max, 64);
    for (int i = 0; i < CLIENTS; i++)
        bide_stream_close(clients[i]);
}

TASK_TEST(a_body_that_drips_in_is_given_up_and_a_steady_one_is_not)
{
    struct site site = { .opts = { .idle = 10, .slow = 5 } };
    static char piece[1 << 18];
    char *line;
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    memset(piece, 'x', sizeof piece);
    CHECK_EQ(bide_printf(s, "POST /count" H "Content-Length: %zu\r\n\r\n", 4 * sizeof piece), 0);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(bide_sleep(4), 0);
        CHECK_EQ(bide_write(s, piece, sizeof piece), 0);
    }
    CHECK(bide_read_until(s, "\r\n\r\n1048576", &line) > 0);
    double start = bide_now();
    CHECK_EQ(bide_printf(s, "POST /count" H "Content-Length: 100\r\n\r\n"), 0);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(bide_sleep(1), 0);
        CHECK_EQ(bide_write(s, "x", 1), 0);
    }
    CHECK(bide_read_until(s, "\r\n", &line) > 0);
    CHECK_STR(line, "HTTP/1.1 408 Request Timeout\r\n");
    CHECK_NEAR(bide_now() - start, 5, 0.2);
}

/* What nobody reads may take no longer than what somebody does. */
TASK_TEST(a_body_that_drips_in_unread_is_given_up)
{
    struct site site = { .opts = { .idle = 10, .slow = 5 } };
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    double start = bide_now();
    CHECK_EQ(bide_printf(s, "POST /none" H "Content-Length: 60000\r\n\r\n"), 0);
    for (int rc = 0; rc == 0;) {
        rc = bide_sleep(1);
        rc = rc < 0 ? rc : bide_write(s, "x", 1);
    }
    CHECK_NEAR(bide_now() - start, 6, 1.5);
}

TASK_TEST(as_large_a_head_as_can_be_may_be_allowed)
{
    struct site site = { .opts = { .header_max = BIDE_UNLIMITED } };
    SITE(&site);
    char out[2000];
    exchange(&site, "GET /hello/you" H "\r\n", false, out, sizeof out);
    check_body(out, "hello, you");
}

TASK_TEST(no_more_connections_than_allowed_at_once)
{
    struct site site = { .opts = { .connections = 2 } };
    SITE(&site);
    char *line;
    bide_auto(stream) a = bide_connect(site.address);
    bide_stream *b = bide_connect(site.address);
    bide_auto(stream) c = bide_connect(site.address);
    CHECK_EQ(bide_printf(c, "GET /" H "\r\n"), 0);
    {
        BIDE_TIMEOUT(limit, 2);
        ssize_t got = bide_read_until(c, "kept", &line);
        CHECK_EQ(got, BIDE_ECANCELED);
    }
    bide_stream_close(b);
    CHECK(bide_read_until(c, "kept", &line) > 0);
}

/* A client that reads nothing: the server must not hold its answer for ever. */
TASK_TEST(a_client_that_takes_no_answer_is_given_up)
{
    struct site site = { .opts = { .idle = 7, .connections = 1 } };
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    bide_auto(app) unused = bide_demo_app();
    CHECK(unused != NULL);
    bide_auto(stream) deaf = bide_connect(site.address);
    char requests[3000] = "";
    for (int i = 0; i < 60; i++)
        strcat(requests, "GET /stream" H "\r\n");
    bide_auto(stream) next = bide_connect(site.address);
    CHECK_EQ(bide_printf(next, "GET /" H "\r\n"), 0);
    double start = bide_now();
    for (;;) {                  /* until the ways there and back are full */
        BIDE_TIMEOUT(limit, 1);
        if (bide_write(deaf, requests, strlen(requests)) < 0)
            break;
    }
    char *line;
    CHECK(bide_read_until(next, "state=kept", &line) > 0);
    CHECK(bide_now() - start < 20);
}

/* ---- out of memory at the very end ---- */

static bool scarce;

static void *scarce_alloc(size_t size)
{
    return scarce ? NULL : malloc(size);
}

static void *scarce_resize(void *memory, size_t size)
{
    return scarce ? NULL : realloc(memory, size);
}

static bide_event go_on[2];

/* Sends a piece; the first one then waits with nothing to send, the second one with its buffer. */
static int halts(bide_request *req)
{
    long number = strtol(bide_request_param(req, "number"), NULL, 10);
    int rc = bide_respond_write(req, "piece", 5);
    if (rc == 0 && number == 0)
        rc = bide_respond_write(req, "", 0);
    if (rc == 0)
        rc = bide_event_wait(&go_on[number]);
    return rc;
}

static int serve_halting(void *listener)
{
    bide_auto(app) app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/halt/{number}", halts), 0);
    return bide_app_run(app, NULL, .listener = listener);
}

static int ask_halting(void *unused)
{
    (void)unused;
    char *line;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    BIDE_GROUP(server);
    bide_spawn(server, serve_halting, l);
    bide_auto(stream) a = bide_connect(bide_listener_address(l));
    CHECK_EQ(bide_printf(a, "GET /halt/0" H "\r\n"), 0);
    CHECK(bide_read_until(a, "piece\r\n", &line) > 0);
    bide_auto(stream) b = bide_connect(bide_listener_address(l));
    CHECK_EQ(bide_printf(b, "GET /halt/1" H "\r\n"), 0);
    CHECK(bide_read_until(b, "piece\r\n", &line) > 0);
    scarce = true;
    bide_event_set(&go_on[0]);
    CHECK_EQ(bide_sleep(0.1), 0);
    scarce = false;
    bide_event_set(&go_on[1]);
    BIDE_TIMEOUT(limit, 1);
    CHECK_EQ(bide_read_until(a, "\r\n", &line), 0);      /* closed, not left without an end */
    CHECK(bide_read_until(b, "\r\n", &line) > 0);
    CHECK_STR(line, "0\r\n");
    return 0;
}

TEST(a_response_whose_end_finds_no_memory_closes_the_connection)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    bide_ignore(bide_allocator_set(&(struct bide_allocator){ scarce_alloc, scarce_resize, free }));
    CHECK_EQ(bide_run(ask_halting, NULL, .jumping_clock = true), 0);
}
