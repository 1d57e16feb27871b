/* The client's handshake, against a server that says what the test wants. */
#include "../http/stand.h"

#include "http/ws_handshake.h"

#include <bide/web.h>

/* A stand whose replies hold "%ACCEPT%" where the key's answer belongs. */
struct ws_stand {
    struct stand stand;
    const char *reply;          /* what answers, "" behind the head */
    const char *behind;         /* what comes in the same write */
    size_t behind_size;
};

static void answer_key(const char *request, char accept[WS_ACCEPT_SIZE + 1])
{
    const char *key = strcasestr(request, "\r\nSec-WebSocket-Key: ");
    CHECK(key != NULL);
    bide__ws_accept(accept, text_of(key + 21, WS_KEY_SIZE));
    accept[WS_ACCEPT_SIZE] = '\0';
}

static int ws_talk(bide_stream *s, struct stand *stand)
{
    struct ws_stand *w = (struct ws_stand *)(void *)stand;
    char accept[WS_ACCEPT_SIZE + 1], out[2000];
    const char *data;
    if (stand_read(s, stand) <= 0)
        return 0;
    answer_key(stand->last, accept);
    const char *hole = strstr(w->reply, "%ACCEPT%");
    int size = hole ? snprintf(out, sizeof out, "%.*s%s%s", (int)(hole - w->reply), w->reply,
                               accept, hole + 8)
                    : snprintf(out, sizeof out, "%s", w->reply);
    if (w->behind_size > 0)
        memcpy(out + size, w->behind, w->behind_size);
    if (bide_write(s, out, (size_t)size + w->behind_size) < 0)
        return 0;
    for (ssize_t n; (n = bide_stream_peek(s, &data)) > 0;)
        bide_stream_consume(s, (size_t)n);
    return 0;
}

#define SWITCH "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
#define AGREED SWITCH "Sec-WebSocket-Accept: %ACCEPT%\r\n"

static bide_ws *connect_to(struct ws_stand *w, bide_session *session,
                           struct bide_ws_opts opts)
{
    static char url[100];
    snprintf(url, sizeof url, "ws:%s", strchr(w->stand.url, ':') + 1);
    opts.abi_ = sizeof opts;
    opts.url = url;
    return bide_ws_connect_opts(session, &opts);
}

#define CONNECT(w, session, ...) connect_to(w, session, (struct bide_ws_opts){ __VA_ARGS__ })

TASK_TEST(a_client_asks_as_the_standard_has_it)
{
    static const struct bide_pair more[] = { { "Origin", "https://a.example" }, { NULL, NULL } };
    struct ws_stand w = { .stand.talk = ws_talk, .reply = AGREED
                          "Sec-WebSocket-Protocol: chat\r\n\r\n" };
    STAND(&w.stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = CONNECT(&w, session, .protocols = "chat.v2, chat", .headers = more);
    CHECK(ws != NULL);
    CHECK_STR(bide_ws_protocol(ws), "chat");
    CHECK(!bide_ws_deflates(ws));
    CHECK_STR(bide_ws_remote(ws), "127.0.0.1");
    CHECK_HAS(w.stand.last, "GET / HTTP/1.1\r\n");
    CHECK_HAS(w.stand.last, "\r\nUpgrade: websocket\r\n");
    CHECK_HAS(w.stand.last, "\r\nConnection: Upgrade\r\n");
    CHECK_HAS(w.stand.last, "\r\nSec-WebSocket-Version: 13\r\n");
    CHECK_HAS(w.stand.last, "\r\nSec-WebSocket-Protocol: chat.v2, chat\r\n");
    CHECK_HAS(w.stand.last, "\r\nOrigin: https://a.example\r\n");
    CHECK(!strcasestr(w.stand.last, "extensions"));
    CHECK_EQ(bide_session_connections(session), 0);     /* it is no longer the pool's */
}

TASK_TEST(what_comes_with_the_answer_is_the_first_message)
{
    struct ws_stand w = { .stand.talk = ws_talk, .reply = AGREED "\r\n", .behind = "\x81\x02hi",
                          .behind_size = 4 };
    struct bide_message m;
    STAND(&w.stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = CONNECT(&w, session, .deflate = false);
    CHECK_EQ(bide_ws_recv(ws, &m), 1);
    CHECK_STR(m.data, "hi");
}

TASK_TEST(a_websocket_outlives_its_session)
{
    struct ws_stand w = { .stand.talk = ws_talk, .reply = AGREED "\r\n" };
    STAND(&w.stand);
    bide_session *session = bide_session_open();
    bide_auto(ws) ws = CONNECT(&w, session, .deflate = false);
    CHECK(ws != NULL);
    bide_session_close(session);
    CHECK_EQ(bide_ws_send_text(ws, "still here"), 0);
}

static const struct { const char *reply, *why; int code; } refusals[] = {
    { "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "the server answered 404 Not Found",
      BIDE_EWS },
    { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "the server answered 200 OK", BIDE_EWS },
    { "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
      "the server answered 302 Found", BIDE_EWS },
    { SWITCH "\r\n", "the server's Sec-WebSocket-Accept does not answer our key", BIDE_EWS },
    { SWITCH "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
      "the server's Sec-WebSocket-Accept does not answer our key", BIDE_EWS },
    { AGREED "Sec-WebSocket-Accept: x\r\n\r\n",
      "the server's Sec-WebSocket-Accept does not answer our key", BIDE_EWS },
    { "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: %ACCEPT%\r\n\r\n",
      "the server changed to another protocol than WebSocket", BIDE_EWS },
    { "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Accept: %ACCEPT%\r\n\r\n",
      "the server changed to another protocol than WebSocket", BIDE_EWS },
    { AGREED "Sec-WebSocket-Protocol: other\r\n\r\n",
      "the server chose a protocol that was not offered", BIDE_EWS },
    { AGREED "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n\r\n",
      "the server chose more than one protocol", BIDE_EWS },
    { AGREED "Sec-WebSocket-Extensions: permessage-bzip2\r\n\r\n",
      "the server uses an extension that was not offered", BIDE_EWS },
    { "HTTP/1.1 101 Switching Protocols\r\nbroken\r\n\r\n", "", BIDE_EHTTP },
};

TASK_TEST(a_server_that_does_not_agree_is_refused_with_its_reason)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct ws_stand w = { .stand.talk = ws_talk, .reply = refusals[i].reply };
        STAND(&w.stand);
        bide_auto(session) session = bide_session_open();
        CHECK_PTR(CONNECT(&w, session, .protocols = "chat", .deflate = true), NULL);
        CHECK_EQ(bide_errcode(), refusals[i].code);
        CHECK_HAS(bide_errmsg(), refusals[i].why);
    }
}

TASK_TEST(what_cannot_be_asked_for_is_refused_before_anything_is_sent)
{
    static const struct bide_pair key[] = { { "sec-websocket-key", "x" }, { NULL, NULL } };
    struct ws_stand w = { .stand.url = "http://127.0.0.1:1/" };
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(CONNECT(&w, session, .headers = key), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(CONNECT(&w, session, .protocols = "a b"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(CONNECT(&w, session, .heartbeat = -1), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_ws_connect(session, "ftp://a.example/"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EURL);
}

static int say_nothing(bide_stream *s, struct stand *stand)
{
    return stand_read(s, stand) > 0 ? bide_sleep(100) : 0;
}

TASK_TEST(a_server_that_does_not_answer_is_given_up)
{
    struct ws_stand w = { .stand.talk = say_nothing };
    STAND(&w.stand);
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(CONNECT(&w, session, .timeout = 3), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
}

/* A proxy that is asked for a tunnel, and then is the server behind it. */
static int tunnel_talk(bide_stream *s, struct stand *stand)
{
    char *line;
    static char connect[500];
    ssize_t size = bide_read_until(s, "\r\n\r\n", &line);
    if (size <= 0)
        return 0;
    snprintf(connect, sizeof connect, "%s", line);
    CHECK_HAS(connect, "CONNECT chat.example:80 HTTP/1.1\r\n");
    if (bide_printf(s, "HTTP/1.1 200 OK\r\n\r\n") < 0)
        return 0;
    return ws_talk(s, stand);
}

TASK_TEST(a_proxy_makes_a_tunnel_also_without_tls)
{
    struct ws_stand w = { .stand.talk = tunnel_talk, .reply = AGREED "\r\n" };
    STAND(&w.stand);
    bide_auto(session) session = bide_session_open(.proxy = w.stand.url);
    bide_auto(ws) ws = bide_ws_connect(session, "ws://chat.example/room");
    CHECK(ws != NULL);
    CHECK_HAS(w.stand.last, "GET /room HTTP/1.1\r\nHost: chat.example\r\n");
}
