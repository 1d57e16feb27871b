/* A chat room: what one says goes to all others.  A function per message serves it, so a silent
 * guest holds no task, and the hub sees to it that a slow one stalls nobody.
 *
 *     ./ws_chat 127.0.0.1:8080                serves until Ctrl-C: bide ws ws://127.0.0.1:8080/
 *     ./ws_chat                               three guests talk, as a test */
#include <bide.h>
#include <stdio.h>

static bide_hub *room;

static int enter(bide_ws *ws, bide_request *req, void **data)
{
    *data = bide_request_state(req);
    return bide_hub_join(room, ws);
}

static int say(bide_ws *ws, void *data, const struct bide_message *message)
{
    (void)data;
    return bide_hub_send(room, message, ws) < 0 ? bide_errcode() : 0;
}

static const struct bide_ws_calls calls = { .open = enter, .message = say };

static int serve(void *listener)
{
    bide_auto(app) app = bide_app_new(NULL);
    bide_route_ws(app, "/", &calls, .heartbeat = 30);
    return bide_app_run(app, NULL, .listener = listener);
}

static int talk(bide_listener *listener)
{
    char url[80];
    struct bide_message message;
    snprintf(url, sizeof url, "ws://%s/", bide_listener_address(listener));
    BIDE_GROUP(server);
    bide_spawn(server, serve, listener);
    bide_auto(session) session = bide_session_open(.timeout = 5);
    bide_auto(ws) ann = bide_ws_connect(session, url);
    bide_auto(ws) bob = bide_ws_connect(session, url);
    bide_auto(ws) eve = bide_ws_connect(session, url);
    int rc = bide_ws_send_text(ann, "hello, everybody");
    for (int i = 0; i < 2 && rc == 0; i++)
        if (bide_ws_recv(i ? eve : bob, &message) > 0)
            printf("%s hears: %s\n", i ? "eve" : "bob", message.data);
    return rc;
}

static int program(void *address)
{
    bide_auto(listener) listener = bide_listen(address ? address : "127.0.0.1:0");
    bide_auto(hub) hub = room = bide_hub_new(.skip = false);
    return !listener || !hub ? bide_errcode() : address ? serve(listener) : talk(listener);
}

int main(int argc, char **argv)
{
    return bide_run(program, argc > 1 ? argv[1] : NULL, .stop_on_signal = true) == 0 ? 0 : 1;
}
