/* A WebSocket server that sends back what it gets, and a client of it.  Translates
 *
 *     async for msg in ws:
 *         await ws.send_str(msg.data)
 *
 *     ./ws_echo 127.0.0.1:8080                serves until Ctrl-C: bide ws ws://127.0.0.1:8080/
 *     ./ws_echo                               talks to itself once, as a test */
#include <bide.h>
#include <bide/web.h>
#include <stdio.h>

static int echo(bide_request *req)
{
    struct bide_message message;
    int rc;
    bide_ws *ws = bide_ws_accept(req, .heartbeat = 30);
    while ((rc = bide_ws_recv(ws, &message)) > 0)
        if ((rc = bide_ws_send(ws, &message)) < 0)
            break;
    return rc;
}

static int serve(void *listener)
{
    bide_auto(app) app = bide_app_new(NULL);
    bide_route(app, "GET", "/", echo);
    return bide_app_run(app, NULL, .listener = listener);
}

static int talk(bide_listener *listener)
{
    char url[80];
    struct bide_message message;
    snprintf(url, sizeof url, "ws://%s/", bide_listener_address(listener));
    BIDE_GROUP(server);
    bide_spawn(server, serve, listener);
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = bide_ws_connect(session, url, .timeout = 5);
    int rc = bide_ws_send_text(ws, "hello");
    if (rc < 0 || (rc = bide_ws_recv(ws, &message)) <= 0)
        return rc;
    printf("%.*s\n", (int)message.size, message.data);
    rc = bide_ws_finish(ws, 1000, "that was all");
    printf("closed with %d\n", bide_ws_close_code(ws));
    return rc;
}

static int program(void *address)
{
    bide_auto(listener) listener = bide_listen(address ? address : "127.0.0.1:0");
    return !listener ? bide_errcode() : address ? serve(listener) : talk(listener);
}

int main(int argc, char **argv)
{
    int rc = bide_run(program, argc > 1 ? argv[1] : NULL, .stop_on_signal = true);
    if (rc < 0 && rc != BIDE_ECANCELED)
        fprintf(stderr, "ws_echo: %s\n", bide_errmsg());
    return rc < 0 && rc != BIDE_ECANCELED;
}
