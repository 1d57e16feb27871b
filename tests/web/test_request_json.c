/* Bodies as text and as JSON: what is taken, and with which status the rest is refused. */
#include "web/asked.h"

#ifdef BIDE_ZLIB
#include <zlib.h>
#endif

static int tell_string(bide_request *req)
{
    size_t size;
    const char *text = bide_request_string(req, &size);
    if (!text)
        return bide_errcode();
    CHECK_EQ(strlen(text), size);
    CHECK(bide_request_string(req, NULL) == text);
    return bide_respond_text(req, 200, "[%s]", text);
}

static int tell_json(bide_request *req)
{
    const bide_json *j = bide_request_json(req);
    if (!j)
        return bide_errcode();
    CHECK(bide_request_json(req) == j);
    return bide_respond_text(req, 200, "[%s]", bide_json_text(j, "a", "none"));
}

static int tell_type(bide_request *req)
{
    return bide_respond_text(req, 200, "[%s %lld %d]", bide_request_type(req),
                             (long long)bide_request_length(req), bide_request_has_body(req));
}

TASK_TEST(the_body_is_described_before_it_is_read)
{
    post(tell_type, " Text/HTML ; charset=x", "", "hello");
    CHECK_ANSWER(200, "[text/html 5 1]");
    post(tell_type, "nothing", "", "");
    CHECK_ANSWER(200, "[ 0 0]");
    post(tell_type, "a/b", "", "");
    CHECK_ANSWER(200, "[a/b 0 0]");
    static const char chunked[] = "POST /" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    ask(tell_type, chunked);
    CHECK_ANSWER(200, "[ -1 1]");
}

TASK_TEST(a_string_is_in_utf_8_or_refused)
{
    post(tell_string, "text/plain", "", "n\xc3\xa4h");
    CHECK_ANSWER(200, "[n\xc3\xa4h]");
    post(tell_string, "", "", "");
    CHECK_ANSWER(200, "[]");
    post(tell_string, "text/plain; charset=latin1", "", "n\xe4h");
    CHECK_ANSWER(200, "[n\xc3\xa4h]");
    post(tell_string, "text/plain; charset=Shift_JIS", "", "\x82\xb1");
    CHECK_ANSWER(200, "[\xe3\x81\x93]");
    post(tell_string, "text/plain", "", "n\xe4h");
    CHECK_ANSWER(400, "not in utf-8");
    post(tell_string, "text/plain; charset=Shift_JIS", "", "\x82");
    CHECK_ANSWER(400, "not in Shift_JIS");
    post(tell_string, "text/plain; charset=nobody-knows", "", "n\xe4h");
    CHECK_ANSWER(400, "not in nobody-knows");
}

TASK_TEST(json_is_what_is_called_so)
{
    post(tell_json, "application/json", "", "{\"a\":\"b\"}");
    CHECK_ANSWER(200, "[b]");
    post(tell_json, "application/problem+JSON; charset=\"UTF-8\"", "", "{\"a\":\"b\"}");
    CHECK_ANSWER(200, "[b]");
    static const char *const others[] = { "", "text/plain", "application/x-www-form-urlencoded",
                                          "application/json; charset=utf-16", "json" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        post(tell_json, others[i], "", "{\"a\":\"b\"}");
        CHECK_ANSWER(415, "is to be application/json");
    }
}

TASK_TEST(json_that_is_none_is_refused_with_its_place)
{
    post(tell_json, "application/json", "", "{\"a\":\n nil}");
    CHECK_ANSWER(400, "line 2, column 2");
    post(tell_json, "application/json", "", "");
    CHECK_ANSWER(400, "");
    post(tell_json, "application/json", "", "{\"a\":\"\xff\"}");
    CHECK_ANSWER(400, "");
    static char deep[5000];
    memset(deep, '[', sizeof deep);
    post_sized(tell_json, "application/json", "", deep, sizeof deep, ASKED_AT_ONCE);
    CHECK_ANSWER(413, "");
}

/* ---- content codings ---- */

#ifdef BIDE_ZLIB
/* So many letters in gzip's format. */
static size_t zip(char *out, size_t room, size_t letters)
{
    static char text[1 << 16];
    z_stream z = { .next_out = (Bytef *)out, .avail_out = (uInt)room };
    memset(text, 'a', sizeof text);
    CHECK_EQ(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    do {
        z.avail_in = (uInt)(letters < sizeof text ? letters : sizeof text);
        z.next_in = (Bytef *)text;
        letters -= z.avail_in;
        CHECK(deflate(&z, letters > 0 ? Z_NO_FLUSH : Z_FINISH) != Z_STREAM_ERROR);
    } while (letters > 0);
    size_t size = z.total_out;
    deflateEnd(&z);
    return size;
}

static int tell_size(bide_request *req)
{
    size_t size, sent;
    if (!bide_request_string(req, &size) || !bide_request_text(req, &sent))
        return bide_errcode();
    return bide_respond_text(req, 200, "[%zu, smaller when sent: %d]", size, sent < size);
}

TASK_TEST(a_coded_body_is_decoded)
{
    static char zipped[1 << 16];
    size_t size = zip(zipped, sizeof zipped, 30000);
    post_sized(tell_size, "text/plain", "Content-Encoding: gzip\r\n", zipped, size, 7);
    CHECK_ANSWER(200, "[30000, smaller when sent: 1]");
    post(tell_size, "text/plain", "Content-Encoding: identity\r\n", "12345");
    CHECK_ANSWER(200, "[5, smaller when sent: 0]");
    post(tell_size, "text/plain", "Content-Encoding: gzip\r\n", "");
    CHECK_ANSWER(200, "[0, smaller when sent: 0]");
}

TASK_TEST(a_coded_body_that_is_wrong_is_refused)
{
    static char zipped[1 << 16];
    size_t size = zip(zipped, sizeof zipped, 30000);
    post_sized(tell_size, "", "Content-Encoding: gzip\r\n", zipped, size - 1, ASKED_AT_ONCE);
    CHECK_ANSWER(400, "decoding the body");
    zipped[size - 5] ^= 1;
    post_sized(tell_size, "", "Content-Encoding: gzip\r\n", zipped, size, ASKED_AT_ONCE);
    CHECK_ANSWER(400, "decoding the body");
    post(tell_size, "", "Content-Encoding: lzma\r\n", "x");
    CHECK_ANSWER(415, "Content-Encoding lzma");
    CHECK_HAS(asked_answer, "\r\nAccept-Encoding: gzip, deflate");
    post(tell_size, "", "Content-Encoding: gzip, gzip, gzip, gzip\r\n", "x");
    CHECK_ANSWER(415, "");
}

TASK_TEST(a_bomb_does_not_unfold)
{
    static char zipped[1 << 16];
    size_t size = zip(zipped, sizeof zipped, 50 << 20);
    CHECK(size < sizeof zipped);
    post_sized(tell_size, "", "Content-Encoding: gzip\r\n", zipped, size, ASKED_AT_ONCE);
    CHECK_ANSWER(413, "decoding the body");
}
#endif

/* ---- without memory ---- */

static int ask_all(void *unused)
{
    (void)unused;
    static const char body[] = "{\"a\":\"b\"}";
    int rc = try_posting(tell_json, "application/json", "", body, sizeof body - 1, ASKED_AT_ONCE);
    if (rc < 0)
        return rc;
    return try_posting(tell_string, "text/plain; charset=latin1", "", "n\xe4h", 3, ASKED_AT_ONCE);
}

TEST(every_allocation_and_wait_may_fail)
{
    check_faults(ask_all, 20);
}
