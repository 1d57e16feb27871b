/* Redirects: where they lead, what goes along, and what ends them. */
#include "answers.h"

#include <errno.h>

TASK_TEST(redirects_are_followed_and_told)
{
    static const struct answer answers[] = {
        { "/a", REDIRECT(301, "/b?x=1") }, { "/b", REDIRECT(307, "c/d") },
        { "/c/d", OK(4) "here" },
    };
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    struct bide_report report;
    bide_auto(response) r = bide_get(session, at(&stand, "/a"), .report = &report);
    CHECK_STR(bide_response_text(r, NULL), "here");
    CHECK_STR(bide_response_url(r), at(&stand, "/c/d"));
    CHECK_EQ(report.redirects, 2);
    const struct bide_hop *hop = bide_response_history(r);
    CHECK_EQ(hop[0].status, 301);
    CHECK_STR(hop[0].url, at(&stand, "/a"));
    CHECK_EQ(hop[1].status, 307);
    CHECK_STR(hop[1].url, at(&stand, "/b?x=1"));
    CHECK_EQ(hop[2].status, 0);
    CHECK_EQ(stand.connections, 1);
}

TASK_TEST(a_host_that_the_session_names_stays_with_the_origin)
{
    struct stand other = { .reply = OK(0) };
    STAND_AS(group, &other);
    char reply[200];
    snprintf(reply, sizeof reply, REDIRECT(302, "%s"), other.url);
    struct stand stand = { .reply = reply };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.headers = BIDE_PAIRS({ "Host", "named" }));
    bide_auto(response) r = bide_get(session, stand.url);
    CHECK_EQ(bide_response_status(r), 200);
    CHECK_HAS(stand.last, "\r\nHost: named\r\n");
    CHECK_HAS(other.last, "\r\nHost: 127.0.0.1:");
    CHECK(!strstr(other.last, "named"));
}

TASK_TEST(the_times_in_a_report_are_the_last_requests)
{
    struct stand stand = { .reply = REDIRECT(302, "http://127.0.0.1:1/"), .delay = 2 };
    STAND(&stand);
    struct bide_report report;
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_get(session, stand.url, .report = &report), NULL);
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
    CHECK_NEAR(report.total, 2, 0.1);
    CHECK_NEAR(report.first_byte, 0, 0.1);
}

TASK_TEST(a_redirect_can_be_looked_at_instead)
{
    static const struct answer answers[] = { { "/a", REDIRECT(302, "/b") } };
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.no_redirects = true);
    bide_auto(response) r = bide_get(session, at(&stand, "/a"));
    CHECK_EQ(bide_response_status(r), 302);
    CHECK_STR(bide_response_header(r, "location"), "/b");
    CHECK_EQ(bide_response_history(r)[0].status, 0);
}

static const struct {
    const char *status, *method, *then;
    bool body;
} methods[] = {
    { "301", "POST", "GET", false }, { "302", "POST", "GET", false },
    { "303", "POST", "GET", false }, { "303", "PUT", "GET", false },
    { "303", "HEAD", "HEAD", false }, { "301", "PUT", "PUT", true },
    { "302", "DELETE", "DELETE", true }, { "307", "POST", "POST", true },
    { "308", "POST", "POST", true }, { "301", "HEAD", "HEAD", false },
};

TASK_TEST(the_method_changes_as_the_fetch_standard_says)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char reply[200], expected[200];
        snprintf(reply, sizeof reply, "HTTP/1.1 %s X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
                 methods[i].status);
        struct answer answers[] = { { "/a", reply }, { "/b", OK(0) } };
        struct stand stand = SCRIPT(answers);
        STAND(&stand);
        bide_auto(session) session = bide_session_open();
        bool has = strcmp(methods[i].method, "HEAD") != 0;
        bide_auto(response) r = bide_fetch(session, methods[i].method, at(&stand, "/a"),
            .data = has ? "body" : NULL, .data_size = has ? 4 : 0,
            .headers = BIDE_PAIRS({ "Content-Type", "text/x" }, { "X-Mine", "1" }));
        CHECK_EQ(bide_response_status(r), 200);
        snprintf(expected, sizeof expected, "%s /b HTTP/1.1\r\n", methods[i].then);
        CHECK_HAS(stand.last, expected);
        CHECK_HAS(stand.last, "X-Mine: 1\r\n");
        bool typed = methods[i].body || !has;
        CHECK_EQ(strstr(stand.last, "Content-Type: text/x\r\n") != NULL, typed);
        CHECK_EQ(strstr(stand.last, "Content-Length: 4\r\n") != NULL, methods[i].body);
    }
}

TASK_TEST(credentials_stay_with_their_origin)
{
    struct stand other = { .reply = OK(0) }, stand;
    STAND_AS(group, &other);
    char reply[200];
    snprintf(reply, sizeof reply, "HTTP/1.1 302 X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
             other.url);
    struct answer answers[] = { { "/same", REDIRECT(302, "/b") }, { "/b", OK(0) },
                                { "/away", reply } };
    stand = SCRIPT(answers);
    STAND(&stand);
    bide_auto(session) session = bide_session_open(
        .headers = BIDE_PAIRS({ "Authorization", "Basic c2Vzc2lvbg==" }));
    const struct bide_pair headers[] = { { "Cookie", "a=b" }, { "X-Mine", "1" }, { NULL, NULL } };
    bide_response_close(bide_get(session, at(&stand, "/same"), .headers = headers));
    CHECK_HAS(stand.last, "GET /b ");
    CHECK_HAS(stand.last, "Authorization: Basic");
    CHECK_HAS(stand.last, "Cookie: a=b");
    bide_response_close(bide_get(session, at(&stand, "/away"), .headers = headers));
    CHECK_HAS(other.last, "X-Mine: 1");
    CHECK(!strstr(other.last, "Authorization"));
    CHECK(!strstr(other.last, "Cookie"));
    bide_response_close(bide_get(session, at(&stand, "/away"),
                                    .auth = { .user = "ann", .password = "secret" },
                                 .cookies = BIDE_PAIRS({ "c", "d" })));
    CHECK(!strstr(other.last, "Authorization"));
    CHECK(!strstr(other.last, "Cookie"));
}

static void fails(const struct stand *stand, const char *path, int code, const char *sentence)
{
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_get(session, at(stand, path)), NULL);
    CHECK_EQ(bide_errcode(), code);
    CHECK_HAS(bide_errmsg(), sentence);
    CHECK(bide_session_connections(session) <= 1);
}

TASK_TEST(endless_and_circular_redirects_end_with_a_sentence)
{
    static const struct answer answers[] = {
        { "/self", REDIRECT(302, "/self") }, { "/a", REDIRECT(302, "/b") },
        { "/b", REDIRECT(302, "/a") }, { "/ftp", REDIRECT(302, "ftp://x/") },
        { "/js", REDIRECT(302, "javascript:alert(1)") }, { "/none", REDIRECT(302, "http://") },
        { "/file", REDIRECT(302, "file:///etc/passwd") },
    };
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    fails(&stand, "/self", BIDE_EHTTP, "redirects lead in a circle");
    fails(&stand, "/a", BIDE_EHTTP, "redirects lead in a circle");
    fails(&stand, "/ftp", BIDE_EURL, "redirect");
    fails(&stand, "/js", BIDE_EURL, "redirect");
    fails(&stand, "/file", BIDE_EURL, "redirect");
    fails(&stand, "/none", BIDE_EURL, "redirect");
}

static int count_up(bide_stream *s, struct stand *stand)
{
    while (stand_read(s, stand) > 0)
        if (bide_printf(s, "HTTP/1.1 302 X\r\nLocation: /%d\r\nContent-Length: 3\r\n\r\nabc",
                        stand->requests) < 0)
            break;
    return 0;
}

TASK_TEST(the_number_of_redirects_has_a_limit)
{
    struct stand stand = { .talk = count_up };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_get(session, stand.url), NULL);
    CHECK_HAS(bide_errmsg(), "more than 10 redirects");
    CHECK_EQ(stand.requests, 11);
    CHECK_PTR(bide_get(session, stand.url, .redirect_max = 3), NULL);
    CHECK_HAS(bide_errmsg(), "more than 3 redirects");
    CHECK_EQ(stand.requests, 15);
    CHECK_EQ(stand.connections, 1);     /* short bodies are read, and connections kept */
}

static ssize_t give_once(void *arg, void *buf, size_t size)
{
    int *left = arg;
    (void)size;
    if ((*left)-- <= 0)
        return 0;
    memcpy(buf, "x", 1);
    return 1;
}

TASK_TEST(a_body_that_is_gone_cannot_go_along)
{
    static const struct answer answers[] = { { "/a", REDIRECT(307, "/b") }, { "/b", OK(0) } };
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    int left = 3;
    CHECK_PTR(bide_post(session, at(&stand, "/a"), .source = give_once, .source_arg = &left,
                        .data_length = 3), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "the body cannot be sent again");
}

TASK_TEST(redirects_count_against_the_total_time)
{
    struct stand stand = { .reply = REDIRECT(302, "?"), .delay = 2 };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.timeout = 3);
    double start = bide_now();
    CHECK_PTR(bide_get(session, stand.url), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_NEAR(bide_now() - start, 3, 0.1);
}

TASK_TEST(a_type_of_the_sessions_goes_with_the_body_it_was_for)
{
    static const struct answer answers[] = { { "/a", REDIRECT(303, "/b") }, { "/b", OK(0) } };
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    bide_auto(session) session = bide_session_open(
        .headers = BIDE_PAIRS({ "Content-Type", "text/x" }));
    bide_response_close(bide_post(session, at(&stand, "/a"), .data = "x", .data_size = 1));
    CHECK_HAS(stand.last, "GET /b ");
    CHECK(!strstr(stand.last, "Content-Type"));
}
