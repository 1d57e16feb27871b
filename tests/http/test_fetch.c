/* The client against servers that say one thing: replies of every framing, good and bad. */
#include "stand.h"


/* The body of one GET, or the sentence why not. */
static const char *fetch(const char *url, char *out, size_t size)
{
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, url, .timeout = 60);
    const char *text = bide_response_text(r, NULL);
    snprintf(out, size, "%s", text ? text : bide_errmsg());
    return out;
}

static const struct {
    const char *reply, *body;
    int status;
} good[] = {
    { OK(5) "hello", "hello", 200 },
    { OK(0), "", 200 },
    { "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", "no", 404 },
    { CHUNKED "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nA: b\r\n\r\n",
      "hello!", 200 },
    { "HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end", 200 },
    { "HTTP/1.0 200 OK\r\n\r\nold", "old", 200 },
    { "HTTP/1.1 204 No Content\r\n\r\n", "", 204 },
    { "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n", "", 304 },
    { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK(2) "ok",
      "ok", 200 },
};

TASK_TEST(every_framing_is_understood_at_once_and_byte_by_byte)
{
    for (size_t i = 0; i < 2 * sizeof good / sizeof *good; i++) {
        struct stand stand = { .reply = good[i / 2].reply, .slowly = i % 2, .close_after = 1 };
        STAND(&stand);
        bide_auto(session) session = bide_session_open();
        bide_auto(response) r = bide_get(session, stand.url);
        size_t size = 99;
        const char *text = bide_response_text(r, &size);
        if (!text)
            test_fail(__FILE__, __LINE__, "%s: %s", good[i / 2].reply, bide_errmsg());
        CHECK_STR(text, good[i / 2].body);
        CHECK_EQ(size, strlen(good[i / 2].body));
        CHECK_EQ(bide_response_status(r), good[i / 2].status);
        CHECK_STR(bide_response_text(r, NULL), text);
    }
}

TASK_TEST(bodies_can_be_read_piece_by_piece)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        for (size_t piece = 1; piece < 8; piece += 3) {
            struct stand stand = { .reply = good[i].reply, .close_after = 1 };
            STAND(&stand);
            bide_auto(session) session = bide_session_open();
            bide_auto(response) r = bide_get(session, stand.url);
            char body[100];
            size_t size = 0;
            ssize_t got;
            while ((got = bide_response_read(r, body + size, piece)) > 0) {
                CHECK((size_t)got <= piece);
                size += (size_t)got;
            }
            CHECK_EQ(got, 0);
            CHECK_EQ(bide_response_read(r, body, 1), 0);
            CHECK_EQ(size, strlen(good[i].body));
            CHECK_MEM(body, good[i].body, size);
        }
}

TASK_TEST(bad_replies_are_errors_with_a_sentence)
{
    static const struct {
        const char *reply;
        int code;
        const char *why;
    } bad[] = {
        { OK(5) "hell", BIDE_EEOF, "body was cut short: 4 of 5 bytes" },
        { OK(5), BIDE_EEOF, "0 of 5" },
        { OK(5) "hello!", BIDE_EHTTP, "more bytes" },
        { OK(0) "!", BIDE_EHTTP, "more bytes" },
        { "HTTP/1.1 204 No Content\r\n\r\nx", BIDE_EHTTP, "more bytes" },
        { CHUNKED "5\r\nhel", BIDE_EEOF, "its chunks" },
        { CHUNKED "0\r\n", BIDE_EEOF, "its chunks" },
        { CHUNKED "xyz", BIDE_EHTTP, "chunk" },
        { CHUNKED "0\r\n\r\n!", BIDE_EHTTP, "more bytes" },
        { "HTTP/1.1 200 OK\r\nContent-Le", BIDE_EEOF, "in its head" },
        { "H", BIDE_EEOF, "in its head" }, { "\n", BIDE_EHTTP, "LF without CR" },
        { "HTTP/1.1 100 Continue\r\n\r\n", BIDE_EEOF, "without a reply" },
        { "HTTP/1.1 101 Switching Protocols\r\n\r\n", BIDE_EHTTP, "leave HTTP" },
        { "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody", BIDE_EHTTP, "announces" },
        { "HTTP/1.1 100 Continue\r\nContent-Length: 4\r\n\r\n", BIDE_EHTTP, "announces" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", BIDE_EHTTP,
          "both" },
        { "HTTP/2 200\r\n\r\n", BIDE_EHTTP, "" }, { "<html>\r\n\r\n", BIDE_EHTTP, "begin" },
    };
    for (size_t i = 0; i < 2 * sizeof bad / sizeof *bad; i++) {
        char out[300];
        struct stand stand = { .reply = bad[i / 2].reply, .slowly = i % 2, .close_after = 1 };
        STAND(&stand);
        fetch(stand.url, out, sizeof out);
        if (bide_errcode() != bad[i / 2].code || !strstr(out, bad[i / 2].why))
            if (!(i % 2 && strstr(bad[i / 2].why, "more bytes")))       /* they came later */
                test_fail(__FILE__, __LINE__, "%s: \"%s\"", bad[i / 2].reply, out);
        if (i % 2 == 0)
            CHECK(strncmp(out, "get http://127.0.0.1:", 21) == 0);
    }
}

static int close_at_once(bide_stream *s, struct stand *stand)
{
    return stand_read(s, stand) > 0 ? 0 : -1;
}

TASK_TEST(a_server_that_says_nothing_is_an_error)
{
    struct stand stand = { .talk = close_at_once };
    char out[300];
    STAND(&stand);
    fetch(stand.url, out, sizeof out);
    CHECK_EQ(bide_errcode(), BIDE_EEOF);
    CHECK_HAS(out, "without a reply");
    CHECK_EQ(stand.requests, 1);
}

TASK_TEST(headers_are_kept_in_order_and_found_in_any_case)
{
    struct stand stand = { .reply = "HTTP/1.1 201 Made  it\r\nContent-Length: 0\r\n"
                                    "Set-Cookie: a=b\r\nX-Y:\r\nset-cookie: \tc=d \r\n\r\n" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url);
    CHECK_EQ(bide_response_status(r), 201);
    CHECK_STR(bide_response_reason(r), "Made  it");
    CHECK_STR(bide_response_url(r), stand.url);
    CHECK_STR(bide_response_header(r, "SET-COOKIE"), "a=b");
    CHECK_STR(bide_response_header(r, "x-y"), "");
    CHECK_STR(bide_response_header(r, "x"), NULL);
    const struct bide_pair *all = bide_response_headers(r);
    CHECK_STR(all[1].name, "Set-Cookie");
    CHECK_STR(all[3].name, "set-cookie");
    CHECK_STR(all[3].value, "c=d");
    CHECK_STR(all[4].name, NULL);
    CHECK_PTR(bide_response_headers(r), all);
}

TASK_TEST(a_head_has_no_body)
{
    struct stand stand = { .reply = OK(5) };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    for (int i = 0; i < 2; i++) {
        bide_auto(response) r = bide_head(session, stand.url);
        CHECK_STR(bide_response_text(r, NULL), "");
        CHECK_STR(bide_response_header(r, "content-length"), "5");
    }
    CHECK_EQ(stand.connections, 1);
    CHECK_HAS(stand.last, "HEAD / HTTP/1.1\r\n");
}

TASK_TEST(a_status_of_400_and_more_is_an_error_only_when_asked)
{
    struct stand stand = { .reply = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url);
    CHECK(r != NULL);
    CHECK_EQ(bide_response_check(r), BIDE_EHTTP);
    CHECK_HAS(bide_errmsg(), "get http://127.0.0.1:");
    CHECK_HAS(bide_errmsg(), "/: 404 Not Found");
}

TASK_TEST(what_is_asked_is_what_is_sent)
{
    struct stand stand = { .reply = OK(0) };
    STAND(&stand);
    char base[80];
    snprintf(base, sizeof base, "%sapi/v1/", stand.url);
    bide_auto(session) session = bide_session_open(.base_url = base, .user_agent = "me/1",
        .headers = BIDE_PAIRS({ "X-Always", "yes" }, { "Accept", "text/plain" }));
    bide_auto(response) a = bide_get(session, "items?a=b",
        .query = BIDE_PAIRS({ "q", "1 & 2" }, { "\xc3\xa4", "" }));
    CHECK(a != NULL);
    CHECK_HAS(stand.last, "GET /api/v1/items?a=b&q=1%20%26%202&%C3%A4= HTTP/1.1\r\n"
                          "Host: 127.0.0.1:");
    CHECK_HAS(stand.last, "\r\nX-Always: yes\r\nAccept: text/plain\r\n\r\n");
    CHECK_HAS(stand.last, "\r\nUser-Agent: me/1\r\n");
    bide_auto(response) b = bide_post(session, "/x", .data = "hello", .data_size = 5,
        .headers = BIDE_PAIRS({ "accept", "a/b" }, { "X-Once", "1" }));
    CHECK(b != NULL);
    CHECK_HAS(stand.last, "POST /x HTTP/1.1\r\nHost: ");
    CHECK_HAS(stand.last, "\r\nX-Always: yes\r\naccept: a/b\r\nX-Once: 1\r\n"
                          "Content-Type: application/octet-stream\r\nContent-Length: 5\r\n\r\n");
    CHECK(!strstr(stand.last, "text/plain"));
    bide_auto(response) c = bide_put(session, stand.url,
        .headers = BIDE_PAIRS({ "Host", "other" }, { "user-agent", "x" }));
    CHECK(c != NULL);
    CHECK_HAS(stand.last, "PUT / HTTP/1.1\r\n");
    CHECK_HAS(stand.last, "\r\nX-Always: yes\r\nAccept: text/plain\r\nHost: other\r\n"
                          "user-agent: x\r\nContent-Length: 0\r\n\r\n");
    bide_auto(response) d = bide_fetch(session, "PURGE", "../x");
    CHECK(d != NULL);
    CHECK_HAS(stand.last, "PURGE /api/x HTTP/1.1\r\n");
    CHECK_EQ(stand.connections, 1);
}

TASK_TEST(a_host_that_the_session_names_is_the_only_one)
{
    struct stand stand = { .reply = OK(0) };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.headers = BIDE_PAIRS({ "host", "other" }));
    for (int with_own = 0; with_own < 2; with_own++) {
        bide_auto(response) r = bide_get(session, stand.url, .headers = with_own
                                         ? BIDE_PAIRS({ "X-Own", "yes" }) : NULL);
        CHECK_EQ(bide_response_status(r), 200);
        const char *host = strcasestr(stand.last, "\r\nhost:");
        CHECK_HAS(host, "\r\nhost: other\r\n");
        CHECK(!strcasestr(host + 1, "\r\nhost:"));
    }
}

TASK_TEST(nothing_from_outside_splits_a_request)
{
    struct stand stand = { .reply = OK(0) };
    STAND(&stand);
    char url[100];
    bide_auto(session) session = bide_session_open();
    snprintf(url, sizeof url, "%sa\r\nX: y", stand.url);
    CHECK_PTR(bide_get(session, url), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EURL);
    CHECK(!strpbrk(bide_errmsg(), "\r\n"));
    CHECK_PTR(bide_fetch(session, "GET / HTTP/1.1\r\nX: y\r\n\r\nGET", stand.url), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_fetch(session, "", stand.url), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_get(session, stand.url, .headers = BIDE_PAIRS({ "A", "b\r\nX: y" })), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_get(session, stand.url, .headers = BIDE_PAIRS({ "A\r\nX", "y" })), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_get(session, stand.url, .headers = BIDE_PAIRS({ "Content-Length", "5" })), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_get(session, stand.url, .headers = BIDE_PAIRS({ "Transfer-Encoding", "" })),
              NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_session_open(.user_agent = "a\nb"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_session_open(.headers = BIDE_PAIRS({ "A", "b\r\n" })), NULL);
    CHECK_PTR(bide_session_open(.base_url = "http://a b/"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EURL);
    bide_auto(response) r = bide_get(session, stand.url,
                                     .query = BIDE_PAIRS({ "a", "b\r\nX: y" }));
    CHECK(r != NULL);
    CHECK_HAS(stand.last, "GET /?a=b%0D%0AX%3A%20y HTTP");
    CHECK_EQ(stand.requests, 1);
}

TASK_TEST(arguments_that_make_no_sense_are_refused)
{
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_get(session, NULL), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_get(session, "/only/a/path"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EURL);
    CHECK_PTR(bide_get(session, "http://a/", .timeout = -1), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_get(session, "http://a/", .timeouts.idle = __builtin_nan("")), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_get(session, "http://a/", .retries = -1), NULL);
    CHECK_PTR(bide_get(session, "http://a/", .data_size = 1), NULL);
    CHECK_PTR(bide_fetch(session, "CONNECT", "http://a/"), NULL);
    CHECK_PTR(bide_session_open(.timeout = -1), NULL);
    CHECK_PTR(bide_session_open(.keep_alive = -1), NULL);
    CHECK_PTR(bide_session_open(.headers = BIDE_PAIRS({ "content-length", "3" })), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_session_open(.headers = BIDE_PAIRS({ "Transfer-Encoding", "chunked" })), NULL);
    bide_fail(-7777, "held");
    CHECK_PTR(bide_get(NULL, "http://a/"), NULL);
    CHECK_EQ(bide_errcode(), -7777);
    CHECK_PTR(bide_response_text(NULL, NULL), NULL);
    CHECK_EQ(bide_response_read(NULL, NULL, 0), -7777);
    CHECK_EQ(bide_response_check(NULL), -7777);
    CHECK_EQ(bide_response_status(NULL), -7777);
    bide_response_close(NULL);
    bide_session_close(NULL);
}

TASK_TEST(bodies_and_heads_have_limits)
{
    struct stand stand = { .reply = OK(10) "0123456789" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.header_max = 60);
    {
        bide_auto(response) r = bide_get(session, stand.url, .body_max = 10);
        CHECK_STR(bide_response_text(r, NULL), "0123456789");
    }
    {
        bide_auto(response) r = bide_get(session, stand.url, .body_max = 9);
        CHECK_PTR(bide_response_text(r, NULL), NULL);
        CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
        CHECK_HAS(bide_errmsg(), "the body has 10 bytes, more than the 9 allowed");
    }
    stand.reply = CHUNKED "5\r\n01234\r\n5\r\n56789\r\n"
                  "0\r\n\r\n";
    {
        bide_auto(response) r = bide_get(session, stand.url, .body_max = 9);
        CHECK_PTR(bide_response_text(r, NULL), NULL);
        CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
        CHECK_HAS(bide_errmsg(), "longer than the 9 bytes allowed");
    }
    stand.reply = "HTTP/1.1 200 OK\r\nX: 0123456789012345678901234567890123456789\r\n\r\n";
    CHECK_PTR(bide_get(session, stand.url), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    stand.reply = EMPTY("200 OK");
    bide_auto(session) unlimited = bide_session_open(.header_max = BIDE_UNLIMITED);
    bide_auto(response) r = bide_get(unlimited, stand.url);
    CHECK_EQ(bide_response_status(r), 200);
}

static int talk_for_ever(bide_stream *s, struct stand *stand)
{
    if (stand_read(s, stand) <= 0)
        return 0;
    while (bide_write(s, stand->reply, strlen(stand->reply)) == 0)
        ;
    return 0;
}

TASK_TEST(endless_interim_replies_end)
{
    struct stand stand = { .reply = "HTTP/1.1 102 Processing\r\n\r\n", .talk = talk_for_ever };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_get(session, stand.url), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
}

TASK_TEST(an_endless_head_ends_at_its_limit)
{
    struct stand stand = { .reply = "HTTP/1.1 200 OK\r\nX: 0123456789012345678901234567890",
                           .talk = talk_for_ever };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_get(session, stand.url), NULL);
    CHECK(bide_errcode() == BIDE_ELIMIT || bide_errcode() == BIDE_EHTTP);
}

/* A body larger than any buffer on the way, in every framing. */
static int send_large(bide_stream *s, struct stand *stand)
{
    char block[1000];
    if (stand_read(s, stand) <= 0)
        return 0;
    bool chunked = stand->close_after == 1, length = stand->close_after == 2;
    const char *field = chunked ? "Transfer-Encoding: chunked\r\n"
                      : length ? "Content-Length: 3000000\r\n" : "";
    bide_ignore(bide_printf(s, "HTTP/1.1 200 OK\r\n%s\r\n", field));
    for (int i = 0; i < 3000; i++) {
        memset(block, 'a' + i % 26, sizeof block);
        if (chunked)
            bide_ignore(bide_write(s, "3e8\r\n", 5));
        bide_ignore(bide_write(s, block, sizeof block));
        if (chunked)
            bide_ignore(bide_write(s, "\r\n", 2));
    }
    if (chunked)
        bide_ignore(bide_write(s, "0\r\n\r\n", 5));
    return 0;
}

TASK_TEST(large_bodies_arrive_whole)
{
    for (int framing = 0; framing < 3; framing++) {
        struct stand stand = { .talk = send_large, .close_after = framing };
        STAND(&stand);
        bide_auto(session) session = bide_session_open();
        bide_auto(response) r = bide_get(session, stand.url);
        size_t size = 0;
        const char *text = bide_response_text(r, &size);
        if (!text)
            test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
        CHECK_EQ(size, 3000000);
        for (size_t i = 0; i < size; i += 997)
            CHECK_EQ(text[i], 'a' + (int)(i / 1000 % 26));
    }
}

/* Answers before the request has come, and closes: as a server does that wants no such upload. */
static int refuse_upload(bide_stream *s, struct stand *stand)
{
    char *line;
    if (bide_read_until(s, "\r\n\r\n", &line) <= 0)
        return 0;
    stand->requests++;
    bide_ignore(bide_write(s, stand->reply, strlen(stand->reply)));
    bide_ignore(bide_write_end(s));
    return bide_sleep(1);
}

TASK_TEST(an_early_refusal_of_an_upload_is_heard)
{
    struct stand stand = { .talk = refuse_upload,
                           .reply = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno!" };
    STAND(&stand);
    size_t size = 50 << 20;
    char *data = calloc(1, size);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_post(session, stand.url, .data = data, .data_size = size);
    free(data);
    if (!r)                     /* a reset may destroy the reply on its way: then that is said */
        CHECK(bide_errcode() == -ECONNRESET || bide_errcode() == -EPIPE);
    else
        CHECK_EQ(bide_response_status(r), 413);
}

static int serve_demo(void *listener)
{
    bide_auto(app) app = bide_demo_app();
    return bide_app_run(app, NULL, .listener = listener, .grace = -1);
}

TASK_TEST(ipv6_addresses_work_where_the_machine_has_them)
{
    bide_auto(listener) listener = bide_listen("[::1]:0");
    if (!listener)
        return;
    BIDE_GROUP(server);
    bide_spawn(server, serve_demo, listener);
    char url[100];
    snprintf(url, sizeof url, "http://%s/get", bide_listener_address(listener));
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, url);
    CHECK_HAS(bide_response_text(r, NULL), "\"Host\":\"[::1]:");
}

TASK_TEST(a_report_tells_where_the_time_went)
{
    struct stand stand = { .reply = OK(2) "ok", .delay = 2 };
    struct bide_report report;
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    bide_response *first = bide_get(session, stand.url, .report = &report);
    CHECK_NEAR(report.first_byte, 2, 0.1);
    CHECK_NEAR(report.total, 2, 0.1);
    CHECK_NEAR(report.pool + report.dns + report.connect, 0, 0.1);
    CHECK(!report.reused);
    bide_response_close(first);
    bide_auto(response) second = bide_get(session, stand.url, .report = &report);
    CHECK(second != NULL && report.reused);
    CHECK_EQ(report.connect, 0);
    CHECK_PTR(bide_get(session, "http://127.0.0.1:1/", .report = &report, .timeouts.pool = 3),
              NULL);
    CHECK_NEAR(report.pool, 3, 0.1);    /* a failed call reports as well */
    CHECK_EQ(report.attempts, 1);
}
