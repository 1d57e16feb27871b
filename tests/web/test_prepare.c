/* Functions that are called before the head of each answer goes out. */
#include "web/site.h"

static int calls;
static bide_app *served;

static int mark(bide_request *req)
{
    char status[16];
    calls++;
    snprintf(status, sizeof status, "%d", bide_respond_given(req));
    return bide_respond_header(req, "X-Outer", status);
}

static int mark_inner(bide_request *req)
{
    if (bide_request_header(req, "X-Fail"))
        return bide_fail(-7, "no");
    if (bide_request_header(req, "X-Respond"))
        return bide_respond_text(req, 200, "from the function");
    return bide_respond_header(req, "X-Inner", bide_respond_header_get(req, "X-Outer"));
}

static int whole(bide_request *req)
{
    return bide_respond_text(req, 201, "whole");
}

static int pieces(bide_request *req)
{
    int rc = bide_respond_start(req, 202);
    for (int i = 0; rc == 0 && i < 3; i++)
        rc = bide_respond_write(req, "abc", 3);
    return rc;
}

static int twice(bide_request *req)
{
    int rc = bide_respond_text(req, 200, "first");
    if (rc == 0)
        rc = bide_respond_reset(req);
    return rc < 0 ? rc : bide_respond_text(req, 203, "second");
}

static int around(bide_request *req)
{
    return bide_next(req);
}

static int upgrade(bide_request *req)
{
    return bide_ws_accept(req) ? 0 : bide_errcode();
}

static int too_late;

static int add_another(bide_request *req)
{
    too_late = bide_app_on_prepare(served, mark);
    return bide_respond_status(req, 204);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL), *inner = bide_app_new(NULL), *held = bide_app_new(NULL);
    CHECK_EQ(bide_app_on_prepare(app, mark), 0);
    CHECK_EQ(bide_route(app, "GET", "/whole", whole), 0);
    CHECK_EQ(bide_route(app, "GET", "/pieces", pieces), 0);
    CHECK_EQ(bide_route(app, "GET", "/blocking", whole, .blocking = true), 0);
    CHECK_EQ(bide_route(app, "GET", "/ws", upgrade), 0);
    CHECK_EQ(bide_route(app, "GET", "/late", add_another), 0);
    CHECK_EQ(bide_app_on_prepare(inner, mark_inner), 0);
    CHECK_EQ(bide_route(inner, "GET", "/whole", whole), 0);
    CHECK_EQ(bide_route(inner, "GET", "/pieces", pieces), 0);
    CHECK_EQ(bide_mount(app, "/inner", inner, NULL), 0);
    CHECK_EQ(bide_use(held, around), 0);
    CHECK_EQ(bide_route(held, "GET", "/twice", twice), 0);
    CHECK_EQ(bide_mount(app, "/held", held, NULL), 0);
    calls = 0;
    served = app;
    return app;
}

static const char *ask(const char *head)
{
    static char out[4000];
    char request[1000];
    struct site site = { .rc = 0 };
    SITE(&site);
    snprintf(request, sizeof request, "GET %s\r\n", head);
    exchange(&site, request, false, out, sizeof out);
    return out;
}

TASK_TEST(it_is_called_for_a_whole_answer_and_told_its_status)
{
    CHECK_HAS(ask("/whole" H), "X-Outer: 201\r\n");
    CHECK_EQ(calls, 1);
}

TASK_TEST(it_is_called_for_a_streamed_answer_and_an_error_page)
{
    CHECK_HAS(ask("/pieces" H), "X-Outer: 202\r\n");
    CHECK_EQ(calls, 1);
    CHECK_HAS(ask("/none" H), "X-Outer: 404\r\n");
    CHECK_EQ(calls, 1);
}

TASK_TEST(it_is_called_for_an_answer_from_a_thread_and_the_head_of_a_websocket)
{
    CHECK_HAS(ask("/blocking" H), "X-Outer: 201\r\n");
    CHECK_HAS(ask("/ws" H "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), "X-Outer: 101\r\n");
}

TASK_TEST(outer_applications_functions_come_before_inner_ones)
{
    const char *answer = ask("/inner/pieces" H);
    CHECK_HAS(answer, "X-Outer: 202\r\n");
    CHECK_HAS(answer, "X-Inner: 202\r\n");
}

TASK_TEST(it_is_called_for_the_answer_that_goes_out_and_not_for_one_taken_back)
{
    CHECK_HAS(ask("/held/twice" H), "X-Outer: 203\r\n");
    CHECK_EQ(calls, 1);
}

TASK_TEST(one_that_fails_makes_a_500_that_goes_without)
{
    const char *answer = ask("/inner/whole" H "X-Fail: 1\r\n");
    CHECK_HAS(answer, "HTTP/1.1 500 ");
    CHECK(!strstr(answer, "X-Inner") && !strstr(answer, "X-Outer"));
    CHECK_EQ(calls, 1);
}

TASK_TEST(one_that_responds_is_refused)
{
    const char *answer = ask("/inner/pieces" H "X-Respond: 1\r\n");
    CHECK_HAS(answer, "HTTP/1.1 500 ");
    CHECK(!strstr(answer, "from the function"));
}

TASK_TEST(none_is_added_to_an_application_that_runs)
{
    CHECK_HAS(ask("/late" H), "HTTP/1.1 204 ");
    CHECK_EQ(too_late, BIDE_EBUSY);
}
