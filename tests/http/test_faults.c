/* One conversation between client and server again and again, each time with another fault: the
 * nth allocation fails, the nth system call is short, interrupted or refused, the nth wait is
 * cancelled, the ready tasks are shuffled.  It succeeds or fails with a code and a sentence; what
 * it says is never wrong; and nothing is left behind. */
#include "test.h"

#include <bide.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the conversation ---- */

static int echo(bide_request *req)
{
    size_t size;
    const char *text = bide_request_text(req, &size);
    if (!text)
        return bide_errcode();
    int rc = bide_respond_header(req, "X-Echo", "yes");
    return rc < 0 ? rc : bide_respond(req, 200, "text/plain", text, size);
}

static int stream(bide_request *req)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 5; i++)
        rc = bide_respond_write(req, "0123456789", 10);
    return rc;
}

static int serve(void *listener)
{
    bide_auto(app) app = bide_app_new(NULL);
    int rc = app ? bide_route(app, "POST", "/echo", echo) : bide_errcode();
    if (rc == 0)
        rc = bide_route(app, "GET", "/stream", stream);
    return rc < 0 ? rc : bide_app_run(app, NULL, .listener = listener, .grace = -1);
}

/* A failed call must say why, and a good one must be right. */
static int check(bide_response *r, const char *body, size_t size)
{
    size_t got = 0;
    const char *text = bide_response_text(r, &got);
    if (!text) {
        CHECK(bide_errcode() < 0 && bide_errcode() != BIDE_EUNKNOWN && bide_errmsg()[0]);
        return bide_errcode();
    }
    if (bide_response_status(r) == 200) {
        CHECK_EQ(got, size);
        CHECK_MEM(text, body, size);
        return 0;
    }
    int status = bide_response_status(r);
    CHECK(status == 500 || status == 503 || status == 400 || status == 408);
    return bide_response_check(r);
}

static char large[20000];

static int talk(const char *address)
{
    char url[100];
    bide_auto(session) session = bide_session_open(.limit = 2);
    snprintf(url, sizeof url, "http://%s/echo", address);
    bide_auto(response) a = bide_post(session, url, .data = "hello", .data_size = 5, .timeout = 20,
                                      .headers = BIDE_PAIRS({ "X-A", "b" }));
    int first = check(a, "hello", 5);
    bide_auto(response) b = bide_post(session, url, .data = large, .data_size = sizeof large,
                                      .timeout = 20);
    int second = check(b, large, sizeof large);
    snprintf(url, sizeof url, "http://%s/stream", address);
    bide_auto(response) c = bide_get(session, url, .timeout = 20,
                                     .query = BIDE_PAIRS({ "a", "b" }));
    int third = check(c, "01234567890123456789012345678901234567890123456789", 50);
    return first < 0 ? first : second < 0 ? second : third;
}

static int converse(void *unused)
{
    (void)unused;
    bide_auto(listener) listener = bide_listen("127.0.0.1:0");
    if (!listener)
        return bide_errcode();
    BIDE_GROUP(server);
    bide_spawn(server, serve, listener);
    return talk(bide_listener_address(listener));
}

static void unheard(const bide_task *task, const struct bide_error *why)
{
    (void)task;
    CHECK(why->code < 0);
}

static void quiet(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

/* ---- faults ---- */

static long until;              /* the fault comes when it reaches 0 */

static void *alloc(size_t size)
{
    return until-- == 0 ? NULL : malloc(size);
}

static void *resize(void *memory, size_t size)
{
    return until-- == 0 ? NULL : realloc(memory, size);
}

/* A request whose query does not fit into the memory that a response begins with. */
static char query[3000];

static int expect_query(bide_stream *s, void *unused)
{
    (void)unused;
    char *line;
    ssize_t size = bide_read_until(s, "\r\n\r\n", &line);
    if (size <= 0)
        return (int)size;
    CHECK(strstr(line, query));
    return bide_printf(s, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static int expect_queries(void *listener)
{
    return bide_serve(listener, expect_query, NULL);
}

static int ask_largely(void *unused)
{
    (void)unused;
    char url[100];
    int failed = 0;
    bide_auto(listener) listener = bide_listen("127.0.0.1:0");
    CHECK(listener);
    snprintf(url, sizeof url, "http://%s/", bide_listener_address(listener));
    BIDE_GROUP(server);
    bide_spawn(server, expect_queries, listener);
    CHECK_EQ(bide_yield(), 0);
    for (int i = 0; i < 60; i++) {      /* several times each, for the server allocates too */
        bide_auto(session) session = bide_session_open(.limit = 1);
        CHECK(session);
        until = i / 5;
        bide_auto(response) r = bide_get(session, url, .timeout = 20,
                                         .query = BIDE_PAIRS({ "a", query }));
        until = -1;
        failed += !r && bide_errcode() == BIDE_ENOMEM;
        CHECK(!r || bide_response_status(r) == 200);
    }
    return failed;
}

TEST(no_request_goes_out_without_its_query)
{
    memset(query, 'q', sizeof query - 1);
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    until = -1;
    bide_ignore(bide_allocator_set(&(struct bide_allocator){ alloc, resize, free }));
    CHECK(bide_run(ask_largely, NULL, .jumping_clock = true, .on_failure = unheard) > 15);
}

/* Asks as somebody: what fails does not tell the password. */
static int ask_with_password(void *unused)
{
    (void)unused;
    char url[3000];
    int failed = 0;
    snprintf(url, sizeof url, "http://ann:secret@127.0.0.1:1/?%02900d", 0);
    for (int i = 0; i < 12; i++) {
        bide_auto(session) session = bide_session_open();
        CHECK(session);
        until = i;
        CHECK_PTR(bide_get(session, url), NULL);
        until = -1;
        failed += bide_errcode() == BIDE_ENOMEM;
        CHECK(!strstr(bide_errmsg(), "secret"));
    }
    return failed;
}

TEST(no_failure_tells_a_password)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    until = -1;
    bide_ignore(bide_allocator_set(&(struct bide_allocator){ alloc, resize, free }));
    CHECK(bide_run(ask_with_password, NULL, .jumping_clock = true, .on_failure = unheard) > 3);
}

/* Each of these runs the conversation until nothing is left that could go wrong. */
static void survives(int faults, int at_least)
{
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults >= at_least);
}

static void prepare(void)
{
    memset(large, 'x', sizeof large);
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
}

TEST(it_succeeds_without_faults_whatever_the_order)
{
    prepare();
    survives(bide_test_shuffled(converse, NULL, .count = 50), 0);
}

TEST(every_allocation_may_fail)
{
    prepare();
    survives(bide_test_each_allocation(converse, NULL, .on_failure = unheard), 20);
}

TEST(every_wait_may_be_cancelled)
{
    prepare();
    survives(bide_test_each_wait(converse, NULL, .on_failure = unheard), 8);
    survives(bide_test_each_wait(converse, NULL, .seed = 12, .poller = "poll"), 8);
}

TEST(short_and_interrupted_calls_are_not_noticed)
{
    prepare();
    survives(bide_test_each_call(converse, NULL, .fault = BIDE_TEST_SHORT), 5);
    survives(bide_test_each_call(converse, NULL, .fault = BIDE_TEST_INTERRUPT), 10);
}

TEST(refused_calls_are_errors)
{
    prepare();
    survives(bide_test_each_call(converse, NULL, .on_failure = unheard), 30);
    survives(bide_test_each_call(converse, NULL, .code = -EPIPE, .call = "sendmsg"), 5);
    survives(bide_test_each_call(converse, NULL, .code = -ENOBUFS, .call = "sendmsg"), 5);
    survives(bide_test_each_call(converse, NULL, .code = -EMFILE, .call = "accept4"), 1);
}
