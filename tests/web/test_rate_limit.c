/* So many requests a client. */
#include "web/asked.h"

static struct bide_rate_limit_opts opts;

static const char *by_token(bide_request *req)
{
    return bide_request_header(req, "X-Token");
}

static int use(bide_app *app)
{
    opts.abi_ = sizeof opts;
    return bide_use_rate_limit_opts(app, &opts);
}

static int hello(bide_request *req)
{
    return bide_respond_text(req, 200, "hello");
}

/* Requests one after the other to the same server: their answers, each in turn. */
static char answers[12][1000];

static void ask_often(const char *const *headers, const double *pauses, int count)
{
    bide_auto(listener) listener = bide_listen("127.0.0.1:0");
    asked_use = use;
    asked_handler = hello;
    BIDE_GROUP(server);
    CHECK_EQ(bide_spawn(server, asked_serve, listener), 0);
    for (int i = 0; i < count; i++) {
        bide_auto(stream) s = bide_connect(bide_listener_address(listener));
        CHECK_EQ(bide_sleep(pauses[i]), 0);
        CHECK_EQ(bide_printf(s, "GET /" H "%s\r\n", headers[i]), 0);
        size_t got = 0;
        for (ssize_t n; (n = bide_read(s, answers[i] + got, sizeof answers[i] - 1 - got)) > 0;)
            got += (size_t)n;
        answers[i][got] = '\0';
    }
}

static bool begins(int i, const char *status)
{
    return strncmp(answers[i] + 9, status, 3) == 0;
}

TASK_TEST(a_client_has_its_burst_and_then_waits)
{
    const char *headers[] = { "", "", "", "", "", "" };
    double pauses[] = { 0, 0, 0, 0, 1, 1 };
    opts = (struct bide_rate_limit_opts){ .per_second = 0.5, .burst = 3 };
    ask_often(headers, pauses, 6);
    CHECK(begins(0, "200") && begins(1, "200") && begins(2, "200"));
    CHECK(begins(3, "429") && begins(4, "429") && begins(5, "200"));
    CHECK(strstr(answers[0], "\r\nRateLimit-Policy: \"default\";q=3;w=6\r\n"));
    CHECK(strstr(answers[0], "\r\nRateLimit: \"default\";r=2;t=2\r\n"));
    CHECK(strstr(answers[2], "\r\nRateLimit: \"default\";r=0;t=6\r\n"));
    CHECK(strstr(answers[3], "\r\nRetry-After: 2\r\n"));
    CHECK(strstr(answers[3], "\r\nRateLimit: \"default\";r=0;t=2\r\n"));
    CHECK(strstr(answers[4], "\r\nRetry-After: 1\r\n"));
}

TASK_TEST(who_it_counts_for_may_be_said)
{
    const char *headers[] = { "X-Token: a\r\n", "X-Token: a\r\n", "X-Token: b\r\n", "", "", "" };
    double pauses[] = { 0, 0, 0, 0, 0, 0 };
    opts = (struct bide_rate_limit_opts){ .per_second = 1, .key = by_token, .name = "api" };
    ask_often(headers, pauses, 5);
    CHECK(begins(0, "200") && begins(1, "429") && begins(2, "200"));
    CHECK(begins(3, "200") && begins(4, "200"));
    CHECK(strstr(answers[0], "RateLimit: \"api\";r=0;t=1"));
    CHECK(!strstr(answers[3], "RateLimit"));
}

TASK_TEST(no_more_clients_are_remembered_than_was_said)
{
    const char *headers[] = { "X-Token: a\r\n", "X-Token: b\r\n", "X-Token: a\r\n",
                              "X-Token: c\r\n", "X-Token: b\r\n", "X-Token: a\r\n" };
    double pauses[] = { 0, 0, 0, 0, 0, 0 };
    opts = (struct bide_rate_limit_opts){ .per_second = 0.001, .burst = 1, .key = by_token,
                                          .clients_max = 2 };
    ask_often(headers, pauses, 6);
    CHECK(begins(0, "200") && begins(1, "200") && begins(2, "429") && begins(3, "200"));
    CHECK(begins(4, "200"));            /* forgotten for c */
}

TEST(a_rate_that_is_none_is_refused)
{
    bide_auto(app) app = bide_app_new(NULL);
    CHECK_EQ(bide_use_rate_limit(app, 0), BIDE_EINVAL);
    CHECK_EQ(bide_use_rate_limit(app, -1), BIDE_EINVAL);
    CHECK_EQ(bide_use_rate_limit(app, __builtin_nan("")), BIDE_EINVAL);
    CHECK_EQ(bide_use_rate_limit(app, BIDE_FOREVER), BIDE_EINVAL);
    CHECK_EQ(bide_use_rate_limit(app, 1, .name = "a\"b"), BIDE_EINVAL);
    CHECK_EQ(bide_use_rate_limit(app, 1, .name = ""), BIDE_EINVAL);
    CHECK_EQ(bide_use_rate_limit(app, 1, .clients_max = 1u << 31), BIDE_EINVAL);
}

static int ask_all(void *unused)
{
    static const char text[] = "GET /" H "\r\n";
    (void)unused;
    return try_asking(hello, text, sizeof text - 1, ASKED_AT_ONCE);
}

TEST(every_allocation_and_wait_may_fail)
{
    asked_use = use;
    opts = (struct bide_rate_limit_opts){ .per_second = 1, .clients_max = 10 };
    check_faults(ask_all, 10);
}
