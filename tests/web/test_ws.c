/* WebSockets over memory pairs: messages both ways, control frames, closing. */
#include "ws_ends.h"

#define TEXT(text) (&(const struct bide_message){ BIDE_TEXT, text, strlen(text) })

static void check_got(bide_ws *ws, int type, const char *text)
{
    struct bide_message m;
    CHECK_EQ(bide_ws_recv(ws, &m), 1);
    CHECK_EQ(m.type, type);
    CHECK_EQ(m.size, strlen(text));
    CHECK_STR(m.data, text);
}

/* ---- messages ---- */

TASK_TEST(messages_come_as_they_were_sent)
{
    for (int client = 0; client < 2; client++) {
        struct ws_ends e = WS_ENDS(.client = client);
        peer_says(&e, 0x81, "hello", 5);
        peer_says(&e, 0x82, "\x01\x02", 2);
        peer_says(&e, 0x81, "", 0);
        check_got(e.ws, BIDE_TEXT, "hello");
        check_got(e.ws, BIDE_BINARY, "\x01\x02");
        check_got(e.ws, BIDE_TEXT, "");
        CHECK_EQ(bide_ws_send_text(e.ws, "answer"), 0);
        CHECK_EQ(bide_ws_send_binary(e.ws, "\0\1", 2), 0);
        check_heard(&e, 0x81, BYTES("answer"));
        check_heard(&e, 0x82, BYTES("\0\1"));
        ws_ends_close(&e);
    }
}

TASK_TEST(fragments_are_one_message_with_control_frames_in_between)
{
    struct ws_ends e = WS_ENDS(.client = false);
    peer_says(&e, 0x01, "a\xe2\x82", 3);
    peer_says(&e, 0x89, "ping", 4);
    peer_says(&e, 0x00, "", 0);
    peer_says(&e, 0x8a, "pong", 4);
    peer_says(&e, 0x80, "\xac" "b", 2);
    check_got(e.ws, BIDE_TEXT, "a\xe2\x82\xac" "b");
    CHECK_EQ(bide_ws_send_part(e.ws, BIDE_TEXT, "one", 3, false), 0);
    CHECK_EQ(bide_ws_ping(e.ws, "x", 1), 0);
    CHECK_EQ(bide_ws_send_part(e.ws, BIDE_TEXT, "two", 3, true), 0);
    check_heard(&e, 0x8a, BYTES("ping"));
    check_heard(&e, 0x01, BYTES("one"));
    check_heard(&e, 0x89, BYTES("x"));
    check_heard(&e, 0x80, BYTES("two"));
    ws_ends_close(&e);
}

static int send_large(void *arg)
{
    struct ws_ends *e = arg;
    static char text[300000];
    memset(text, 'x', sizeof text);
    peer_says(e, 0x82, text, sizeof text);
    return 0;
}

TASK_TEST(a_large_message_is_put_together)
{
    struct ws_ends e = WS_ENDS(.client = false);
    struct bide_message m;
    BIDE_GROUP(g);
    bide_spawn(g, send_large, &e);
    CHECK_EQ(bide_ws_recv(e.ws, &m), 1);
    CHECK_EQ(m.size, 300000);
    for (size_t i = 0; i < m.size; i++)
        CHECK_EQ(m.data[i], 'x');
    CHECK_EQ(m.data[m.size], 0);
    ws_ends_close(&e);
}

struct two { bide_ws *a, *b; };

static int echo(void *arg)
{
    bide_ws *ws = arg;
    struct bide_message m;
    int rc;
    while ((rc = bide_ws_recv(ws, &m)) > 0)
        if ((rc = bide_ws_send(ws, &m)) < 0)
            break;
    return rc;
}

static size_t fill(char *to, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1103515245 + 12345;
        to[i] = seed >> 20 & 1 ? "abcd"[seed >> 24 & 3] : "the "[i % 4];
    }
    return size;
}

static void talk_both(const struct ws_params *params)
{
    static const size_t sizes[] = { 0, 1, 125, 126, 5000, 16370, 16384, 16385, 65535, 65536, 70000,
                                    262144, 1000000 };
    static char text[1000000];
    bide_stream *ends[2];
    struct bide_message m;
    struct bide_ws_opts opts = { 0 };
    CHECK_EQ(bide_stream_pair(ends), 0);
    bide_ws *server = ws_over(ends[0], &opts, false, params);
    bide_ws *client = ws_over(ends[1], &opts, true, params);
    BIDE_GROUP(g);
    bide_spawn(g, echo, server);
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fill(text, sizes[i], i);
        CHECK_EQ(bide_ws_send_binary(client, text, sizes[i]), 0);
        CHECK_EQ(bide_ws_recv(client, &m), 1);
        CHECK_EQ(m.size, sizes[i]);
        CHECK_MEM(m.data, text, sizes[i]);
    }
    CHECK_EQ(bide_ws_finish(client, 1000, "enough"), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_ws_close_code(server), 1000);
    CHECK_STR(bide_ws_close_reason(server), "enough");
    CHECK_EQ(bide_ws_close_code(client), 1000);
    bide_ws_close(server);
    bide_ws_close(client);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(two_of_them_talk_in_all_sizes)
{
    talk_both(NULL);
}

#ifdef BIDE_ZLIB
TASK_TEST(two_of_them_talk_deflated_in_all_sizes)
{
    for (unsigned resets = 0; resets < 4; resets++)
        talk_both(&(struct ws_params){ .deflate = true, .server_resets = resets & 1,
                                       .client_resets = resets & 2, .server_bits = 12,
                                       .client_bits = 15 });
}
#endif
