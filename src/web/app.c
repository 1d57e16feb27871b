/* Making and ending applications. */
#include "web/app.h"

#include "base/memory.h"

bide_app *bide_app_new(void *state)
{
    bide_app *app = bide__zalloc(sizeof *app);
    if (!app) {
        bide_fail(BIDE_ENOMEM, "out of memory for an application");
        return NULL;
    }
    app->last = &app->first;
    app->state = state;
    return app;
}

int bide_route_opts(bide_app *app, const char *method, const char *path,
                    const struct bide_route_opts *opts)
{
    if (!app)
        return bide_errcode();
    struct route *route = bide__route_new(method, path, opts->fn);
    if (!route)
        return bide_errcode();
    *app->last = route;
    app->last = &route->next;
    return 0;
}

void bide_app_free(bide_app *app)
{
    if (!app)
        return;
    while (app->first) {
        struct route *route = app->first;
        app->first = route->next;
        bide__route_free(route);
    }
    if (app->drop)
        app->drop(app->state);
    bide__free(app);
}
