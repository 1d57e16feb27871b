/* Routes: parameters, patterns, names, an application in another; what is not there.  In Python:
 *
 *     app.router.add_get(r"/users/{id:\d+}", user, name="user")
 *     app.add_subapp("/api", api) */
#include "serve.h"

static int user(bide_request *req)
{
    return bide_respond_text(req, 200, "user %s of %s, page %s\n", bide_request_param(req, "id"),
                             (char *)bide_request_state(req), bide_request_query(req, "page"));
}

static int me(bide_request *req)
{
    const char *url = bide_request_url_for(req, "api.user", BIDE_PAIRS({ "id", "7" }));
    return url ? bide_respond_text(req, 200, "see %s\n", url) : bide_errcode();
}

static int rest(bide_request *req)
{
    return bide_respond_text(req, 200, "a file: %s\n", bide_request_param(req, "path"));
}

static bide_app *make(void)
{
    bide_app *app = bide_app_new(NULL), *api = bide_app_new("the API");
    bide_route(api, "GET", "/users/{id:[0-9]+}", user, .name = "user");
    bide_route(app, "GET", "/users/me", me);
    bide_route(app, "GET", "/files/{path:*}", rest);
    bide_mount(app, "/api", api, "api");
    return app;
}

static int ask(bide_session *session, const char *method, const char *path)
{
    bide_auto(response) response = bide_fetch(session, method, path);
    const char *text = bide_response_text(response, NULL);
    if (!text)
        return bide_errcode();
    if (bide_response_status(response) != 200)
        text = bide_response_status(response) == 405 ? "not so\n" : "not here\n";
    return printf("%s %s: %d %s", method, path, bide_response_status(response), text) < 0;
}

static int program(void *unused)
{
    (void)unused;
    static const char *const asked[][2] = {
        { "GET", "/api/users/7?page=2" }, { "GET", "/users/me" }, { "GET", "/files/a/b%20c.txt" },
        { "GET", "/api/users/ann" }, { "POST", "/users/me" },
    };
    BIDE_GROUP(server);
    bide_auto(session) session = bide_session_open(.base_url = serve(server, make()));
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        if (ask(session, asked[i][0], asked[i][1]) < 0)
            return bide_errcode();
    return 0;
}

int main(void) { return bide_run(program, NULL, .stop_on_signal = true) < 0; }
