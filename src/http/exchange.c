/* The head of a reply.
 *
 * One read when nothing is in the way.  The reply is parsed where the stream has
 * it and its head copied once, into the response, so the stream's buffer is free for the body. */
#include "http/call.h"
#include "http/cookies.h"
#include "http/ranges.h"

#include <string.h>

enum { INTERIM_MAX = 16 };      /* 1xx replies before the real one */
static const double CONTINUE_SECONDS = 1;       /* a body waits so long to be wanted */

/* Ends names and values with a NUL, in our copy. */
static void end_texts(const struct head *head, char *text)
{
    text[head->reason + head->reason_size] = '\0';
    for (unsigned i = 0; i < head->count; i++) {
        const struct field *field = &head->fields[i];
        text[field->name + field->name_size] = '\0';
        text[field->value + field->value_size] = '\0';
    }
}

/* Waits for more than `have` bytes of the head. */
BIDE_WAITS static ssize_t wait_for_more(struct call *call, bide_stream *stream, const char **data,
                                        size_t have)
{
    double seconds = have == 0 ? call->limits.first_byte : call->limits.idle;
    call->phase = have == 0 ? "first byte" : "head";
    if (seconds == BIDE_FOREVER)
        return bide_stream_peek_more(stream, data, have);
    BIDE_TIMEOUT(limit, seconds);
    ssize_t size = bide_stream_peek_more(stream, data, have);
    if (size >= 0)
        return size;
    int rc = bide_scope_result(limit, (int)size);
    return rc == BIDE_ECANCELED ? rc : bide_within("%s", call->phase);
}

/* Reads one head, also of an interim reply; *data points to it. */
BIDE_WAITS static int read_head(struct call *call, bide_stream *stream, const char **data,
                                bool *silent)
{
    struct head *head = &call->response->head;
    size_t have = 0;
    bide__head_start(head, HEAD_RESPONSE, &call->session->limits);
    head->memo = &call->session->memo;
    for (;;) {
        ssize_t size = wait_for_more(call, stream, data, have);
        *silent = have == 0 && (size == 0 || size == -ECONNRESET || size == -EPIPE);
        if (size < 0)
            return (int)size;
        if (size == 0 && have == 0)
            return bide_fail(BIDE_EEOF, "the server closed the connection without a reply");
        if (size == 0)
            return bide_fail(BIDE_EEOF, "the reply was cut short in its head");
        int rc = bide__head_parse(head, *data, (size_t)size);
        if (rc < 0)
            return bide_fail(rc, "%s", head->why);
        if (rc > 0)
            return 0;
        have = (size_t)size;
    }
}

static void note_keep_alive(const bide_response *r, struct connection *c)
{
    struct keep_alive said;
    bide__keep_alive_read(head_get(&r->head, r->text, HEADER_KEEP_ALIVE), &said);
    bide__pool_note_keep_alive(c, said.has_timeout ? (double)said.timeout : -1,
                               !said.has_max ? -1 : said.max < INT64_MAX ? (int64_t)said.max :
                               INT64_MAX);
}

static void learn_cookies(struct call *call)
{
    const bide_response *r = call->response;
    for (unsigned i = 0; i < r->head.count; i++)
        if (r->head.fields[i].header == HEADER_SET_COOKIE)
            bide__cookies_learn(call->session->cookies, &call->url,
                                head_value(r->text, &r->head.fields[i]));
}

/* Keeps the head and finds out where the body ends. */
static int take_head(struct call *call, struct connection *c, const char *data)
{
    bide_response *r = call->response;
    struct framing framing;
    if (bide__framing_of_response(&framing, &r->head, call->known) < 0)
        return bide_fail(BIDE_EHTTP, "%s", framing.why);
    if (framing.kind == BODY_TUNNEL && !call->upgrades)
        return bide_fail(BIDE_EHTTP, "the server wants to leave HTTP, which was not asked for");
    r->text = bide__scratch_copy(&r->scratch, data, r->head.size);
    if (!r->text)
        return bide_fail(BIDE_ENOMEM, "out of memory for the reply's head");
    end_texts(&r->head, r->text);
    bide_stream_consume(c->stream, r->head.size);
    r->keep_alive = framing.keep_alive && !call->cut;
    if (r->head.first[HEADER_KEEP_ALIVE])
        note_keep_alive(r, c);
    if (r->head.first[HEADER_SET_COOKIE])
        learn_cookies(call);
    bide__body_start(&r->body, &framing);
    r->body.chunked.keep_trailers = true;
    call_trace(call, BIDE_TRACE_HEAD, NULL, r->head.status);
    return 0;
}

/* One head while the body waits.  1: it may be sent; 0: look for another; 2: the final one. */
BIDE_WAITS static int read_word(struct call *call, struct connection *c)
{
    const char *data;
    bool silent;
    int rc = read_head(call, c->stream, &data, &silent);
    if (rc < 0)
        return rc == BIDE_ECANCELED || rc == BIDE_ETIMEDOUT ? rc : 2;
    const struct head *head = &call->response->head;
    struct framing framing;
    if (head->status >= 200 || head->status == 101 ||
        bide__framing_of_response(&framing, head, call->known) < 0)
        return 2;               /* also what will be refused is read again */
    bide_stream_consume(c->stream, head->size);
    return head->status == 100;
}

/* The time for the first byte counts from when the whole request is sent. */
BIDE_WAITS static int await_continue(struct call *call, struct connection *c)
{
    double first_byte = call->limits.first_byte;
    int rc = 0;
    BIDE_TIMEOUT(patience, CONTINUE_SECONDS);
    call->limits.first_byte = BIDE_FOREVER;
    for (int interim = 0; rc == 0 && interim < INTERIM_MAX; interim++)
        rc = read_word(call, c);
    call->limits.first_byte = first_byte;
    return bide_scope_result(patience, rc) == BIDE_ETIMEDOUT ? 1 : rc;  /* many never say it */
}

int bide__call_await_continue(struct call *call, struct connection *c)
{
    int rc = await_continue(call, c);
    return rc == 2 ? 0 : rc < 0 ? rc : 1;
}

int bide__call_read_reply(struct call *call, struct connection *c, bool *silent)
{
    const struct head *head = &call->response->head;
    for (int interim = 0;; interim++) {
        const char *data;
        bool closed;
        int rc = read_head(call, c->stream, &data, &closed);
        *silent = interim == 0 && closed;
        if (rc < 0)
            return rc;
        if (head->status >= 200 || head->status == 101)
            return take_head(call, c, data);
        if (interim == INTERIM_MAX)
            return bide_fail(BIDE_ELIMIT, "more than %d interim replies came", INTERIM_MAX);
        struct framing framing;
        if (bide__framing_of_response(&framing, head, call->known) < 0)
            return bide_fail(BIDE_EHTTP, "%s", framing.why);
        bide_stream_consume(c->stream, head->size);
    }
}
