/* A chat: rooms, names, what was said last, who is here; a page for people, and a WebSocket.
 *
 *     chat [--address HOST:PORT] [--page FILE]
 *
 *     GET /                        the page
 *     GET /rooms                   the rooms, as JSON
 *     GET /ws?room=R&name=N        the WebSocket
 *
 * What goes over it is JSON, one object a message.  From the client: {"text": "hello"}.  From the
 * server, by "type": welcome (once: name, names, history), said, presence (who is here), error.
 *
 * Connections are served one message at a time (bide_route_ws), so a silent one holds no stack.
 * The hub never waits: a reader that is too slow is cut, and the others do not notice. */
#include "room.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum {
    CONNECTIONS_MAX = 50000,
    NOT_LET_IN = 4001,          /* a close code of our own: coming again would not help */
};

static const char *address = "127.0.0.1:8080", *page = "page.html";

BIDE_WAITS static int send_error(bide_ws *ws, const char *why)
{
    bide_auto(json) told = bide_json_new();
    bide_json_set(told, "type", bide_value("error"));
    bide_json_set(told, "why", bide_value(why));
    return bide_ws_send_json(ws, told);
}

static int come(bide_ws *ws, bide_request *req, void **data)
{
    struct member *member = room_enter(bide_request_query(req, "room"),
                                       bide_request_query(req, "name"), ws);
    if (!member)
        return bide_ws_finish(ws, NOT_LET_IN, bide_errmsg());
    *data = member;
    bide_auto(json) welcome = room_welcome(member);
    return bide_ws_send_json(ws, welcome);
}

static int hear(bide_ws *ws, void *data, const struct bide_message *message)
{
    struct member *member = data;
    const char *text;
    if (!member)
        return 0;                               /* it was not let in, and is closing */
    bide_auto(json) said = message->type == BIDE_TEXT
        ? bide_json_parse(message->data, message->size) : NULL;
    if (!said || bide_json_get(said, "text", &text) < 0)
        return send_error(ws, "that was no message");
    if (text[strspn(text, " \t\r\n")] == '\0')
        return 0;
    if (strlen(text) > TEXT_MAX_BYTES)
        return send_error(ws, "that is too long");
    if (bide_rate_take_nowait(&member->pace, 1) < 0)
        return send_error(ws, "not so fast");
    return room_say(member, text);
}

static void go(bide_ws *ws, void *data, int code)
{
    (void)ws, (void)code;
    room_leave(data);
}

static int show_page(bide_request *req)
{
    return bide_respond_file(req, page);
}

static int list_rooms(bide_request *req)
{
    bide_auto(json) list = rooms_list();
    return bide_respond_json(req, 200, list);
}

static void tell(void *unused, const char *where)
{
    (void)unused;
    printf("http://%s\n", where);
    fflush(stdout);
}

static int serve(void *unused)
{
    (void)unused;
    static const struct bide_ws_calls calls = { come, hear, go };
    bide_auto(app) app = bide_app_new(NULL);
    bide_route(app, "GET", "/", show_page);
    bide_route(app, "GET", "/rooms", list_rooms);
    bide_route_ws(app, "/ws", &calls, .message_max = 4 * TEXT_MAX_BYTES, .heartbeat = 30);
    bide_app_background(app, rooms_tell, NULL);
    int rc = bide_app_run(app, address, .listening = tell, .connections = CONNECTIONS_MAX);
    rooms_free();
    return rc;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        { "address", required_argument, NULL, 'a' }, { "page", required_argument, NULL, 'p' },
        { NULL, 0, NULL, 0 },
    };
    struct rlimit files;
    for (int option; (option = getopt_long(argc, argv, "a:p:", known, NULL)) != -1;) {
        switch (option) {
        case 'a': address = optarg; break;
        case 'p': page = optarg; break;
        default: return 2;
        }
    }
    if (optind != argc) {
        fprintf(stderr, "usage: chat [--address HOST:PORT] [--page FILE]\n");
        return 2;
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;        /* every connection is an open file */
        setrlimit(RLIMIT_NOFILE, &files);
    }
    int rc = bide_run(serve, NULL, .stop_on_signal = true);
    if (rc == 0 || rc == BIDE_ECANCELED)
        return 0;
    fprintf(stderr, "chat: %s\n", bide_errmsg());
    return 1;
}
