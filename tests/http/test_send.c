/* Bodies of requests on their way: of each kind, framed, large, refused half-way. */
#include "stand.h"

#include <bide/json.h>
#include <bide/multipart.h>
#include <unistd.h>

enum { LARGE = 3000000 };

/* Reads a whole request, body and all, and remembers it. */
static char got[8192];
static size_t got_size;

static int chunked_read(bide_stream *s)
{
    for (;;) {
        char *line;
        if (bide_read_until(s, "\r\n", &line) <= 0)
            return -1;
        size_t size = strtoul(line, NULL, 16), left = size;
        for (char piece[1000]; left > 0;) {
            size_t n = left < sizeof piece ? left : sizeof piece;
            if (bide_read_exactly(s, piece, n) < 0)
                return -1;
            if (got_size + n < sizeof got)
                memcpy(got + got_size, piece, n);
            got_size += n;
            left -= n;
        }
        if (bide_read_until(s, "\r\n", &line) <= 0)
            return -1;
        if (size == 0)
            return 0;
    }
}

static int keep_body(bide_stream *s, struct stand *stand)
{
    char *head;
    while (bide_read_until(s, "\r\n\r\n", &head) > 0) {
        snprintf(stand->last, sizeof stand->last, "%s", head);
        stand->requests++;
        memset(got, 0, sizeof got);
        got_size = 0;
        const char *length = strcasestr(stand->last, "\r\nContent-Length: ");
        size_t size = length ? strtoul(length + 18, NULL, 10) : 0;
        if (strstr(stand->last, "Expect: 100-continue") &&
            bide_printf(s, "HTTP/1.1 100 Continue\r\n\r\n") < 0)
            break;
        if (strstr(stand->last, "chunked") && chunked_read(s) < 0)
            break;
        for (char piece[4096]; got_size < size;) {
            size_t want = size - got_size < sizeof piece ? size - got_size : sizeof piece;
            if (bide_read_exactly(s, piece, want) < 0)
                return 0;
            if (got_size + want < sizeof got)
                memcpy(got + got_size, piece, want);
            got_size += want;
        }
        if (bide_printf(s, OK(0)) < 0)
            break;
    }
    return 0;
}

#define SENT(sent_, ...) do { \
        bide_auto(response) r_ = bide_post(session, stand.url, __VA_ARGS__); \
        if (!r_) \
            test_fail(__FILE__, __LINE__, "%s", bide_errmsg()); \
        CHECK_EQ(bide_response_status(r_), 200); \
        CHECK_HAS(stand.last, sent_); \
    } while (0)

static ssize_t count_down(void *arg, void *buf, size_t size)
{
    size_t *left = arg;
    size_t n = *left < size ? *left : size;
    memset(buf, 'x', n);
    *left -= n;
    return bide_yield() < 0 ? bide_errcode() : (ssize_t)n;
}

TASK_TEST(bodies_of_every_kind_arrive)
{
    struct stand stand = { .talk = keep_body };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    SENT("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n",
         .form = BIDE_PAIRS({ "a", "b c" }, { "d", "&" }));
    CHECK_STR(got, "a=b+c&d=%26");
    bide_auto(json) json = bide_json_new();
    bide_json_set(json, "a", bide_value(1));
    SENT("Content-Type: application/json\r\nContent-Length: 7\r\n", .json = json);
    CHECK_STR(got, "{\"a\":1}");
    SENT("Content-Type: text/mine\r\n", .json = json, .content_type = "text/mine");
    bide_auto(multipart) form = bide_multipart_new(NULL);
    bide_multipart_text(form, "title", "At the sea");
    SENT("Content-Type: multipart/form-data; boundary=", .multipart = form);
    CHECK_HAS(got, "\r\n\r\nAt the sea\r\n--");
    SENT("Transfer-Encoding: chunked\r\n", .source = count_down, .source_arg = &(size_t){ 100000 });
    CHECK_EQ(got_size, 100000);
    SENT("Content-Length: 5\r\n", .source = count_down, .source_arg = &(size_t){ 5 },
         .data_length = 5);
    CHECK_STR(got, "xxxxx");
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    CHECK_EQ(bide_write(ends[0], "from a stream", 13), 0);
    bide_stream_close(ends[0]);
    SENT("Transfer-Encoding: chunked\r\n", .stream = ends[1]);
    CHECK_STR(got, "from a stream");
    bide_stream_close(ends[1]);
    CHECK_EQ(stand.connections, 1);
}

TASK_TEST(a_file_is_sent_and_a_missing_one_is_told)
{
    struct stand stand = { .talk = keep_body };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    char name[] = "/tmp/bide-send-XXXXXX";
    int fd = mkstemp(name);
    CHECK(fd >= 0 && write(fd, "in a file", 9) == 9);
    close(fd);
    SENT("Content-Length: 9\r\n", .file = name);
    CHECK_STR(got, "in a file");
    unlink(name);
    CHECK_PTR(bide_post(session, stand.url, .file = name), NULL);
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_HAS(bide_errmsg(), name);
}

TASK_TEST(a_coded_body_says_so)
{
    struct stand stand = { .talk = keep_body };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    SENT("Content-Encoding: gzip\r\n", .data = "hello hello", .data_size = 11, .compress = "gzip");
    CHECK_MEM(got, "\x1f\x8b", 2);
    CHECK_PTR(bide_post(session, stand.url, .data = "x", .data_size = 1, .compress = "rot13"),
              NULL);
    CHECK_HAS(bide_errmsg(), "rot13");
}

TASK_TEST(two_bodies_are_one_too_many)
{
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_post(session, "http://127.0.0.1:1/", .data = "x", .data_size = 1, .file = "y"),
              NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "more than one body");
}

TASK_TEST(a_source_that_fails_ends_the_call_and_the_connection)
{
    struct stand stand = { .talk = keep_body };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_post(session, stand.url, .source = count_down, .source_arg = &(size_t){ 3 },
                        .data_length = 5, .retries = 3, .retry.all_methods = true), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EEOF);
    CHECK_HAS(bide_errmsg(), "the body ended after 3 of 5 bytes");
    CHECK_EQ(bide_session_connections(session), 0);
    CHECK(stand.requests <= 1);
}

/* ---- answered before the body has come ---- */

static int refuse_early(bide_stream *s, struct stand *stand)
{
    char *head;
    if (bide_read_until(s, "\r\n\r\n", &head) <= 0)
        return 0;
    snprintf(stand->last, sizeof stand->last, "%s", head);
    stand->requests++;
    bide_ignore(bide_printf(s, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig"));
    return bide_sleep(100);     /* reads no more */
}

TASK_TEST(an_early_answer_ends_the_sending)
{
    struct stand stand = { .talk = refuse_early };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    size_t left = (size_t)1 << 34;
    double start = bide_now();
    bide_auto(response) r = bide_post(session, stand.url, .source = count_down,
                                      .source_arg = &left, .timeout = 60);
    CHECK_EQ(bide_response_status(r), 413);
    CHECK_STR(bide_response_text(r, NULL), "big");
    CHECK_NEAR(bide_now() - start, 0, 5);
    CHECK_EQ(bide_session_connections(session), 0);
}

TASK_TEST(a_large_body_in_memory_is_listened_for_as_well)
{
    struct stand stand = { .talk = refuse_early };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    char *data = calloc(1, 64 << 20);
    bide_auto(response) r = bide_post(session, stand.url, .data = data, .data_size = 64 << 20,
                                      .timeout = 60);
    CHECK_EQ(bide_response_status(r), 413);
    free(data);
}

static int read_nothing(bide_stream *s, struct stand *stand)
{
    (void)s;
    (void)stand;
    return bide_sleep(1000);
}

TASK_TEST(a_server_that_takes_nothing_has_a_limit)
{
    struct stand stand = { .talk = read_nothing };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.timeouts.send = 4);
    size_t left = (size_t)1 << 34;
    CHECK_PTR(bide_post(session, stand.url, .source = count_down, .source_arg = &left), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "send: timed out after 4 s");
    CHECK_EQ(bide_session_connections(session), 0);
}

/* Takes a body in pieces, a second apart. */
static int read_slowly(bide_stream *s, struct stand *stand)
{
    char *head, *piece = malloc(1 << 20);
    size_t taken = 0;
    if (bide_read_until(s, "\r\n\r\n", &head) > 0) {
        size_t size = strtoul(strcasestr(head, "Content-Length: ") + 16, NULL, 10);
        while (taken < size && bide_sleep(1) == 0) {
            size_t left = size - taken < 1 << 20 ? size - taken : 1 << 20;
            if (bide_read_exactly(s, piece, left) < 0)
                break;
            taken += left;
        }
        if (taken == size)
            bide_ignore(bide_printf(s, OK(0)));
    }
    free(piece);
    stand->requests++;
    return 0;
}

TASK_TEST(the_limit_for_sending_is_between_two_pieces)
{
    struct stand stand = { .talk = read_slowly };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.timeouts.send = 4);
    size_t size = 24 << 20;
    char *data = calloc(1, size);
    bide_auto(response) r = bide_post(session, stand.url, .data = data, .data_size = size);
    CHECK_EQ(bide_response_status(r), 200);
    free(data);
}

TASK_TEST(a_server_that_takes_nothing_of_a_file_has_a_limit)
{
    struct stand stand = { .talk = read_nothing };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.timeouts.send = 4);
    char path[] = "/tmp/bide-send-XXXXXX";
    int fd = mkstemp(path);
    CHECK_EQ(ftruncate(fd, 64 << 20), 0);
    close(fd);
    CHECK_PTR(bide_post(session, stand.url, .file = path), NULL);
    unlink(path);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "send: timed out after 4 s");
}

/* ---- Expect ---- */

TASK_TEST(a_body_waits_until_it_is_wanted)
{
    struct stand stand = { .talk = keep_body };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    SENT("Expect: 100-continue\r\n", .data = "hello", .data_size = 5, .expect_continue = true);
    CHECK_STR(got, "hello");
    bide_response_close(bide_get(session, stand.url, .expect_continue = true));
    CHECK(!strstr(stand.last, "Expect"));       /* there is no body */
    CHECK_EQ(stand.connections, 1);
}

TASK_TEST(a_body_that_is_not_wanted_is_not_sent)
{
    struct stand stand = { .talk = refuse_early };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    struct bide_report report;
    bide_auto(response) r = bide_post(session, stand.url, .data = "hello", .data_size = 5,
                                      .expect_continue = true, .report = &report);
    CHECK_EQ(bide_response_status(r), 413);
    CHECK_EQ(report.sent, strlen(stand.last));
    CHECK_EQ(bide_session_connections(session), 1);
    CHECK_STR(bide_response_text(r, NULL), "big");
    CHECK_EQ(bide_session_connections(session), 0);
}

TASK_TEST(a_server_that_says_nothing_gets_the_body_after_a_second)
{
    struct stand stand = { .reply = OK(0) };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    double start = bide_now();
    bide_auto(response) r = bide_post(session, stand.url, .data = "hello", .data_size = 5,
                                      .expect_continue = true);
    CHECK_EQ(bide_response_status(r), 200);
    CHECK_NEAR(bide_now() - start, 1, 0.1);
}

static int expect_nothing(bide_stream *s, struct stand *stand)
{
    while (stand_read(s, stand) > 0) {
        bool expects = strstr(stand->last, "Expect") != NULL;
        if (bide_printf(s, expects ? EMPTY("417 No") : OK(0)) < 0)
            break;
        if (expects)
            break;
    }
    return 0;
}

TASK_TEST(an_expectation_that_fails_is_dropped)
{
    struct stand stand = { .talk = expect_nothing };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_post(session, stand.url, .data = "hello", .data_size = 5,
                                      .expect_continue = true);
    CHECK_EQ(bide_response_status(r), 200);
    CHECK_EQ(stand.connections, 2);
}

static ssize_t never(void *arg, void *buf, size_t size)
{
    (void)arg;
    (void)buf;
    (void)size;
    return bide_sleep(1000) < 0 ? bide_errcode() : 0;
}

TASK_TEST(a_head_does_not_wait_for_a_slow_body)
{
    struct stand stand = { .talk = refuse_early };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    double start = bide_now();
    bide_auto(response) r = bide_post(session, stand.url, .source = never, .timeout = 60);
    CHECK_EQ(bide_response_status(r), 413);
    CHECK_NEAR(bide_now() - start, 0, 1);
}
