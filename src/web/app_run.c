/* bide_app_run(): an application served by one loop, or by several on threads of their own. */
#include "web/lifecycle.h"
#include "web/run.h"

BIDE_WAITS static int serve(struct run *run, unsigned index)
{
    struct bide_worker worker = {
        .app = run->app, .serving = &run->serving, .run = run, .index = index,
    };
    return bide__worker_serve(&worker);
}

static int serve_thread(void *arg)
{
    return serve(arg, (unsigned)bide_loops_index());
}

int bide_app_run_opts(bide_app *app, const struct bide_app_run_opts *opts)
{
    if (!app)
        return bide_errcode();
    struct run *run = bide__run_new(app, opts);
    if (!run)
        return bide_errcode();
    int rc = bide__app_start(app);
    if (rc == 0) {
        rc = run->workers == 1 ? serve(run, 0)
                               : bide_loops(serve_thread, run, .count = run->workers);
        bide__app_stopped(app);
    }
    bide__run_free(run);
    return rc;
}
