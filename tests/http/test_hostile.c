/* Replies that are wrong in one way each, or look wrong and are right: what the client makes of
 * them does not depend on how their bytes come, nor on how the body is read, and the session is as
 * good as before. */
#include "hostile.h"

#define CHUNKS(text) REFUSED(text, CHUNKED text, BIDE_EHTTP, "chunk")
#define LENGTH(value) REFUSED("Content-Length:" value, \
    "HTTP/1.1 200 OK\r\nContent-Length:" value "\r\n\r\nhello", BIDE_EHTTP, "Content-Length is not")
#define FIELD(line, why) REFUSED(line, \
    "HTTP/1.1 200 OK\r\n" line "\r\nContent-Length: 2\r\n\r\nok", BIDE_EHTTP, why)
#define START(line, why) REFUSED(line, line "\r\nContent-Length: 2\r\n\r\nok", BIDE_EHTTP, why)

/* ---- where the body ends ---- */

static const struct hostile_reply lengths[] = {
    LENGTH(" "), LENGTH(" -5"), LENGTH(" +5"), LENGTH(" 0x5"), LENGTH(" 5, 5"), LENGTH(" 5 5"),
    LENGTH(" 5;"), LENGTH(" 5.0"), LENGTH(" 5e0"), LENGTH(" five"), LENGTH(" \"5\""),
    LENGTH(" \xd9\xa5"), LENGTH(" 9223372036854775808"), LENGTH(" 18446744073709551621"),
    LENGTH(" 99999999999999999999999999999999999999"),
    REFUSED("too long", OK(6) "hello", BIDE_EEOF, "cut short: 5 of 6 bytes"),
    REFUSED("too short", OK(4) "hello", BIDE_EHTTP, "more bytes than its reply has"),
    REFUSED("huge", OK(9223372036854775807) "hello", BIDE_ELIMIT, "more than the"),
    REFUSED("a gigabyte", OK(1000000000) "hello", BIDE_ELIMIT, "more than the"),
    REFUSED("two that differ", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\n"
            "hello", BIDE_EHTTP, "two different Content-Lengths"),
    MEANS("two that are equal", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\n"
          "hello", "hello"),
    MEANS("leading zeros", OK(0005) "hello", "hello"),
    MEANS("tabs around", "HTTP/1.1 200 OK\r\nContent-Length:\t5 \t\r\n\r\nhello", "hello"),
};

static const struct hostile_reply chunks[] = {
    CHUNKS("-5\r\nhello\r\n0\r\n\r\n"), CHUNKS("+5\r\nhello\r\n0\r\n\r\n"),
    CHUNKS("0x5\r\nhello\r\n0\r\n\r\n"), CHUNKS(" 5\r\nhello\r\n0\r\n\r\n"),
    CHUNKS("5 \r\nhello\r\n0\r\n\r\n"), CHUNKS("\r\nhello\r\n0\r\n\r\n"),
    CHUNKS(";a=b\r\nhello\r\n0\r\n\r\n"), CHUNKS("5_\r\nhello\r\n0\r\n\r\n"),
    CHUNKS("5,\r\nhello\r\n0\r\n\r\n"), CHUNKS("5h\r\nhello\r\n0\r\n\r\n"),
    CHUNKS("\"5\"\r\nhello\r\n0\r\n\r\n"), CHUNKS("5\nhello\n0\n\n"), CHUNKS("5\rhello\r0\r\r"),
    CHUNKS("5\r\r\nhello\r\n0\r\n\r\n"), CHUNKS("00000000000000005\r\nhello\r\n0\r\n\r\n"),
    CHUNKS("8000000000000000\r\nhello\r\n0\r\n\r\n"), CHUNKS("ffffffffffffffff\r\nhello"),
    CHUNKS("10000000000000005\r\nhello\r\n0\r\n\r\n"), CHUNKS("5\r\nhello0\r\n\r\n"),
    CHUNKS("4\r\nhello\r\n0\r\n\r\n"), CHUNKS("5\r\nhello\n0\r\n\r\n"),
    CHUNKS("5\r\nhello\r0\r\n\r\n"), CHUNKS("5\r\nhello\r\n0;\n\r\n"),
    CHUNKS("5;a=\"\r\"\r\nhello\r\n0\r\n\r\n"), CHUNKS("5;a=\x7f\r\nhello\r\n0\r\n\r\n"),
    CHUNKS("5\0\r\nhello\r\n0\r\n\r\n"), CHUNKS("5\r\nhello\r\n\r\n0\r\n\r\n"),
    REFUSED("more chunk than there is", CHUNKED "7fffffffffffffff\r\nhello", BIDE_EEOF, "chunks"),
    REFUSED("a size and no end", CHUNKED "6\r\nhello\r\n0\r\n\r\n", BIDE_EHTTP, "longer than"),
    REFUSED("no last chunk", CHUNKED "5\r\nhello\r\n", BIDE_EEOF, "cut short"),
    REFUSED("no end after the last chunk", CHUNKED "5\r\nhello\r\n0\r\n", BIDE_EEOF, "cut short"),
    REFUSED("a trailer without colon", CHUNKED "0\r\nabc\r\n\r\n", BIDE_EHTTP, "trailer"),
    REFUSED("a folded trailer", CHUNKED "0\r\nA: b\r\n c\r\n\r\n", BIDE_EHTTP, "trailer"),
    REFUSED("a trailer with a NUL", CHUNKED "0\r\nA: \0\r\n\r\n", BIDE_EHTTP, "trailer"),
    REFUSED("a trailer with a CR", CHUNKED "0\r\nA: b\rc\r\n\r\n", BIDE_EHTTP, "CRLF"),
    REFUSED("trailers in LF", CHUNKED "0\nA: b\n\n", BIDE_EHTTP, "chunk"),
    REFUSED("a reply behind the last chunk", CHUNKED "0\r\n\r\n" OK(2) "no", BIDE_EHTTP,
            "more bytes"),
    MEANS("extensions", CHUNKED "5;a;b=\"c\"\r\nhello\r\n0;z\r\n\r\n", "hello"),
    MEANS("a blank before an extension", CHUNKED "5 ;a\r\nhello\r\n0\r\n\r\n", "hello"),
    MEANS("zeros before a size", CHUNKED "0000000000000005\r\nhello\r\n000\r\n\r\n", "hello"),
    MEANS("capitals", CHUNKED "A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
    MEANS("a length among the trailers", CHUNKED "1\r\n!\r\n0\r\nContent-Length: 9\r\n"
          "Transfer-Encoding: x\r\n\r\n", "!"),
};

static const struct hostile_reply framings[] = {
    REFUSED("both", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\n", BIDE_EHTTP, "both"),
    REFUSED("both, in the other order", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
            "Content-Length: 5\r\n\r\n0\r\n\r\n", BIDE_EHTTP, "both"),
    REFUSED("chunked twice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", BIDE_EHTTP, "more than one"),
    REFUSED("chunked in a list", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
            BIDE_EHTTP, "not chunked alone"),
    REFUSED("gzip, chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            BIDE_EHTTP, "not chunked alone"),
    REFUSED("gzip", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", BIDE_EHTTP, "alone"),
    REFUSED("identity", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", BIDE_EHTTP,
            "alone"),
    REFUSED("none", "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n", BIDE_EHTTP, "alone"),
    REFUSED("nearly chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n", BIDE_EHTTP,
            "alone"),
    REFUSED("chunked with a parameter", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked;a\r\n\r\n",
            BIDE_EHTTP, "alone"),
    REFUSED("chunked with a NUL", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\0\r\n\r\n",
            BIDE_EHTTP, "control character"),
    REFUSED("chunked with a vertical tab", "HTTP/1.1 200 OK\r\n"
            "Transfer-Encoding: \vchunked\r\n\r\n", BIDE_EHTTP, "control character"),
    REFUSED("chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\n", BIDE_EHTTP, "HTTP/1.0"),
    REFUSED("204 with a length", "HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\nno", BIDE_EHTTP,
            "announces"),
    REFUSED("204 with chunks", "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            BIDE_EHTTP, "announces"),
    REFUSED("204 with a body", "HTTP/1.1 204 No\r\n\r\nno", BIDE_EHTTP, "more bytes"),
    REFUSED("304 with a body", "HTTP/1.1 304 No\r\nContent-Length: 2\r\n\r\nno", BIDE_EHTTP,
            "more bytes"),
    REFUSED("an interim reply with a body", "HTTP/1.1 103 Hints\r\nContent-Length: 2\r\n\r\nno"
            OK(2) "no", BIDE_EHTTP, "announces"),
    REFUSED("an interim reply and its chunks", "HTTP/1.1 100 Go\r\nTransfer-Encoding: chunked\r\n"
            "\r\n0\r\n\r\n" OK(2) "no", BIDE_EHTTP, "announces"),
    REFUSED("interim replies alone", "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 100 Go\r\n\r\n", BIDE_EEOF,
            "without a reply"),
    REFUSED("101 unasked", "HTTP/1.1 101 Away\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
            BIDE_EHTTP, "leave HTTP"),
    REFUSED("two replies", OK(2) "ok" OK(2) "no", BIDE_EHTTP, "more bytes"),
    REFUSED("a line end behind", OK(2) "ok\r\n", BIDE_EHTTP, "more bytes"),
    REFUSED("a NUL behind", OK(2) "ok\0", BIDE_EHTTP, "more bytes"),
    MEANS("the last of two words", "HTTP/1.1 200 OK\r\nConnection: keep-alive, CLOSE\r\n"
          "Content-Length: 2\r\n\r\nok", "ok"),
    MEANS("chunked in capitals", "HTTP/1.1 200 OK\r\nTransfer-Encoding:  CHUNKED \r\n"
          "Connection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n", "ok"),
    MEANS("a length behind interim replies", "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Hints\r\n"
          "Content-Length: 0\r\nLink: </a>\r\n\r\n" OK(2) "ok", "ok"),
};

/* ---- heads ---- */

static const struct hostile_reply starts[] = {
    START("HTTP/0.9 200 OK", "neither 1.0 nor 1.1"), START("HTTP/2.0 200 OK", "neither"),
    START("HTTP/1.2 200 OK", "neither"), START("HTTP/3.1 200 OK", "neither"),
    START("HTTP/1.10 200 OK", ""), START("HTTP/01.1 200 OK", ""), START("HTTP/1 200 OK", ""),
    START("HTTP/2 200 OK", ""), START("http/1.1 200 OK", "no HTTP version"),
    START("Http/1.1 200 OK", "no HTTP version"), START("HTTP 1.1 200 OK", ""),
    START("HTTP/-1.1 200 OK", ""), START("HTTP/1,1 200 OK", "no HTTP version"),
    START("HTTPS/1.1 200 OK", ""), START("ICY 200 OK", ""), START("SIP/2.0 200 OK", ""),
    START("HTTP/1.1", "begin"), START("HTTP/1.1 ", "begin"), START("HTTP/1.1 20", "begin"),
    START("HTTP/1.1 2000 OK", "no number"), START("HTTP/1.1  200 OK", "no number"),
    START("HTTP/1.1\t200 OK", "begin"), START("HTTP/1.1 099 OK", "no number"),
    START("HTTP/1.1 000 OK", "no number"), START("HTTP/1.1 -20 OK", "no number"),
    START("HTTP/1.1 2x0 OK", "no number"), START("HTTP/1.1 200\tOK", "no number"),
    START("HTTP/1.1 200 O\0K", "control"), START("HTTP/1.1 200 O\rK", "control"),
    START("HTTP/1.1 200 \33[31mOK", "control"), START(" HTTP/1.1 200 OK", ""),
    START("\r\nHTTP/1.1 200 OK", ""), START("\xef\xbb\xbfHTTP/1.1 200 OK", ""),
    START("GET / HTTP/1.1", ""), START("<html><body>Not HTTP at all</body></html>", "begin"),
    START("PRI * HTTP/2.0", ""), START("SSH-2.0-OpenSSH_9.2p1", "begin"), START("", ""),
    REFUSED("HTTP/0.9", "just the text of a page", BIDE_EEOF, "cut short in its head"),
    REFUSED("HTTP/2's first frame", "\0\0\22\4\0\0\0\0\0\0\3\0\0\0\200\0\4\0\1\0\0\0\5\0\377\377"
            "\377", BIDE_EEOF, "head"),
    REFUSED("a TLS alert", "\25\3\1\0\2\2\50\r\n", BIDE_EHTTP, "begin"),
    MEANS("no reason", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", "ok"),
    MEANS("no space before no reason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", "ok"),
    MEANS("a reason in Latin-1", "HTTP/1.1 200 d\xe9j\xe0 vu\r\nContent-Length: 2\r\n\r\nok", "ok"),
    MEANS("a status nobody knows", "HTTP/1.1 999 ?\r\nContent-Length: 2\r\n\r\nok", "ok"),
};

static const struct hostile_reply fields[] = {
    FIELD("X : y", "space before its colon"), FIELD("Content-Length : 2", "space before"),
    FIELD("X\t: y", "space before its colon"), FIELD(": y", "no name"), FIELD("X", "no colon"),
    FIELD("X y", "space before"), FIELD("X: a\r\n b", "folded"), FIELD("X: a\r\n\tb", "folded"),
    FIELD(" X: y", "folded"), FIELD("X(): y", "name has a forbidden"),
    FIELD("X\xe9: y", "name has a forbidden"), FIELD("X\0: y", "name has a forbidden"),
    FIELD("X: a\0b", "control"), FIELD("X: a\rb", "control"), FIELD("X: a\nY: b", "LF without CR"),
    FIELD("X: a\x7f", "control"), FIELD("X: \33[2J", "control"), FIELD("X: a\r\r", ""),
    FIELD("\"X\": y", "name has a forbidden"), FIELD("\x01", "name has a forbidden"),
    REFUSED("lines in LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", BIDE_EHTTP, "LF without"),
    REFUSED("an end in LF", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\nok", BIDE_EHTTP,
            "LF without CR"),
    REFUSED("lines in CR", "HTTP/1.1 200 OK\rContent-Length: 2\r\rok", BIDE_EEOF, "head"),
    REFUSED("no end", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", BIDE_EEOF, "in its head"),
    MEANS("an empty value", "HTTP/1.1 200 OK\r\nX:\r\nContent-Length:2\r\n\r\nok", "ok"),
    MEANS("Latin-1 in a value", "HTTP/1.1 200 OK\r\nX: d\xe9j\xe0\r\nContent-Length: 2\r\n\r\nok",
          "ok"),
    MEANS("every sign in a name", "HTTP/1.1 200 OK\r\n!#$%&'*+-.^_`|~0aZ: x\r\n"
          "Content-Length: 2\r\n\r\nok", "ok"),
    MEANS("colons in a value", "HTTP/1.1 200 OK\r\nX::: a:b\r\nContent-Length: 2\r\n\r\nok", "ok"),
    MEANS("a nonsense type", "HTTP/1.1 200 OK\r\nContent-Type: ;;=;charset=\"\r\n"
          "Content-Length: 2\r\n\r\nok", "ok"),
    MEANS("a charset nobody knows", "HTTP/1.1 200 OK\r\n"
          "Content-Type: text/plain; charset=klingon\r\nContent-Length: 2\r\n\r\nok", "ok"),
    MEANS("no type at all", "HTTP/1.1 200 OK\r\nContent-Type:\r\nContent-Length: 2\r\n\r\nok",
          "ok"),
    MEANS("an absurd Keep-Alive", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=99999999999999999999, "
          "max=-1\r\nContent-Length: 2\r\n\r\nok", "ok"),
    MEANS("a Keep-Alive of nothing", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0, max=0\r\n"
          "Content-Length: 2\r\n\r\nok", "ok"),
    MEANS("an absurd Retry-After", "HTTP/1.1 200 OK\r\nRetry-After: 99999999999999999999\r\n"
          "Content-Length: 2\r\n\r\nok", "ok"),
    MEANS("a cookie from nowhere", "HTTP/1.1 200 OK\r\nSet-Cookie: =\r\nSet-Cookie: ;;;\r\n"
          "Set-Cookie:\r\nContent-Length: 2\r\n\r\nok", "ok"),
};

/* ---- the trial ---- */

/* What comes when the reply is over already finds nobody; who waits for more is not told that there
 * is none; and a body that is read by pieces may be of any size. */
static bool is_right(const struct hostile_reply *reply, const struct hostile *h,
                     const struct hostile_outcome *o)
{
    if (reply->body)
        return o->code == 0 && strcmp(o->text, reply->body) == 0;
    if (o->code == 0 && h->pause > 0)
        return strstr(reply->why, "more bytes") != NULL;
    if (o->code == BIDE_ETIMEDOUT && h->end == HOSTILE_SILENCE)
        return reply->code == BIDE_EEOF || reply->code == BIDE_ELIMIT;
    if (o->code == BIDE_EEOF && reply->code == BIDE_ELIMIT)
        return strstr(o->text, "cut short") != NULL;
    return o->code == reply->code && strstr(o->text, reply->why);
}

static void judge(const struct hostile_reply *reply, const struct hostile *h,
                  const struct hostile_outcome *o)
{
    if (!is_right(reply, h, o))
        test_fail(__FILE__, __LINE__, "\"%s\" (end %d, pause %g): %d, \"%s\"", reply->name, h->end,
                  h->pause, o->code, o->text);
    if (o->code != 0 && strncmp(o->text, "get http://127.0.0.1:", 21) != 0)
        test_fail(__FILE__, __LINE__, "not told of whom: %s", o->text);
}

/* A reply that was right may leave its connection open, as long as that is clean. */
static void look_after(const struct hostile *h, bide_session *session, const char *name, int code)
{
    char url[100];
    if (code != 0 && bide_session_connections(session) > 0)
        test_fail(__FILE__, __LINE__, "\"%s\": its connection was kept", name);
    CHECK_EQ(bide_sleep(h->pause > 0 ? 1 : 0), 0);      /* until all is said */
    snprintf(url, sizeof url, "%sok", h->stand.url);
    bide_auto(response) r = bide_get(session, url, .timeout = 10);
    const char *text = bide_response_text(r, NULL);
    if (!text || strcmp(text, "healthy") != 0)
        test_fail(__FILE__, __LINE__, "after \"%s\" (end %d, pause %g): %s", name, h->end, h->pause,
                  text ? text : bide_errmsg());
}

static const struct { enum hostile_end end; double pause; size_t piece; } ways[] = {
    { HOSTILE_SILENCE, 0, 0 }, { HOSTILE_CLOSE, 0, 0 }, { HOSTILE_SILENCE, 0, 1 },
    { HOSTILE_CLOSE, 0, 7 }, { HOSTILE_CLOSE, 0.01, 0 }, { HOSTILE_SILENCE, 0.01, 7 },
};

static void try_each(const struct hostile_reply *replies, size_t count)
{
    struct hostile h = { .stand.talk = hostile_talk, .piece = 8 };
    STAND(&h.stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    for (size_t i = 0; i < count; i++)
        for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
            struct hostile_outcome o;
            h.end = ways[way].end;
            h.pause = ways[way].pause;
            hostile_says(&h, replies[i].reply, replies[i].size);
            hostile_ask(&o, session, h.stand.url, ways[way].piece);
            judge(&replies[i], &h, &o);
            look_after(&h, session, replies[i].name, o.code);
        }
}
#define TRY_EACH(set) try_each(set, sizeof set / sizeof *set)

TASK_TEST(a_length_is_a_number_and_the_body_has_it) { TRY_EACH(lengths); }
TASK_TEST(chunks_are_as_the_standard_says) { TRY_EACH(chunks); }
TASK_TEST(a_body_that_could_be_cut_two_ways_is_refused) { TRY_EACH(framings); }
TASK_TEST(a_start_line_is_read_in_one_way) { TRY_EACH(starts); }
TASK_TEST(a_header_is_read_in_one_way) { TRY_EACH(fields); }
