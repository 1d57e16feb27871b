/* demo.h -- a web server for the examples that fetch something, in their own loop.
 *
 *     BIDE_GROUP(server);                     // first, so that it ends last
 *     const char *base = demo_start(server);  // "http://127.0.0.1:40001"
 *     if (!base)
 *         return bide_errcode();
 *
 * It answers /delay/N after N seconds, /posts/N with a post, /status/N with that status, /site/N
 * with a page of HTML; leaving the group's block ends it. */
#ifndef DEMO_H
#define DEMO_H
#include <bide.h>
#include <stdio.h>
#include <stdlib.h>

static int demo_page(bide_request *req)
{
    char html[256];
    int n = atoi(bide_request_param(req, "n"));
    int size = snprintf(html, sizeof html, "<h1>%d</h1><a href=\"/site/%d\">next</a>"
                        "<a href=\"http://other.test/\">other</a>", n, n + 1);
    if (n % 2)
        size += snprintf(html + size, sizeof html - (size_t)size, "<title>Page %d</title>", n);
    return bide_respond(req, 200, "text/html", html, (size_t)size);
}

static int demo_serve(void *listener)
{
    bide_auto(app) app = bide_demo_app();
    bide_route(app, "GET", "/site/{n}", demo_page);
    return bide_app_run(app, NULL, .listener = listener, .grace = -1);
}

static void demo_end(void *listener)
{
    bide_listener_close(listener);
}

static const char *demo_start(bide_group *group)
{
    static char base[64];
    bide_listener *listener = bide_listen("127.0.0.1:0");
    if (!listener)
        return NULL;
    snprintf(base, sizeof base, "http://%s", bide_listener_address(listener));
    bide_spawn(group, demo_serve, listener, .drop = demo_end);
    return base;
}
#endif
