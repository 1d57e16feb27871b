/* Middlewares: what is the same for all handlers stands around them.  In Python:
 *
 *     @web.middleware
 *     async def timing(request, handler):
 *         response = await handler(request)
 *         response.headers["X-Work"] = ...
 *         return response
 *
 * The first one added is the outermost.  Each may answer itself, look at what the rest has
 * answered, or hand something on with the request. */
#include "serve.h"

static const char user_key;

static int timing(bide_request *req)
{
    double start = bide_now();
    int rc = bide_next(req);
    printf("%s %s: %d after %.1f s\n", bide_request_method(req), bide_request_path(req),
           bide_respond_given(req), bide_now() - start);
    return rc;
}

static int only_members(bide_request *req)
{
    const char *token = bide_request_header(req, "X-Token");
    if (!bide_secret_is(token, bide_middleware_arg(req)))       /* in the same time for all */
        return bide_respond_error(req, 401, "who are you?");
    int rc = bide_request_set(req, &user_key, "Ann", NULL);
    return rc < 0 ? rc : bide_next(req);
}

static int hello(bide_request *req)
{
    int rc = bide_sleep(0.5);
    return rc < 0 ? rc : bide_respond_text(req, 200, "hello, %s\n",
                                           (char *)bide_request_get(req, &user_key));
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    bide_app *app = bide_app_new(NULL);
    bide_use(app, timing);
    bide_use_with(app, only_members, "s3cret", NULL);
    bide_route(app, "GET", "/", hello);
    bide_auto(session) session = bide_session_open(.base_url = serve(server, app));
    bide_auto(response) refused = bide_get(session, "/");
    bide_auto(response) nothing = bide_get(session, "/no",
                                           .headers = BIDE_PAIRS({ "X-Token", "s3cret" }));
    bide_auto(response) found = bide_get(session, "/",
                                         .headers = BIDE_PAIRS({ "X-Token", "s3cret" }));
    const char *text = bide_response_text(found, NULL);
    return text ? printf("%s", text) < 0 : bide_errcode();
}

int main(void) { return bide_run(program, NULL, .stop_on_signal = true) < 0; }
