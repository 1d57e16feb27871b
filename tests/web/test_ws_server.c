/* WebSockets of a whole server: handshakes refused and agreed on, handlers, a function per message,
 * hubs of parked connections, the end of the application. */
#include "site.h"

#include "http/ws_handshake.h"
#include "web/connection.h"

#include <bide/web.h>

static bide_hub *room;
static int opened, closed, last_code;

/* ---- what is served ---- */

static int echo(bide_request *req)
{
    struct bide_message m;
    int rc;
    bide_ws *ws = bide_ws_accept(req, .protocols = "chat.v2, chat", .deflate = true,
                                 .close_timeout = 2);
    while ((rc = bide_ws_recv(ws, &m)) > 0)
        if ((rc = bide_ws_send(ws, &m)) < 0)
            break;
    return rc;
}

static int fail(bide_request *req)
{
    bide_ws *ws = bide_ws_accept(req, .close_timeout = 1);
    return ws ? bide_fail(BIDE_EINVAL, "on purpose") : bide_errcode();
}

/* Whom it talks to. */
static int who(bide_request *req)
{
    bide_ws *ws = bide_ws_accept(req);
    return ws ? bide_ws_send_text(ws, bide_ws_remote(ws)) : bide_errcode();
}

/* A page and a WebSocket at one path. */
static int either(bide_request *req)
{
    return bide_ws_asked(req) ? who(req) : bide_respond_text(req, 200, "a page");
}

static int enter(bide_ws *ws, bide_request *req, void **data)
{
    *data = room;
    opened++;
    CHECK_PTR(bide_ws_request(ws), req);
    return bide_request_query(req, "refuse") ? bide_fail(BIDE_EINVAL, "refused")
                                             : bide_hub_join(room, ws);
}

static int hear(bide_ws *ws, void *data, const struct bide_message *m)
{
    CHECK_PTR(data, room);
    if (strcmp(m->data, "policy") == 0)
        return bide_fail(BIDE_EWS, "not allowed");
    if (strcmp(m->data, "who") == 0)
        return bide_ws_send_text(ws, bide_ws_remote(ws));
    if (strcmp(m->data, "wait") == 0 && bide_sleep(1) < 0)
        return bide_errcode();
    if (strncmp(m->data, "all ", 4) == 0)
        return bide_hub_send(room, m, ws) < 0 ? bide_errcode() : 0;
    return bide_ws_send(ws, m);
}

static void leave(bide_ws *ws, void *data, int code)
{
    (void)ws;
    (void)data;
    closed++;
    last_code = code;
}

static const struct bide_ws_calls calls = { .open = enter, .message = hear, .closed = leave };

static const struct bide_ws_calls no_calls = { NULL, NULL, NULL };

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/echo", echo), 0);
    CHECK_EQ(bide_route(app, "GET", "/fail", fail), 0);
    CHECK_EQ(bide_route(app, "GET", "/who", who), 0);
    CHECK_EQ(bide_route(app, "*", "/either", either), 0);
    CHECK_EQ(bide_route_ws(app, "/silent", &no_calls, .message_max = 10), 0);
    CHECK_EQ(bide_route_ws(app, "/room", &calls, .deflate = true, .no_context = true,
                           .heartbeat = 30, .close_timeout = 2), 0);
    return app;
}

/* ---- helpers ---- */

static const char *ws_at(const struct site *site, const char *path)
{
    static char url[200];
    snprintf(url, sizeof url, "ws://%s%s", site->address, path);
    return url;
}

static void check_echo(bide_ws *ws, const char *text)
{
    struct bide_message m;
    CHECK_EQ(bide_ws_send_text(ws, text), 0);
    CHECK_EQ(bide_ws_recv(ws, &m), 1);
    CHECK_STR(m.data, text);
}

#define ASK "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" \
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

/* ---- handshakes ---- */

static const struct { const char *headers, *answer; } handshakes[] = {
    { ASK, "HTTP/1.1 101 " }, { ASK, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" },
    { ASK "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat.v2\r\n",
      "\r\nSec-WebSocket-Protocol: chat.v2\r\n" },
    { ASK "Sec-WebSocket-Extensions: x, permessage-deflate\r\n",
      "\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=12\r\n" },
    { ASK "Sec-WebSocket-Extensions: ;\r\n", "HTTP/1.1 400 " },
    { ASK "Origin: http://h\r\n", "HTTP/1.1 101 " },
    { ASK "Origin: http://evil.example\r\n", "HTTP/1.1 403 " },
    { ASK "Origin: http://h\r\nOrigin: http://h\r\n", "HTTP/1.1 403 " },
    { ASK "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "HTTP/1.1 400 " },
    { "", "HTTP/1.1 426 " }, { "", "\r\nSec-WebSocket-Version: 13\r\n" },
    { "", "\r\nUpgrade: websocket\r\n" },
};

TASK_TEST(handshakes_are_answered_as_the_standard_has_it)
{
    struct site site = { .opts = { .grace = 3 } };
    char request[1000], out[2000];
    SITE(&site);
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    for (size_t i = 0; i < sizeof handshakes / sizeof *handshakes; i++) {
        snprintf(request, sizeof request, "GET /echo" H "%s\r\n", handshakes[i].headers);
        exchange(&site, request, false, out, sizeof out);
        CHECK_HAS(out, handshakes[i].answer);
    }
    exchange(&site, "POST /echo" H ASK "Content-Length: 0\r\n\r\n", false, out, sizeof out);
    CHECK_HAS(out, "HTTP/1.1 405 ");
    exchange(&site, "GET /echo HTTP/1.0\r\nHost: h\r\n" ASK "\r\n", false, out, sizeof out);
    CHECK(!strstr(out, " 101 "));
}

TASK_TEST(a_path_may_have_a_page_and_a_websocket)
{
    struct site site = { .opts = { .grace = 3 } };
    static const struct { const char *text, *answer; } asked[] = {
        { "GET /either" H ASK "\r\n", "HTTP/1.1 101 " },
        { "GET /either" H "\r\n", "a page" },
        { "GET /either" H "Upgrade: websocket\r\n\r\n", "a page" },
        { "GET /either" H "Connection: upgrade\r\nUpgrade: h2c\r\n\r\n", "a page" },
        { "POST /either" H ASK "Content-Length: 0\r\n\r\n", "a page" },
        { "GET /either" H "Connection: upgrade\r\nUpgrade: h2c, WebSocket\r\n\r\n",
          "HTTP/1.1 400 " },
    };
    char out[2000];
    SITE(&site);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        exchange(&site, asked[i].text, false, out, sizeof out);
        CHECK_HAS(out, asked[i].answer);
    }
}

/* ---- a handler ---- */

/* Clients do not write the log: neither by what they ask nor by how they leave. */
TASK_TEST(only_what_the_handler_does_wrong_is_logged)
{
    struct site site = { .opts = { .grace = 3 } };
    char logged[300] = "", out[2000];
    struct bide_message m;
    SITE(&site);
    bide_log_to(quiet, logged, BIDE_LOG_WARNING);
    exchange(&site, "GET /echo" H "\r\n", false, out, sizeof out);
    CHECK_HAS(out, "HTTP/1.1 426 ");
    exchange(&site, "GET /echo" H ASK "Origin: http://evil.example\r\n\r\n", false, out,
             sizeof out);
    CHECK_HAS(out, "HTTP/1.1 403 ");
    exchange(&site, "GET /echo" H ASK "\r\n", false, out, sizeof out);
    CHECK_HAS(out, "HTTP/1.1 101 ");            /* and has left without closing */
    exchange(&site, "GET /echo" H ASK "\r\nno frame", false, out, sizeof out);
    CHECK_HAS(out, "HTTP/1.1 101 ");
    CHECK_EQ(bide_sleep(5), 0);
    CHECK_STR(logged, "");
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = bide_ws_connect(session, ws_at(&site, "/fail"));
    CHECK_EQ(bide_ws_recv(ws, &m), 0);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_HAS(logged, "on purpose");
}

TASK_TEST(a_handler_talks_until_the_client_has_closed)
{
    struct site site = { .opts = { .grace = 3 } };
    SITE(&site);
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = bide_ws_connect(session, ws_at(&site, "/echo"), .protocols = "chat",
                                       .deflate = true);
    CHECK_STR(bide_ws_protocol(ws), "chat");
    CHECK(bide_ws_deflates(ws));
    check_echo(ws, "one");
    check_echo(ws, "the same words, the same words, the same words, the same words");
    CHECK_EQ(bide_ws_finish(ws, 1000, "done"), 0);
    CHECK_EQ(bide_ws_close_code(ws), 1000);
}

TASK_TEST(a_handler_that_fails_closes_with_1011)
{
    struct site site = { .opts = { .grace = 3 } };
    struct bide_message m;
    SITE(&site);
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = bide_ws_connect(session, ws_at(&site, "/fail"));
    CHECK_EQ(bide_ws_recv(ws, &m), 0);
    CHECK_EQ(bide_ws_close_code(ws), 1011);
}

/* ---- a function per message ---- */

static void open_room(void)
{
    room = bide_hub_new(.skip = false);
    opened = closed = last_code = 0;
}

TASK_TEST(messages_are_served_one_by_one_and_the_end_is_told)
{
    struct site site = { .opts = { .grace = 3 } };
    open_room();
    SITE(&site);
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = bide_ws_connect(session, ws_at(&site, "/room"));
    for (int i = 0; i < 5; i++) {
        check_echo(ws, "hello");
        CHECK_EQ(bide_sleep(1), 0);     /* it is parked in between */
    }
    check_echo(ws, "wait");
    CHECK_EQ(bide_ws_finish(ws, 4001, "over"), 0);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(opened == 1 && closed == 1 && last_code == 4001);
    CHECK_EQ(bide_hub_count(room), 0);
    bide_hub_free(room);
}

TASK_TEST(a_function_that_is_not_there_is_not_called)
{
    struct site site = { .opts = { .grace = 3 } };
    struct bide_message m;
    SITE(&site);
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = bide_ws_connect(session, ws_at(&site, "/silent"));
    CHECK_EQ(bide_ws_send_text(ws, "1234567890"), 0);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bide_ws_send_text(ws, "12345678901"), 0);
    CHECK_EQ(bide_ws_recv(ws, &m), 0);
    CHECK_EQ(bide_ws_close_code(ws), 1009);
}

TASK_TEST(messages_that_come_while_one_is_served_are_whole)
{
    static const char *const texts[] = { "wait", "wait", "next", "last" };
    struct site site = { .opts = { .grace = 3 } };
    struct bide_message m;
    open_room();
    SITE(&site);
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = bide_ws_connect(session, ws_at(&site, "/room"));
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(bide_ws_send_text(ws, texts[i]), 0);
        CHECK_EQ(bide_sleep(0.1), 0);   /* each is read by itself */
    }
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(bide_ws_recv(ws, &m), 1);
        CHECK_STR(m.data, texts[i]);
    }
    CHECK_EQ(bide_ws_finish(ws, 1000, NULL), 0);
    bide_hub_free(room);
}

TASK_TEST(a_frame_that_comes_in_halves_is_taken_whole)
{
    static const char frame[] = "\x81\x82\0\0\0\0hi";
    struct site site = { .opts = { .grace = 3 } };
    char *line, echoed[4];
    open_room();
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    CHECK_EQ(bide_write(s, "GET /room" H ASK "\r\n", strlen("GET /room" H ASK "\r\n")), 0);
    CHECK(bide_read_until(s, "\r\n\r\n", &line) > 0);
    for (size_t half = 1; half < sizeof frame - 1; half++) {
        CHECK_EQ(bide_sleep(1), 0);     /* it is parked */
        CHECK_EQ(bide_write(s, frame, half), 0);
        CHECK_EQ(bide_sleep(1), 0);
        CHECK_EQ(bide_write(s, frame + half, sizeof frame - 1 - half), 0);
        CHECK_EQ(bide_read_exactly(s, echoed, sizeof echoed), 0);
        CHECK(memcmp(echoed, "\x81\x02hi", sizeof echoed) == 0);
    }
    bide_stream_close(bide_steal(s));
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(closed, 1);
    bide_hub_free(room);
}

static void check_closed(const struct site *site, const char *path, const char *say, int code)
{
    struct bide_message m;
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = bide_ws_connect(session, ws_at(site, path));
    CHECK(ws != NULL);
    CHECK_EQ(say ? bide_ws_send_text(ws, say) : 0, 0);
    CHECK_EQ(bide_ws_recv(ws, &m), 0);
    CHECK_EQ(bide_ws_close_code(ws), code);
}

TASK_TEST(what_the_functions_return_closes)
{
    struct site site = { .opts = { .grace = 3 } };
    open_room();
    SITE(&site);
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    check_closed(&site, "/room", "policy", 1008);
    check_closed(&site, "/room?refuse=1", NULL, 1011);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(opened == 2 && closed == 1);
    bide_hub_free(room);
}

TASK_TEST(a_hub_reaches_parked_members_also_when_they_are_slow)
{
    enum { MEMBERS = 20 };
    struct site site = { .opts = { .grace = 3 } };
    struct bide_message m;
    bide_ws *all[MEMBERS];
    static char text[30001];
    open_room();
    SITE(&site);
    bide_auto(session) session = bide_session_open(.limit = MEMBERS);
    for (int i = 0; i < MEMBERS; i++)
        CHECK((all[i] = bide_ws_connect(session, ws_at(&site, "/room"),
                                        .deflate = i % 2)) != NULL);
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "all ", 4);
    for (int round = 0; round < 25; round++)    /* more than a socket takes at once */
        CHECK_EQ(bide_ws_send_text(all[0], text), 0);
    for (int i = 1; i < MEMBERS; i++)
        for (int round = 0; round < 25; round++) {
            CHECK_EQ(bide_ws_recv(all[i], &m), 1);
            CHECK_EQ(m.size, sizeof text - 1);
        }
    for (int i = 0; i < MEMBERS; i++) {
        CHECK_EQ(bide_ws_finish(all[i], 1000, NULL), 0);
        bide_ws_close(all[i]);
    }
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(closed, MEMBERS);
    bide_hub_free(room);
}

TASK_TEST(a_parked_client_that_is_gone_or_silent_is_noticed)
{
    struct site site = { .opts = { .grace = 3 } };
    open_room();
    SITE(&site);
    bide_auto(session) session = bide_session_open();
    bide_ws *ws = bide_ws_connect(session, ws_at(&site, "/room"));
    CHECK(ws != NULL);
    CHECK_EQ(bide_sleep(1), 0);
    bide_ws_close(ws);                          /* without a word */
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(closed == 1 && last_code == 1006);
    ws = bide_ws_connect(session, ws_at(&site, "/room"));
    CHECK_EQ(bide_sleep(70), 0);                /* it answers no ping, for nobody is in recv */
    CHECK(closed == 2 && last_code == 1006);
    bide_ws_close(ws);
    bide_hub_free(room);
}

/* ---- who it is ---- */

/* As a handler hears it, as the functions of a route do, and as it is known while it is parked. */
static void check_remote(const struct site *site, const char *told, const char *expected)
{
    struct bide_message m;
    bide_auto(session) session = bide_session_open();
    const struct bide_pair *headers = BIDE_PAIRS({ "X-Forwarded-For", told });
    bide_auto(ws) dialogue = bide_ws_connect(session, ws_at(site, "/who"), .headers = headers);
    bide_auto(ws) member = bide_ws_connect(session, ws_at(site, "/room"), .headers = headers);
    CHECK_EQ(bide_ws_recv(dialogue, &m), 1);
    CHECK_STR(m.data, expected);
    CHECK_EQ(bide_ws_finish(dialogue, 1000, NULL), 0);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bide_hub_count(room), 1);
    CHECK_STR(bide_ws_remote(bide_hub_next(room, NULL)), expected);
    CHECK_EQ(bide_ws_send_text(member, "who"), 0);
    CHECK_EQ(bide_ws_recv(member, &m), 1);
    CHECK_STR(m.data, expected);
    CHECK_EQ(bide_ws_finish(member, 1000, NULL), 0);
    CHECK_EQ(bide_sleep(1), 0);
}

TASK_TEST(its_client_is_who_a_trusted_proxy_says)
{
    struct site site = { .opts = { .trusted_proxies = "127.0.0.1" } };
    open_room();
    SITE(&site);
    check_remote(&site, "192.0.2.7", "192.0.2.7");
    bide_hub_free(room);
}

TASK_TEST(its_client_is_the_peer_whatever_that_says)
{
    struct site site = { .rc = 0 };
    open_room();
    SITE(&site);
    check_remote(&site, "192.0.2.7", "127.0.0.1");
    bide_hub_free(room);
}

/* ---- the application stops ---- */

static int expect_going_away(void *arg)
{
    struct bide_message m;
    CHECK_EQ(bide_ws_recv(arg, &m), 0);
    CHECK_EQ(bide_ws_close_code(arg), 1001);
    return 0;
}

TASK_TEST(a_stopping_application_says_1001_to_all)
{
    struct site site = { .opts = { .grace = 5 } };
    open_room();
    SITE(&site);
    bide_auto(session) session = bide_session_open();
    bide_ws *loop = bide_ws_connect(session, ws_at(&site, "/echo"));
    bide_ws *parked = bide_ws_connect(session, ws_at(&site, "/room"));
    CHECK(loop && parked);
    check_echo(loop, "x");
    check_echo(parked, "x");
    CHECK_EQ(bide_sleep(1), 0);
    BIDE_GROUP(g);
    bide_spawn(g, expect_going_away, loop);
    bide_spawn(g, expect_going_away, parked);
    CHECK_EQ(bide_yield(), 0);
    double start = bide_now();
    bide_cancel(site_task);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_join(site_task), 0);
    CHECK(site.ended - start < 3);
    CHECK_EQ(closed, 1);
    bide_ws_close(loop);
    bide_ws_close(parked);
    bide_hub_free(room);
}
