/* tests/web/hostile.h -- clients that mean no good, and what must hold after each.
 *
 * Whatever a client does: the server answers it with a refusal or ends its connection, within the
 * limits; what it cost is bounded and given back; and others are answered meanwhile.  The site is
 * the including test's, of tests/web/site.h; only public calls and options are used. */
#ifndef WEB_HOSTILE_H
#define WEB_HOSTILE_H
#include "site.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/socket.h>

/* What the handlers have been through. */
static struct { unsigned now, most, done, failed; } handled;

/* ---- what is served ---- */

static void begin_handling(void)
{
    handled.now++;
    if (handled.now > handled.most)
        handled.most = handled.now;
}

static int end_handling(int rc)
{
    handled.now--;
    handled.done += rc >= 0;
    handled.failed += rc < 0;
    return rc;
}

static int serve_ok(bide_request *req)
{
    return bide_respond_text(req, 200, "ok");
}

static int serve_echo(bide_request *req)
{
    size_t size;
    begin_handling();
    const char *text = bide_request_text(req, &size);
    return end_handling(text ? bide_respond(req, 200, "text/plain", text, size) : bide_errcode());
}

/* Reads a body of any length, and tells it. */
static int serve_count(bide_request *req)
{
    char piece[4096];
    ssize_t got;
    unsigned long size = 0;
    begin_handling();
    while ((got = bide_request_read(req, piece, sizeof piece)) > 0)
        size += (unsigned long)got;
    return end_handling(got < 0 ? (int)got : bide_respond_text(req, 200, "%lu", size));
}

/* Sends so many times 64 KiB. */
static int serve_large(bide_request *req)
{
    static char piece[65536];
    long pieces = strtol(bide_request_param(req, "pieces"), NULL, 10);
    int rc = 0;
    memset(piece, 'x', sizeof piece);
    begin_handling();
    for (long i = 0; rc == 0 && i < pieces; i++)
        rc = bide_respond_write(req, piece, sizeof piece);
    return end_handling(rc);
}

static int serve_unread(bide_request *req)
{
    return bide_respond_text(req, 200, "unread");
}

static int serve_slowly(bide_request *req)
{
    begin_handling();
    int rc = bide_sleep(3);
    return end_handling(rc < 0 ? rc : bide_respond_text(req, 200, "slept"));
}

static int add_routes(bide_app *app)
{
    static const struct { const char *path; bide_handler *handler; } routes[] = {
        { "/ok", serve_ok }, { "/echo", serve_echo }, { "/count", serve_count },
        { "/large/{pieces}", serve_large }, { "/unread", serve_unread }, { "/slow", serve_slowly },
    };
    int rc = app ? 0 : bide_errcode();
    for (size_t i = 0; rc == 0 && i < sizeof routes / sizeof *routes; i++)
        rc = bide_route(app, "*", routes[i].path, routes[i].handler);
    return rc;
}

__attribute__((unused)) static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(add_routes(app), 0);
    memset(&handled, 0, sizeof handled);
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    return app;
}

/* ---- clients ---- */

/* Another client is answered at once. */
__attribute__((unused)) static void is_healthy(const struct site *site)
{
    char *line;
    double start = bide_now();
    bide_auto(stream) s = bide_connect(site->address);
    CHECK(s != NULL);
    CHECK_EQ(bide_printf(s, "GET /ok" H "\r\n"), 0);
    BIDE_TIMEOUT(limit, 2);
    CHECK(bide_read_until(s, "\r\n\r\nok", &line) > 0);
    CHECK(begins(line, "HTTP/1.1 200 OK\r\n"));
    CHECK_NEAR(bide_now(), start, 0.5);
}

/* What comes until the connection ends, and the seconds that takes; -1: it does not within a
 * thousand.  A reset is an end. */
__attribute__((unused)) static double hear_out(bide_stream *s, char *out, size_t size)
{
    double start = bide_now();
    size_t got = 0;
    for (;;) {
        char waste[4096];
        bool full = got + 1 >= size;
        BIDE_TIMEOUT(limit, 1000);
        ssize_t n = bide_read(s, full ? waste : out + got, full ? sizeof waste : size - 1 - got);
        out[got += n > 0 && !full ? (size_t)n : 0] = '\0';
        if (n < 0 && bide_scope_result(limit, (int)n) == BIDE_ETIMEDOUT)
            return -1;
        if (n <= 0)
            return bide_now() - start;
    }
}

/* Ends a connection as a process that is killed does whose machine goes down: by a reset. */
__attribute__((unused)) static void reset(bide_stream *s)
{
    struct linger at_once = { .l_onoff = 1 };
    setsockopt(bide_stream_fd(s), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    bide_stream_close(s);
}

/* Bytes that are allocated now; 0 where a sanitizer has put its own allocator in place. */
__attribute__((unused)) static size_t allocated(void)
{
    return mallinfo2().uordblks;
}

#endif
