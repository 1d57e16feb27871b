/* Trying again: what is, what is not, when, and how often. */
#include "stand.h"

#define FAILED "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"

/* Fails `close_after` times with `reply`, then succeeds. */
static int fail_at_first(bide_stream *s, struct stand *stand)
{
    while (stand_read(s, stand) > 0) {
        const char *reply = stand->requests <= stand->close_after ? stand->reply : OK(2) "ok";
        if (bide_write(s, reply, strlen(reply)) < 0 || !*reply)
            return 0;
    }
    return 0;
}

TASK_TEST(a_failure_that_may_pass_is_tried_again)
{
    static const char *const failures[] = {
        FAILED "\r\n", EMPTY("500 X"),
        EMPTY("408 X"), EMPTY("429 X"),
        "HTTP/1.1 502 X\r\n\r\n", "HTTP/1.1 504 X\r\nContent-Length: 1\r\n\r\nx", "",
    };
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        struct stand stand = { .talk = fail_at_first, .reply = failures[i], .close_after = 2 };
        STAND(&stand);
        bide_auto(session) session = bide_session_open();
        struct bide_report report;
        double start = bide_now();
        bide_auto(response) r = bide_get(session, stand.url, .retries = 3, .retry.jitter = -1,
                                         .report = &report);
        CHECK_STR(bide_response_text(r, NULL), "ok");
        CHECK_EQ(report.attempts, 3);
        CHECK_EQ(stand.requests, 3);
        CHECK_NEAR(bide_now() - start, 0.5 + 1, 0.1);
        CHECK_NEAR(report.total, 0.5 + 1, 0.1);
    }
}

TASK_TEST(the_last_try_s_result_stands)
{
    struct stand stand = { .talk = fail_at_first, .reply = FAILED "\r\n", .close_after = 9 };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    struct bide_report report;
    bide_auto(response) r = bide_get(session, stand.url, .retries = 2, .report = &report);
    CHECK_EQ(bide_response_status(r), 503);
    CHECK_EQ(report.attempts, 3);
    stand.requests = 0;
    stand.reply = "";
    CHECK_PTR(bide_get(session, stand.url, .retries = 1, .report = &report), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EEOF);
    CHECK_EQ(report.attempts, 2);
}

TASK_TEST(what_will_not_pass_is_not_tried_again)
{
    static const char *const failures[] = {
        EMPTY("404 X"), EMPTY("501 X"),
        EMPTY("301 X"), "nonsense\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        struct stand stand = { .talk = fail_at_first, .reply = failures[i], .close_after = 9 };
        STAND(&stand);
        bide_auto(session) session = bide_session_open();
        struct bide_report report;
        bide_response_close(bide_get(session, stand.url, .retries = 3, .report = &report));
        CHECK_EQ(report.attempts, 1);
        CHECK_EQ(stand.requests, 1);
    }
}

TASK_TEST(only_idempotent_methods_are_tried_again_unless_all_are)
{
    struct stand stand = { .talk = fail_at_first, .reply = FAILED "\r\n", .close_after = 1 };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) a = bide_post(session, stand.url, .retries = 3);
    CHECK_EQ(bide_response_status(a), 503);
    CHECK_EQ(stand.requests, 1);
    stand.requests = 0;
    bide_auto(response) b = bide_post(session, stand.url, .retries = 3, .retry.all_methods = true,
                                      .data = "hello", .data_size = 5);
    CHECK_EQ(bide_response_status(b), 200);
    CHECK_EQ(stand.requests, 2);
    stand.requests = 0;
    bide_auto(response) c = bide_put(session, stand.url, .retries = 3);
    CHECK_EQ(bide_response_status(c), 200);
}

TASK_TEST(delays_double_up_to_the_cap)
{
    struct stand stand = { .talk = fail_at_first, .reply = FAILED "\r\n", .close_after = 5 };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    double start = bide_now();
    bide_auto(response) r = bide_get(session, stand.url, .retries = 5, .retry.delay = 2,
                                     .retry.cap = 10, .retry.jitter = -1);
    CHECK_EQ(bide_response_status(r), 200);
    CHECK_NEAR(bide_now() - start, 2 + 4 + 8 + 10 + 10, 0.2);
}

TASK_TEST(jitter_only_shortens)
{
    struct stand stand = { .talk = fail_at_first, .reply = FAILED "\r\n", .close_after = 1 };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    double least = 100, most = 0;
    for (int i = 0; i < 200; i++) {
        stand.requests = 0;
        double start = bide_now();
        bide_response_close(bide_get(session, stand.url, .retries = 1, .retry.delay = 4,
                                     .retry.jitter = 0.25));
        double took = bide_now() - start;
        least = took < least ? took : least;
        most = took > most ? took : most;
    }
    CHECK(least >= 3 && least < 3.2 && most > 3.8 && most < 4.1);
}

TASK_TEST(the_server_may_ask_for_more_time)
{
    struct stand stand = { .talk = fail_at_first, .close_after = 1,
                           .reply = FAILED "Retry-After: 7\r\n\r\n" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    double start = bide_now();
    bide_auto(response) a = bide_get(session, stand.url, .retries = 1);
    CHECK_EQ(bide_response_status(a), 200);
    CHECK_NEAR(bide_now() - start, 7, 0.1);
    stand.requests = 0;
    bide_auto(response) b = bide_get(session, stand.url, .retries = 1, .retry.cap = 6);
    CHECK_EQ(bide_response_status(b), 503);     /* more than the cap: not worth waiting */
    CHECK_NEAR(bide_now() - start, 7, 0.1);
    stand.requests = 0;
    stand.reply = FAILED "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";
    bide_auto(response) c = bide_get(session, stand.url, .retries = 1);
    CHECK_EQ(bide_response_status(c), 200);     /* long ago: our own delay */
}

TASK_TEST(a_refused_connection_is_tried_again)
{
    struct bide_report report;
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_get(session, "http://127.0.0.1:1/", .retries = 2, .report = &report), NULL);
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
    CHECK_EQ(report.attempts, 3);
}

TASK_TEST(a_phase_that_ran_out_is_tried_again_but_not_the_total_time)
{
    struct stand stand = { .reply = OK(0), .delay = 5 };
    STAND(&stand);
    struct bide_report report;
    bide_auto(session) session = bide_session_open();
    double start = bide_now();
    CHECK_PTR(bide_get(session, stand.url, .retries = 2, .timeouts.first_byte = 1,
                       .retry.jitter = -1, .report = &report), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_EQ(report.attempts, 3);
    CHECK_NEAR(bide_now() - start, 3 * 1 + 0.5 + 1, 0.1);
    start = bide_now();
    CHECK_PTR(bide_get(session, stand.url, .retries = 9, .timeout = 2, .report = &report), NULL);
    CHECK_EQ(report.attempts, 1);
    CHECK_NEAR(bide_now() - start, 2, 0.1);
}

TASK_TEST(where_no_time_is_left_for_another_try_the_result_stands)
{
    struct stand stand = { .talk = fail_at_first, .reply = FAILED "\r\n", .close_after = 9 };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    double start = bide_now();
    bide_auto(response) r = bide_get(session, stand.url, .retries = 9, .timeout = 3,
                                     .retry.jitter = -1);
    CHECK_EQ(bide_response_status(r), 503);
    CHECK_NEAR(bide_now() - start, 0.5 + 1, 0.1);
}

static int fetch_patiently(void *arg)
{
    void **args = arg;
    bide_auto(response) r = bide_get(args[0], args[1], .retries = 100, .report = args[2]);
    return r ? 0 : bide_errcode();
}

TASK_TEST(a_cancelled_call_is_not_tried_again)
{
    struct stand stand = { .talk = fail_at_first, .reply = FAILED "\r\n", .close_after = 99 };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    for (double moment = 0; moment < 4; moment += 0.3) {
        struct bide_report report;
        void *args[] = { session, stand.url, &report };
        bide_task *task;
        BIDE_KEEP_GOING(group);
        bide_spawn(group, fetch_patiently, args, .handle = &task);
        CHECK_EQ(bide_sleep(moment), 0);
        bide_cancel(task);
        CHECK_EQ(bide_group_wait(group), 0);
        CHECK_EQ(bide_task_result(task), BIDE_ECANCELED);
        CHECK(report.attempts <= 1 + moment / 0.25);
    }
}
