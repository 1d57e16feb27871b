/* What a message costs that comes alone, as most do: one read, one write, no memory; and what
 * becomes of a small one that the system does not take at once. */
#include "cost.h"
#include "site.h"
#include "ws_ends.h"

/* ---- served by a function per message ---- */

static int echo(bide_ws *ws, void *data, const struct bide_message *m)
{
    (void)data;
    return bide_ws_send(ws, m);
}

static const struct bide_ws_calls calls = { .message = echo };

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route_ws(app, "/echo", &calls, .heartbeat = 1000), 0);
    return app;
}

#define ASK "GET /echo" H "Connection: Upgrade\r\nUpgrade: websocket\r\n" \
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

static void exchange_raw(int fd, const char *sent, size_t sent_size, const char *text, size_t size)
{
    char got[200];
    cost_say(fd, sent, sent_size);
    CHECK_EQ(cost_hear(fd, got, size), size);
    CHECK_MEM(got, text, size);
}

/* poll(2) tells only who waits, so there one more read finds that nothing is left. */
static unsigned reads_each(void)
{
    const char *poller = getenv("BIDE_POLLER");
    return poller && strcmp(poller, "poll") == 0 ? 2 : 1;
}

static int talk(void *unused)
{
    (void)unused;
    char frame[100], *line;
    struct site site = { .opts = { .grace = 3 } };
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    CHECK_EQ(bide_write(s, ASK, strlen(ASK)), 0);
    CHECK(bide_read_until(s, "\r\n\r\n", &line) > 0);
    size_t size = frame_of(frame, true, 0x81, BYTES("a text of some size, as they are"));
    for (int i = 0; i < 12; i++) {
        if (i == 2)             /* the first make what is kept */
            cost_begin();
        exchange_raw(bide_stream_fd(s), frame, size,
                     BYTES("\x81\x20" "a text of some size, as they are"));
    }
    CHECK_EQ(cost.allocations, 0);
    CHECK_EQ(cost.reads, 10 * reads_each());
    CHECK_EQ(cost.writes, 10);
    CHECK_EQ(cost.others, 0);
    /* two at once are answered together */
    char two[200];
    memcpy(two, frame, size);
    memcpy(two + size, frame, size);
    cost_begin();
    exchange_raw(bide_stream_fd(s), two, 2 * size, BYTES(
        "\x81\x20" "a text of some size, as they are"
        "\x81\x20" "a text of some size, as they are"));
    CHECK_EQ(cost.reads, reads_each());
    CHECK_EQ(cost.writes, 1);
    return 0;
}

TEST(a_message_that_comes_alone_is_one_read_and_one_write_and_no_memory)
{
    COST_COUNTED();
    CHECK_EQ(bide_run(talk, NULL, .jumping_clock = true), 0);
}

/* ---- where the peer takes it by and by ---- */

static char text[501];

static int send_text(void *ws)
{
    return bide_ws_send_text(ws, text);
}

static void check_text(bide_ws *peer)
{
    struct bide_message m;
    CHECK_EQ(bide_ws_recv(peer, &m), 1);
    CHECK_STR(m.data, text);
}

TASK_TEST(a_small_message_that_is_taken_in_pieces_comes_whole)
{
    struct ws_ends e = WS_ENDS(.client = false);
    struct bide_ws_opts opts = { 0 };
    memset(text, 'x', sizeof text - 1);
    bide_stream_high_water(e.ours, 7);
    bide_ws *peer = ws_over(e.raw, &opts, true, NULL);
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)         /* the others wait in line */
        bide_spawn(g, send_text, e.ws);
    for (int i = 0; i < 3; i++)
        check_text(peer);
    CHECK_EQ(bide_group_wait(g), 0);
    bide_ws_close(peer);
    ws_ends_close(&e);
}

TASK_TEST(a_small_message_is_sent_to_its_end_though_its_sender_is_cancelled)
{
    struct ws_ends e = WS_ENDS(.client = false);
    struct bide_ws_opts opts = { 0 };
    memset(text, 'x', sizeof text - 1);
    bide_stream_high_water(e.ours, 7);
    {
        BIDE_TIMEOUT(limit, 1);
        int rc = bide_ws_send_text(e.ws, text);
        CHECK_EQ(bide_scope_result(limit, rc), BIDE_ETIMEDOUT);
    }
    bide_ws *peer = ws_over(e.raw, &opts, true, NULL);
    check_text(peer);
    CHECK_EQ(bide_ws_send_text(e.ws, "next"), 0);
    bide_ws_close(peer);
    ws_ends_close(&e);
}
