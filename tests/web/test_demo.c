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
        { "/json", 200, "{\"name\":\"bide\",\"waits\":true,\"numbers\":[1,2,3]}\n" },
        { "/posts/1", 200, "{\"userId\":1,\"id\":1,\"title\":\"Post 1\"," },
        { "/posts/100", 200, "\"id\":100," }, { "/posts/101", 404, "there are posts" },
        { "/posts/0", 404, "" }, { "/posts/x", 404, "" },
        { "/users/ann", 200, "{\"name\":\"ann\",\"login\":\"ann\",\"public_repos\":3}" },
        { "/users/%22%5c%0a%c3%a4", 200, "{\"name\":\"\\\"\\\\\\nä\"," },
        { "/users/%e4", 200, "{\"name\":\"ä\"," },
        { "/items", 200, "{\"page\":1,\"results\":[{\"id\":1," },
        { "/items?page=3", 200, "{\"id\":30,\"name\":\"item 30\"}]}" },
        { "/items?page=4", 200, "{\"page\":4,\"results\":[]}" },
        { "/items?page=0", 400, "" }, { "/items?page=-1", 400, "" }, { "/items?page=", 400, "" },
        { "/status/418", 418, "status 418" }, { "/status/204", 204, "" },
        { "/status/304", 304, "" }, { "/status/599", 599, "" }, { "/status/199", 400, "" },
        { "/status/600", 400, "" }, { "/status/x", 400, "" },
        { "/bytes/0", 200, "" }, { "/bytes/30", 200, "abcdefghijklmnopqrstuvwxyzabcd" },
        { "/bytes/-1", 400, "" }, { "/bytes/99999999999", 400, "" },
        { "/delay/x", 400, "" }, { "/delay/-1", 400, "" }, { "/delay/nan", 400, "" },
        { "/delay/1e9", 400, "" }, { "/get", 200, "{\"method\":\"GET\",\"path\":\"/get\"," },
        { "/get", 200, "\"User-Agent\":\"bide/" }, { "/", 404, "" }, { "/flaky/x", 400, "" },
        { "/get?b=2&a=%201&b=3&c", 200, "\"query\":{\"b\":[\"2\",\"3\"],\"a\":\" 1\",\"c\":\"\"}" },
        { "/post", 405, "" }, { "/anything/else", 200, "\"path\":\"/anything/else\"" },
        { "/headers", 200, "{\"headers\":{\"Host\":\"127.0.0.1:" },
        { "/ip", 200, "{\"ip\":\"127.0.0.1\"}\n" },
        { "/user-agent", 200, "{\"user-agent\":\"bide/" },
        { "/response-headers?X-A=1", 200, "{\"headers\":{\"X-A\":\"1\"}}" },
        { "/response-headers?A=%0d%0aB:", 400, "" },
        { "/html", 200, "<title>The demo</title>" }, { "/site/1", 200, "<title>Page 1</title>" },
        { "/site/2", 200, "<h1>2</h1><a href=\"/site/3\">" }, { "/site/x", 400, "" },
        { "/redirect/x", 400, "" }, { "/redirect/1001", 400, "" }, { "/redirect-to", 400, "" },
        { "/redirect-to?url=/json&status=304", 400, "" },
        { "/redirect-to?url=%0d%0aA:%20b", 400, "" },
        { "/encoding/none", 404, "" }, { "/stream/0", 200, "" }, { "/stream/x", 400, "" },
        { "/stream/2", 200, "{\"line\":1,\"of\":2}\n{\"line\":2,\"of\":2}\n" },
        { "/stream/2?delay=x", 400, "" }, { "/events?count=x", 400, "" },
        { "/events?count=1", 200,
          "retry: 1000\n\nid: 1\nevent: tick\ndata: {\"tick\":1}\n\n" },
        { "/drip?bytes=0", 400, "" }, { "/drip?duration=-1", 400, "" },
        { "/range/10", 200, "abcdefghij" }, { "/range/99999999", 400, "" },
        { "/etag/x", 200, "this is \"x\"" }, { "/etag/%22", 400, "" },
        { "/basic-auth/ann/x", 401, "who are you?" }, { "/bearer", 401, "" },
    };
    char body[4000];
    DEMO(session);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int status = get(session, cases[i].path, body, sizeof body);
        if (status != cases[i].status || !strstr(body, cases[i].part))
            test_fail(__FILE__, __LINE__, "%s: %d %s", cases[i].path, status, body);
    }
}

/* A GET with a header: the response, whole. */
static bide_response *get_with(bide_session *session, const char *path, const char *name,
                               const char *value)
{
    char url[300];
    struct bide_pair headers[] = { { name, value }, { NULL, NULL } };
    snprintf(url, sizeof url, "http://%s%s", bide_listener_address(listener), path);
    bide_response *r = bide_get(session, url, .headers = headers, .no_redirects = true,
                                .no_decoding = true);
    if (!bide_response_text(r, NULL))
        test_fail(__FILE__, __LINE__, "%s: %s", path, bide_errmsg());
    return r;
}

static void check_get(bide_session *session, const char *path, const char *name,
                      const char *value, int status, const char *text)
{
    bide_auto(response) r = get_with(session, path, name, value);
    const char *body = bide_response_text(r, NULL);
    if (bide_response_status(r) != status || strcmp(body, text) != 0)
        test_fail(__FILE__, __LINE__, "%s %s: %s: %d %s", path, name, value,
                  bide_response_status(r), body);
}

TASK_TEST(parts_are_what_was_asked_for)
{
    DEMO(session);
    check_get(session, "/range/30", "Range", "bytes=2-4", 206, "cde");
    check_get(session, "/range/30", "Range", "bytes=25-", 206, "zabcd");
    check_get(session, "/range/30", "Range", "bytes=-3", 206, "bcd");
    check_get(session, "/range/5", "Range", "bytes=-9", 206, "abcde");
    check_get(session, "/range/5", "Range", "bytes=3-99999999999999999999999", 200, "abcde");
    check_get(session, "/range/5", "Range", "bytes=3-99", 206, "de");
    check_get(session, "/range/5", "Range", "bytes=5-", 416, "there are 5 bytes\n");
    check_get(session, "/range/5", "Range", "bytes=-0", 416, "there are 5 bytes\n");
    check_get(session, "/range/5", "Range", "bytes=4-3", 200, "abcde");
    check_get(session, "/range/5", "Range", "bytes=1-2,4-4", 200, "abcde");
    check_get(session, "/range/5", "Range", "lines=1-2", 200, "abcde");
    bide_auto(response) r = get_with(session, "/range/30", "Range", "bytes=2-4");
    CHECK_STR(bide_response_header(r, "Content-Range"), "bytes 2-4/30");
    CHECK_STR(bide_response_header(r, "ETag"), "\"letters-30\"");
}

TASK_TEST(parts_of_something_else_are_not_sent)
{
    DEMO(session);
    char url[100];
    snprintf(url, sizeof url, "http://%s/range/5", bide_listener_address(listener));
    static const struct { const char *same; int status; } cases[] = {
        { "\"letters-5\"", 206 }, { "\"letters-6\"", 200 },
        { "Thu, 01 Jan 2026 00:00:00 GMT", 206 }, { "Thu, 01 Jan 2026 00:00:01 GMT", 200 } };
    for (size_t i = 0; i < 4; i++) {
        struct bide_pair headers[] = { { "Range", "bytes=1-" }, { "If-Range", cases[i].same },
                                       { NULL, NULL } };
        bide_auto(response) r = bide_get(session, url, .headers = headers);
        CHECK_EQ(bide_response_status(r), cases[i].status);
    }
}

TASK_TEST(tags_answer_conditions)
{
    DEMO(session);
    check_get(session, "/etag/a", "If-None-Match", "\"a\"", 304, "");
    check_get(session, "/etag/a", "If-None-Match", "\"b\", \"a\"", 304, "");
    check_get(session, "/etag/a", "If-None-Match", "\"b\"", 200, "this is \"a\"\n");
    check_get(session, "/etag/a", "If-Match", "\"a\"", 200, "this is \"a\"\n");
    check_get(session, "/etag/a", "If-Match", "\"b\"", 412, "it is \"a\"\n");
}

TASK_TEST(redirects_say_where_to)
{
    static const char *const cases[][2] = {
        { "/redirect/3", "/redirect/2" }, { "/redirect/1", "/get" }, { "/redirect/0", "/get" },
        { "/redirect-to?url=http://a.test/%3fb", "http://a.test/?b" },
        { "/cookies/set?a=b", "/cookies" } };
    DEMO(session);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bide_auto(response) r = get_with(session, cases[i][0], "Accept", "*/*");
        CHECK_EQ(bide_response_status(r), 302);
        CHECK_STR(bide_response_header(r, "Location"), cases[i][1]);
    }
    bide_auto(response) r = get_with(session, "/redirect-to?url=/&status=308", "Accept", "*/*");
    CHECK_EQ(bide_response_status(r), 308);
}

TASK_TEST(cookies_are_set_and_told)
{
    DEMO(session);
    check_get(session, "/cookies", "Cookie", "a=b; c=d=e; f", 200,
              "{\"cookies\":{\"a\":\"b\",\"c\":\"d=e\",\"\":\"f\"}}\n");
    bide_auto(response) r = get_with(session, "/cookies/set?a=b&c=d", "Accept", "*/*");
    const char *first = bide_response_header(r, "Set-Cookie");
    CHECK_STR(first, "a=b; Path=/");
    CHECK_STR(bide_response_header_next(r, "Set-Cookie", first), "c=d; Path=/");
    bide_auto(response) gone = get_with(session, "/cookies/delete?a", "Accept", "*/*");
    CHECK_STR(bide_response_header(gone, "Set-Cookie"), "a=; Path=/; Max-Age=0");
    check_get(session, "/cookies/set?a=%0d", "Accept", "*/*", 400,
              "a cannot stand in a cookie\n");
}

TASK_TEST(who_asks_is_looked_at)
{
    DEMO(session);
    check_get(session, "/basic-auth/ann/secret", "Authorization", "Basic YW5uOnNlY3JldA==", 200,
              "{\"authenticated\":true,\"user\":\"ann\"}\n");
    check_get(session, "/basic-auth/ann/other", "Authorization", "basic YW5uOnNlY3JldA==", 401,
              "who are you?\n");
    check_get(session, "/bearer", "Authorization", "Bearer t", 200,
              "{\"authenticated\":true,\"token\":\"t\"}\n");
    check_get(session, "/bearer", "Authorization", "Basic t", 401, "who are you?\n");
    bide_auto(response) r = get_with(session, "/basic-auth/a/b", "Accept", "*/*");
    CHECK_STR(bide_response_header(r, "WWW-Authenticate"), "Basic realm=\"demo\"");
}

/* The answers were worked out by hand (printf ... | md5sum). */
TASK_TEST(digests_are_worked_out)
{
    static const char said[] = "Digest username=\"ann\", realm=\"demo\", "
        "nonce=\"a-nonce-of-the-demo\", uri=\"/digest-auth/ann/secret\", algorithm=MD5, "
        "qop=auth, nc=00000001, cnonce=\"c\", response=\"481f44de565d52e31cff5777279e2e66\"";
    DEMO(session);
    bide_auto(response) asked = get_with(session, "/digest-auth/a/b", "Accept", "*/*");
    if (bide_response_status(asked) == 501)
        return;
    CHECK_EQ(bide_response_status(asked), 401);
    check_get(session, "/digest-auth/ann/secret", "Authorization", said, 200,
              "{\"authenticated\":true,\"user\":\"ann\"}\n");
    check_get(session, "/digest-auth/ann/other", "Authorization", said, 401, "who are you?\n");
}

TASK_TEST(coded_answers_can_be_decoded)
{
    static const char *const codings[] = { "gzip", "deflate", "br", "zstd" };
    char path[20];
    DEMO(session);
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "/%s", codings[i]);
        bide_auto(response) raw = get_with(session, path, "Accept", "*/*");
        if (bide_response_status(raw) == 501)
            continue;
        CHECK_STR(bide_response_header(raw, "Content-Encoding"), codings[i]);
        char body[1000], part[40];
        snprintf(part, sizeof part, "\"coding\":\"%s\"}", codings[i]);
        CHECK_EQ(get(session, path, body, sizeof body), 200);
        CHECK_HAS(body, part);
    }
}

TASK_TEST(charsets_say_the_same)
{
    char body[100];
    DEMO(session);
    CHECK_EQ(get(session, "/encoding/latin1", body, sizeof body), 200);
    CHECK_STR(body, "naïve café\n");
    CHECK_EQ(get(session, "/encoding/utf8", body, sizeof body), 200);
    CHECK_STR(body, "naïve café\n");
    CHECK_EQ(get(session, "/encoding/utf16", body, sizeof body), 200);
    CHECK_STR(body, "naïve café\n");
    CHECK_EQ(get(session, "/encoding/shift_jis", body, sizeof body), 200);
    CHECK_STR(body, "こんにちは\n");
}

TASK_TEST(a_header_may_come_behind_the_body)
{
    DEMO(session);
    bide_auto(response) r = get_with(session, "/trailers", "Accept", "*/*");
    CHECK_STR(bide_response_text(r, NULL), "abc\n");
    const struct bide_pair *trailer = bide_response_trailers(r);
    CHECK_STR(trailer[0].name, "X-Letters");
    CHECK_STR(trailer[0].value, "3");
    check_get(session, "/json", "Accept", "*/*", 200,     /* on the same connection */
              "{\"name\":\"bide\",\"waits\":true,\"numbers\":[1,2,3]}\n");
    CHECK_EQ(bide_session_connections(session), 1);
}

TASK_TEST(bodies_are_told_back)
{
    static const struct { const char *type, *data; size_t size; const char *part; } cases[] = {
        { "text/plain", "a\"b", 3, "\"body\":\"a\\\"b\"" },
        { "text/plain", "\xff\0", 2, "\"base64\":\"/wA=\"" },
        { "application/json; charset=utf-8", "[1]", 3, "\"json\":[1]" },
        { "application/json", "[1", 2, "\"json\":null" },
        { "application/x-www-form-urlencoded", "a=1&b=%26+c", 11,
          "\"form\":{\"a\":\"1\",\"b\":\"& c\"}" },
        { "multipart/form-data; boundary=X", "--X\r\nContent-Disposition: form-data; name=\"f\"; "
          "filename=\"f.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--X--\r\n", 107,
          "\"parts\":[{\"name\":\"f\",\"filename\":\"f.txt\",\"type\":\"text/plain\",\"size\":5,"
          "\"text\":\"hello\"}]" },
    };
    static const char *const paths[] = { "/anything", "/upload" };
    char url[100];
    DEMO(session);
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        size_t n = i / 2;
        snprintf(url, sizeof url, "http://%s%s", bide_listener_address(listener), paths[i % 2]);
        bide_auto(response) r = bide_post(session, url, .data = cases[n].data,
                                          .data_size = cases[n].size,
                                          .content_type = cases[n].type);
        const char *text = bide_response_text(r, NULL);
        CHECK(text != NULL);
        if (i % 2 == 0 || n == 5)
            CHECK_HAS(text, cases[n].part);
        else
            CHECK_HAS(text, "{\"size\":");
    }
}

TASK_TEST(a_form_that_is_none_is_refused)
{
    static const char *const bodies[] = { "--X\r\n", "--X\r\nA b\r\n\r\n" };
    char url[100];
    DEMO(session);
    snprintf(url, sizeof url, "http://%s/upload", bide_listener_address(listener));
    for (size_t i = 0; i < 2; i++) {
        bide_auto(response) r = bide_post(session, url, .data = bodies[i],
                                          .data_size = strlen(bodies[i]),
                                          .content_type = "multipart/form-data; boundary=X");
        CHECK_EQ(bide_response_status(r), 400);
    }
}

TASK_TEST(what_is_cut_short_is_seen_to_be)
{
    static const char *const paths[] = { "/close", "/close?chunked=1", "/range/100?cut=50" };
    char url[100];
    DEMO(session);
    for (size_t i = 0; i < 3; i++) {
        snprintf(url, sizeof url, "http://%s%s", bide_listener_address(listener), paths[i]);
        bide_auto(response) r = bide_get(session, url);
        CHECK_EQ(bide_response_status(r), 200);
        CHECK(bide_response_text(r, NULL) == NULL);
        CHECK_EQ(bide_errcode(), BIDE_EEOF);
    }
    check_get(session, "/range/100?cut=50", "Range", "bytes=98-", 206, "uv");
}

TASK_TEST(events_go_on_behind_the_last_one_seen)
{
    DEMO(session);
    check_get(session, "/events?count=3", "Last-Event-ID", "2", 200,
              "retry: 1000\n\nid: 3\nevent: tick\ndata: {\"tick\":3}\n\n");
    check_get(session, "/events?count=3", "Last-Event-ID", "3", 200, "retry: 1000\n\n");
}

TASK_TEST(what_drips_and_streams_takes_its_time)
{
    char body[100];
    DEMO(session);
    double start = bide_now();
    CHECK_EQ(get(session, "/drip?bytes=5&duration=3", body, sizeof body), 200);
    CHECK_STR(body, "*****");
    CHECK_NEAR(bide_now() - start, 3, 0.1);
    CHECK_EQ(get(session, "/stream/3?delay=2", body, sizeof body), 200);
    CHECK_NEAR(bide_now() - start, 7, 0.1);
    CHECK_EQ(get(session, "/events?count=3&delay=0.5", body, sizeof body), 200);
    CHECK_NEAR(bide_now() - start, 8, 0.1);
}

TASK_TEST(pages_lead_to_each_other)
{
    static const struct { const char *path, *link; } cases[] = {
        { "/items", "</items?page=2>; rel=\"next\", </items?page=1>; rel=\"first\", "
                    "</items?page=3>; rel=\"last\"" },
        { "/items?page=3", "</items?page=2>; rel=\"prev\", </items?page=1>; rel=\"first\", "
                           "</items?page=3>; rel=\"last\"" } };
    DEMO(session);
    for (size_t i = 0; i < 2; i++) {
        bide_auto(response) r = get_with(session, cases[i].path, "Accept", "*/*");
        CHECK_STR(bide_response_header(r, "Link"), cases[i].link);
    }
    bide_auto(response) r = get_with(session, "/items?page=4", "Accept", "*/*");
    CHECK(bide_response_header(r, "Link") == NULL);
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

static void quiet(void *unused, enum bide_log_level level, const char *text)
{
    (void)unused;
    (void)level;
    (void)text;
}

static void unheard(const bide_task *task, const struct bide_error *why)
{
    (void)task;
    CHECK(why->code < 0);
}

/* Each kind of service once; the first failure counts. */
static int ask_all(void *unused)
{
    static const char *const paths[] = {
        "/anything?a=1&a=2", "/users/%e4", "/items", "/redirect/1", "/cookies/set?a=b", "/range/9",
        "/gzip", "/br", "/stream/2", "/events", "/trailers", "/basic-auth/a/b", "/flaky/1",
    };
    (void)unused;
    bide_auto(listener) own = listener = bide_listen("127.0.0.1:0");
    if (!listener)
        return bide_errcode();
    BIDE_GROUP(server);
    bide_spawn(server, serve, NULL);
    char base[80];
    snprintf(base, sizeof base, "http://%s", bide_listener_address(listener));
    bide_auto(session) session = bide_session_open(.base_url = base, .no_cookies = true);
    const struct bide_pair form[] = { { "a", "b" }, { NULL, NULL } };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        bide_auto(response) r = bide_fetch(session, i == 0 ? "POST" : "GET", paths[i],
                                           .form = i == 0 ? form : NULL, .timeout = 5);
        if (!bide_response_text(r, NULL))
            return bide_errcode();
    }
    return 0;
}

TEST(every_allocation_of_the_demo_may_fail)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    int faults = bide_test_each_allocation(ask_all, NULL, .on_failure = unheard);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults > 100);
}
