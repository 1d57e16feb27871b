/* Who meets whom: senders and parked connections, receivers and those who close meanwhile, floods
 * of control frames, and memory that is gone in the middle of a message. */
#include "site.h"
#include "ws_ends.h"

#include "web/ws_out.h"

#include <bide/memory.h>

enum { LARGE = 9000000 };       /* more than sockets take */

static bide_ws *served;
static bide_group *tasks;
static char *large;
static int sent;

/* ---- a parked connection, and others that send on it ---- */

static int enter(bide_ws *ws, bide_request *req, void **data)
{
    (void)req;
    (void)data;
    served = ws;
    return 0;
}

static int send_large(void *unused)
{
    (void)unused;
    sent = bide_ws_send_binary(served, large, LARGE);
    return 0;
}

static int hear(bide_ws *ws, void *data, const struct bide_message *m)
{
    (void)data;
    if (strcmp(m->data, "large") != 0)
        return bide_ws_send(ws, m);
    bide_spawn(tasks, send_large, NULL);
    return bide_sleep(0.1);     /* it begins, and this connection would be parked */
}

static const struct bide_ws_calls calls = { .open = enter, .message = hear };

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route_ws(app, "/", &calls, .message_max = 2 * LARGE,
        .frame_timeout = BIDE_FOREVER, .write_timeout = BIDE_FOREVER), 0);
    large = malloc(LARGE);
    memset(large, 'x', LARGE);
    served = NULL;
    sent = 1;
    return app;
}

static bide_ws *connect_to(bide_session *session, const struct site *site)
{
    char url[100];
    snprintf(url, sizeof url, "ws://%s/", site->address);
    bide_ws *ws = bide_ws_connect(session, url, .message_max = 2 * LARGE,
        .frame_timeout = BIDE_FOREVER, .write_timeout = BIDE_FOREVER);
    CHECK(ws != NULL);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(served != NULL);
    return ws;
}

static void check_large(bide_ws *ws)
{
    struct bide_message m;
    CHECK_EQ(bide_sleep(5), 0);
    CHECK_EQ(sent, 1);          /* it waits for us */
    CHECK_EQ(bide_ws_recv(ws, &m), 1);
    CHECK_EQ(m.size, LARGE);
    CHECK_MEM(m.data, large, LARGE);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(sent, 0);
    CHECK_EQ(bide_ws_send_text(ws, "and on"), 0);
    CHECK_EQ(bide_ws_recv(ws, &m), 1);
    CHECK_STR(m.data, "and on");
}

TASK_TEST(another_task_sends_a_large_message_to_a_parked_client_that_is_slow)
{
    struct site site = { .opts = { .grace = 3 } };
    SITE(&site);
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = connect_to(session, &site);
    BIDE_GROUP(g);
    bide_spawn(g, send_large, NULL);
    check_large(ws);
    CHECK_EQ(bide_ws_finish(ws, 1000, NULL), 0);
    free(large);
}

TASK_TEST(a_connection_is_not_parked_under_a_task_that_sends)
{
    struct site site = { .opts = { .grace = 3 } };
    SITE(&site);
    bide_auto(session) session = bide_session_open();
    bide_auto(ws) ws = connect_to(session, &site);
    BIDE_GROUP(g);
    tasks = g;
    CHECK_EQ(bide_ws_send_text(ws, "large"), 0);
    check_large(ws);
    CHECK_EQ(bide_ws_finish(ws, 1000, NULL), 0);
    free(large);
}

TASK_TEST(a_sender_to_a_parked_client_that_leaves_hears_of_it)
{
    struct site site = { .opts = { .grace = 3 } };
    SITE(&site);
    bide_auto(session) session = bide_session_open();
    bide_ws *ws = connect_to(session, &site);
    BIDE_GROUP(g);
    bide_log_to(quiet, NULL, BIDE_LOG_ERROR);
    bide_spawn(g, send_large, NULL);
    CHECK_EQ(bide_sleep(5), 0);
    bide_ws_close(ws);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(sent, BIDE_ECLOSED);
    free(large);
}

/* ---- receivers of a WebSocket that is closed ---- */

static int receive_json(void *ws)
{
    const bide_json *document;
    CHECK_EQ(bide_ws_recv_json(ws, &document), BIDE_ECLOSED);
    return 0;
}

static int receive(void *ws)
{
    struct bide_message m;
    CHECK_EQ(bide_ws_recv(ws, &m), BIDE_ECLOSED);
    return 0;
}

TASK_TEST(a_client_is_closed_while_a_task_receives_json)
{
    struct ws_ends e = WS_ENDS(.client = true);
    BIDE_GROUP(g);
    bide_spawn(g, receive_json, e.ws);
    CHECK_EQ(bide_sleep(1), 0);
    ws_ends_close(&e);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(a_client_is_closed_while_its_receiver_sends_a_pong)
{
    struct ws_ends e = WS_ENDS(.client = true);
    BIDE_GROUP(g);
    bide_stream_high_water(e.ours, 3);
    peer_says(&e, 0x89, BYTES("ping"));
    bide_spawn(g, receive, e.ws);
    CHECK_EQ(bide_sleep(1), 0);
    ws_ends_close(&e);
    CHECK_EQ(bide_group_wait(g), 0);
}

static int note(void *ran)
{
    *(bool *)ran = true;
    return 0;
}

TASK_TEST(a_flood_of_pongs_holds_up_nobody)
{
    struct ws_ends e = WS_ENDS(.client = false);
    struct bide_message m;
    bool ran = false;
    BIDE_GROUP(g);
    for (int i = 0; i < 2000; i++)
        peer_says(&e, 0x8a, NULL, 0);
    peer_says(&e, 0x81, BYTES("hi"));
    bide_spawn(g, note, &ran);
    CHECK_EQ(bide_ws_recv(e.ws, &m), 1);
    CHECK_STR(m.data, "hi");
    CHECK(ran);
    ws_ends_close(&e);
}

TASK_TEST(the_shortest_heartbeat_beats_and_ends)
{
    struct ws_ends e = WS_ENDS(.ws.heartbeat = 1e-12);
    struct bide_message m;
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bide_ws_recv(e.ws, &m), BIDE_ETIMEDOUT);
    ws_ends_close(&e);
}

/* ---- parts ---- */

TASK_TEST(a_message_whose_sender_was_cancelled_between_its_parts_holds_up_nobody_for_ever)
{
    struct ws_ends e = WS_ENDS(.client = false);
    bide_stream_high_water(e.ours, 3);
    {
        BIDE_TIMEOUT(limit, 1);
        int rc = bide_ws_send_part(e.ws, BIDE_TEXT, "a part", 6, false);
        CHECK_EQ(bide_scope_result(limit, rc), BIDE_ETIMEDOUT);
    }
    CHECK_EQ(bide_ws_send_text(e.ws, "x"), BIDE_ECLOSED);
    ws_ends_close(&e);
}

/* ---- deflate, and no memory ---- */

static const struct ws_params both = { .deflate = true, .server_bits = 12, .client_bits = 12 };

TASK_TEST(a_message_of_the_largest_size_may_become_longer_by_deflating)
{
    struct ws_ends e = WS_ENDS(.ws.message_max = 20000, .params = both);
    struct bide_ws_opts opts = { 0 };
    struct bide_message m;
    char noise[20000];
    uint32_t x = 1;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)((x = x * 1664525 + 1013904223) >> 24);
    bide_ws *peer = ws_over(e.raw, &opts, true, &both);
    CHECK_EQ(bide_ws_send_binary(peer, noise, sizeof noise), 0);
    CHECK_EQ(bide_ws_recv(e.ws, &m), 1);
    CHECK_EQ(m.size, sizeof noise);
    CHECK_MEM(m.data, noise, sizeof noise);
    bide_ws_close(peer);
    ws_ends_close(&e);
}

static int fail_in;             /* the how manieth allocation fails; 0: none */

static bool fails(void)
{
    return fail_in > 0 && --fail_in == 0;
}

static void *maybe_alloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

static void *maybe_resize(void *memory, size_t size)
{
    return fails() ? NULL : realloc(memory, size);
}

static void run_without_memory(int (*fn)(void *))
{
    static const struct bide_allocator poor = { maybe_alloc, maybe_resize, free };
    bide_allocator_set(&poor);
    bide_log_to(quiet, NULL, BIDE_LOG_ERROR);
    int rc = bide_run(fn, NULL, .jumping_clock = true);
    bide_allocator_set(NULL);
    CHECK_EQ(rc, 0);
}

/* One message, 60,000 bytes of words; which is whole, or the WebSocket is of no use any more. */
static int inflate_without_memory(void *unused)
{
    (void)unused;
    struct bide_message m;
    char text[60000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "words and "[i * i % 7 + i % 3];
    for (int at = 1; at < 30; at++) {
        struct ws_ends e = WS_ENDS(.client = false, .params = both);
        struct bide_ws_opts opts = { 0 };
        bide_ws *peer = ws_over(e.raw, &opts, true, &both);
        CHECK_EQ(bide_ws_send_binary(peer, text, sizeof text), 0);
        fail_in = at;
        int rc = bide_ws_recv(e.ws, &m);
        fail_in = 0;
        if (rc == BIDE_ENOMEM)
            rc = bide_ws_recv(e.ws, &m);
        CHECK(rc == 1 || rc == BIDE_ECLOSED);
        if (rc == 1)
            CHECK(m.size == sizeof text && memcmp(m.data, text, sizeof text) == 0);
        bide_ws_close(peer);
        ws_ends_close(&e);
    }
    return 0;
}

TEST(a_message_that_was_inflated_by_half_is_never_handed_out)
{
    run_without_memory(inflate_without_memory);
}

/* Behind packets; the ones that were refused never come, and the others are whole. */
static int deflate_without_memory(void *unused)
{
    (void)unused;
    static const char text[] = "the same words again, and again the same words, word by word";
    const struct bide_message said = { BIDE_TEXT, text, sizeof text - 1 };
    struct bide_message m;
    for (int at = 1; at < 12; at++) {
        struct ws_ends e = WS_ENDS(.client = false, .params = both);
        struct bide_ws_opts opts = { 0 };
        bide_auto(hub) hub = bide_hub_new(.skip = true);
        bide_stream_high_water(e.ours, 20);
        CHECK_EQ(bide_hub_join(hub, e.ws), 0);
        CHECK_EQ(bide_hub_send(hub, &said, NULL), 1);
        fail_in = at;
        int rc = bide_ws_send_nowait(e.ws, &said);
        fail_in = 0;
        CHECK(rc == 0 || rc == BIDE_ENOMEM);
        CHECK_EQ(bide_ws_send_nowait(e.ws, &said), 0);
        bide_ws *peer = ws_over(e.raw, &opts, true, &both);
        for (int i = 0; i < 2 + (rc == 0); i++) {
            CHECK_EQ(bide_ws_recv(peer, &m), 1);
            CHECK_STR(m.data, text);
        }
        bide_ws_close(peer);
        ws_ends_close(&e);
    }
    return 0;
}

TEST(what_follows_a_message_that_memory_refused_can_be_inflated)
{
    run_without_memory(deflate_without_memory);
}

/* The task that was to send it cannot be had: the next one who comes sends it. */
static int keep_without_memory(void *unused)
{
    (void)unused;
    for (int at = 1; at < 12; at++) {
        struct ws_ends e = WS_ENDS(.client = false);
        const struct bide_message said = { BIDE_TEXT, "some words", 10 };
        CHECK_EQ(bide_ws_send_nowait(e.ws, &said), 0);      /* the pair has its memory */
        check_heard(&e, 0x81, "some words", 10);
        bide_stream_high_water(e.ours, 3);
        fail_in = at;
        int first = bide_ws_send_nowait(e.ws, &said);
        fail_in = 0;
        CHECK(first == 0 || first == BIDE_ENOMEM);
        CHECK_EQ(bide_ws_send_nowait(e.ws, &said), 0);
        for (int i = 0; i < 1 + (first == 0); i++)
            check_heard(&e, 0x81, "some words", 10);
        ws_ends_close(&e);
    }
    return 0;
}

TEST(what_is_kept_is_sent_though_there_was_no_memory_for_a_task)
{
    run_without_memory(keep_without_memory);
}
