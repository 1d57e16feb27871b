/* Clients that ask first (Expect: 100-continue), and answers that begin before the body is read. */
#include "web/site.h"

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

/* Streams, and never reads. */
static int yes(bide_request *req)
{
    int rc = bide_respond_start(req, 200);
    return rc < 0 ? rc : bide_respond_write(req, "yes", 3);
}

static int no(bide_request *req)
{
    int rc = bide_respond_start(req, 403);
    return rc < 0 ? rc : bide_respond_write(req, "no", 2);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "POST", "/early", echo_early), 0);
    CHECK_EQ(bide_route(app, "*", "/yes", yes), 0);
    CHECK_EQ(bide_route(app, "POST", "/no", no), 0);
    return app;
}

TASK_TEST(an_answer_that_streams_and_expectations_agree_about_what_follows)
{
    static const struct { const char *request, *statuses; bool closes; } cases[] = {
        /* what begins with a refusal invites nobody; what was not asked for cannot be read over */
        { "POST /no" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", "403", true },
        /* what comes uninvited may be the body or not */
        { "POST /yes" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", "200", true },
        { "HEAD /yes" H "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n", "200", false },
        { "HEAD /yes" H "Expect: 100-continue\r\n\r\n", "200", false },
        { "POST /early" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", "200", true },
        { "POST /early HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", "200",
          true },
        { "POST /early" H "Content-Length: 5\r\nExpect: 99-tea\r\n\r\nhello", "417", true },
    };
    struct site site = { 0 };
    char out[4000];
    SITE(&site);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        exchange(&site, cases[i].request, false, out, sizeof out);
        CHECK(begins(out, "HTTP/1.1 ") && begins(out + 9, cases[i].statuses));
        CHECK(!strstr(out, "100 Continue"));
        CHECK_EQ(!strstr(out, "Connection: close"), !cases[i].closes);
    }
}

TASK_TEST(who_was_invited_and_not_read_is_read_over)
{
    struct site site = { 0 };
    char *text;
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(bide_printf(s, "POST /yes" H "Content-Length: 5\r\n"
                                "Expect: 100-continue\r\n\r\n"), 0);
        CHECK(bide_read_until(s, "\r\n\r\n", &text) > 0);
        CHECK_STR(text, "HTTP/1.1 100 Continue\r\n\r\n");
        CHECK(bide_read_until(s, "\r\n0\r\n\r\n", &text) > 0);
        CHECK(begins(text, "HTTP/1.1 200 OK\r\n"));
        CHECK(!strstr(text, "Connection: close"));
        CHECK_EQ(bide_write(s, "hello", 5), 0);
    }
}
