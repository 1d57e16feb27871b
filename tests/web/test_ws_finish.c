/* How a WebSocket ends: by handshake from either side, at the same time, too late, not at all; with
 * the application; by silence. */
#include "ws_ends.h"

#include <bide/json.h>

static int recv_code(bide_ws *ws)
{
    struct bide_message m;
    return bide_ws_recv(ws, &m);
}

TASK_TEST(the_peers_close_is_answered_and_told)
{
    struct ws_ends e = WS_ENDS(.client = false);
    peer_says(&e, 0x88, "\x0f\xa0" "so long", 9);
    CHECK_EQ(recv_code(e.ws), 0);
    CHECK_EQ(recv_code(e.ws), 0);
    CHECK_EQ(bide_ws_close_code(e.ws), 4000);
    CHECK_STR(bide_ws_close_reason(e.ws), "so long");
    check_close_heard(&e, 4000);
    CHECK_EQ(bide_ws_send_text(e.ws, "late"), BIDE_ECLOSED);
    CHECK_EQ(bide_ws_finish(e.ws, 1000, NULL), 0);
    ws_ends_close(&e);
}

static int answer_close(void *arg)
{
    struct ws_ends *e = arg;
    char out[200];
    size_t size;
    while (peer_hears(e, out, sizeof out, &size) != 0x88)
        continue;
    peer_says(e, 0x81, "what was on its way", 19);
    peer_says(e, 0x88, out, size);
    return 0;
}

TASK_TEST(finishing_waits_for_the_peers_close_and_drops_what_comes_before)
{
    struct ws_ends e = WS_ENDS(.client = false);
    BIDE_GROUP(g);
    bide_spawn(g, answer_close, &e);
    CHECK_EQ(bide_ws_finish(e.ws, 1001, "going"), 0);
    CHECK_EQ(bide_ws_close_code(e.ws), 1001);
    CHECK_STR(bide_ws_close_reason(e.ws), "going");
    CHECK_EQ(recv_code(e.ws), 0);
    ws_ends_close(&e);
}

TASK_TEST(both_may_close_at_the_same_time)
{
    struct ws_ends e = WS_ENDS(.client = false);
    peer_says(&e, 0x88, "\x03\xe9", 2);
    CHECK_EQ(bide_ws_finish(e.ws, 1000, NULL), 0);
    CHECK_EQ(bide_ws_close_code(e.ws), 1001);
    check_close_heard(&e, 1000);
    ws_ends_close(&e);
}

TASK_TEST(a_peer_that_does_not_close_is_cut_when_its_time_is_over)
{
    struct ws_ends e = WS_ENDS(.ws.close_timeout = 3);
    double start = bide_now();
    CHECK_EQ(bide_ws_finish(e.ws, 1000, NULL), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "the peer has not closed for 3 s");
    CHECK_NEAR(bide_now() - start, 3, 0.1);
    CHECK_EQ(bide_ws_close_code(e.ws), 1006);
    CHECK_EQ(recv_code(e.ws), BIDE_ECLOSED);
    ws_ends_close(&e);
}

TASK_TEST(codes_and_reasons_that_must_not_be_said_are_refused)
{
    static const int bad[] = { 0, 999, 1002, 1004, 1005, 1006, 1015, 2999, 5000 };
    struct ws_ends e = WS_ENDS(.client = false);
    char reason[125];
    memset(reason, 'x', sizeof reason);
    reason[124] = '\0';
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_EQ(bide_ws_finish(e.ws, bad[i], NULL), BIDE_EINVAL);
    CHECK_EQ(bide_ws_finish(e.ws, 1000, reason), BIDE_EINVAL);
    CHECK_EQ(bide_ws_finish(e.ws, 1000, "\xff"), BIDE_EINVAL);
    CHECK_EQ(bide_ws_send_text(e.ws, "still open"), 0);
    ws_ends_close(&e);
}

static int receive_to_the_end(void *arg)
{
    return recv_code(arg) == 0 ? 0 : bide_errcode();
}

TASK_TEST(while_another_task_receives_finishing_only_says_it)
{
    struct ws_ends e = WS_ENDS(.client = false);
    BIDE_GROUP(g);
    bide_spawn(g, receive_to_the_end, e.ws);
    CHECK_EQ(bide_sleep(1), 0);
    double start = bide_now();
    CHECK_EQ(bide_ws_finish(e.ws, 1000, NULL), 0);
    CHECK_NEAR(bide_now() - start, 0, 0.1);
    check_close_heard(&e, 1000);
    peer_says(&e, 0x88, "\x03\xe8", 2);
    CHECK_EQ(bide_group_wait(g), 0);
    ws_ends_close(&e);
}

static int receive_cut(void *arg)
{
    CHECK_EQ(recv_code(arg), BIDE_ECLOSED);
    return 0;
}

TASK_TEST(who_leaves_finishing_to_another_does_not_wait_for_ever)
{
    struct ws_ends e = WS_ENDS(.ws.close_timeout = 5);
    BIDE_GROUP(g);
    bide_spawn(g, receive_cut, e.ws);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bide_ws_finish(e.ws, 1000, NULL), 0);
    CHECK_EQ(bide_sleep(6), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    ws_ends_close(&e);
}

TASK_TEST(aborting_wakes_who_receives)
{
    struct ws_ends e = WS_ENDS(.client = false);
    BIDE_GROUP(g);
    bide_spawn(g, receive_cut, e.ws);
    CHECK_EQ(bide_sleep(1), 0);
    bide_ws_abort(e.ws);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(bide_ws_send_text(e.ws, "x"), BIDE_ECLOSED);
    ws_ends_close(&e);
}

TASK_TEST(one_task_receives)
{
    struct ws_ends e = WS_ENDS(.client = false);
    BIDE_GROUP(g);
    bide_spawn(g, receive_cut, e.ws);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(recv_code(e.ws), BIDE_EBUSY);
    bide_ws_abort(e.ws);
    CHECK_EQ(bide_group_wait(g), 0);
    ws_ends_close(&e);
}

TASK_TEST(a_cancelled_receiver_has_lost_nothing)
{
    struct ws_ends e = WS_ENDS(.client = false);
    struct bide_message m;
    peer_says(&e, 0x01, "one ", 4);
    for (int i = 0; i < 3; i++) {
        BIDE_TIMEOUT(limit, 1);
        CHECK_EQ(bide_scope_result(limit, recv_code(e.ws)), BIDE_ETIMEDOUT);
    }
    CHECK_EQ(bide_write(e.raw, "\x80\x83" "mask" "\x19", 7), 0);        /* 't' and no more */
    {
        BIDE_TIMEOUT(limit, 1);
        CHECK_EQ(bide_scope_result(limit, recv_code(e.ws)), BIDE_ETIMEDOUT);
    }
    CHECK_EQ(bide_write(e.raw, "\x16\x1c", 2), 0);
    CHECK_EQ(bide_ws_recv(e.ws, &m), 1);
    CHECK_STR(m.data, "one two");
    ws_ends_close(&e);
}

/* ---- the application stops ---- */

TASK_TEST(stopping_says_1001_and_waits_for_the_peer)
{
    struct ws_ends e = WS_ENDS(.ws.close_timeout = 5);
    BIDE_GROUP(g);
    bide_spawn(g, receive_to_the_end, e.ws);
    CHECK_EQ(bide_sleep(1), 0);
    bide__ws_stopping(e.ws);
    check_close_heard(&e, 1001);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bide_group_count(g), 1);
    CHECK_EQ(bide_sleep(5), 0);         /* it does not answer: the receiver is told all the same */
    CHECK_EQ(bide_group_wait(g), 0);
    ws_ends_close(&e);
}

/* ---- what a handler leaves ---- */

static int end_after(void *arg)
{
    struct ws_ends *e = arg;
    bide_ws *ws = e->ws;
    e->ws = NULL;
    return bide__ws_end(ws, 0) == 0 ? 0 : bide_errcode();
}

TASK_TEST(a_handler_that_returns_closes_with_1000_and_a_failed_one_with_1011)
{
    struct ws_ends e = WS_ENDS(.client = false);
    BIDE_GROUP(g);
    bide_spawn(g, end_after, &e);
    check_close_heard(&e, 1000);
    peer_says(&e, 0x88, "\x03\xe8", 2);
    CHECK_EQ(bide_group_wait(g), 0);
    ws_ends_close(&e);
    e = WS_ENDS(.ws.close_timeout = 1);
    CHECK_EQ(bide__ws_end(e.ws, BIDE_EINVAL), BIDE_EINVAL);
    e.ws = NULL;
    check_close_heard(&e, 1011);
    ws_ends_close(&e);
}

TASK_TEST(after_a_failure_the_peer_is_read_until_it_has_left)
{
    struct ws_ends e = WS_ENDS(.client = false);
    peer_says(&e, 0x83, "", 0);
    peer_says(&e, 0x81, "unread", 6);
    CHECK_EQ(recv_code(e.ws), BIDE_EWS);
    check_close_heard(&e, 1002);
    CHECK_EQ(bide_write_end(e.raw), 0);
    double start = bide_now();
    CHECK_EQ(bide__ws_end(e.ws, BIDE_EWS), BIDE_EWS);
    CHECK_NEAR(bide_now() - start, 0, 0.1);
    e.ws = NULL;
    ws_ends_close(&e);
}

/* ---- heartbeat ---- */

static int answer_pings(void *arg)
{
    struct ws_ends *e = arg;
    char out[200];
    size_t size;
    for (int pings = 0, first; pings < 3;) {
        first = peer_hears(e, out, sizeof out, &size);
        if (first == 0x89) {
            pings++;
            peer_says(e, 0x8a, out, size);
        } else if (first < -1) {
            break;
        }
    }
    return 0;
}

static int receive_silence(void *arg)
{
    CHECK_EQ(recv_code(arg), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "the peer has been silent for 20 s");
    return 0;
}

TASK_TEST(a_silent_peer_is_pinged_and_then_given_up)
{
    struct ws_ends e = WS_ENDS(.ws.heartbeat = 10);
    double start = bide_now();
    BIDE_GROUP(g);
    bide_spawn(g, answer_pings, &e);
    bide_spawn(g, receive_silence, e.ws);
    CHECK_EQ(bide_sleep(25), 0);
    CHECK(bide_ws_silence(e.ws) < 11);
    while (bide_ws_close_code(e.ws) == 0)
        CHECK_EQ(bide_sleep(1), 0);
    CHECK_NEAR(bide_now() - start, 50, 2);      /* three answers, then none for twice ten */
    CHECK_EQ(bide_group_wait(g), 0);
    ws_ends_close(&e);
}

TASK_TEST(many_share_one_alarm_and_each_is_looked_at_in_its_turn)
{
    enum { MANY = 50 };
    struct ws_ends all[MANY];
    for (int i = 0; i < MANY; i++) {
        all[i] = WS_ENDS(.ws.heartbeat = 100);
        CHECK_EQ(bide_sleep(1), 0);
    }
    for (int i = 0; i < MANY; i += 2) {         /* every other one has been heard */
        peer_says(&all[i], 0x81, "x", 1);
        CHECK_EQ(recv_code(all[i].ws), 1);
    }
    CHECK_EQ(bide_sleep(75), 0);                /* the others' time was over between 50 and 100 */
    for (int i = 0; i < MANY; i++)
        CHECK_EQ(bide_stream_readable(all[i].raw), i % 2 == 1 && i < 26);
    for (int i = 0; i < MANY; i++)
        ws_ends_close(&all[i]);
}
