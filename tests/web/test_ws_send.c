/* Sending: several tasks, slow peers, no waiting, and hubs. */
#include "ws_ends.h"

#include "web/ws_out.h"

static const struct bide_message hello = { BIDE_TEXT, "hello", 5 };

/* ---- order ---- */

struct sender { bide_ws *ws; char letter; size_t size; int rc; };

static int send_letter(void *arg)
{
    struct sender *s = arg;
    char *text = malloc(s->size);
    memset(text, s->letter, s->size);
    s->rc = bide_ws_send_binary(s->ws, text, s->size);
    free(text);
    return 0;
}

TASK_TEST(messages_of_several_tasks_come_whole_and_in_order)
{
    for (int client = 0; client < 2; client++) {
        struct ws_ends e = WS_ENDS(.client = client);
        bide_ws *peer;
        struct bide_ws_opts opts = { 0 };
        struct bide_message m;
        struct sender senders[6];
        BIDE_GROUP(g);
        for (int i = 0; i < 6; i++) {
            senders[i] = (struct sender){ e.ws, (char)('a' + i), i % 2 ? 10 : 300000, 1 };
            bide_spawn(g, send_letter, &senders[i]);
        }
        peer = ws_over(e.raw, &opts, !client, NULL);
        for (int i = 0; i < 6; i++) {
            CHECK_EQ(bide_ws_recv(peer, &m), 1);
            CHECK_EQ(m.size, senders[i].size);
            for (size_t j = 0; j < m.size; j++)
                CHECK_EQ(m.data[j], senders[i].letter);
        }
        CHECK_EQ(bide_group_wait(g), 0);
        for (int i = 0; i < 6; i++)
            CHECK_EQ(senders[i].rc, 0);
        bide_ws_close(peer);
        ws_ends_close(&e);
    }
}

TASK_TEST(others_wait_until_a_message_in_fragments_is_over)
{
    struct ws_ends e = WS_ENDS(.client = false);
    struct sender other = { e.ws, 'x', 3, 1 };
    BIDE_GROUP(g);
    CHECK_EQ(bide_ws_send_part(e.ws, BIDE_TEXT, "a", 1, false), 0);
    bide_spawn(g, send_letter, &other);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(other.rc, 1);
    CHECK_EQ(bide_ws_send_nowait(e.ws, &hello), BIDE_EAGAIN);
    CHECK_EQ(bide_ws_send_part(e.ws, BIDE_TEXT, "b", 1, true), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    check_heard(&e, 0x01, BYTES("a"));
    check_heard(&e, 0x80, BYTES("b"));
    check_heard(&e, 0x82, BYTES("xxx"));
    ws_ends_close(&e);
}

TASK_TEST(what_cannot_be_sent_is_refused)
{
    struct ws_ends e = WS_ENDS(.client = false);
    const struct bide_message odd = { 7, "x", 1 };
    CHECK_EQ(bide_ws_send_text(e.ws, "\xff"), BIDE_EINVAL);
    CHECK_EQ(bide_ws_send(e.ws, &odd), BIDE_EINVAL);
    CHECK_EQ(bide_ws_send_part(e.ws, BIDE_TEXT, "\xc3", 1, false), BIDE_EINVAL);
    CHECK_EQ(bide_ws_ping(e.ws, hello.data, 126), BIDE_EINVAL);
    ws_ends_close(&e);
    CHECK_EQ(bide_ws_send_text(NULL, "x"), bide_errcode());
}

/* ---- slow peers ---- */

TASK_TEST(a_peer_that_takes_nothing_is_cut_when_its_time_is_over)
{
    struct ws_ends e = WS_ENDS(.ws.write_timeout = 5);
    struct bide_message m;
    char *text = calloc(1, 200000);
    double start = bide_now();
    CHECK_EQ(bide_ws_send_binary(e.ws, text, 200000), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "the peer took nothing for 5 s");
    CHECK_NEAR(bide_now() - start, 5, 0.1);
    CHECK_EQ(bide_ws_send_text(e.ws, "x"), BIDE_ECLOSED);
    CHECK_EQ(bide_ws_recv(e.ws, &m), BIDE_ECLOSED);
    free(text);
    ws_ends_close(&e);
}

TASK_TEST(a_cancelled_sender_whose_message_is_half_out_cuts_the_connection)
{
    struct ws_ends e = WS_ENDS(.client = false);
    char *text = calloc(1, 200000);
    {
        BIDE_TIMEOUT(limit, 1);
        int rc = bide_ws_send_binary(e.ws, text, 200000);
        CHECK_EQ(bide_scope_result(limit, rc), BIDE_ETIMEDOUT);
    }
    CHECK_EQ(bide_ws_send_text(e.ws, "x"), BIDE_ECLOSED);
    free(text);
    ws_ends_close(&e);
}

TASK_TEST(a_sender_cancelled_before_its_turn_has_sent_nothing)
{
    struct ws_ends e = WS_ENDS(.client = false);
    CHECK_EQ(bide_ws_send_part(e.ws, BIDE_TEXT, "a", 1, false), 0);
    struct sender other = { e.ws, 'x', 3, 1 };
    {
        BIDE_GROUP(g);
        bide_spawn(g, send_letter, &other);
        CHECK_EQ(bide_sleep(1), 0);
        bide_group_cancel(g);
    }
    CHECK_EQ(other.rc, BIDE_ECANCELED);
    CHECK_EQ(bide_ws_send_part(e.ws, BIDE_TEXT, "b", 1, true), 0);
    CHECK_EQ(bide_ws_send_text(e.ws, "next"), 0);
    check_heard(&e, 0x01, BYTES("a"));
    check_heard(&e, 0x80, BYTES("b"));
    check_heard(&e, 0x81, BYTES("next"));
    ws_ends_close(&e);
}

TASK_TEST(sending_without_waiting_keeps_a_little_and_then_says_no)
{
    struct ws_ends e = WS_ENDS(.client = false);
    char text[10000];
    const struct bide_message m = { BIDE_BINARY, text, sizeof text };
    int sent = 0, rc;
    memset(text, 'x', sizeof text);
    while ((rc = bide_ws_send_nowait(e.ws, &m)) == 0)
        sent++;
    CHECK_EQ(rc, BIDE_EAGAIN);
    CHECK(sent >= 10 && sent <= 14);    /* the pair takes 64 KiB, and as much is kept */
    char *out = malloc(20000);
    for (int i = 0; i < sent; i++) {
        size_t size = 0;
        CHECK_EQ(peer_hears(&e, out, 20000, &size), 0x82);
        CHECK_EQ(size, sizeof text);
    }
    free(out);
    CHECK_EQ(bide_ws_send_nowait(e.ws, &hello), 0);
    check_heard(&e, 0x81, BYTES("hello"));
    ws_ends_close(&e);
}

/* Nobody could send a large one otherwise. */
TASK_TEST(sending_without_waiting_keeps_one_message_of_any_size)
{
    enum { SIZE = 1000000, HEAD = 10 };
    struct ws_ends e = WS_ENDS(.client = false);
    char *text = calloc(1, SIZE), *out = malloc(HEAD + SIZE);
    const struct bide_message large = { BIDE_BINARY, text, SIZE };
    CHECK_EQ(bide_ws_send_nowait(e.ws, &large), 0);
    CHECK_EQ(bide_ws_send_nowait(e.ws, &hello), BIDE_EAGAIN);
    CHECK_EQ(bide_read_exactly(e.raw, out, HEAD + SIZE), 0);
    CHECK_MEM(out, "\x82\x7f\0\0\0\0\0\x0f\x42\x40", HEAD);
    CHECK_MEM(out + HEAD, text, SIZE);
    CHECK_EQ(bide_ws_send_nowait(e.ws, &hello), 0);
    check_heard(&e, 0x81, BYTES("hello"));
    free(text);
    free(out);
    ws_ends_close(&e);
}

struct flood { bide_stream *raw; const char *bytes; size_t size; int rc; };

static int flood(void *arg)
{
    struct flood *f = arg;
    while ((f->rc = bide_write(f->raw, f->bytes, f->size)) == 0)
        continue;
    return f->rc == BIDE_ECANCELED ? f->rc : 0;
}

/* What it holds for the peer at most. */
static int receive_flood(void *arg)
{
    struct bide_message m;
    return bide_ws_recv(arg, &m) == BIDE_ECANCELED ? BIDE_ECANCELED : 0;
}

TASK_TEST(a_flood_of_pings_from_a_peer_that_reads_nothing_is_bounded)
{
    struct ws_ends e = WS_ENDS(.ws.write_timeout = 5);
    char payload[125] = { 0 }, ping[140];
    struct flood f = { e.raw, ping, frame_of(ping, true, 0x89, payload, sizeof payload), 0 };
    BIDE_GROUP(g);
    bide_spawn(g, flood, &f);
    bide_spawn(g, receive_flood, e.ws);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(bide__ws_pending(e.ws) < 200000);
    CHECK_EQ(bide_sleep(10), 0);        /* its time is over: it is cut */
    CHECK_EQ(bide_ws_close_code(e.ws), 1006);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    ws_ends_close(&e);
}

TASK_TEST(floods_of_empty_fragments_take_no_memory_and_let_others_run)
{
    struct ws_ends e = WS_ENDS(.client = false);
    char fragment[20];
    peer_says(&e, 0x01, "", 0);
    struct flood f = { e.raw, fragment, frame_of(fragment, true, 0x00, "", 0), 0 };
    BIDE_GROUP(g);
    bide_spawn(g, flood, &f);
    bide_spawn(g, receive_flood, e.ws);
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(bide_yield(), 0);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    ws_ends_close(&e);
}

/* ---- answers to what came together ---- */

static int echo(void *arg)
{
    struct bide_message m;
    int rc;
    while ((rc = bide_ws_recv(arg, &m)) > 0 && (rc = bide_ws_send(arg, &m)) == 0)
        continue;
    return rc == BIDE_ECANCELED ? rc : 0;
}

TASK_TEST(answers_to_messages_that_came_together_leave_together)
{
    struct ws_ends e = WS_ENDS(.client = false);
    char frames[600];
    const char *data;
    size_t size = 0;
    for (int i = 0; i < 20; i++)
        size += frame_of(frames + size, true, 0x81, "0123456789", 10);
    CHECK_EQ(bide_write(e.raw, frames, size), 0);
    BIDE_GROUP(g);
    bide_spawn(g, echo, e.ws);
    CHECK_EQ(bide_stream_peek(e.raw, &data), 20 * 12);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    ws_ends_close(&e);
}

static int echo_and_sleep(void *arg)
{
    struct bide_message m;
    CHECK_EQ(bide_ws_recv(arg, &m), 1);
    CHECK_EQ(bide_ws_send(arg, &m), 0);
    return bide_sleep(100);
}

TASK_TEST(an_answer_does_not_wait_for_one_who_sleeps_before_the_next)
{
    struct ws_ends e = WS_ENDS(.client = false);
    peer_says(&e, 0x81, "one", 3);
    peer_says(&e, 0x81, "two", 3);
    BIDE_GROUP(g);
    bide_spawn(g, echo_and_sleep, e.ws);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK(bide_stream_readable(e.raw));
    check_heard(&e, 0x81, BYTES("one"));
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
    ws_ends_close(&e);
}

/* ---- hubs ---- */

enum { MEMBERS = 5 };

static void open_members(struct ws_ends *members, bide_hub *hub, struct ws_ends_opts opts)
{
    for (int i = 0; i < MEMBERS; i++) {
        members[i] = ws_ends_open(opts);
        CHECK_EQ(bide_hub_join(hub, members[i].ws), 0);
        CHECK_EQ(bide_hub_join(hub, members[i].ws), 0);
    }
    CHECK_EQ(bide_hub_count(hub), MEMBERS);
}

TASK_TEST(a_hub_sends_to_all_but_one)
{
    bide_auto(hub) hub = bide_hub_new(.skip = false);
    struct ws_ends members[MEMBERS];
    open_members(members, hub, (struct ws_ends_opts){ .client = false });
    CHECK_EQ(bide_hub_send(hub, &hello, members[2].ws), MEMBERS - 1);
    for (int i = 0; i < MEMBERS; i++) {
        CHECK_EQ(bide_stream_readable(members[i].raw), i != 2);
        if (i != 2)
            check_heard(&members[i], 0x81, BYTES("hello"));
    }
    bide_ws *at = NULL;
    for (int i = 0; i < MEMBERS; i++)
        CHECK_PTR(at = bide_hub_next(hub, at), members[i].ws);
    CHECK_PTR(bide_hub_next(hub, at), NULL);
    bide_hub_leave(hub, members[0].ws);
    ws_ends_close(&members[1]);
    CHECK_EQ(bide_hub_count(hub), MEMBERS - 2);
    CHECK_PTR(bide_hub_next(hub, NULL), members[2].ws);
    for (int i = 0; i < MEMBERS; i++)
        if (i != 1)
            ws_ends_close(&members[i]);
    CHECK_EQ(bide_hub_count(hub), 0);
}

static void fill_up(bide_hub *hub, struct ws_ends *members, int *reached)
{
    static char text[20000], out[20001];
    const struct bide_message m = { BIDE_BINARY, text, sizeof text };
    for (int round = 0; round < 40; round++) {
        reached[round] = (int)bide_hub_send(hub, &m, NULL);
        for (int i = 1; i < MEMBERS; i++)       /* all but the first read */
            CHECK_EQ(peer_hears(&members[i], out, sizeof out, NULL), 0x82);
    }
}

TASK_TEST(a_slow_member_is_cut_off_and_stalls_nobody)
{
    bide_auto(hub) hub = bide_hub_new(.backlog = 8);
    struct ws_ends members[MEMBERS];
    int reached[40];
    open_members(members, hub, (struct ws_ends_opts){ .ws.close_timeout = 3 });
    double start = bide_now();
    fill_up(hub, members, reached);
    CHECK_NEAR(bide_now() - start, 0, 0.5);
    CHECK_EQ(reached[0], MEMBERS);
    CHECK_EQ(reached[39], MEMBERS - 1);
    CHECK_EQ(bide_ws_send_text(members[0].ws, "x"), BIDE_ECLOSED);
    CHECK_EQ(bide_sleep(5), 0);
    CHECK_EQ(bide_ws_close_code(members[0].ws), 1006);
    for (int i = 0; i < MEMBERS; i++)
        ws_ends_close(&members[i]);
}

TASK_TEST(a_slow_member_is_passed_by_where_that_is_wanted)
{
    bide_auto(hub) hub = bide_hub_new(.backlog = 8, .skip = true);
    struct ws_ends members[MEMBERS];
    static char out[20001];
    int reached[40], got = 0, promised = 0;
    open_members(members, hub, (struct ws_ends_opts){ .client = false });
    fill_up(hub, members, reached);
    for (int i = 0; i < 40; i++)
        promised += reached[i] == MEMBERS;
    CHECK(promised >= 8 && promised < 20);
    while (peer_hears(&members[0], out, sizeof out, NULL) == 0x82)
        got++;
    CHECK_EQ(got, promised);
    CHECK_EQ(bide_hub_send(hub, &hello, NULL), MEMBERS);
    check_heard(&members[0], 0x81, BYTES("hello"));
    for (int i = 0; i < MEMBERS; i++)
        ws_ends_close(&members[i]);
}

TASK_TEST(a_hubs_message_waits_for_the_end_of_one_in_fragments)
{
    bide_auto(hub) hub = bide_hub_new(.skip = false);
    struct ws_ends e = WS_ENDS(.client = false);
    CHECK_EQ(bide_hub_join(hub, e.ws), 0);
    CHECK_EQ(bide_ws_send_part(e.ws, BIDE_TEXT, "a", 1, false), 0);
    CHECK_EQ(bide_hub_send(hub, &hello, NULL), 1);
    CHECK_EQ(bide_ws_ping(e.ws, "p", 1), 0);
    CHECK_EQ(bide_ws_send_part(e.ws, BIDE_TEXT, "b", 1, true), 0);
    check_heard(&e, 0x01, BYTES("a"));
    check_heard(&e, 0x89, BYTES("p"));
    check_heard(&e, 0x80, BYTES("b"));
    check_heard(&e, 0x81, BYTES("hello"));
    ws_ends_close(&e);
}

#ifdef BIDE_ZLIB
TASK_TEST(a_hub_deflates_once_for_those_whose_messages_stand_alone)
{
    static const char text[] = "the same words, the same words, the same words, the same words";
    const struct bide_message m = { BIDE_TEXT, text, sizeof text - 1 };
    bide_auto(hub) hub = bide_hub_new(.skip = false);
    for (int resets = 0; resets < 2; resets++) {
        struct ws_ends e = WS_ENDS(.params = { .deflate = true, .server_resets = resets,
                                               .server_bits = 12, .client_bits = 15 });
        char out[200];
        size_t size;
        CHECK_EQ(bide_hub_join(hub, e.ws), 0);
        CHECK_EQ(bide_hub_send(hub, &m, NULL), 1);
        CHECK_EQ(peer_hears(&e, out, sizeof out, &size), resets ? 0xc1 : 0x81);
        CHECK(resets ? size < 40 : size == sizeof text - 1);
        ws_ends_close(&e);
    }
}
#endif
