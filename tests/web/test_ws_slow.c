/* Peers that take their time: a frame that has begun has to come, at a least rate; how long its
 * user takes, and how slowly messages follow each other, is nobody's business. */
#include "site.h"
#include "ws_ends.h"

static int opened, closed, last_code;
static size_t heard;

/* ---- a server ---- */

static int hear(bide_ws *ws, void *data, const struct bide_message *m)
{
    (void)ws;
    (void)data;
    heard = m->size;
    return 0;
}

static int enter(bide_ws *ws, bide_request *req, void **data)
{
    (void)ws;
    (void)req;
    (void)data;
    opened++;
    return 0;
}

static void leave(bide_ws *ws, void *data, int code)
{
    (void)ws;
    (void)data;
    closed++;
    last_code = code;
}

static const struct bide_ws_calls calls = { .open = enter, .message = hear, .closed = leave };

static int serve_loop(bide_request *req)
{
    struct bide_message m;
    int rc;
    bide_ws *ws = bide_ws_accept(req);
    while ((rc = bide_ws_recv(ws, &m)) > 0)
        heard = m.size;
    last_code = bide_ws_close_code(ws);
    closed++;
    return rc;
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route_ws(app, "/calls", &calls), 0);
    CHECK_EQ(bide_route_ws(app, "/patient", &calls, .frame_timeout = BIDE_FOREVER), 0);
    CHECK_EQ(bide_route(app, "GET", "/loop", serve_loop), 0);
    opened = closed = last_code = 0;
    heard = 0;
    return app;
}

#define ASK H "Connection: Upgrade\r\nUpgrade: websocket\r\n" \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

static bide_stream *open_at(const struct site *site, const char *path)
{
    char request[300], *line;
    snprintf(request, sizeof request, "GET %s" ASK, path);
    bide_stream *s = bide_connect(site->address);
    CHECK_EQ(bide_write(s, request, strlen(request)), 0);
    CHECK(bide_read_until(s, "\r\n\r\n", &line) > 0);
    return s;
}

/* The server closes with 1008, `seconds` from now. */
static void check_cut_off(bide_stream *s, double seconds)
{
    char close[64];
    double start = bide_now();
    CHECK(bide_read(s, close, sizeof close) >= 4);
    CHECK_MEM(close, "\x88", 1);
    CHECK_MEM(close + 2, "\x03\xf0", 2);
    CHECK_NEAR(bide_now() - start, seconds, 0.5);
    CHECK_EQ(bide_read(s, close, sizeof close), 0);
    bide_stream_close(s);
}

/* The beginnings of frames: of a head, of a small one, of one that is put together. */
static const struct { const char *bytes; size_t size; } halves[] = {
    { BYTES("\x81") }, { BYTES("\x81\x82\0\0") }, { BYTES("\x81\x82\0\0\0\0h") },
    { BYTES("\x82\xff\0\0\0\0\0\x10\0\0\0\0\0\0abc") }, { BYTES("\x89\x82\0\0\0\0h") },
    { BYTES("\x01\x83\0\0\0\0h") },
};

TASK_TEST(a_frame_that_stops_in_the_middle_is_closed_after_the_servers_time_for_the_slow)
{
    static const char *const paths[] = { "/calls", "/loop" };
    struct site site = { .opts = { .grace = 3, .slow = 7 } };
    SITE(&site);
    bide_log_to(quiet, NULL, BIDE_LOG_ERROR);
    for (size_t i = 0; i < 2 * sizeof halves / sizeof *halves; i++) {
        bide_stream *s = open_at(&site, paths[i % 2]);
        CHECK_EQ(bide_sleep(100), 0);   /* between frames there is no hurry */
        CHECK_EQ(bide_write(s, halves[i / 2].bytes, halves[i / 2].size), 0);
        check_cut_off(s, 7);
        CHECK_EQ(bide_sleep(1), 0);
        CHECK_EQ(closed, (int)i + 1);
        CHECK_EQ(last_code, 1006);
    }
}

TASK_TEST(dripping_buys_no_time)
{
    struct site site = { .opts = { .grace = 3 } };
    SITE(&site);
    bide_stream *s = open_at(&site, "/calls");
    CHECK_EQ(bide_write(s, BYTES("\x81\xfe\x10\0\0\0\0\0")), 0);
    double start = bide_now();
    while (closed == 0 && bide_now() - start < 100) {
        bide_ignore(bide_write(s, "x", 1));
        CHECK_EQ(bide_sleep(0.7), 0);
    }
    CHECK_NEAR(bide_now() - start, 30, 12);     /* and ten that it has to close */
    bide_stream_close(s);
}

TASK_TEST(without_a_time_a_half_frame_is_waited_for)
{
    struct site site = { .opts = { .grace = 3 } };
    SITE(&site);
    bide_stream *s = open_at(&site, "/patient");
    CHECK_EQ(bide_write(s, BYTES("\x81\x82\0\0\0\0h")), 0);
    CHECK_EQ(bide_sleep(100000), 0);
    CHECK_EQ(bide_write(s, "i", 1), 0);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(heard == 2 && closed == 0);
    bide_stream_close(s);
    CHECK_EQ(bide_sleep(1), 0);
}

/* Slowly, but each 256 KiB in less than 30 s. */
static void send_steadily(bide_stream *s, size_t size)
{
    static char piece[16384];
    char head[WS_HEAD_MAX];
    struct ws_frame frame = { .opcode = WS_BINARY, .last = true, .masked = true, .size = size };
    CHECK_EQ(bide_write(s, head, bide__ws_frame_write(head, &frame)), 0);
    for (size_t n; size > 0; size -= n) {
        n = size < sizeof piece ? size : sizeof piece;
        CHECK_EQ(bide_write(s, piece, n), 0);
        CHECK_EQ(bide_sleep(1.5), 0);
    }
}

TASK_TEST(a_large_frame_may_take_its_time_if_it_keeps_the_rate)
{
    static const char *const paths[] = { "/calls", "/loop" };
    struct site site = { .opts = { .grace = 3 } };
    SITE(&site);
    for (int i = 0; i < 2; i++) {
        bide_stream *s = open_at(&site, paths[i]);
        send_steadily(s, 2000000);      /* three minutes */
        CHECK_EQ(bide_sleep(1), 0);
        CHECK(heard == 2000000 && closed == i);
        heard = 0;
        bide_stream_close(s);
        CHECK_EQ(bide_sleep(1), 0);
    }
}

/* ---- over a pair ---- */

static int say_steadily(void *raw)
{
    send_steadily(raw, 300000);
    return 0;
}

TASK_TEST(bytes_of_a_large_frame_are_signs_of_life)
{
    struct ws_ends e = WS_ENDS(.ws.heartbeat = 4);
    struct bide_message m;
    BIDE_GROUP(g);
    bide_spawn(g, say_steadily, e.raw);
    CHECK_EQ(bide_ws_recv(e.ws, &m), 1);
    CHECK_EQ(m.size, 300000);
    CHECK_EQ(bide_group_wait(g), 0);
    ws_ends_close(&e);
}

TASK_TEST(the_time_of_a_frame_goes_on_where_a_receive_was_cancelled)
{
    struct ws_ends e = WS_ENDS(.ws.frame_timeout = 10);
    struct bide_message m;
    CHECK_EQ(bide_write(e.raw, BYTES("\x81\x82\0\0\0\0h")), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_sleep(100), 0);   /* this does not count */
        BIDE_TIMEOUT(limit, 3);
        CHECK_EQ(bide_scope_result(limit, bide_ws_recv(e.ws, &m)), BIDE_ETIMEDOUT);
    }
    CHECK_EQ(bide_write(e.raw, "i", 1), 0);
    CHECK_EQ(bide_ws_recv(e.ws, &m), 1);
    CHECK_STR(m.data, "hi");
    CHECK_EQ(bide_write(e.raw, BYTES("\x81\x82\0\0\0\0h")), 0);
    double start = bide_now();
    CHECK_EQ(bide_ws_recv(e.ws, &m), BIDE_EWS);
    CHECK_HAS(bide_errmsg(), "a frame takes too long to come");
    CHECK_NEAR(bide_now() - start, 10, 0.1);
    check_close_heard(&e, 1008);
    ws_ends_close(&e);
}

TASK_TEST(a_client_gives_up_half_a_frame_too)
{
    struct ws_ends e = WS_ENDS(.client = true);
    struct bide_message m;
    CHECK_EQ(bide_write(e.raw, BYTES("\x81\x02h")), 0);
    double start = bide_now();
    CHECK_EQ(bide_ws_recv(e.ws, &m), BIDE_EWS);
    CHECK_NEAR(bide_now() - start, 30, 0.1);
    ws_ends_close(&e);
}
