/* A body in every framing and coding, read in every way, whole or bit by bit: it is the same; and
 * what is wrong with it is an error with a sentence, after which the connection is gone. */
#include "codings.h"
#include "http/coding.h"
#include "stand.h"

/* ---- bodies ---- */

#define SIZED(literal) literal, sizeof(literal) - 1

static const struct coded_text {
    const char *name, *bytes;
    size_t size;
} codings[] = {
    { "", SIZED(CODINGS_TEXT) },
    { "identity", SIZED(CODINGS_TEXT) },
    { "gzip", SIZED(GZIP) },
    { "X-GZip", SIZED(GZIP) },
    { "deflate", SIZED(ZLIB) },
    { "deflate", SIZED(RAW) },
    { "br", SIZED(BROTLI) },
    { "zstd", SIZED(ZSTD) },
    { "gzip, gzip", SIZED(GZIP_TWICE) },
};
enum { CODINGS = sizeof codings / sizeof *codings };

static bool is_built_in(const char *name)
{
    const char *accepted = bide__coding_accept();
    return !*name || strcmp(name, "identity") == 0 ||
           (accepted && strstr(accepted, strcasestr(name, "gzip") ? "gzip" : name));
}

enum framing_kind { LENGTH, CHUNKS, SMALL_CHUNKS, TO_THE_END, FRAMINGS };

static char reply[8192];

static size_t put(size_t at, const char *bytes, size_t size)
{
    CHECK(size < sizeof reply - at);
    memcpy(reply + at, bytes, size);
    return at + size;
}

static size_t put_chunks(size_t at, const char *bytes, size_t size, size_t piece)
{
    for (size_t i = 0; i < size; i += piece) {
        size_t n = size - i < piece ? size - i : piece;
        at += (size_t)snprintf(reply + at, 32, "%zx\r\n", n);
        at = put(at, bytes + i, n);
        at = put(at, "\r\n", 2);
    }
    return put(at, "0\r\nX-Sum: 1\r\n\r\n", 15);
}

/* The reply with this body. */
static void make(struct stand *stand, enum framing_kind framing, const char *coding,
                 const char *bytes, size_t size)
{
    size_t at = (size_t)snprintf(reply, 400, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n");
    if (*coding)
        at += (size_t)snprintf(reply + at, 100, "Content-Encoding: %s\r\n", coding);
    if (framing == LENGTH)
        at += (size_t)snprintf(reply + at, 64, "Content-Length: %zu\r\n", size);
    if (framing == CHUNKS || framing == SMALL_CHUNKS)
        at = put(at, "Transfer-Encoding: chunked\r\n", 28);
    at = put(at, "\r\n", 2);
    at = framing == CHUNKS || framing == SMALL_CHUNKS
             ? put_chunks(at, bytes, size, framing == CHUNKS ? 1000 : 3) : put(at, bytes, size);
    stand->reply = reply;
    stand->reply_size = at;
    stand->close_after = framing == TO_THE_END;
}

/* ---- ways to read ---- */

struct result {
    char text[2000];
    size_t size;
    int rc;
};

static void add(struct result *to, const void *bytes, size_t size)
{
    CHECK(size < sizeof to->text - to->size);
    if (size > 0)
        memcpy(to->text + to->size, bytes, size);
    to->text[to->size += size] = '\0';
}

static void by_text(bide_response *r, struct result *to)
{
    size_t size;
    const char *text = bide_response_text(r, &size);
    to->rc = text ? 0 : bide_errcode();
    if (text) {
        CHECK_EQ(strlen(text), size);
        add(to, text, size);
        CHECK_PTR(bide_response_text(r, NULL), text);
    }
}

static void by_bytes(bide_response *r, struct result *to)
{
    size_t size;
    const void *bytes = bide_response_bytes(r, &size);
    to->rc = bytes ? 0 : bide_errcode();
    if (bytes)
        add(to, bytes, size);
}

static void by_read(bide_response *r, struct result *to, size_t piece)
{
    char buf[512];
    ssize_t got;
    while ((got = bide_response_read(r, buf, piece)) > 0)
        add(to, buf, (size_t)got);
    to->rc = (int)got;
}

static void by_ones(bide_response *r, struct result *to)
{
    by_read(r, to, 1);
}

static void by_sevens(bide_response *r, struct result *to)
{
    by_read(r, to, 7);
}

static void by_exactly(bide_response *r, struct result *to)
{
    by_read(r, to, sizeof CODINGS_TEXT - 1);
}

static void by_much(bide_response *r, struct result *to)
{
    by_read(r, to, 512);
}

static void by_chunks(bide_response *r, struct result *to)
{
    const char *data;
    ssize_t got;
    while ((got = bide_response_chunk(r, &data)) > 0)
        add(to, data, (size_t)got);
    to->rc = (int)got;
    CHECK_STR(data, "");
}

static void by_lines(bide_response *r, struct result *to)
{
    char *line;
    ssize_t got;
    while ((got = bide_response_line(r, &line)) > 0) {
        CHECK(strlen(line) <= (size_t)got);
        add(to, line, strlen(line));
        add(to, "\n", strlen(line) < (size_t)got);
    }
    to->rc = (int)got;
}

/* A bit of each. */
static void by_turns(bide_response *r, struct result *to)
{
    char buf[5];
    const char *data;
    char *line;
    ssize_t got = bide_response_read(r, buf, 5);
    add(to, buf, got > 0 ? (size_t)got : 0);
    if (got > 0 && (got = bide_response_chunk(r, &data)) > 0)
        add(to, data, (size_t)got);
    if (got > 0 && (got = bide_response_read(r, buf, 3)) > 0)
        add(to, buf, (size_t)got);
    while (got > 0 && (got = bide_response_line(r, &line)) > 0) {
        add(to, line, strlen(line));
        add(to, "\n", strlen(line) < (size_t)got);
    }
    to->rc = (int)got;
}

static void (*const ways[])(bide_response *, struct result *) = {
    by_text, by_bytes, by_ones, by_sevens, by_exactly, by_much, by_chunks, by_lines, by_turns,
};
enum { WAYS = sizeof ways / sizeof *ways };

/* ---- good ones ---- */

static void read_times(const struct stand *stand, int way, int times, bool kept)
{
    bide_auto(session) session = bide_session_open();
    for (int i = 0; i < times; i++) {
        struct result result = { .size = 0 };
        bide_auto(response) r = bide_get(session, stand->url);
        if (!r)
            test_fail(__FILE__, __LINE__, "way %d: %s", way, bide_errmsg());
        ways[way](r, &result);
        if (result.rc < 0)
            test_fail(__FILE__, __LINE__, "way %d: %s", way, bide_errmsg());
        CHECK_STR(result.text, CODINGS_TEXT);
        CHECK_EQ(bide_session_connections(session), kept);
    }
    CHECK_EQ(stand->connections, kept ? 1 : times);
}

TASK_TEST(every_way_of_reading_gives_what_was_sent_in_every_coding_and_framing)
{
    for (int coding = 0; coding < CODINGS; coding++)
        for (int framing = 0; framing < FRAMINGS; framing++)
            for (int way = 0; way < WAYS; way++) {
                struct stand stand = { .reply = NULL };
                if (!is_built_in(codings[coding].name))
                    continue;
                make(&stand, (enum framing_kind)framing, codings[coding].name,
                     codings[coding].bytes, codings[coding].size);
                STAND(&stand);
                read_times(&stand, way, 2, framing != TO_THE_END);
            }
}

static int send_bit_by_bit(bide_stream *s, struct stand *stand)
{
    if (stand_read(s, stand) <= 0)
        return 0;
    for (size_t i = 0; i < stand->reply_size; i += 11) {
        size_t left = stand->reply_size - i;
        if (bide_write(s, stand->reply + i, left < 11 ? left : 11) < 0 || bide_sleep(0.01) < 0)
            return bide_errcode();
    }
    return stand_read(s, stand);
}

TASK_TEST(the_same_if_it_comes_bit_by_bit)
{
    for (int coding = 0; coding < CODINGS; coding += 2)
        for (int way = coding / 2 % 2; way < WAYS; way += 2) {
            enum framing_kind framing = (enum framing_kind)(way % 3);
            struct stand stand = { .talk = send_bit_by_bit };
            if (!is_built_in(codings[coding].name))
                continue;
            make(&stand, framing, codings[coding].name, codings[coding].bytes,
                 codings[coding].size);
            STAND(&stand);
            read_times(&stand, way, 1, true);
        }
}

/* ---- without decoding ---- */

TASK_TEST(without_decoding_none_is_asked_for_and_the_bytes_are_as_they_came)
{
    struct stand stand = { .reply = NULL };
    make(&stand, LENGTH, "gzip", GZIP, sizeof GZIP - 1);
    STAND(&stand);
    for (int i = 0; i < 2; i++) {
        bide_auto(session) session = bide_session_open(.no_decoding = i == 1);
        bide_auto(response) r = bide_get(session, stand.url, .no_decoding = i == 0);
        size_t size;
        const void *bytes = bide_response_bytes(r, &size);
        CHECK_EQ(size, sizeof GZIP - 1);
        CHECK_MEM(bytes, GZIP, size);
        CHECK(!strstr(stand.last, "Accept-Encoding"));
    }
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url, .no_decoding = true,
                                     .headers = BIDE_PAIRS({ "Accept-Encoding", "own" }));
    CHECK(r != NULL);
    CHECK_HAS(stand.last, "Accept-Encoding: own\r\n");
}

TASK_TEST(no_coding_is_asked_for_of_a_part)
{
    struct stand stand = { .reply = OK(0) };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url,
                                     .headers = BIDE_PAIRS({ "Range", "bytes=3-" }));
    CHECK(r != NULL && !strstr(stand.last, "Accept-Encoding"));
}

TASK_TEST(what_can_be_decoded_is_asked_for)
{
    struct stand stand = { .reply = OK(0) };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url);
    char wanted[100] = "\r\n";
    if (bide__coding_accept())
        snprintf(wanted, sizeof wanted, "\r\nAccept-Encoding: %s\r\n", bide__coding_accept());
    CHECK(r != NULL);
    CHECK_HAS(stand.last, wanted);
}

TASK_TEST(replies_without_a_body_may_name_any_coding)
{
    static const char *const replies[] = {
        "HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Encoding: nonsense\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
         "0\r\n\r\n"),
    };
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        struct stand stand = { .reply = replies[i] };
        STAND(&stand);
        bide_auto(session) session = bide_session_open();
        bide_auto(response) r = bide_get(session, stand.url);
        CHECK_STR(bide_response_text(r, NULL), "");
        CHECK_EQ(bide_session_connections(session), 1);
    }
    struct stand stand = { .reply = NULL };
    make(&stand, LENGTH, "gzip", GZIP, sizeof GZIP - 1);
    stand.reply_size -= sizeof GZIP - 1;
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_head(session, stand.url);
    CHECK_STR(bide_response_text(r, NULL), "");
}

/* ---- bad ones ---- */

static char mangled[400];

/* What becomes of a good body. */
static size_t cut(size_t size)
{
    return size - 5;
}

static size_t lengthen(size_t size)
{
    mangled[size] = '?';
    return size + 1;
}

static size_t spoil(size_t size)
{
    mangled[size - 6] ^= 0x55;
    return size;
}

TASK_TEST(what_is_wrong_with_coded_bytes_is_an_error_and_ends_the_connection)
{
    static size_t (*const how[])(size_t) = { cut, lengthen, spoil };
    for (int framing = 0; framing < FRAMINGS; framing++)
        for (int way = 0; way < WAYS; way++)
            for (size_t i = 0; i < sizeof how / sizeof *how && is_built_in("gzip"); i++) {
                struct stand stand = { .close_after = 1 };
                struct result result = { .size = 0 };
                memcpy(mangled, GZIP, sizeof GZIP);
                make(&stand, (enum framing_kind)framing, "gzip", mangled, how[i](sizeof GZIP - 1));
                STAND(&stand);
                bide_auto(session) session = bide_session_open();
                bide_auto(response) r = bide_get(session, stand.url);
                ways[way](r, &result);
                CHECK_EQ(result.rc, BIDE_EHTTP);
                CHECK_HAS(bide_errmsg(), "/: decoding: ");
                CHECK_EQ(bide_session_connections(session), 0);
                char byte;
                CHECK_EQ(bide_response_read(r, &byte, 1),
                         way < 2 ? BIDE_EINVAL : BIDE_ECLOSED);
            }
}

TASK_TEST(a_coding_that_nobody_knows_is_refused_when_it_is_read)
{
    struct stand stand = { .reply = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                                    "Content-Encoding: rot13\r\nContent-Length: 2\r\n\r\nno" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url);
    CHECK_EQ(bide_response_status(r), 200);
    CHECK(bide_response_text(r, NULL) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EHTTP);
    CHECK_HAS(bide_errmsg(), "Content-Encoding gzip,rot13: ");
    CHECK_EQ(bide_session_connections(session), 0);
}

/* ---- JSON ---- */

static int send_json(bide_stream *s, struct stand *stand)
{
    while (stand_read(s, stand) > 0)
        if (bide_printf(s, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                        stand->reply_size ? "text/html" : "application/json",
                        strlen(stand->reply), stand->reply) < 0)
            break;
    return 0;
}

TASK_TEST(json_is_parsed_once_and_belongs_to_the_response)
{
    struct stand stand = { .reply = "{\"a\": [1, 2, \"\xc3\xa4\"]}", .talk = send_json };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url);
    const bide_json *json = bide_response_json(r);
    const char *text;
    CHECK_EQ(bide_json_get(json, "a.2", &text), 0);
    CHECK_STR(text, "\xc3\xa4");
    CHECK_PTR(bide_response_json(r), json);
    CHECK_STR(bide_response_text(r, NULL), stand.reply);
    CHECK_EQ(bide_session_connections(session), 1);
}

TASK_TEST(what_is_no_json_is_an_error_that_says_what_it_was_called)
{
    struct stand stand = { .reply = "<html>", .reply_size = 1, .talk = send_json };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, stand.url);
    CHECK(bide_response_json(r) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "/: the body, by its Content-Type text/html: line 1, column 1: ");
    CHECK_STR(bide_response_text(r, NULL), "<html>");
    stand.reply = "[1, \"\xff\"]";
    stand.reply_size = 0;
    bide_auto(response) bad = bide_get(session, stand.url);
    CHECK(bide_response_json(bad) == NULL);
    CHECK_HAS(bide_errmsg(), "/: the body: line 1, column ");
    CHECK(bide_response_json(NULL) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}
