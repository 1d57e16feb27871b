/* Bodies read piece by piece: lines, chunks, events, and what may not be mixed; and what else a
 * response tells: trailers, links, the text in any charset. */
#include "stand.h"

#include "http/lines.h"
#include "http/sse.h"

static bide_response *get(bide_session *session, struct stand *stand)
{
    bide_response *r = bide_get(session, stand->url, .timeout = 60);
    if (!r)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    return r;
}

/* ---- lines ---- */

TASK_TEST(lines_come_without_their_ends_and_empty_ones_count)
{
    static const struct { const char *text; int size; } lines[] = {
        { "one", 5 }, { "", 1 }, { "", 2 }, { "t\ro", 4 }, { "last", 4 },
    };
    static const char *const replies[] = {
        OK(16) "one\r\n\n\r\nt\ro\nlast",
        CHUNKED "4\r\none\r\r\n5\r\n\n\n\r\nt\r\n7\r\n\ro\nlast\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\none\r\n\n\r\nt\ro\nlast",
    };
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        struct stand stand = { .reply = replies[i], .close_after = 1 };
        STAND(&stand);
        bide_auto(session) session = bide_session_open();
        bide_auto(response) r = get(session, &stand);
        char *line;
        for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
            CHECK_EQ(bide_response_line(r, &line), lines[k].size);
            CHECK_STR(line, lines[k].text);
        }
        for (int k = 0; k < 2; k++) {
            CHECK_EQ(bide_response_line(r, &line), 0);
            CHECK(line == NULL);
        }
    }
    char *line;
    CHECK_EQ(bide_response_line(NULL, &line), bide_errcode());
}

static int send_long_line(bide_stream *s, struct stand *stand)
{
    static char line[LINES_MAX + 2];
    memset(line, 'x', sizeof line);
    line[LINES_MAX] = '\n';
    if (stand_read(s, stand) <= 0 || bide_printf(s, "HTTP/1.1 200 OK\r\n\r\n") < 0 ||
        bide_write(s, line, LINES_MAX + 1) < 0)
        return 0;
    line[LINES_MAX] = 'x';
    bide_ignore(bide_write(s, line, sizeof line));
    return 0;
}

TASK_TEST(a_line_longer_than_64_kib_is_refused)
{
    struct stand stand = { .talk = send_long_line };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = get(session, &stand);
    char *line;
    CHECK_EQ(bide_response_line(r, &line), LINES_MAX + 1);
    CHECK_EQ(bide_response_line(r, &line), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), "/: the body: a line is longer than the limit");
    CHECK_EQ(bide_session_connections(session), 0);
    CHECK_EQ(bide_response_line(r, &line), BIDE_ECLOSED);
}

/* ---- what is mixed ---- */

TASK_TEST(one_way_of_reading_cannot_follow_another_where_bytes_would_be_lost)
{
    struct stand stand = { .reply = OK(12) "one\ntwo\nthre" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = get(session, &stand);
    struct bide_sse_event event;
    char *line, buf[20];
    CHECK_EQ(bide_response_line(r, &line), 4);
    CHECK(bide_response_text(r, NULL) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "/: the body has been read in pieces already");
    CHECK(bide_response_json(r) == NULL);
    CHECK(bide_response_bytes(r, NULL) == NULL);
    CHECK_EQ(bide_response_event(r, &event), BIDE_EHTTP);
    CHECK_HAS(bide_errmsg(), "/: no event stream, but without Content-Type");
    CHECK_EQ(bide_response_read(r, buf, 2), 2);
    CHECK_MEM(buf, "tw", 2);
    const char *data;
    CHECK_EQ(bide_response_chunk(r, &data), 6);
    CHECK_MEM(data, "o\nthre", 6);
    CHECK_EQ(bide_session_connections(session), 1);
    CHECK_EQ(bide_response_read(r, buf, sizeof buf), 0);
    CHECK(bide_response_text(r, NULL) == NULL);
    CHECK_EQ(bide_response_line(r, &line), 0);
    bide_auto(response) whole = get(session, &stand);
    CHECK_STR(bide_response_text(whole, NULL), "one\ntwo\nthre");
    CHECK_EQ(bide_response_read(whole, buf, sizeof buf), 0);
    CHECK_EQ(bide_response_line(whole, &line), 0);
    CHECK_EQ(bide_response_chunk(whole, &data), 0);
    CHECK_EQ(stand.connections, 1);
}

static int send_halves(bide_stream *s, struct stand *stand)
{
    if (stand_read(s, stand) <= 0 || bide_printf(s, OK(15) "one\nhal") < 0 || bide_sleep(5) < 0)
        return bide_errcode();
    return bide_printf(s, "f\nthree\n");
}

TASK_TEST(who_was_cancelled_within_a_line_goes_on_with_lines)
{
    struct stand stand = { .talk = send_halves };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = get(session, &stand);
    char *line, buf[20];
    const char *data;
    CHECK_EQ(bide_response_line(r, &line), 4);
    {
        BIDE_TIMEOUT(limit, 1);
        CHECK_EQ(bide_response_line(r, &line), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_response_read(r, buf, sizeof buf), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "a line of the body has been begun");
    CHECK_EQ(bide_response_chunk(r, &data), BIDE_EINVAL);
    CHECK_EQ(bide_response_line(r, &line), 5);
    CHECK_STR(line, "half");
    CHECK_EQ(bide_response_read(r, buf, sizeof buf), 6);
    CHECK_MEM(buf, "three\n", 6);
    CHECK_EQ(bide_session_connections(session), 1);
}

TASK_TEST(who_was_cancelled_goes_on_whole)
{
    struct stand stand = { .talk = send_halves };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = get(session, &stand);
    char buf[20];
    {
        BIDE_TIMEOUT(limit, 1);
        CHECK(bide_response_text(r, NULL) == NULL);
        CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_response_read(r, buf, sizeof buf), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "the body is being read whole");
    CHECK_STR(bide_response_text(r, NULL), "one\nhalf\nthree\n");
}

static int read_line(void *r)
{
    char *line;
    ssize_t size = bide_response_line(r, &line);
    return size < 0 ? (int)size : 0;
}

TASK_TEST(a_second_reader_is_told_that_there_is_one)
{
    struct stand stand = { .talk = send_halves };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = get(session, &stand);
    char *line;
    CHECK_EQ(bide_response_line(r, &line), 4);
    BIDE_GROUP(readers);
    bide_spawn(readers, read_line, r);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(bide_response_line(r, &line), BIDE_EBUSY);
    CHECK_EQ(bide_group_wait(readers), 0);
    CHECK_EQ(bide_response_line(r, &line), 6);
    CHECK_STR(line, "three");
}

/* ---- chunks ---- */

TASK_TEST(a_chunk_costs_the_connection_if_nobody_asks_for_more)
{
    struct stand stand = { .reply = OK(5) "hello" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    for (int i = 0; i < 3; i++) {
        bide_auto(response) r = get(session, &stand);
        const char *data;
        CHECK_EQ(bide_response_chunk(r, &data), 5);
        CHECK_MEM(data, "hello", 5);
    }
    CHECK_EQ(stand.connections, 1);     /* it was all there: so it does not */
}

/* ---- events ---- */

#define EVENTS "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\n" \
    "Transfer-Encoding: chunked\r\n\r\n"

static int send_events(bide_stream *s, struct stand *stand)
{
    static const char *const pieces[] = {
        "5\r\n: hi\n\r\n", "9\r\ndata: one\r\n", "8\r\n\nid: 7\n\n\r\n", "c\r\nevent: add\r\n\r\n",
        "b\r\ndata: x\ndat\r\n2\r\na\n\r\n", "9\r\nretry: 30\r\n", "a\r\n\ndata: y\n\n\r\n",
        "6\r\ndata: \r\n0\r\n\r\n",
    };
    if (stand_read(s, stand) <= 0 || bide_printf(s, EVENTS) < 0)
        return 0;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        if (bide_printf(s, "%s", pieces[i]) < 0 || bide_sleep(1) < 0)
            return bide_errcode();
    return 0;
}

TASK_TEST(events_come_however_they_are_cut)
{
    struct stand stand = { .talk = send_events };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = get(session, &stand);
    struct bide_sse_event event;
    CHECK_EQ(bide_response_event(r, &event), 1);
    CHECK_STR(event.type, "message");
    CHECK_STR(event.data, "one");
    CHECK_STR(event.id, "7");
    char *line;
    CHECK_EQ(bide_response_line(r, &line), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "/: the body has been read as events, and can only be so");
    CHECK_EQ(bide_response_event(r, &event), 1);
    CHECK_STR(event.type, "add");
    CHECK_STR(event.data, "x\n\ny");
    CHECK_STR(event.id, "7");
    CHECK_NEAR(event.retry, 0.03, 1e-9);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(bide_response_event(r, &event), 0);
    CHECK_EQ(bide_response_event(NULL, &event), bide_errcode());
}

TASK_TEST(events_are_only_read_from_an_event_stream)
{
    struct stand stand = { .reply = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                                    "Content-Length: 9\r\n\r\ndata: x\n\n" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = get(session, &stand);
    struct bide_sse_event event;
    CHECK_EQ(bide_response_event(r, &event), BIDE_EHTTP);
    CHECK_HAS(bide_errmsg(), "/: no event stream, but text/html");
    CHECK_STR(bide_response_text(r, NULL), "data: x\n\n");
    stand.reply = "HTTP/1.1 204 No Content\r\n\r\n";
    bide_auto(response) none = get(session, &stand);
    CHECK_EQ(bide_response_event(none, &event), 0);     /* do not come again */
}

static int send_large_event(bide_stream *s, struct stand *stand)
{
    static char data[4096];
    memset(data, 'x', sizeof data);
    int rc = stand_read(s, stand);
    if (rc > 0)
        rc = bide_printf(s, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ");
    while (rc >= 0)
        rc = bide_write(s, data, sizeof data);
    return 0;
}

TASK_TEST(an_event_larger_than_1_mib_is_refused)
{
    struct stand stand = { .talk = send_large_event };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = get(session, &stand);
    struct bide_sse_event event;
    CHECK_EQ(bide_response_event(r, &event), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), "/: the body: an event is larger than the limit");
    CHECK_EQ(bide_session_connections(session), 0);
}

/* ---- trailers ---- */

TASK_TEST(trailers_are_there_behind_the_body_without_those_that_may_not_be)
{
    struct stand stand = { .reply = CHUNKED "2\r\nok\r\n0\r\nX-Sum:  1 2\t\r\nContent-Length: 5\r\n"
        "transfer-Encoding: chunked\r\nX-Empty:\r\nSet-Cookie: a=b\r\nX-Sum: 3\r\n\r\n" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = get(session, &stand);
    CHECK(bide_response_trailers(r)->name == NULL);
    CHECK_STR(bide_response_text(r, NULL), "ok");
    const struct bide_pair *all = bide_response_trailers(r);
    static const struct bide_pair wanted[] = { { "X-Sum", "1 2" }, { "X-Empty", "" },
                                               { "X-Sum", "3" }, { NULL, NULL } };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        CHECK_STR(all[i].name, wanted[i].name);
        CHECK_STR(all[i].value, wanted[i].value);
    }
    CHECK_PTR(bide_response_trailers(r), all);
    CHECK(bide_response_header(r, "X-Sum") == NULL);
    CHECK(bide_response_trailers(NULL) == NULL);
    stand.reply = OK(2) "ok";
    bide_auto(response) plain = get(session, &stand);
    CHECK_STR(bide_response_text(plain, NULL), "ok");
    CHECK(bide_response_trailers(plain)->name == NULL);
}

TASK_TEST(trailers_are_limited)
{
    static char reply[20000];
    size_t size = (size_t)snprintf(reply, 200, CHUNKED "2\r\nok\r\n0\r\n");
    for (int i = 0; i < 900; i++)
        size += (size_t)snprintf(reply + size, 20, "X%d: value\r\n", i);
    snprintf(reply + size, 20, "\r\n");
    struct stand stand = { .reply = reply };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = get(session, &stand);
    CHECK(bide_response_text(r, NULL) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), "the trailers are too large");
    CHECK_EQ(bide_session_connections(session), 0);
}

/* ---- links ---- */

TASK_TEST(a_link_is_found_by_its_relation_and_made_absolute)
{
    struct stand stand = { .reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
        "Link: <?page=2>; rel=\"next prefetch\", </last>; rel=last; title=\"a, b\"\r\n"
        "Link: <http://other.example/x#y>; rel=Alternate, <mailto:a@b>; rel=author\r\n\r\n" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = get(session, &stand);
    char wanted[100];
    snprintf(wanted, sizeof wanted, "%s?page=2", stand.url);
    const char *next = bide_response_link(r, "next");
    CHECK_STR(next, wanted);
    CHECK_PTR(bide_response_link(r, "NEXT"), next);
    CHECK_STR(bide_response_link(r, "prefetch"), wanted);
    snprintf(wanted, sizeof wanted, "%slast", stand.url);
    CHECK_STR(bide_response_link(r, "last"), wanted);
    CHECK_STR(bide_response_link(r, "alternate"), "http://other.example/x#y");
    CHECK(bide_response_link(r, "prev") == NULL);
    CHECK(bide_response_link(r, "author") == NULL);
    CHECK_HAS(bide_errmsg(), "/: a link leads to no URL: ");
    CHECK(bide_response_link(NULL, "next") == NULL);
}

/* ---- charsets ---- */

static const struct {
    const char *type, *body, *text;
    size_t size;                /* 0: strlen */
} charsets[] = {
    { "text/plain", "plain", "plain", 0 },
    { "text/plain", "\xc3\xa4", "\xc3\xa4", 0 },
    { "text/plain; charset=utf-8", "\xc3\xa4", "\xc3\xa4", 0 },
    { "text/plain; charset=utf-8", "a\xff" "b", "a\xef\xbf\xbd" "b", 0 },
    { "text/plain", "\xe4", "\xc3\xa4", 0 },
    { "text/plain; charset=ISO-8859-1", "\xe4\x80", "\xc3\xa4\xe2\x82\xac", 0 },
    { "text/plain; charset=\"utf-16le\"", "\xe4\0x\0", "\xc3\xa4x", 4 },
    { "text/plain; charset=latin1", "\xef\xbb\xbf\xc3\xa4", "\xc3\xa4", 0 },
    { "text/plain", "\xfe\xff\0\xe4", "\xc3\xa4", 4 },
    { "text/plain; charset=nonsense", "\xc3\xa4", "\xc3\xa4", 0 },
    { "text/plain", "", "", 0 },
    { "text/plain; charset=utf-16", "", "", 0 },
};

static int send_charset(bide_stream *s, struct stand *stand)
{
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets && stand_read(s, stand) > 0; i++) {
        size_t size = charsets[i].size ? charsets[i].size : strlen(charsets[i].body);
        if (bide_printf(s, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                        charsets[i].type, size) < 0 ||
            bide_write(s, charsets[i].body, size) < 0)
            return bide_errcode();
    }
    return 0;
}

TASK_TEST(text_is_utf8_whatever_was_sent)
{
    struct stand stand = { .talk = send_charset };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++) {
        bide_auto(response) r = get(session, &stand);
        size_t size, bytes;
        const char *text = bide_response_text(r, &size);
        CHECK_STR(text, charsets[i].text);
        CHECK_EQ(size, strlen(text));
        CHECK_PTR(bide_response_text(r, NULL), text);
        const void *whole = bide_response_bytes(r, &bytes);
        CHECK_EQ(bytes, charsets[i].size ? charsets[i].size : strlen(charsets[i].body));
        CHECK_MEM(whole, charsets[i].body, bytes);
    }
}
