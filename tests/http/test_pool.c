/* The pool: limits, fairness, hand-over, kept connections and stale ones. */
#include "stand.h"

#include <math.h>

/* One client of many. */
struct client {
    bide_session *session;
    const char *url;
    int *order, number, place, rc;
    double hold;                /* seconds it keeps the response unread */
    struct bide_report report;
};

static int ask(void *arg)
{
    struct client *c = arg;
    bide_auto(response) r = bide_get(c->session, c->url, .report = &c->report);
    if (c->order)
        c->place = (*c->order)++;
    if (r && c->hold > 0 && bide_sleep(c->hold) < 0)
        return c->rc = bide_errcode();
    return c->rc = bide_response_text(r, NULL) ? 0 : bide_errcode();
}

TASK_TEST(a_connection_is_used_again)
{
    struct stand stand = { .reply = OK(2) "ok" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    for (int i = 0; i < 5; i++) {
        struct client c = { .session = session, .url = stand.url };
        CHECK_EQ(ask(&c), 0);
        CHECK_EQ(c.report.attempts, 1);
        CHECK_EQ(c.report.reused, i > 0);
    }
    CHECK_EQ(stand.connections, 1);
}

TASK_TEST(a_connection_comes_back_with_the_body_s_last_byte)
{
    struct stand stand = { .reply = OK(2) "ok" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    bide_auto(response) a = bide_get(session, stand.url);
    CHECK_STR(bide_response_text(a, NULL), "ok");
    bide_auto(response) b = bide_get(session, stand.url, .timeout = 1);
    CHECK_STR(bide_response_text(b, NULL), "ok");
    CHECK_STR(bide_response_text(a, NULL), "ok");
    CHECK_EQ(stand.connections, 1);
}

TASK_TEST(a_connection_is_not_used_again_where_it_must_not_be)
{
    static const char *const replies[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: x, CLOSE\r\n\r\nok",
    };
    for (size_t i = 0; i < 3; i++) {
        struct stand stand = { .reply = replies[i] };
        STAND(&stand);
        bide_auto(session) session = bide_session_open();
        for (int j = 0; j < 2; j++) {
            struct client c = { .session = session, .url = stand.url };
            CHECK_EQ(ask(&c), 0);
        }
        CHECK_EQ(stand.connections, 2);
    }
}

TASK_TEST(an_old_connection_may_be_kept_if_it_says_so)
{
    struct stand stand = {
        .reply = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok",
    };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    for (int j = 0; j < 2; j++) {
        struct client c = { .session = session, .url = stand.url };
        CHECK_EQ(ask(&c), 0);
    }
    CHECK_EQ(stand.connections, 1);
}

TASK_TEST(an_unread_body_costs_its_connection_unless_it_is_there_already)
{
    struct stand stand = { .reply = OK(2) "ok" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    for (int i = 0; i < 2; i++)
        bide_response_close(bide_get(session, stand.url));
    CHECK_EQ(stand.connections, 1);
    stand.reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    for (int i = 0; i < 2; i++)
        bide_response_close(bide_get(session, stand.url));
    CHECK_EQ(stand.connections, 1);
    stand.reply = OK(2000000) "only the beginning";
    bide_response_close(bide_get(session, stand.url));
    CHECK_EQ(stand.connections, 1);
    stand.reply = OK(2) "ok";
    bide_response_close(bide_get(session, stand.url));
    CHECK_EQ(stand.connections, 2);
}

TASK_TEST(no_more_connections_than_the_limit_and_first_come_first_served)
{
    struct stand stand = { .reply = OK(2) "ok", .delay = 1 };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 3);
    struct client clients[20];
    int order = 0;
    double start = bide_now();
    BIDE_GROUP(group);
    for (int i = 0; i < 20; i++) {
        clients[i] = (struct client){ .session = session, .url = stand.url, .order = &order };
        bide_spawn(group, ask, &clients[i]);
    }
    CHECK_EQ(bide_group_wait(group), 0);
    CHECK_NEAR(bide_now() - start, 7, 0.5);
    CHECK_EQ(stand.most_open, 3);
    CHECK_EQ(stand.connections, 3);
    for (int i = 0; i < 20; i++) {
        CHECK_EQ(clients[i].place / 3, i / 3);
        CHECK_NEAR(clients[i].report.pool, i / 3, 0.4);
    }
}

TASK_TEST(a_full_host_does_not_hold_up_another)
{
    struct stand slow = { .reply = OK(2) "ok", .delay = 10 }, fast = { .reply = OK(2) "ok" };
    STAND_AS(a, &slow);
    STAND_AS(b, &fast);
    bide_auto(session) session = bide_session_open(.limit = 10, .limit_per_host = 2);
    struct client clients[5];
    double start = bide_now();
    BIDE_GROUP(group);
    for (int i = 0; i < 4; i++) {
        clients[i] = (struct client){ .session = session, .url = slow.url };
        bide_spawn(group, ask, &clients[i]);
    }
    CHECK_EQ(bide_yield(), 0);
    clients[4] = (struct client){ .session = session, .url = fast.url };
    CHECK_EQ(ask(&clients[4]), 0);
    CHECK_NEAR(bide_now() - start, 0, 0.5);
    CHECK_EQ(bide_group_wait(group), 0);
    CHECK_NEAR(bide_now() - start, 20, 1);
    CHECK_EQ(slow.most_open, 2);
}

/* Three hosts, room for two connections: who waits for room gets it in the order of arrival,
 * whatever the host, and idle connections of others give way. */
TASK_TEST(room_goes_to_the_first_in_line_of_any_host)
{
    struct stand stands[3];
    int order = 0;
    BIDE_GROUP(servers);
    for (int i = 0; i < 3; i++) {
        stands[i] = (struct stand){ .reply = OK(2) "ok", .delay = 1 };
        stand_open(servers, &stands[i]);
    }
    bide_auto(session) session = bide_session_open(.limit = 2);
    struct client clients[12];
    BIDE_GROUP(group);
    for (int i = 0; i < 12; i++) {
        clients[i] = (struct client){ .session = session, .url = stands[i % 3].url,
                                      .order = &order };
        bide_spawn(group, ask, &clients[i]);
    }
    CHECK_EQ(bide_group_wait(group), 0);
    for (int i = 0; i < 12; i++)
        CHECK_EQ(clients[i].place / 2, i / 2);
    for (int i = 0; i < 3; i++)
        CHECK(stands[i].most_open <= 2);
}

TASK_TEST(an_idle_connection_gives_way_to_another_host)
{
    struct stand a = { .reply = OK(2) "ok" }, b = { .reply = OK(2) "ok" };
    STAND_AS(one, &a);
    STAND_AS(two, &b);
    bide_auto(session) session = bide_session_open(.limit = 1);
    for (int i = 0; i < 3; i++) {
        struct client x = { .session = session, .url = a.url };
        struct client y = { .session = session, .url = b.url };
        CHECK_EQ(ask(&x), 0);
        CHECK_EQ(ask(&y), 0);
        CHECK(!y.report.reused);
    }
    CHECK_EQ(a.connections, 3);
}

TASK_TEST(who_waits_and_is_cancelled_leaves_the_line)
{
    struct stand stand = { .reply = OK(2) "ok", .delay = 1 };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    struct client clients[6];
    bide_task *tasks[6];
    int order = 0;
    BIDE_KEEP_GOING(group);
    for (int i = 0; i < 6; i++) {
        clients[i] = (struct client){ .session = session, .url = stand.url, .order = &order };
        bide_spawn(group, ask, &clients[i], .handle = &tasks[i]);
    }
    CHECK_EQ(bide_sleep(0.5), 0);
    for (int i = 1; i < 6; i += 2)
        bide_cancel(tasks[i]);
    CHECK_EQ(bide_group_wait(group), 0);
    for (int i = 0; i < 6; i++)
        CHECK_EQ(clients[i].rc, i % 2 ? BIDE_ECANCELED : 0);
    CHECK(clients[0].place < clients[2].place && clients[2].place < clients[4].place);
    CHECK_EQ(stand.requests, 3);
    CHECK_EQ(stand.connections, 1);
}

/* Cancelled at the very moment at which it is handed a connection: it must pass it on. */
TASK_TEST(a_connection_handed_to_the_cancelled_is_not_lost)
{
    struct stand stand = { .reply = OK(2) "ok" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    for (int when = 0; when < 30; when++) {
        struct client first = { .session = session, .url = stand.url };
        struct client second = first, third = first;
        bide_task *task;
        BIDE_KEEP_GOING(group);
        bide_spawn(group, ask, &first);
        bide_spawn(group, ask, &second, .handle = &task);
        bide_spawn(group, ask, &third);
        for (int i = 0; i < when; i++)
            CHECK_EQ(bide_yield(), 0);
        bide_cancel(task);
        CHECK_EQ(bide_group_wait(group), 0);
        CHECK_EQ(first.rc, 0);
        CHECK(second.rc == 0 || second.rc == BIDE_ECANCELED);
        CHECK_EQ(third.rc, 0);
    }
}

/* ---- kept connections that went bad ---- */

TASK_TEST(a_kept_connection_that_was_closed_is_replaced_unseen)
{
    struct stand stand = { .reply = OK(2) "ok", .close_after = 1 };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    for (int i = 0; i < 4; i++) {
        struct client c = { .session = session, .url = stand.url };
        CHECK_EQ(ask(&c), 0);
        CHECK_EQ(c.report.attempts, 1);
        CHECK(!c.report.reused);
        CHECK_EQ(bide_sleep(i < 2 ? 0 : 1), 0);
    }
    CHECK_EQ(stand.requests, 4);
    CHECK_EQ(stand.connections, 4);
}

static int post(void *arg)
{
    struct client *c = arg;
    bide_auto(response) r = bide_post(c->session, c->url, .data = "x", .data_size = 1,
                                      .report = &c->report);
    return c->rc = bide_response_text(r, NULL) ? 0 : bide_errcode();
}

/* Who waited in line gets no connection that was closed meanwhile either. */
TASK_TEST(a_closed_connection_is_not_handed_on)
{
    struct stand stand = { .reply = OK(2) "ok", .close_after = 1 };
    struct client clients[4];
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    {
        BIDE_GROUP(g);
        for (int i = 0; i < 4; i++) {
            clients[i] = (struct client){ .session = session, .url = stand.url };
            bide_spawn(g, post, &clients[i]);
        }
        CHECK_EQ(bide_group_wait(g), 0);
    }
    for (int i = 0; i < 4; i++)
        CHECK(!clients[i].report.reused);
    CHECK_EQ(stand.requests, 4);
    CHECK_EQ(stand.connections, 4);
    CHECK_EQ(stand.most_open, 1);
}

/* Takes the second request on a connection and closes without a word. */
static int close_on_second(bide_stream *s, struct stand *stand)
{
    bide_stream_high_water(s, 1);
    if (stand_read(s, stand) > 0 && stand_say(s, stand) == 0)
        return stand_read(s, stand);
    return -1;
}

TASK_TEST(a_request_lost_on_a_kept_connection_is_sent_again_once_if_it_may_be)
{
    struct stand stand = { .reply = OK(2) "ok", .talk = close_on_second };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    struct client c = { .session = session, .url = stand.url };
    CHECK_EQ(ask(&c), 0);
    CHECK_EQ(ask(&c), 0);       /* read as a second one, and again as a first one */
    CHECK_EQ(c.report.attempts, 1);
    CHECK_EQ(stand.requests, 3);
    CHECK_EQ(stand.connections, 2);
    CHECK_PTR(bide_post(session, stand.url), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EEOF);
    CHECK_EQ(stand.requests, 4);
    CHECK_EQ(stand.connections, 2);
}

static int close_on_all_after_first(bide_stream *s, struct stand *stand)
{
    if (stand_read(s, stand) <= 0 || (stand->connections == 1 && stand_say(s, stand) < 0))
        return -1;
    return stand->connections == 1 ? stand_read(s, stand) : 0;
}

TASK_TEST(a_request_is_not_sent_for_ever)
{
    struct stand stand = { .reply = OK(2) "ok", .talk = close_on_all_after_first };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    struct client c = { .session = session, .url = stand.url };
    CHECK_EQ(ask(&c), 0);
    CHECK_EQ(ask(&c), BIDE_EEOF);
    CHECK_EQ(stand.requests, 3);
}

/* Says something more, unasked, a little later. */
static int chatter(bide_stream *s, struct stand *stand)
{
    if (stand_read(s, stand) <= 0 || stand_say(s, stand) < 0)
        return -1;
    if (bide_sleep(0.1) < 0 || stand_say(s, stand) < 0)
        return -1;
    return bide_sleep(100);
}

TASK_TEST(what_comes_unasked_is_never_taken_for_a_reply)
{
    struct stand stand = { .reply = OK(2) "ok", .talk = chatter };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    for (int i = 0; i < 2; i++) {
        struct client c = { .session = session, .url = stand.url };
        CHECK_EQ(ask(&c), 0);
        CHECK(!c.report.reused);
        CHECK_EQ(bide_sleep(1), 0);
    }
    CHECK_EQ(stand.connections, 2);
}

/* Also where the next request comes so soon that the system is not asked. */
static int chatter_at_once(bide_stream *s, struct stand *stand)
{
    if (stand_read(s, stand) <= 0 || stand_say(s, stand) < 0)
        return -1;
    if (bide_sleep(0.0002) < 0 || stand_say(s, stand) < 0)
        return -1;
    return bide_sleep(100);
}

TASK_TEST(what_comes_unasked_soon_is_no_reply_either)
{
    struct stand stand = { .reply = OK(2) "ok", .talk = chatter_at_once };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    for (int i = 0; i < 2; i++) {
        struct client c = { .session = session, .url = stand.url };
        CHECK_EQ(ask(&c), 0);
        CHECK(!c.report.reused);
        CHECK_EQ(bide_sleep(0.001), 0);
    }
    CHECK_EQ(stand.connections, 2);
}

TASK_TEST(an_unused_connection_is_kept_for_its_time)
{
    struct stand stand = { .reply = OK(2) "ok" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.keep_alive = 10);
    struct client c = { .session = session, .url = stand.url };
    CHECK_EQ(ask(&c), 0);
    CHECK_EQ(bide_sleep(9), 0);
    CHECK_EQ(ask(&c), 0);
    CHECK(c.report.reused);
    CHECK_EQ(bide_sleep(11), 0);
    CHECK_EQ(ask(&c), 0);
    CHECK(!c.report.reused);
    CHECK_EQ(stand.connections, 2);
}

TASK_TEST(a_connection_is_kept_no_longer_than_the_server_says)
{
    struct stand stand = {
        .reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=5, max=2\r\n\r\nok",
    };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    struct client c = { .session = session, .url = stand.url };
    CHECK_EQ(ask(&c), 0);
    CHECK_EQ(bide_sleep(3), 0);
    CHECK_EQ(bide_session_connections(session), 1);
    CHECK_EQ(bide_sleep(2), 0);
    CHECK_EQ(bide_session_connections(session), 0);
    CHECK_EQ(stand.open, 0);
    stand.reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: max=0\r\n\r\nok";
    CHECK_EQ(ask(&c), 0);
    CHECK_EQ(bide_session_connections(session), 0);
}

TASK_TEST(hosts_come_and_go_without_end)
{
    struct stand stand = { .reply = OK(2) "ok" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 4);
    const char *port = strrchr(stand.url, ':');
    for (int i = 0; i < 300; i++) {
        char url[100];
        snprintf(url, sizeof url, "http://127.0.%d.%d%s", i / 100, i % 100 + 1, port);
        struct client c = { .session = session, .url = url, .number = i };
        int rc = ask(&c);
        CHECK(rc == 0 || rc == -ECONNREFUSED);  /* the stand listens on 127.0.0.1 alone */
    }
}

/* ---- one session, several loops ---- */

static bide_session *lasting;
static struct stand across;

static int use_across(void *post)
{
    BIDE_GROUP(group);
    across.connections = 0;
    across.listener = bide_listen(across.url[0] ? strstr(across.url, "127.") : "127.0.0.1:0");
    CHECK(across.listener != NULL);
    snprintf(across.url, sizeof across.url, "%s", bide_listener_address(across.listener));
    bide_spawn(group, stand_serve, &across);
    char url[100];
    snprintf(url, sizeof url, "http://%s/", across.url);
    for (int i = 0; i < 2; i++) {
        bide_auto(response) r = bide_fetch(lasting, post ? "POST" : "GET", url);
        if (!bide_response_text(r, NULL))
            return bide_errcode();
    }
    return across.connections;
}

TEST(a_session_may_be_used_in_one_loop_after_the_other)
{
    across.reply = OK(2) "ok";
    lasting = bide_session_open();
    for (int i = 0; i < 4; i++)
        CHECK_EQ(bide_run(use_across, i % 2 ? &across : NULL, .jumping_clock = true), 1);
    bide_session_close(lasting);
}
