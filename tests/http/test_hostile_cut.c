/* Replies that are right, cut after each of their bytes: by a close, by a broken connection, by
 * silence.  What is not whole is never a result, but where the close itself is the end; and once a
 * byte has come nothing is asked twice. */
#include "hostile.h"

#include "codings.h"

struct whole_reply {
    const char *name, *head, *body;
    size_t body_size;
    const char *text;           /* the body as the caller sees it */
    bool until_close;           /* its end is the close */
};
#define PLAIN(name, head, body, text) { name, head, BYTES(body), text, false }
#define OPEN(name, head, body) { name, head, BYTES(body), body, true }
#define CODED(coding, body, open) { coding, "HTTP/1.1 200 OK\r\nContent-Encoding: " coding "\r\n", \
                                    BYTES(body), CODINGS_TEXT, open }

static const struct whole_reply whole[] = {
    PLAIN("a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hello", "hello"),
    PLAIN("nothing", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", ""),
    PLAIN("a status without body", "HTTP/1.1 204 No\r\nServer: x\r\n\r\n", "", ""),
    PLAIN("chunks", CHUNKED, "5\r\nhello\r\n1;a=b\r\n!\r\n0\r\n\r\n", "hello!"),
    PLAIN("chunks and trailers", CHUNKED, "A\r\n0123456789\r\n0\r\nA: b\r\nC:\r\n\r\n",
          "0123456789"),
    PLAIN("interim replies before", "HTTP/1.1 100 Go\r\n\r\n"
          "HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n"
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "ok", "ok"),
    PLAIN("an error", "HTTP/1.1 503 No\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\n", "no", "no"),
    PLAIN("HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", "old", "old"),
    OPEN("until the close", "HTTP/1.1 200 OK\r\n\r\n", "to the end"),
    OPEN("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", "old"),
};

/* What may come of the first `cut` bytes. */
static void judge(const struct whole_reply *reply, const struct hostile *h,
                  const struct hostile_outcome *o, size_t cut)
{
    size_t head = strlen(reply->head);
    if (reply->until_close && h->end == HOSTILE_CLOSE && cut >= head) {
        if (o->code == 0 && o->size == cut - head && memcmp(o->text, reply->text, o->size) == 0)
            return;
    } else if (h->end == HOSTILE_SILENCE) {
        if (o->code == BIDE_ETIMEDOUT)
            return;
    } else if (o->code == BIDE_EEOF || (h->end == HOSTILE_RESET && o->code == -ECONNRESET)) {
        return;
    }
    test_fail(__FILE__, __LINE__, "\"%s\" ended (%d) after %zu bytes: %d, \"%s\"", reply->name,
              h->end, cut, o->code, o->text);
}

/* On a kept connection a request that nobody has answered goes out again. */
static void judge_requests(const struct hostile *h, int before, size_t cut)
{
    int more = h->hostile_requests - before;
    CHECK(more == 1 || (more == 2 && h->end != HOSTILE_SILENCE &&
                        (cut == 0 || h->end == HOSTILE_RESET)));
}

static void cut_one(const struct whole_reply *reply, struct hostile *h, bide_session *session,
                    size_t step)
{
    char text[512];
    size_t head = strlen(reply->head), size = head + reply->body_size;
    CHECK(size < sizeof text);
    memcpy(text, reply->head, head);
    memcpy(text + head, reply->body, reply->body_size);
    for (size_t cut = 0; cut < size; cut += step) {
        struct hostile_outcome o;
        int before = h->hostile_requests;
        hostile_says(h, text, size);
        h->cut = cut;
        hostile_ask(&o, session, h->stand.url, cut % 3);
        judge(reply, h, &o, cut);
        judge_requests(h, before, cut);
        hostile_is_over(session, h->stand.url, reply->name);
    }
}

static void cut_each(enum hostile_end end, size_t step)
{
    struct hostile h = { .stand.talk = hostile_talk, .end = end };
    STAND(&h.stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        cut_one(&whole[i], &h, session, step);
}

TASK_TEST(a_reply_that_ends_early_is_no_reply) { cut_each(HOSTILE_CLOSE, 1); }
TASK_TEST(a_reply_that_breaks_off_is_no_reply) { cut_each(HOSTILE_RESET, 1); }
TASK_TEST(a_reply_that_stops_runs_out_of_time) { cut_each(HOSTILE_SILENCE, 2); }
