/* bide in the server rows, as a program would be written: an app with a few routes.
 *
 *     bench_server PORT WORKERS FOLDER [CERTIFICATE KEY]
 */
#include <bide.h>

#include <stdio.h>
#include <stdlib.h>

static int say_hello(bide_request *req)
{
    static const char text[] = "Hello, World!";
    return bide_respond(req, 200, "text/plain", text, sizeof text - 1);
}

static int say_json(bide_request *req)
{
    size_t size;
    bide_auto(json) reply = bide_json_new();
    bide_json_set(reply, "message", bide_value("Hello, World!"));
    char *text = bide_json_write(reply, &size);
    int rc = text ? bide_respond(req, 200, "application/json", text, size) : bide_errcode();
    bide_json_text_free(text);
    return rc;
}

static int run(void *arg)
{
    bide_auto(app) app = bide_app_new(NULL);
    bide_route(app, "GET", "/plaintext", say_hello);
    bide_route(app, "GET", "/json", say_json);
    return bide_app_run(app, arg, .connections = 200000, .idle = 600);
}

int main(int argc, char **argv)
{
    char address[32];
    if (argc < 4)
        return 2;
    snprintf(address, sizeof address, "127.0.0.1:%s", argv[1]);
    if (bide_run(run, address) >= 0 || bide_errcode() == BIDE_ECANCELED)
        return 0;
    fprintf(stderr, "server: %s\n", bide_errmsg());
    return 1;
}
