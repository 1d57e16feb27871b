/* What ends the reading of a body before its time: bombs, limits, failures of memory, cancellation;
 * and what the trace is told of all that. */
#include "codings.h"
#include "http/coding.h"
#include "stand.h"

/* ---- bombs ---- */

static bool has(const char *coding)
{
    return bide__coding_accept() && strstr(bide__coding_accept(), coding);
}

/* Blocks of 128 KiB, each said in 4 bytes. */
static int send_bomb(bide_stream *s, struct stand *stand)
{
    int rc = stand_read(s, stand);
    if (rc > 0)
        rc = bide_printf(s, "HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n");
    if (rc >= 0)
        rc = bide_write(s, "\x28\xb5\x2f\xfd\x00\x38", 6);
    for (int i = 0; rc >= 0 && i < 8000; i++)   /* 1 GiB in all */
        rc = bide_write(s, "\x02\x00\x10x", 4);
    return 0;
}

TASK_TEST(a_bomb_is_stopped_soon_whole_or_in_pieces)
{
    struct stand stand = { .talk = send_bomb };
    if (!has("zstd"))
        return;
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) whole = bide_get(session, stand.url);
    CHECK(bide_response_text(whole, NULL) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), "/: decoding: the body is a bomb");
    CHECK_EQ(bide_session_connections(session), 0);
    bide_auto(response) r = bide_get(session, stand.url);
    size_t sum = 0;
    const char *data;
    ssize_t got;
    while ((got = bide_response_chunk(r, &data)) > 0)
        sum += (size_t)got;
    CHECK_EQ(got, BIDE_ELIMIT);
    CHECK(sum <= (9 << 20));
    CHECK_EQ(bide_session_connections(session), 0);
}

TASK_TEST(what_is_read_whole_is_limited_once_decoded)
{
    struct stand stand = { .talk = send_bomb };
    if (!has("zstd"))
        return;
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.body_max = 1 << 20);
    bide_auto(response) r = bide_get(session, stand.url);
    CHECK(bide_response_bytes(r, NULL) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), "/: the body is longer than the 1048576 bytes allowed");
    CHECK_EQ(bide_session_connections(session), 0);
}

TASK_TEST(how_far_a_body_may_grow_can_be_set)
{
    struct stand stand = { .talk = send_bomb };
    if (!has("zstd"))
        return;
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.inflate_max = BIDE_FOREVER);
    bide_auto(response) r = bide_get(session, stand.url);
    size_t sum = 0;
    const char *data;
    ssize_t got;
    while (sum < (20 << 20) && (got = bide_response_chunk(r, &data)) > 0)
        sum += (size_t)got;
    CHECK(sum >= (20 << 20));
}

/* ---- cancelled ---- */

static int send_in_two(bide_stream *s, struct stand *stand)
{
    int rc = stand_read(s, stand);
    if (rc > 0)
        rc = bide_printf(s, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                         "Content-Length: %zu\r\n\r\n", sizeof GZIP - 1);
    if (rc >= 0)
        rc = bide_write(s, GZIP, 40);
    if (rc >= 0)
        rc = bide_sleep(3);
    if (rc >= 0)
        rc = bide_write(s, &GZIP[40], sizeof GZIP - 1 - 40);
    return rc < 0 ? rc : stand_read(s, stand);
}

TASK_TEST(who_was_cancelled_while_decoding_whole_goes_on)
{
    struct stand stand = { .talk = send_in_two };
    if (!has("gzip"))
        return;
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url);
    {
        BIDE_TIMEOUT(limit, 1);
        CHECK(bide_response_text(r, NULL) == NULL);
        CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    }
    CHECK_STR(bide_response_text(r, NULL), CODINGS_TEXT);
    CHECK_EQ(bide_session_connections(session), 1);
}

TASK_TEST(who_was_cancelled_while_decoding_pieces_goes_on)
{
    struct stand stand = { .talk = send_in_two };
    if (!has("gzip"))
        return;
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url);
    char text[100];
    size_t size = 0;
    int cancelled = 0;
    for (ssize_t got = 1; got != 0; size += got > 0 ? (size_t)got : 0) {
        BIDE_TIMEOUT(limit, 1);
        got = bide_response_read(r, text + size, 7);
        CHECK(got >= 0 || got == BIDE_ECANCELED);
        cancelled += got < 0;
    }
    text[size] = '\0';
    CHECK_STR(text, CODINGS_TEXT);
    CHECK(cancelled > 0);
    CHECK_EQ(bide_session_connections(session), 1);
}

/* ---- time ---- */

TASK_TEST(time_runs_out_while_a_body_is_read_in_any_way)
{
    struct stand stand = { .talk = send_in_two };
    STAND(&stand);
    for (int i = 0; i < 4; i++) {
        bide_auto(session) session = bide_session_open(.timeouts = { .idle = i % 2 ? 1 : 0 });
        bide_auto(response) r = bide_get(session, stand.url, .timeout = i % 2 ? 0 : 2,
                                         .no_decoding = true);
        char buf[400], *line;
        CHECK_EQ(bide_response_read(r, buf, 3), 3);
        ssize_t got = 1;
        while (got > 0)
            got = i < 2 ? bide_response_line(r, &line) : bide_response_read(r, buf, sizeof buf);
        CHECK_EQ(got, BIDE_ETIMEDOUT);
        CHECK_HAS(bide_errmsg(), i % 2 ? "/: body: " : "/: body: timed out after 2 s in all");
        CHECK_EQ(bide_session_connections(session), 0);
    }
}

/* ---- memory ---- */

#define PAGE "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nLink: </n>; rel=next\r\n" \
    "Content-Encoding: %s\r\nTransfer-Encoding: chunked\r\n\r\n"

static int serve_all(bide_stream *s, void *unused)
{
    (void)unused;
    for (;;) {
        char *line;
        ssize_t size = bide_read_until(s, "\r\n\r\n", &line);
        if (size <= 0)
            return (int)size;
        bool coded = strstr(line, "/coded ") != NULL;
        bool events = strstr(line, "/events ") != NULL;
        int rc = bide_printf(s, PAGE, events ? "text/event-stream" : "text/plain; charset=latin1",
                             coded ? "gzip" : "identity");
        if (rc >= 0 && coded)
            rc = bide_printf(s, "%zx\r\n", sizeof GZIP - 1);
        if (rc >= 0 && coded)
            rc = bide_write(s, GZIP, sizeof GZIP - 1);
        if (rc >= 0)
            rc = bide_printf(s, "%s\r\n0\r\nX-Sum: 1\r\n\r\n",
                             coded ? "" : events ? "b\r\ndata: one\n\n" : "6\r\n\"o\xe4\"\n\n");
        if (rc < 0)
            return rc;
    }
}

static int serve(void *listener)
{
    return bide_serve(listener, serve_all, NULL);
}

static int read_page(bide_response *r)
{
    const char *text = bide_response_text(r, NULL);
    const bide_json *json = text ? bide_response_json(r) : NULL;
    const char *link = json ? bide_response_link(r, "next") : NULL;
    if (!link)
        return bide_errcode();
    CHECK_STR(text, "\"o\xc3\xa4\"\n\n");
    CHECK_HAS(link, "/n");
    const struct bide_pair *trailers = bide_response_trailers(r);
    CHECK(!trailers->name || strcmp(trailers->value, "1") == 0);
    return trailers->name ? 0 : BIDE_ENOMEM;
}

static int read_lines(bide_response *r)
{
    char *line;
    const char *data;
    ssize_t size = bide_response_line(r, &line);
    if (size > 0)
        CHECK_STR(line, "To be, or not to be, that is the question: to be to be to be to be.");
    return size < 0 ? (int)size : (int)bide_response_chunk(r, &data);
}

static int read_events(bide_response *r)
{
    struct bide_sse_event event;
    int rc = bide_response_event(r, &event);
    if (rc == 1)
        CHECK_STR(event.data, "one");
    return rc < 0 ? rc : bide_response_event(r, &event);
}

static int read_each(void *unused)
{
    static const struct { const char *path; int (*read)(bide_response *r); } ways[] = {
        { "page", read_page }, { "coded", read_lines }, { "events", read_events },
    };
    (void)unused;
    bide_auto(listener) listener = bide_listen("127.0.0.1:0");
    if (!listener)
        return bide_errcode();
    BIDE_GROUP(server);
    bide_spawn(server, serve, listener);
    bide_auto(session) session = bide_session_open();
    int rc = session ? 0 : bide_errcode();
    for (size_t i = 0; rc == 0 && i < sizeof ways / sizeof *ways; i++) {
        char url[100];
        if (i == 1 && !has("gzip"))
            continue;
        snprintf(url, sizeof url, "http://%s/%s", bide_listener_address(listener), ways[i].path);
        bide_auto(response) r = bide_get(session, url, .timeout = 20);
        rc = r ? ways[i].read(r) : bide_errcode();
    }
    return rc;
}

static void unheard(const bide_task *task, const struct bide_error *why)
{
    (void)task;
    CHECK(why->code < 0);
}

static void quiet(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

TEST(every_allocation_may_fail_and_every_wait_be_cancelled)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    if (bide_test_each_allocation(read_each, NULL, .on_failure = unheard) < 10)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    if (bide_test_each_wait(read_each, NULL, .on_failure = unheard) < 5)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    if (bide_test_each_call(read_each, NULL, .fault = BIDE_TEST_SHORT) < 3)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

/* ---- trace ---- */

static void tell(void *told, const struct bide_trace_event *event)
{
    size_t at = strlen(told);
    if (event->kind == BIDE_TRACE_BODY)
        snprintf((char *)told + at, 30, "body %d ", (int)event->number);
    else if (event->kind >= BIDE_TRACE_HEAD)
        snprintf((char *)told + at, 30, "%s ", bide_trace_name(event->kind));
}

static const struct { const char *reply, *told; int way; } traced[] = {
    { OK(5) "hello", "head body 5 end ", 0 },
    { OK(5) "hello", "head body 2 body 2 body 1 end ", 1 },
    { OK(5) "hello", "head end ", 2 },
    { OK(0), "head end ", 0 },
    { OK(5) "hell", "head body 4 fail ", 0 },
    { CHUNKED "2\r\nok\r\n1\r\n!\r\n0\r\n\r\n", "head body 3 end ", 0 },
    { "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nno",
      "head redirect head fail ", 0 },
};

TASK_TEST(the_trace_hears_of_the_body_and_its_end_once)
{
    for (size_t i = 0; i < sizeof traced / sizeof *traced; i++) {
        struct stand stand = { .reply = traced[i].reply, .close_after = i == 4 };
        STAND(&stand);
        char told[400] = "", buf[2];
        bide_auto(session) session = bide_session_open(.trace = tell, .trace_arg = told,
                                                       .redirect_max = 1);
        bide_response *r = bide_get(session, stand.url);
        if (traced[i].way == 0)
            bide_ignore(bide_response_text(r, NULL) ? 0 : 1);
        while (traced[i].way == 1 && bide_response_read(r, buf, 2) > 0)
            ;
        bide_response_close(r);
        CHECK_STR(told, traced[i].told);
    }
}

TASK_TEST(the_trace_hears_of_coded_bytes_as_they_came)
{
    static char reply[400];
    struct stand stand = { .reply = reply };
    stand.reply_size = (size_t)snprintf(reply, 200, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                                        "Content-Length: %zu\r\n\r\n", sizeof GZIP - 1);
    memcpy(reply + stand.reply_size, GZIP, sizeof GZIP - 1);
    stand.reply_size += sizeof GZIP - 1;
    if (!has("gzip"))
        return;
    STAND(&stand);
    char told[400] = "", wanted[100];
    bide_auto(session) session = bide_session_open(.trace = tell, .trace_arg = told);
    bide_auto(response) r = bide_get(session, stand.url);
    CHECK_STR(bide_response_text(r, NULL), CODINGS_TEXT);
    snprintf(wanted, sizeof wanted, "head body %zu end ", sizeof GZIP - 1);
    CHECK_STR(told, wanted);
}
