/* A web server: GET /hello/NAME.  Translates
 *
 *     app.add_routes([web.get("/hello/{name}", hello)])
 *     web.run_app(app, host="127.0.0.1", port=8080)
 *
 *     ./hello_server 127.0.0.1:8080           serves until Ctrl-C
 *     ./hello_server                          greets itself once, as a test */
#include <bide.h>
#include <stdio.h>

static int hello(bide_request *req)
{
    return bide_respond_text(req, 200, "hello, %s\n", bide_request_param(req, "name"));
}

static int serve(void *arg)
{
    bide_listener *listener = arg;
    bide_auto(app) app = bide_app_new(NULL);
    bide_route(app, "GET", "/hello/{name}", hello);
    return bide_app_run(app, NULL, .listener = listener);
}

static int greet_itself(bide_listener *listener)
{
    BIDE_GROUP(server);
    bide_spawn(server, serve, listener);
    char url[80];
    snprintf(url, sizeof url, "http://%s/hello/world", bide_listener_address(listener));
    bide_auto(session) session = bide_session_open();
    bide_auto(response) response = bide_get(session, url, .timeout = 5);
    const char *text = bide_response_text(response, NULL);
    if (!text)
        return bide_errcode();
    printf("%d %s", bide_response_status(response), text);
    return 0;                               /* leaving the block ends the server */
}

static int program(void *address)
{
    bide_auto(listener) listener = bide_listen(address ? address : "127.0.0.1:0");
    if (!listener)
        return bide_errcode();
    if (!address)
        return greet_itself(listener);
    printf("http://%s/hello/world\n", bide_listener_address(listener));
    return serve(listener);
}

int main(int argc, char **argv)
{
    int rc = bide_run(program, argc > 1 ? argv[1] : NULL, .stop_on_signal = true);
    if (rc < 0 && rc != BIDE_ECANCELED)
        fprintf(stderr, "hello_server: %s\n", bide_errmsg());
    return rc < 0 && rc != BIDE_ECANCELED;
}
