/* serve.h -- for the examples of servers: the application on a free port, in a group, while the
 * rest of the program asks it.
 *
 *     BIDE_GROUP(server);                         // first, so that it ends last
 *     const char *base = serve(server, app);      // "http://127.0.0.1:40001"; the group's the app
 *     if (!base)
 *         return bide_errcode();
 *
 * A server of yours is one line instead: return bide_app_run(app, "127.0.0.1:8080"); */
#ifndef SERVE_H
#define SERVE_H
#include <bide.h>
#include <stdio.h>

struct serving { bide_app *app; bide_listener *listener; bide_tls *tls; };

static int serve_run(void *arg)
{
    struct serving *serving = arg;
    return bide_app_run(serving->app, NULL, .listener = serving->listener, .tls = serving->tls,
                        .grace = -1);
}

static void serve_end(void *arg)
{
    struct serving *serving = arg;
    bide_listener_close(serving->listener);
    bide_app_free(serving->app);
}

static inline const char *serve_with_tls(bide_group *group, bide_app *app, bide_tls *tls)
{
    static char base[64];
    bide_listener *listener = app ? bide_listen("127.0.0.1:0") : NULL;
    if (!listener) {
        bide_app_free(app);
        return NULL;
    }
    snprintf(base, sizeof base, "%s://%s", tls ? "https" : "http",
             bide_listener_address(listener));
    struct serving serving = { app, listener, tls };
    bide_spawn(group, serve_run, &serving, .copy = sizeof serving, .drop = serve_end);
    return base;
}

static inline const char *serve(bide_group *group, bide_app *app)
{
    return serve_with_tls(group, app, NULL);
}
#endif
