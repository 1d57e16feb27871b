/* The demo application, through the client: what examples and scripts count on. */
#include "test.h"

#include <bide.h>
#include <stdio.h>
#include <string.h>

static bide_listener *listener;

static int serve(void *unused)
{
    (void)unused;
    bide_auto(app) app = bide_demo_app();
    return bide_app_run(app, NULL, .listener = listener, .grace = -1);
}

/* The status and the body of a GET. */
static int get(bide_session *session, const char *path, char *body, size_t size)
{
    char url[300];
    snprintf(url, sizeof url, "http://%s%s", bide_listener_address(listener), path);
    bide_auto(response) r = bide_get(session, url);
    size_t length = 0;
    const char *text = bide_response_text(r, &length);
    if (!text)
        test_fail(__FILE__, __LINE__, "%s: %s", path, bide_errmsg());
    snprintf(body, size, "%s", text);
    return bide_response_status(r);
}

#define DEMO(session) \
    listener = bide_listen("127.0.0.1:0"); \
    CHECK(listener != NULL); \
    BIDE_DEFER(end_listener, close_listener, NULL); \
    BIDE_GROUP(server); \
    bide_spawn(server, serve, NULL); \
    bide_auto(session) session = bide_session_open()

static void close_listener(void *unused)
{
    (void)unused;
    bide_listener_close(listener);
}

TASK_TEST(the_demo_answers_as_its_manual_says)
{
    static const struct {
        const char *path;
        int status;
        const char *part;
    } cases[] = {
        { "/json", 200, "\"name\": \"bide\"" }, { "/posts/1", 200, "\"id\": 1," },
        { "/posts/100", 200, "\"id\": 100," }, { "/posts/101", 404, "there are posts" },
        { "/posts/0", 404, "" }, { "/posts/x", 404, "" },
        { "/users/ann", 200, "{\"name\": \"ann\"," },
        { "/users/%22%5c%0a%c3%a4", 200, "{\"name\": \"\\\"\\\\\\u000a\\u00c3\\u00a4\"," },
        { "/items", 200, "{\"page\": 1, \"results\": [{\"id\": 1, " },
        { "/items?page=3", 200, "{\"id\": 30, \"name\": \"item 30\"}]}" },
        { "/items?page=4", 200, "{\"page\": 4, \"results\": []}" },
        { "/items?page=0", 400, "" }, { "/items?page=-1", 400, "" }, { "/items?page=", 400, "" },
        { "/status/418", 418, "status 418" }, { "/status/204", 204, "" },
        { "/status/304", 304, "" }, { "/status/599", 599, "" }, { "/status/199", 400, "" },
        { "/status/600", 400, "" }, { "/status/x", 400, "" },
        { "/bytes/0", 200, "" }, { "/bytes/30", 200, "abcdefghijklmnopqrstuvwxyzabcd" },
        { "/bytes/-1", 400, "" }, { "/bytes/99999999999", 400, "" },
        { "/delay/x", 400, "" }, { "/delay/-1", 400, "" }, { "/delay/nan", 400, "" },
        { "/delay/1e9", 400, "" }, { "/get", 200, "\"method\": \"GET\", \"path\": \"/get\"" },
        { "/get", 200, "\"User-Agent\": \"bide/" }, { "/", 404, "" }, { "/flaky/x", 400, "" },
    };
    char body[4000];
    DEMO(session);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int status = get(session, cases[i].path, body, sizeof body);
        if (status != cases[i].status || !strstr(body, cases[i].part))
            test_fail(__FILE__, __LINE__, "%s: %d %s", cases[i].path, status, body);
    }
}

TASK_TEST(delays_take_their_time)
{
    char body[100];
    DEMO(session);
    double start = bide_now();
    CHECK_EQ(get(session, "/delay/2.5", body, sizeof body), 200);
    CHECK_NEAR(bide_now() - start, 2.5, 0.1);
    CHECK_STR(body, "waited 2.5 s\n");
}

TASK_TEST(many_bytes_are_the_alphabet_over_and_over)
{
    static char body[1000001];
    DEMO(session);
    CHECK_EQ(get(session, "/bytes/1000000", body, sizeof body), 200);
    CHECK_EQ(strlen(body), 1000000);
    for (size_t i = 0; i < 1000000; i += 999)
        CHECK_EQ(body[i], 'a' + (int)(i % 13312 % 26));
}

TASK_TEST(each_flaky_url_fails_its_own_times)
{
    char body[100];
    DEMO(session);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5; i++) {
            const char *path = round ? "/flaky/3?b" : "/flaky/3?a";
            CHECK_EQ(get(session, path, body, sizeof body), i < 3 ? 503 : 200);
        }
    CHECK_EQ(get(session, "/flaky/0", body, sizeof body), 200);
}

static int fetch_one(void *arg)
{
    void **args = arg;
    bide_auto(response) r = bide_get(args[0], args[1]);
    return bide_response_text(r, NULL) ? 0 : bide_errcode();
}

TASK_TEST(a_hundred_urls_of_a_second_take_a_second)
{
    struct bide_call calls[100];
    DEMO(session);
    char url[100];
    snprintf(url, sizeof url, "http://%s/delay/1", bide_listener_address(listener));
    void *args[] = { session, url };
    double start = bide_now();
    for (int i = 0; i < 100; i++)
        calls[i] = (struct bide_call){ .fn = fetch_one, .arg = args };
    CHECK_EQ(bide_gather(calls, 100), 0);
    CHECK_NEAR(bide_now() - start, 1, 0.1);
}
