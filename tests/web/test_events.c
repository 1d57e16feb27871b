/* Server-sent events. */
#include "web/asked.h"

static int send_all(bide_request *req)
{
    int rc = bide_respond_event(req, "hello");
    if (rc == 0)
        rc = bide_respond_event(req, "two\nlines\r\nand\rmore\n", .type = "t", .id = "7",
                                .retry = 1.5);
    if (rc == 0)
        rc = bide_respond_event_ping(req);
    if (rc == 0)
        rc = bide_respond_event(req, NULL, .id = "");
    if (rc == 0) {
        CHECK_EQ(bide_respond_event(req, "x", .type = "a\nb"), BIDE_EINVAL);
        CHECK_EQ(bide_respond_event(req, "x", .id = "a\rb"), BIDE_EINVAL);
        CHECK_EQ(bide_respond_event(req, "x", .retry = -1), BIDE_EINVAL);
    }
    return rc;
}

/* The chunks put together again. */
static void unchunk(char *out)
{
    const char *at = strstr(asked_answer, "\r\n\r\n") + 4;
    for (unsigned long size; (size = strtoul(at, NULL, 16)) > 0; at += size + 2) {
        at = strstr(at, "\r\n") + 2;
        memcpy(out, at, size);
        out += size;
    }
    *out = '\0';
}

TASK_TEST(events_are_as_the_standard_has_them)
{
    char body[1000];
    get(send_all, "");
    CHECK_ANSWER(200, "");
    CHECK(has_line("Content-Type: text/event-stream") && has_line("Cache-Control: no-cache"));
    unchunk(body);
    CHECK_STR(body, "data: hello\n\n"
              "event: t\nid: 7\nretry: 1500\ndata: two\ndata: lines\ndata: and\ndata: more\ndata: "
              "\n\n:\n\nid: \n\n");
}

static int send_pings(bide_request *req)
{
    int rc = bide_respond_header(req, "Cache-Control", "no-store");
    return rc < 0 ? rc : bide_respond_event_ping(req);
}

TASK_TEST(a_ping_may_come_first_and_headers_are_the_handlers)
{
    get(send_pings, "");
    CHECK_ANSWER(200, ":\n\n");
    CHECK(has_line("Content-Type: text/event-stream") && has_line("Cache-Control: no-store"));
    CHECK(!has_line("Cache-Control: no-cache"));
}

static int ended;

static int send_for_ever(bide_request *req)
{
    int rc;
    do
        rc = bide_respond_event(req, "tick");
    while (rc == 0 && (rc = bide_sleep(1)) == 0);
    ended = rc;
    return rc;
}

/* An event that nobody can get any more fails. */
TASK_TEST(a_client_that_leaves_ends_the_events)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    bide_auto(listener) listener = bide_listen("127.0.0.1:0");
    asked_handler = send_for_ever;
    BIDE_GROUP(server);
    CHECK_EQ(bide_spawn(server, asked_serve, listener), 0);
    bide_stream *s = bide_connect(bide_listener_address(listener));
    CHECK_EQ(bide_printf(s, "GET /" H "\r\n"), 0);
    CHECK_EQ(bide_sleep(2.5), 0);
    bide_stream_close(s);
    CHECK_EQ(bide_sleep(5), 0);
    CHECK(ended < 0 && ended != BIDE_ECANCELED);
}

static int ask_all(void *unused)
{
    static const char text[] = "GET /" H "\r\n";
    (void)unused;
    return try_asking(send_pings, text, sizeof text - 1, ASKED_AT_ONCE);
}

TEST(every_allocation_and_wait_may_fail)
{
    check_faults(ask_all, 10);
}
