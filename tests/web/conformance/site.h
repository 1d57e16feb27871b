/* The server under test, and what it has executed.
 *
 * Every method on every path of at most one segment is answered with the request's body.  It
 * listens on a Unix socket: what is written there has arrived, so nothing need be waited for. */
#ifndef CONFORMANCE_SITE_H
#define CONFORMANCE_SITE_H
#include "test.h"

#include <bide.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SITE_BODY_MAX = 100 };

/* The requests that reached a handler, as `seen` of a case has them. */
static struct { char text[4000]; size_t size; } seen;

static void see(const char *text, size_t size)
{
    CHECK(seen.size + size < sizeof seen.text);
    memcpy(seen.text + seen.size, text, size);
    seen.size += size;
    seen.text[seen.size] = '\0';
}

static void see_text(const char *text)
{
    see(text, strlen(text));
}

static void see_request(const bide_request *req)
{
    if (seen.size > 0)
        see_text(" ");
    see_text(bide_request_method(req));
    see_text(" ");
    see_text(bide_request_path(req));
}

static void see_body(const char *body, size_t size)
{
    see("=", size > 0);
    see(body, size);
}

static int see_failure(int rc)
{
    see_text("!");
    return rc;
}

static int echo(bide_request *req)
{
    size_t size;
    see_request(req);
    const char *body = bide_request_text(req, &size);
    if (!body)
        return see_failure(bide_errcode());
    see_body(body, size);
    return bide_respond(req, 200, "text/plain", body, size);
}

/* Reads at most `max` bytes, and leaves the rest where it is. */
static int echo_pieces(bide_request *req, size_t max)
{
    char body[200];
    size_t size = 0;
    ssize_t got = 1;
    see_request(req);
    for (; got > 0 && size < max; size += got > 0 ? (size_t)got : 0)
        got = bide_request_read(req, body + size, max - size < 3 ? max - size : 3);
    if (got < 0)
        return see_failure((int)got);
    see_body(body, size);
    return bide_respond(req, 200, "text/plain", body, size);
}

static int pieces(bide_request *req)
{
    return echo_pieces(req, 200);
}

static int half(bide_request *req)
{
    return echo_pieces(req, 5);
}

static int unread(bide_request *req)
{
    see_request(req);
    return bide_respond_text(req, 200, "unread");
}

static int stream(bide_request *req)
{
    see_request(req);
    int rc = bide_respond_write(req, "one", 3);
    return rc < 0 ? rc : bide_respond_write(req, "two", 3);
}

/* Has begun to answer when it reads. */
static int early(bide_request *req)
{
    size_t size;
    see_request(req);
    int rc = bide_respond_write(req, "one", 3);
    const char *body = rc < 0 ? NULL : bide_request_text(req, &size);
    if (!body)
        return see_failure(bide_errcode());
    see_body(body, size);
    return 0;
}

static int no_content(bide_request *req)
{
    see_request(req);
    return bide_respond(req, 204, NULL, NULL, 0);
}

static int not_modified(bide_request *req)
{
    see_request(req);
    return bide_respond(req, 304, NULL, NULL, 0);
}

static int fails(bide_request *req)
{
    see_request(req);
    return bide_fail(-7, "a private matter");
}

static bide_app *make_app(void)
{
    static const struct { const char *method, *path; bide_handler *handler; } routes[] = {
        { "GET", "/only/get", echo }, { "*", "/unread", unread }, { "*", "/pieces", pieces },
        { "*", "/half", half }, { "*", "/stream", stream }, { "*", "/early", early },
        { "*", "/no-content", no_content }, { "*", "/not-modified", not_modified },
        { "*", "/fails", fails }, { "*", "/", echo }, { "*", "/{any}", echo },
    };
    bide_app *app = bide_app_new(NULL);
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        CHECK_EQ(bide_route(app, routes[i].method, routes[i].path, routes[i].handler), 0);
    return app;
}

struct site {
    char address[80];
    bide_listener *listener;
};

static int run_site(void *arg)
{
    struct site *site = arg;
    bide_auto(app) app = make_app();
    int rc = bide_app_run(app, NULL, .listener = site->listener, .body_max = SITE_BODY_MAX);
    bide_listener_close(site->listener);
    return rc;
}

static void quiet(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

/* Serves in a task of the group until the group is left. */
static void open_site(struct site *site, bide_group *group)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    snprintf(site->address, sizeof site->address, "unix:@bide-conformance-%d", (int)getpid());
    site->listener = bide_listen(site->address);
    CHECK(site->listener != NULL);
    bide_spawn(group, run_site, site);
}

#endif
