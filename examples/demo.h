/* demo.h -- a web server for the examples that fetch something, in their own loop.
 *
 *     BIDE_GROUP(server);                     // first, so that it ends last
 *     const char *base = demo_start(server);  // "http://127.0.0.1:40001"
 *     if (!base)
 *         return bide_errcode();
 *
 * What it answers, `bide serve --help` tells: /delay/N after N seconds, /posts/N with a post, and
 * so on.  Leaving the group's block ends it. */
#ifndef DEMO_H
#define DEMO_H
#include <bide.h>
#include <stdio.h>

static int demo_serve(void *listener)
{
    bide_auto(app) app = bide_demo_app();
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
