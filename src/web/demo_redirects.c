/* Services that send one elsewhere. */
#include "web/demo.h"

enum { REDIRECTS_MAX = 1000 };

static int send_to(bide_request *req, int status, const char *where)
{
    if (!where || bide_respond_header(req, "Location", where) < 0)
        return bide_errcode();
    return bide_respond_text(req, status, "go to %s\n", where);
}

/* So many redirects, and /get at their end. */
static int redirect(bide_request *req)
{
    long n;
    if (!bide__demo_number(bide_request_param(req, "number"), 0, REDIRECTS_MAX, &n))
        return bide__demo_bad(req, bide_request_param(req, "number"));
    return send_to(req, 302, n <= 1 ? "/get" : bide__demo_print(req, "/redirect/%ld", n - 1));
}

static int redirect_to(bide_request *req)
{
    long status = 302;
    const char *url = bide_request_query(req, "url");
    if (!url)
        return bide_respond_text(req, 400, "there is no url in the query\n");
    if (!bide__demo_query(req, "status", 300, 399, &status) || status == 304)
        return bide__demo_bad(req, "status");
    if (send_to(req, (int)status, url) == 0)
        return 0;
    return bide_respond_text(req, 400, "the url cannot stand in a header\n");
}

const struct demo_route bide__demo_redirects[] = {
    { "*", "/redirect/{number}", redirect }, { "*", "/redirect-to", redirect_to },
    { NULL, NULL, NULL },
};
