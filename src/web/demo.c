/* The demo application: local stand-ins for the services that examples, tests and `bide serve`
 * offer instead of those in the network. */
#include "web/demo.h"

#include "base/memory.h"
#include "web/app.h"

static void drop_demo(void *state)
{
    bide__demo_forget(state);
    bide__free(state);
}

static int add_routes(bide_app *app, const struct demo_route *route)
{
    for (; route->path; route++)
        if (bide_route(app, route->method, route->path, route->handler) < 0)
            return bide_errcode();
    return 0;
}

static int add_all(bide_app *app)
{
    static const struct demo_route *const all[] = {
        bide__demo_auth, bide__demo_bytes, bide__demo_coded, bide__demo_cookies, bide__demo_echo,
        bide__demo_mood, bide__demo_records, bide__demo_redirects, bide__demo_stream,
        bide__demo_upload,
    };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof all / sizeof *all; i++)
        rc = add_routes(app, all[i]);
    return rc;
}

bide_app *bide_demo_app(void)
{
    struct demo *demo = bide__zalloc(sizeof *demo);
    bide_app *app = demo ? bide_app_new(demo) : NULL;
    if (!app) {
        bide__free(demo);
        bide_fail(BIDE_ENOMEM, "out of memory for the demo");
        return NULL;
    }
    app->drop = drop_demo;
    for (size_t i = 0; i < DEMO_LETTERS; i++)
        demo->letters[i] = (char)('a' + i % 26);
    if (add_all(app) == 0)
        return app;
    bide_app_free(app);
    return NULL;
}
