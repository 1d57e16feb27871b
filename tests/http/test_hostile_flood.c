/* Replies without an end, or too much of something, or too slow: each meets a limit that has a
 * name, and costs no more than that. */
#include "hostile.h"

/* ---- without end ---- */

/* Says `reply` once, and then `again` until nobody listens. */
struct flood { struct hostile h; const char *again; };

static int flood_talk(bide_stream *s, struct stand *stand)
{
    struct flood *flood = (struct flood *)(void *)stand;
    char block[4096];
    size_t size = strlen(flood->again), filled = 0;
    while (stand_read(s, stand) > 0) {
        if (strstr(stand->last, " /ok HTTP/1.1\r\n")) {
            if (bide_printf(s, OK(7) "healthy") < 0)
                return 0;
            continue;
        }
        while (filled + size <= sizeof block) {
            memcpy(block + filled, flood->again, size);
            filled += size;
        }
        int rc = bide_write(s, stand->reply, strlen(stand->reply));
        while (rc == 0)
            rc = bide_write(s, block, filled);
        return rc == BIDE_ECANCELED ? rc : 0;
    }
    return 0;
}

static const struct {
    const char *reply, *again, *why;
    int code;
} floods[] = {
    { "HTTP/1.1 200 ", "OK", "the start line is too long", BIDE_ELIMIT },
    { "", "A", "the start line is too long", BIDE_ELIMIT },
    { "HTTP/1.1 200 OK\r\n", "X: y\r\n", "there are too many headers", BIDE_ELIMIT },
    { "HTTP/1.1 200 OK\r\nX: ", "y", "the head is too large", BIDE_ELIMIT },
    { "HTTP/1.1 200 OK\r\n", "y", "the head is too large", BIDE_ELIMIT },
    { "HTTP/1.1 200 OK\r\n", " \r\n", "folded", BIDE_EHTTP },
    { "HTTP/1.1 200 OK\r\n", "Set-Cookie: a=b; Path=/\r\n", "too many headers", BIDE_ELIMIT },
    { "", "\r\n", "begin", BIDE_EHTTP },
    { "", "HTTP/1.1 100 Continue\r\n\r\n", "more than 16 interim replies", BIDE_ELIMIT },
    { "", "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n",
      "more than 16 interim replies", BIDE_ELIMIT },
    { CHUNKED, "0", "does not fit in 64 bits", BIDE_EHTTP },
    { CHUNKED "5;", "a=b;", "the chunk extensions are too large", BIDE_ELIMIT },
    { CHUNKED "5;a=\"", "b", "the chunk extensions are too large", BIDE_ELIMIT },
    { CHUNKED "5", " ", "the chunk extensions are too large", BIDE_ELIMIT },
    { CHUNKED, "1;abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\r\n!\r\n",
      "the chunk extensions are too large", BIDE_ELIMIT },
    { CHUNKED "0\r\n", "A: b\r\n", "the trailers are too large", BIDE_ELIMIT },
    { CHUNKED "0\r\nA: ", "b", "the trailers are too large", BIDE_ELIMIT },
    { CHUNKED, "1001\r\n", "longer than its size", BIDE_EHTTP },
    { CHUNKED, "2\r\nno\r\n", "longer than the 1000000 bytes", BIDE_ELIMIT },
    { "HTTP/1.1 200 OK\r\n\r\n", "without end ", "longer than the 1000000 bytes", BIDE_ELIMIT },
    { OK(1000001), "without end ", "1000001 bytes, more than the 1000000", BIDE_ELIMIT },
    { EMPTY("200 OK"), EMPTY("200 OK"), "more bytes than its reply has", BIDE_EHTTP },
};

TASK_TEST(nothing_is_read_without_end)
{
    for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
        struct flood flood = { .h.stand = { .talk = flood_talk, .reply = floods[i].reply },
                               .again = floods[i].again };
        STAND(&flood.h.stand);
        bide_auto(session) session = bide_session_open(.limit = 1, .body_max = 1000000);
        struct hostile_outcome o;
        hostile_ask(&o, session, flood.h.stand.url, 0);
        if (o.code != floods[i].code || !strstr(o.text, floods[i].why))
            test_fail(__FILE__, __LINE__, "\"%s\", and \"%s\" for ever: %d, \"%s\"",
                      floods[i].reply, floods[i].again, o.code, o.text);
        hostile_is_over(session, flood.h.stand.url, floods[i].again);
    }
}

/* Whether what is too much is there in time to be told or not, it is no answer to the next. */
TASK_TEST(what_follows_a_large_body_is_no_reply)
{
    struct flood flood = { .h.stand = { .talk = flood_talk, .reply = OK(1000000) },
                           .again = OK(2) "no" };
    STAND(&flood.h.stand);
    for (int turn = 0; turn < 20; turn++) {
        bide_auto(session) session = bide_session_open(.limit = 1);
        struct hostile_outcome o;
        hostile_ask(&o, session, flood.h.stand.url, 0);
        CHECK(o.code == 0 || (o.code == BIDE_EHTTP && strstr(o.text, "more bytes")));
        hostile_is_over(session, flood.h.stand.url, "more than a megabyte");
    }
}

/* Who reads by pieces may go on for ever, as long as it wants. */
TASK_TEST(a_body_without_end_can_be_left_at_any_moment)
{
    static const char *const starts[] = { CHUNKED, "HTTP/1.1 200 OK\r\n\r\n",
                                          OK(9000000000000000000) };
    for (int i = 0; i < 3; i++) {
        struct flood flood = { .h.stand = { .talk = flood_talk, .reply = starts[i] },
                               .again = "3\r\nno!\r\n" };
        STAND(&flood.h.stand);
        bide_auto(session) session = bide_session_open(.limit = 1);
        for (int reads = 0; reads < 40; reads += 13) {
            bide_response *r = bide_get(session, flood.h.stand.url);
            char bytes[500];
            for (int j = 0; j < reads; j++)
                CHECK(bide_response_read(r, bytes, sizeof bytes) > 0);
            bide_response_close(r);
            hostile_is_over(session, flood.h.stand.url, starts[i]);
        }
    }
}

/* ---- just too much ---- */

/* A reply with so many headers of such a size. */
static char *large_head(int count, size_t size)
{
    char *text = malloc(200 + (size_t)count * (size + 16));
    CHECK(text != NULL);
    char *at = text + sprintf(text, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
    for (int i = 0; i < count; i++) {
        at += sprintf(at, "X%d: ", i);
        memset(at, 'x', size);
        at += size;
        at += sprintf(at, "\r\n");
    }
    sprintf(at, "\r\nok");
    return text;
}

TASK_TEST(a_head_may_be_as_large_as_its_limits)
{
    static const struct { int count; size_t size; const char *body; } heads[] = {
        { 99, 5, "ok" }, { 100, 5, NULL }, { 120, 5, NULL }, { 127, 5, NULL }, { 128, 5, NULL },
        { 1000, 5, NULL }, { 1, 65000, "ok" }, { 1, 65535, NULL }, { 1, 65536, NULL },
        { 1, 70000, NULL }, { 9, 7000, "ok" }, { 90, 720, "ok" }, { 90, 750, NULL },
    };
    struct hostile h = { .stand.talk = hostile_talk };
    STAND(&h.stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct hostile_outcome o;
        char *text = large_head(heads[i].count, heads[i].size);
        hostile_says(&h, text, strlen(text));
        hostile_ask(&o, session, h.stand.url, 0);
        free(text);
        if (heads[i].body ? o.code != 0 || strcmp(o.text, "ok") != 0 : o.code != BIDE_ELIMIT)
            test_fail(__FILE__, __LINE__, "%d headers of %zu bytes: %d, \"%s\"", heads[i].count,
                      heads[i].size, o.code, o.text);
    }
}

/* ---- slowly ---- */

static void drip(const struct bide_timeouts *limits, double pause, int code, const char *why,
                 double seconds)
{
    static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789";
    struct hostile h = { .stand.talk = hostile_talk, .pause = pause };
    STAND(&h.stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    struct hostile_outcome o;
    hostile_says(&h, reply, strlen(reply));
    double start = bide_now();
    bide_response *r = bide_get(session, h.stand.url, .timeouts = *limits);
    hostile_hear(&o, r, 0);
    bide_response_close(r);
    CHECK_EQ(o.code, code);
    CHECK_HAS(o.text, why);
    CHECK_NEAR(bide_now() - start, seconds, 0.5);
    if (code != 0)
        CHECK_EQ(bide_session_connections(session), 0);
}

TASK_TEST(a_byte_each_ten_seconds_is_a_reply_to_who_has_time)
{
    drip(&(struct bide_timeouts){ .total = BIDE_FOREVER }, 10, 0, "01234567890123456789", 590);
    drip(&(struct bide_timeouts){ .total = 1000, .idle = 11 }, 10, 0, "0123456789", 590);
}

TASK_TEST(a_byte_each_ten_seconds_runs_out_of_time)
{
    drip(&(struct bide_timeouts){ 0 }, 10, BIDE_ETIMEDOUT, "head: timed out after 300 s in all",
         300);
    drip(&(struct bide_timeouts){ .total = 25 }, 10, BIDE_ETIMEDOUT, "25 s in all", 25);
    drip(&(struct bide_timeouts){ .total = 450 }, 10, BIDE_ETIMEDOUT,
         "body: timed out after 450 s in all", 450);
    drip(&(struct bide_timeouts){ .idle = 9 }, 10, BIDE_ETIMEDOUT, "head: timed out after 9 s", 19);
    drip(&(struct bide_timeouts){ .first_byte = 9 }, 10, BIDE_ETIMEDOUT,
         "first byte: timed out after 9 s", 9);
}
