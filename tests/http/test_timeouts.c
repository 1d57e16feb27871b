/* Time limits told apart, cancelling in every phase, and closing the session meanwhile. */
#include "stand.h"

#include "net/resolve.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static int hold_open(bide_stream *s, struct stand *stand)
{
    if (stand_read(s, stand) <= 0)
        return 0;
    bide_ignore(bide_write(s, stand->reply, strlen(stand->reply)));
    return bide_sleep(1000);
}

/* What a call with these limits fails with, and when; the body is read too. */
static void fails_after(bide_session *session, const char *url, const struct bide_timeouts *limits,
                        double seconds, const char *sentence)
{
    double start = bide_now();
    bide_auto(response) r = bide_get(session, url, .timeouts = *limits);
    CHECK_PTR(bide_response_text(r, NULL), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "get http://");
    CHECK_HAS(bide_errmsg(), sentence);
    CHECK_NEAR(bide_now() - start, seconds, 0.3);
}

TASK_TEST(the_wait_for_the_first_byte_has_a_limit)
{
    struct stand stand = { .reply = "", .talk = hold_open };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    fails_after(session, stand.url, &(struct bide_timeouts){ .first_byte = 3 }, 3,
                "first byte: timed out after 3 s");
}

TASK_TEST(silence_in_the_head_has_a_limit)
{
    struct stand stand = { .reply = "HTTP/1.1 200 OK\r\nX-", .talk = hold_open };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    fails_after(session, stand.url, &(struct bide_timeouts){ .idle = 4, .first_byte = 2 }, 4,
                "head: timed out after 4 s");
}

TASK_TEST(silence_in_the_body_has_a_limit)
{
    static const char *const replies[] = {
        OK(5) "hel", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\n\r\nhel",
    };
    for (int i = 0; i < 3; i++) {
        struct stand stand = { .reply = replies[i], .talk = hold_open };
        STAND(&stand);
        bide_auto(session) session = bide_session_open(.timeouts.idle = 2);
        fails_after(session, stand.url, &(struct bide_timeouts){ .first_byte = 1 }, 2,
                    "body: timed out after 2 s");
    }
}

TASK_TEST(the_total_time_names_the_phase_that_it_ended)
{
    struct stand stand = { .reply = "", .talk = hold_open };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.timeout = 5);
    fails_after(session, stand.url, &(struct bide_timeouts){ 0 }, 5,
                "first byte: timed out after 5 s in all");
    stand.reply = "HTTP/1.1 200 OK\r\n";
    fails_after(session, stand.url, &(struct bide_timeouts){ 0 }, 5,
                "head: timed out after 5 s in all");
    stand.reply = OK(5) "he";
    fails_after(session, stand.url, &(struct bide_timeouts){ .total = 6 }, 6,
                "body: timed out after 6 s in all");
}

TASK_TEST(a_slow_body_counts_against_the_total_time)
{
    struct stand stand = { .reply = OK(500) "0123456789012345678901234567890123456789012345678",
                           .slowly = true };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url, .timeout = 0.6);
    CHECK(r != NULL);
    char byte;
    ssize_t got;
    while ((got = bide_response_read(r, &byte, 1)) > 0)
        ;
    CHECK_EQ(got, BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "0.6 s in all");
    CHECK_EQ(bide_response_read(r, &byte, 1), BIDE_ECLOSED);
    CHECK_PTR(bide_response_text(r, NULL), NULL);
}

TASK_TEST(the_wait_for_a_connection_has_a_limit)
{
    struct stand stand = { .reply = OK(5), .talk = hold_open };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    bide_auto(response) holder = bide_get(session, stand.url);
    CHECK(holder != NULL);
    fails_after(session, stand.url, &(struct bide_timeouts){ .pool = 2 }, 2,
                "pool: timed out after 2 s");
    fails_after(session, stand.url, &(struct bide_timeouts){ .total = 2 }, 2,
                "pool: timed out after 2 s in all");
}

/* A port whose queue is full: the system does not answer a connection attempt. */
struct full { int listener, fillers[8]; char url[64]; };

static void full_open(struct full *full)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    struct sockaddr *any = (struct sockaddr *)(void *)&address;
    full->listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(bind(full->listener, any, size), 0);
    CHECK_EQ(listen(full->listener, 0), 0);
    CHECK_EQ(getsockname(full->listener, any, &size), 0);
    for (int i = 0; i < 8; i++) {
        full->fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        bide_ignore(connect(full->fillers[i], any, size));
    }
    snprintf(full->url, sizeof full->url, "http://127.0.0.1:%d/", ntohs(address.sin_port));
}

static void full_close(struct full *full)
{
    close(full->listener);
    for (int i = 0; i < 8; i++)
        close(full->fillers[i]);
}

TASK_TEST(connecting_has_a_limit)
{
    struct full full;
    full_open(&full);
    bide_auto(session) session = bide_session_open();
    fails_after(session, full.url, &(struct bide_timeouts){ .connect = 3 }, 3,
                "connect: timed out after 3 s");
    fails_after(session, full.url, &(struct bide_timeouts){ .total = 2 }, 2,
                "connect: timed out after 2 s in all");
    full_close(&full);
}

TASK_TEST(limits_can_be_lifted)
{
    struct stand stand = { .reply = OK(2) "ok", .delay = 100000 };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.timeout = BIDE_FOREVER);
    bide_auto(response) r = bide_get(session, stand.url);
    CHECK_STR(bide_response_text(r, NULL), "ok");
}

static int sleepy_look_up(const char *host, struct bide_addresses *found)
{
    (void)host;
    (void)found;
    usleep(300000);
    return 0;
}

static int look_up_slowly(void *unused)
{
    (void)unused;
    bide_auto(session) session = bide_session_open();
    fails_after(session, "http://nowhere.invalid/", &(struct bide_timeouts){ .dns = 0.05 }, 0.05,
                "dns: nowhere.invalid: timed out after 0.05 s");
    fails_after(session, "http://nowhere.invalid/", &(struct bide_timeouts){ .total = 0.05 }, 0.05,
                "dns: timed out after 0.05 s in all");
    return 0;
}

/* The one test on the real clock: the look-up is on a real thread. */
TEST(looking_up_a_name_has_a_limit)
{
    bide__resolve_with(sleepy_look_up);
    CHECK_EQ(bide_run(look_up_slowly, NULL), 0);
}

/* ---- cancelled in every phase ---- */

static int fetch_whole(void *arg)
{
    void **args = arg;
    bide_auto(response) r = bide_get(args[0], args[1]);
    const char *text = bide_response_text(r, NULL);
    return text ? 0 : bide_errcode();
}

static int reset_at_end(bide_stream *s, struct stand *stand)
{
    return stand_talk(s, stand);
}

/* Byte by byte, so that there are hundreds of moments to cancel at; whatever the moment, the
 * session is as good as before. */
TASK_TEST(a_cancelled_call_leaves_the_session_whole)
{
    struct stand stand = {
        .reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        .slowly = true, .talk = reset_at_end,
    };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    void *args[] = { session, stand.url };
    for (double moment = 0; moment < 0.7; moment += 0.0173) {
        bide_task *task;
        BIDE_KEEP_GOING(group);
        bide_spawn(group, fetch_whole, args, .handle = &task);
        CHECK_EQ(bide_sleep(moment), 0);
        bool done = bide_task_done(task);
        bide_cancel(task);
        CHECK_EQ(bide_group_wait(group), 0);
        CHECK_EQ(bide_task_result(task), done ? 0 : BIDE_ECANCELED);
    }
    CHECK_EQ(fetch_whole(args), 0);
}

TASK_TEST(a_call_in_a_cancelled_scope_fails_at_once)
{
    struct stand stand = { .reply = OK(2) "ok" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) before = bide_get(session, stand.url);
    CHECK_STR(bide_response_text(before, NULL), "ok");
    BIDE_SCOPE(scope);
    bide_scope_cancel(scope);
    CHECK_PTR(bide_get(session, stand.url), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    CHECK_PTR(bide_response_text(before, NULL), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    CHECK_EQ(stand.requests, 1);
}

TASK_TEST(a_time_out_of_the_caller_s_is_no_time_out_of_the_call)
{
    struct stand stand = { .reply = "", .talk = hold_open };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    BIDE_TIMEOUT(limit, 2);
    bide_response *r = bide_get(session, stand.url);
    CHECK_PTR(r, NULL);
    CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    CHECK_EQ(bide_scope_result(limit, bide_errcode()), BIDE_ETIMEDOUT);
}

/* ---- the session is closed meanwhile ---- */

struct closing { bide_session *session; double after; };

static int close_session(void *arg)
{
    struct closing *closing = arg;
    int rc = bide_sleep(closing->after);
    bide_session_close(closing->session);
    return rc;
}

TASK_TEST(closing_the_session_ends_its_calls)
{
    struct stand stand = { .reply = OK(5) "hello", .slowly = true, .delay = 1 };
    struct full full;
    STAND(&stand);
    full_open(&full);
    const char *urls[] = { stand.url, full.url };
    for (int i = 0; i < 2; i++)
        for (double after = 0; after < 1.4; after += 0.13) {
            struct closing closing = { bide_session_open(.limit = 1), after };
            BIDE_GROUP(group);
            void *args[] = { closing.session, (void *)(uintptr_t)urls[i] };
            struct bide_call calls[3] = { { .fn = fetch_whole, .arg = args },
                                          { .fn = fetch_whole, .arg = args },
                                          { .fn = close_session, .arg = &closing } };
            CHECK_EQ(bide_gather_all(calls, 3), 0);
            CHECK_EQ(calls[0].rc, BIDE_ECLOSED);
            CHECK_EQ(calls[1].rc, BIDE_ECLOSED);
            CHECK_HAS(calls[1].error.text, "the session was closed");
        }
    full_close(&full);
}

TASK_TEST(a_response_may_outlive_its_session)
{
    struct stand stand = { .reply = OK(5) "hello" };
    STAND(&stand);
    bide_session *session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url);
    CHECK(r != NULL);
    bide_session_close(session);
    CHECK_STR(bide_response_text(r, NULL), "hello");
}

TASK_TEST(a_closed_session_takes_no_calls)
{
    struct stand stand = { .reply = OK(5) "hello" };
    STAND(&stand);
    bide_session *session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url);
    bide_session_close(session);
    CHECK_PTR(bide_get(session, stand.url), NULL);      /* r still holds its memory */
    CHECK_EQ(bide_errcode(), BIDE_ECLOSED);
}
