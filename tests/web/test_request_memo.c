/* tests/web/test_request_memo.c -- a request that came before is answered as if it had not. */
#include "web/request_memo.h"
#include "web/site.h"

static bide_event go;

/* Everything that a request says. */
static int tell(bide_request *req)
{
    const struct bide_pair *pair;
    int rc = bide_respond_printf(req, "%s %s %s %s %s\n", bide_request_method(req),
                                 bide_request_target(req), bide_request_path(req),
                                 bide_request_version(req), bide_request_route(req));
    for (pair = bide_request_queries(req); rc == 0 && pair->name; pair++)
        rc = bide_respond_printf(req, "%s=%s\n", pair->name, pair->value);
    for (pair = bide_request_headers(req); rc == 0 && pair->name; pair++)
        rc = bide_respond_printf(req, "%s: %s\n", pair->name, pair->value);
    return rc;
}

static int tell_later(bide_request *req)
{
    int rc = bide_event_wait(&go);
    return rc < 0 ? rc : tell(req);
}

static int tell_type(bide_request *req)
{
    const char *type = bide_request_query(req, "type");
    return bide_respond(req, 200, type && strcmp(type, "none") == 0 ? NULL : type, "", 0);
}

static int tell_status(bide_request *req)
{
    return bide_respond(req, bide_request_query(req, "404") ? 404 : 200, "text/plain", "", 0);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    bide_route(app, "*", "/tell", tell);
    bide_route(app, "GET", "/tell/{what}", tell);
    bide_route(app, "GET", "/later", tell_later);
    bide_route(app, "GET", "/type", tell_type);
    bide_route(app, "GET", "/status", tell_status);
    return app;
}

/* The answers to one connection's requests, without what differs from second to second. */
static void ask(const struct site *site, const char *text, char *out, size_t size)
{
    exchange(site, text, false, out, size);
    for (char *date = out; (date = strstr(date, "\r\nDate: ")); date += 8)
        memset(date + 8, '-', strcspn(date + 8, "\r"));
}

#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define F5 "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n"

TASK_TEST(a_request_that_came_before_is_answered_the_same)
{
    static const char *const texts[] = {
        "GET /tell" H "\r\n",
        "GET /tell?a=1&b=%20" H "Cookie: a=b\r\nX:\r\n\r\n",
        "HEAD /tell" H "\r\n",
        "PURGE /tell" H "\r\n",
        "GET /tell HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /tell HTTP/1.0\r\nAccept: */*\r\n\r\n",
        "GET http://h/tell" H "\r\n",
        "OPTIONS *" H "\r\n",
        "\r\nGET /tell" H "\r\n",
        "POST /tell" H "Content-Length: 2\r\n\r\nhi",
        "POST /tell" H "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "GET /tell" H "Expect: 100-continue\r\n\r\n",
        "GET /tell" H "Connection: close\r\n\r\n",
        "GET /tell/%41" H "\r\n",
        "GET /none" H "\r\n",
        "GET /tell" H "X: " X100 X100 X100 X100 X100 X100 X100 "\r\n\r\n",
        "GET /tell" H F5 F5 F5 F5 F5 F5 "\r\n",
        "GET /tell" H "\r\nGET /tell" H "\r\nGET /tell?" H "\r\n",
    };
    struct site site = { .opts = { .idle = 10 } };
    static char first[8000], again[8000];
    SITE(&site);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ask(&site, texts[i], first, sizeof first);
        CHECK(begins(first, "HTTP/1.1 "));
        for (int times = 0; times < 3; times++) {
            ask(&site, texts[i], again, sizeof again);
            CHECK_STR(again, first);
        }
    }
    bide_cancel(site_task);
}

TASK_TEST(what_differs_in_one_byte_is_another)
{
    static const char text[] = "GET /tell?a=b" H "Some: Thing\r\nOther: thing\r\n\r\n";
    struct site site = { .opts = { .idle = 10 } };
    static char first[8000], other[8000];
    char changed[sizeof text];
    SITE(&site);
    ask(&site, text, first, sizeof first);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        memcpy(changed, text, sizeof text);
        changed[i] ^= changed[i] == ' ' ? 'x' : changed[i] == '1' ? 1 : 32;
        ask(&site, changed, other, sizeof other);
        CHECK(strcmp(other, first) != 0);
        ask(&site, text, other, sizeof other);
        CHECK_STR(other, first);
    }
    bide_cancel(site_task);
}

/* Others take all places meanwhile. */
TASK_TEST(a_request_keeps_its_texts_while_others_come)
{
    struct site site = { .opts = { .idle = 100 } };
    static char out[8000], other[200];
    static const char text[] = "GET /later?who=me" H "Mine: yes\r\n\r\n";
    SITE(&site);
    bide_event_set(&go);
    ask(&site, text, out, sizeof out);
    CHECK_HAS(out, "Mine: yes\n");
    bide_event_clear(&go);
    bide_auto(stream) s = bide_connect(site.address);
    CHECK_EQ(bide_write(s, text, sizeof text - 1), 0);
    for (int i = 0; i < 4 * KNOWN_SETS * KNOWN_WAYS; i++) {
        snprintf(other, sizeof other, "GET /tell?%x=%d" H "Mine: no\r\n\r\n", i * 7919, i);
        exchange(&site, other, false, out, sizeof out);
    }
    bide_event_set(&go);
    ssize_t size = bide_read(s, out, sizeof out - 1);
    CHECK(size > 0);
    out[size] = '\0';
    while (!strstr(out, "Mine: ") && (size = bide_read(s, out, sizeof out - 1)) > 0)
        out[size] = '\0';
    CHECK_HAS(out, "Mine: yes\n");
    bide_cancel(site_task);
}

/* ---- how answers begin ---- */

TASK_TEST(a_type_that_was_given_before_is_not_taken_for_another)
{
    struct site site = { .opts = { .idle = 10, .server_header = "me" } };
    char out[2000];
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    for (int times = 0; times < 3; times++) {
        ask(&site, "GET /type?type=text/a" H "\r\n", out, sizeof out);
        CHECK_HAS(out, "\r\nServer: me\r\nContent-Type: text/a\r\nContent-Length: 0\r\n");
        ask(&site, "GET /type?type=text/b" H "\r\n", out, sizeof out);
        CHECK_HAS(out, "\r\nServer: me\r\nContent-Type: text/b\r\nContent-Length: 0\r\n");
        ask(&site, "GET /type?type=none" H "\r\n", out, sizeof out);
        CHECK_HAS(out, "\r\nServer: me\r\nContent-Length: 0\r\n");
        ask(&site, "GET /type?type=" H "\r\n", out, sizeof out);
        CHECK_HAS(out, "\r\nServer: me\r\nContent-Type: \r\nContent-Length: 0\r\n");
        ask(&site, "GET /type?type=" X100 H "\r\n", out, sizeof out);
        CHECK_HAS(out, "\r\nContent-Type: " X100 "\r\n");
        ask(&site, "GET /type?type=a%0Ab" H "\r\n", out, sizeof out);
        CHECK(begins(out, "HTTP/1.1 500 "));
        ask(&site, "GET /type?type=a%0Ab" H "\r\n", out, sizeof out);
        CHECK(begins(out, "HTTP/1.1 500 "));
        ask(&site, "GET /type?type=%0A" H "\r\n", out, sizeof out);
        CHECK(begins(out, "HTTP/1.1 500 "));
        ask(&site, "GET /status" H "\r\n", out, sizeof out);
        CHECK(begins(out, "HTTP/1.1 200 OK\r\n"));
        ask(&site, "GET /status?404" H "\r\n", out, sizeof out);
        CHECK(begins(out, "HTTP/1.1 404 Not Found\r\n"));
    }
    bide_cancel(site_task);
}
