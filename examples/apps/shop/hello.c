#include "hello.h"

/* Made anew for each request: that is the rule. */
static int as_json(bide_request *req)
{
    bide_auto(json) told = bide_json_new();
    bide_json_set(told, "message", bide_value("Hello, World!"));
    return bide_respond_json(req, 200, told);
}

static int as_text(bide_request *req)
{
    return bide_respond(req, 200, "text/plain", "Hello, World!", 13);
}

void hello_join(bide_app *app)
{
    bide_route(app, "GET", "/json", as_json);
    bide_route(app, "GET", "/plaintext", as_text);
}
