/* Middlewares around requests, and the trace of what happens to them. */
#include "answers.h"

static const struct answer answers[] = {
    { "/a", REDIRECT(302, "/b") }, { "/b", OK(2) "ok" },
    { "/bad", "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy" },
};

static bide_response *sign(bide_client_request *req, void *key)
{
    if (bide_client_request_set_header(req, "X-Signature", "wrong") < 0 ||
        bide_client_request_set_header(req, "x-signature", key) < 0)
        return NULL;
    return bide_client_next(req);
}

TASK_TEST(a_middleware_may_set_headers_of_every_request)
{
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    bide_auto(session) session = bide_session_open(
        .middlewares = (const struct bide_middleware[]){ { sign, (char[]){ "abc" } }, { 0 } });
    bide_auto(response) r = bide_get(session, at(&stand, "/a"),
                                     .headers = BIDE_PAIRS({ "X-Signature", "none" }));
    CHECK_STR(bide_response_text(r, NULL), "ok");
    CHECK_HAS(stand_asked, "GET /a ");
    const char *second = strstr(stand_asked, "GET /b ");
    CHECK_HAS(second, "x-signature: abc\r\n");
    CHECK(!strstr(stand_asked, "none") && !strstr(stand_asked, "wrong"));
}

/* Sends it again until that goes well. */
static bide_response *insist(bide_client_request *req, void *count)
{
    bide_auto(response) r = NULL;
    for (int i = 0; i < 3; i++) {
        ++*(int *)count;
        bide_response_close(r);
        r = bide_client_next(req);
        if (r && bide_response_status(r) < 500)
            break;
    }
    return bide_steal(r);
}

TASK_TEST(a_middleware_may_send_a_request_again)
{
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    int count = 0;
    bide_auto(session) session = bide_session_open(
        .middlewares = (const struct bide_middleware[]){ { insist, &count }, { 0 } });
    bide_auto(response) r = bide_post(session, at(&stand, "/bad"), .data = "x", .data_size = 1);
    CHECK_EQ(bide_response_status(r), 503);
    CHECK_STR(bide_response_text(r, NULL), "busy");
    CHECK_EQ(count, 3);
    CHECK_EQ(stand.requests, 3);
    bide_auto(response) good = bide_get(session, at(&stand, "/b"));
    CHECK_STR(bide_response_text(good, NULL), "ok");
    CHECK_EQ(count, 4);
}

/* Looks at its request's URL when all else of it is gone. */
static bide_response *look_back(bide_client_request *req, void *other)
{
    struct { bide_session *session; const char *url, *expected; } *o = other;
    const char *url = bide_client_request_url(req);
    if (strcmp(url, o->url) == 0)
        return bide_client_next(req);
    bide_response_close(bide_client_next(req));
    bide_response *r = bide_get(o->session, o->url);
    CHECK_STR(url, o->expected);
    return r;
}

TASK_TEST(a_requests_url_stays_until_it_is_over)
{
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    struct { bide_session *session; const char *url, *expected; } other = {
        .url = at(&stand, "/b"), .expected = at(&stand, "/bad") };
    bide_auto(session) session = other.session = bide_session_open(
        .middlewares = (const struct bide_middleware[]){ { look_back, &other }, { 0 } });
    bide_auto(response) r = bide_get(session, other.expected);
    CHECK_STR(bide_response_text(r, NULL), "ok");
}

static bide_response *refuse(bide_client_request *req, void *unused)
{
    (void)unused;
    bide_fail(BIDE_EPERM, "%s %s: not today", bide_client_request_method(req),
              bide_client_request_header(req, "x-why"));
    return NULL;
}

TASK_TEST(a_middleware_may_refuse)
{
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    bide_auto(session) session = bide_session_open(
        .middlewares = (const struct bide_middleware[]){ { refuse, NULL }, { 0 } });
    CHECK_PTR(bide_get(session, at(&stand, "/b"), .headers = BIDE_PAIRS({ "X-Why", "monday" })),
              NULL);
    CHECK_EQ(bide_errcode(), BIDE_EPERM);
    CHECK_HAS(bide_errmsg(), "GET monday: not today");
    CHECK_EQ(stand.requests, 0);
}

/* Another URL answers in place of the one that was asked. */
static bide_response *instead(bide_client_request *req, void *other)
{
    struct { bide_session *session; const char *url; } *o = other;
    if (strcmp(bide_client_request_url(req), o->url) == 0)
        return bide_client_next(req);
    return bide_get(o->session, o->url);
}

TASK_TEST(a_middleware_may_answer_in_its_place)
{
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    struct { bide_session *session; const char *url; } other = { NULL, at(&stand, "/b") };
    bide_auto(session) session = other.session = bide_session_open(
        .middlewares = (const struct bide_middleware[]){ { instead, &other }, { 0 } });
    bide_auto(response) r = bide_get(session, at(&stand, "/bad"));
    CHECK_STR(bide_response_text(r, NULL), "ok");
    CHECK_EQ(stand.requests, 1);
}

static bide_response *careless(bide_client_request *req, void *unused)
{
    (void)unused;
    bide_auto(response) r = bide_client_next(req);
    bide_fail(BIDE_EHTTP, "not what I want");
    return NULL;
}

TASK_TEST(a_middleware_that_drops_its_response_leaks_nothing)
{
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    bide_auto(session) session = bide_session_open(
        .middlewares = (const struct bide_middleware[]){ { careless, NULL }, { 0 } });
    CHECK_PTR(bide_get(session, at(&stand, "/b")), NULL);
    CHECK_HAS(bide_errmsg(), "not what I want");
}

TASK_TEST(a_header_that_splits_a_request_is_refused_from_a_middleware_too)
{
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    bide_auto(session) session = bide_session_open(
        .middlewares = (const struct bide_middleware[]){ { sign, (char[]){ "a\r\nb: c" } },
                                                         { 0 } });
    CHECK_PTR(bide_get(session, at(&stand, "/b")), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_EQ(stand.requests, 0);
}

static bide_response *pass(bide_client_request *req, void *unused)
{
    (void)unused;
    return bide_client_next(req);
}

TASK_TEST(a_redirect_behind_a_middleware_is_joined_to_the_url_that_was_asked)
{
    static const struct answer led[] = { { "/a", REDIRECT(302, "b") }, { "/b", OK(2) "ok" } };
    struct stand stand = SCRIPT(led);
    STAND(&stand);
    char url[3100];             /* more than a response has room for within itself */
    snprintf(url, sizeof url, "%sa?%03000d", stand.url, 0);
    bide_auto(session) session = bide_session_open(
        .middlewares = (const struct bide_middleware[]){ { pass, NULL }, { 0 } });
    bide_auto(response) r = bide_get(session, url);
    CHECK_STR(bide_response_text(r, NULL), "ok");
}

/* Closes the session whose request it is, and answers from another. */
static bide_response *desert(bide_client_request *req, void *other)
{
    struct { bide_session *own, *other; const char *url; } *o = other;
    (void)req;
    bide_session_close(o->own);
    BIDE_SHIELD(shield, 5);
    return bide_get(o->other, o->url);
}

TASK_TEST(a_middleware_may_close_its_session_and_answer_from_another)
{
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    bide_auto(session) other = bide_session_open();
    struct { bide_session *own, *other; const char *url; } o = { NULL, other, at(&stand, "/b") };
    o.own = bide_session_open(
        .middlewares = (const struct bide_middleware[]){ { desert, &o }, { 0 } });
    bide_auto(response) r = bide_get(o.own, at(&stand, "/a"));
    CHECK_STR(bide_response_text(r, NULL), "ok");
}

/* ---- trace ---- */

static char told[4096];

static void tell(void *arg, const struct bide_trace_event *event)
{
    size_t at = strlen(told);
    CHECK_PTR(arg, told);
    CHECK(event->call > 0);
    snprintf(told + at, sizeof told - at, "%s ", bide_trace_name(event->kind));
}

static int fetch_and_fail(void *session_and_url)
{
    void **args = session_and_url;
    CHECK_PTR(bide_get(args[0], args[1]), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ECLOSED);
    return 0;
}

TASK_TEST(nothing_is_told_once_the_session_was_closed)
{
    struct stand stand = { .reply = OK(0), .delay = 5 };
    STAND(&stand);
    told[0] = '\0';
    bide_session *session = bide_session_open(.trace = tell, .trace_arg = told);
    void *args[] = { session, stand.url };
    BIDE_GROUP(group);
    bide_spawn(group, fetch_and_fail, args);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_HAS(told, "sent_head");
    size_t size = strlen(told);
    bide_session_close(session);
    CHECK_EQ(bide_group_wait(group), 0);
    CHECK_EQ(strlen(told), size);
}

TASK_TEST(every_phase_is_told)
{
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    told[0] = '\0';
    bide_auto(session) session = bide_session_open(.trace = tell, .trace_arg = told);
    bide_auto(response) r = bide_post(session, at(&stand, "/a"), .data = "x", .data_size = 1);
    CHECK_STR(bide_response_text(r, NULL), "ok");
    CHECK_HAS(told, "start ");
    CHECK_HAS(told, "connect_start connect_end sent_head sent_body head redirect "
                    "reused sent_head head ");
    told[0] = '\0';
    CHECK_PTR(bide_get(session, "http://127.0.0.1:1/", .retries = 1), NULL);
    CHECK_HAS(told, "connect_start retry ");
    CHECK_HAS(told, "fail ");
}
