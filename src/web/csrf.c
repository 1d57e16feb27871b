/* What a page elsewhere makes a browser send, with the cookies of this one.
 *
 * Browsers say since 2020 to 2023 where a request comes from (Sec-Fetch-Site, Fetch Metadata),
 * older ones at least name the origin of what changes something.  A page cannot set either.  So no
 * token has to be put into each form; what is left are programs, which have no stranger's
 * cookies. */
#include "base/memory.h"
#include "web/origins.h"
#include "web/request.h"

#include <bide/middleware.h>
#include <bide/respond.h>

static bool is_safe(const bide_request *req)
{
    enum method method = (enum method)req->head.method_known;
    return method == METHOD_GET || method == METHOD_HEAD || method == METHOD_OPTIONS;
}

/* Is the origin this very host?  Its scheme is not looked at: a proxy may have changed it. */
static bool is_own(const bide_request *req, const char *origin)
{
    const char *host = strstr(origin, "://");
    return host && bide__text_is_caseless(text_from(host + 3), bide_request_host(req));
}

static bool is_from_here(const bide_request *req, const struct origins *others)
{
    const char *site = bide_request_header(req, "Sec-Fetch-Site");
    const char *origin = bide_request_header(req, "Origin");
    if (site && (strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0))
        return true;
    if (!origin)
        return !site;
    return bide__origins_have(others, origin) || (!site && is_own(req, origin));
}

/* waits: in the rest of the chain */
BIDE_WAITS static int run(bide_request *req)
{
    if (is_safe(req) || is_from_here(req, bide_middleware_arg(req)))
        return bide_next(req);
    return bide_respond_error(req, 403, "This request comes from a page of another site.");
}

static void drop(void *arg)
{
    bide__origins_end(arg);
    bide__free(arg);
}

int bide_use_csrf_opts(bide_app *app, const struct bide_csrf_opts *opts)
{
    struct origins *origins = bide__zalloc(sizeof *origins);
    if (!origins)
        return bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
    int rc = bide__origins_read(origins, opts->origins);
    if (rc == 0 && origins->any)
        rc = bide_fail(BIDE_EINVAL, "csrf: every origin is what this keeps out");
    if (rc == 0)
        return bide_use_with(app, run, origins, drop);
    drop(origins);
    return rc;
}
