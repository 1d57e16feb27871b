/* bide in the server rows, as a program would be written: an app with a few routes.
 *
 *     bench_server PORT WORKERS FOLDER [CERTIFICATE KEY]
 */
#include <bide.h>

#include <stdio.h>
#include <stdlib.h>

enum { CONNECTIONS = 200000, IDLE_SECONDS = 600 };

static int say_hello(bide_request *req)
{
    static const char text[] = "Hello, World!";
    return bide_respond(req, 200, "text/plain", text, sizeof text - 1);
}

static int say_json(bide_request *req)
{
    bide_auto(json) reply = bide_json_new();
    bide_json_set(reply, "message", bide_value("Hello, World!"));
    return bide_respond_json(req, 200, reply);
}

static int echo(bide_ws *ws, void *data, const struct bide_message *message)
{
    (void)data;
    return bide_ws_send(ws, message);
}

static const struct bide_ws_calls echoes = { .message = echo };

struct setting {
    char address[32], folder[4096];     /* folder: of static files */
    unsigned workers;
    const char *certificate, *key;      /* or NULL */
};

static int run(void *arg)
{
    const struct setting *set = arg;
    bide_auto(app) app = bide_app_new(NULL);
    bide_auto(tls) tls = !set->certificate ? NULL :
        bide_tls_new(.server = true, .cert_file = set->certificate, .key_file = set->key);
    bide_route(app, "GET", "/plaintext", say_hello);
    bide_route(app, "GET", "/json", say_json);
    bide_route_ws(app, "/ws", &echoes);
    bide_route_static(app, "/static", set->folder);
    return bide_app_run(app, set->address, .workers = set->workers, .tls = tls,
                        .connections = CONNECTIONS, .idle = IDLE_SECONDS);
}

int main(int argc, char **argv)
{
    struct setting set = { .workers = argc > 2 ? (unsigned)atoi(argv[2]) : 0,
                           .certificate = argc > 5 ? argv[4] : NULL,
                           .key = argc > 5 ? argv[5] : NULL };
    if (argc < 4)
        return 2;
    snprintf(set.folder, sizeof set.folder, "%s/static", argv[3]);
    snprintf(set.address, sizeof set.address, "127.0.0.1:%s", argv[1]);
    if (bide_run(run, &set) >= 0 || bide_errcode() == BIDE_ECANCELED)
        return 0;
    fprintf(stderr, "server: %s\n", bide_errmsg());
    return 1;
}
