/* Adding functions for answers' heads, and calling them. */
#include "web/prepare.h"

#include "base/memory.h"

int bide_app_on_prepare(bide_app *app, bide_handler *prepare)
{
    int rc = bide__app_may_change(app, "app_on_prepare");
    if (rc < 0)
        return rc;
    bide_handler **all = bide__resize(app->prepares, (app->prepare_count + 1) * sizeof *all);
    if (!all)
        return bide_fail(BIDE_ENOMEM, "out of memory for a function of answers");
    app->prepares = all;
    all[app->prepare_count++] = prepare;
    return 0;
}

/* does not wait: they are told not to */
static int run_of(const bide_app *app, bide_request *req)
{
    int rc = app->parent ? run_of(app->parent, req) : 0;
    for (size_t i = 0; rc == 0 && i < app->prepare_count; i++)
        rc = app->prepares[i](req);
    return rc < 0 ? rc : 0;
}

int bide__prepare_run(bide_request *req, int status)
{
    int answered = req->answered;
    if (req->prepare != TO_PREPARE)
        return 0;
    req->prepare = PREPARING;
    req->answered = status;
    int rc = run_of(req->app, req);
    req->answered = answered;
    req->prepare = rc < 0 ? UNPREPARED : TO_PREPARE;
    return rc;
}
