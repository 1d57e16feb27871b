/* The exchange with a proxy that opens a tunnel.
 *
 * The user and password are said at once, by Basic authentication: they were given for this proxy.
 * One that wants Digest is answered over another connection, so that the refusal's body need not be
 * read.
 * Of a reply that is no success only the status is told; its body is never read, for the connection
 * is closed then.  What comes behind the head of a success can only be the proxy's own, as the
 * target has not been spoken to yet, and is refused: it would be taken for the target's. */
#include "http/tunnel.h"

#include "base/memory.h"
#include "http/auth.h"
#include "http/base64.h"
#include "http/head.h"

#include <bide/error.h>
#include <bide/http.h>

enum { INTERIM_MAX = 16, REQUEST_MAX = 16384 };

/* ---- the request ---- */

static void write_basic(struct writer *w, const struct proxy *p)
{
    const struct text pair[] = { text_of(p->user, p->user_size), text_of(":", 1),
                                 text_of(p->password, p->password_size) };
    writer_literal(w, "Proxy-Authorization: Basic ");
    bide__base64_write(w, pair, 3);
    writer_literal(w, "\r\n");
}

static bool is_named(const struct bide_pair *pairs, const char *name)
{
    for (; pairs && pairs->name; pairs++)
        if (bide__text_is_caseless(text_from(pairs->name), name))
            return true;
    return false;
}

static void write_others(struct writer *w, const struct bide_pair *headers)
{
    for (; headers && headers->name; headers++)
        if (headers->value)
            bide__write_field(w, text_from(headers->name), text_from(headers->value));
}

void bide__proxy_write_fields(struct writer *w, const struct proxy *proxy,
                              const struct bide_pair *headers)
{
    if (proxy->has_user && !is_named(headers, "Proxy-Authorization"))
        write_basic(w, proxy);
    write_others(w, headers);
}

static void write_request(struct writer *w, const struct tunnel *t)
{
    writer_literal(w, "CONNECT ");
    writer_put(w, t->target, strlen(t->target));
    writer_literal(w, " HTTP/1.1\r\n");
    if (!is_named(t->headers, "Host"))
        bide__write_field(w, text_from("Host"), text_from(t->target));
    if (t->answer) {
        bide__write_field(w, text_from("Proxy-Authorization"), text_from(t->answer));
        write_others(w, t->headers);
    } else {
        bide__proxy_write_fields(w, t->proxy, t->headers);
    }
    bide__write_end(w);
}

BIDE_WAITS static int send_request(bide_stream *stream, const struct tunnel *t)
{
    struct writer w = { .at = bide__alloc(REQUEST_MAX), .room = REQUEST_MAX };
    if (!w.at)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    write_request(&w, t);
    int rc = w.code < 0 ? bide_fail(w.code, "%s", w.why) : bide_write(stream, w.at, w.size);
    bide__free(w.at);
    return rc;
}

/* ---- the reply ---- */

BIDE_WAITS static int read_head(bide_stream *stream, struct head *head, const char **data)
{
    size_t have = 0;
    bide__head_start(head, HEAD_RESPONSE, NULL);
    for (;;) {
        ssize_t size = bide_stream_peek_more(stream, data, have);
        if (size < 0)
            return (int)size;
        if (size == 0)
            return bide_fail(BIDE_EEOF, have > 0 ? "the proxy's reply was cut short in its head"
                                                 : "the proxy closed without a reply");
        int rc = bide__head_parse(head, *data, (size_t)size);
        if (rc < 0)
            return bide_fail(rc, "the proxy's reply: %s", head->why);
        if (rc > 0)
            return 0;
        have = (size_t)size;
    }
}

static int refused(const struct head *head, const char *data)
{
    return bide_fail(BIDE_EHTTP, "%u %.*s", head->status, head->reason_size < 80 ?
                     (int)head->reason_size : 80, data + head->reason);
}

/* The answer to the challenges of a 407; NULL: none of them can be answered, or no memory is left
 * for it. */
static char *answer_challenge(const struct tunnel *t, const struct head *head, const char *data)
{
    const struct credentials who = { .user = t->proxy->user, .password = t->proxy->password };
    const struct auth_request request = { .method = text_from("CONNECT"),
                                          .target = text_from(t->target), .body_known = true };
    struct writer w = { .at = bide__alloc(REQUEST_MAX), .room = REQUEST_MAX };
    struct auth auth;
    bide__auth_start(&auth, AUTH_BASIC);        /* what has just been refused */
    bide__auth_begin(&auth);
    for (unsigned i = 0; i < head->count; i++)
        if (bide__text_is_caseless(head_name(data, &head->fields[i]), "proxy-authenticate"))
            bide__auth_hear(&auth, &who, head_value(data, &head->fields[i]));
    bool said = w.at && bide__auth_decide(&auth, 1) && auth.scheme == AUTH_DIGEST &&
                bide__auth_write(&auth, &who, &request, &w);
    bide__auth_end(&auth);
    writer_put(&w, "", 1);
    if (said && w.code == 0)
        return w.at;
    bide__free(w.at);
    return NULL;
}

/* What the final reply means; data is its head. */
static int judge(bide_stream *stream, struct tunnel *t, const struct head *head, const char *data)
{
    if (head->status == 407 && t->proxy->has_user && !t->answer &&
        (t->answer = answer_challenge(t, head, data)))
        return 1;
    if (head->status >= 300 || head->status < 200)
        return refused(head, data);
    bide_stream_consume(stream, head->size);
    if (bide_stream_buffered(stream) > 0)
        return bide_fail(BIDE_EHTTP, "the proxy sent more than its reply's head");
    return 0;
}

BIDE_WAITS static int read_reply(bide_stream *stream, struct tunnel *t)
{
    struct head head;
    const char *data;
    for (int interim = 0; interim <= INTERIM_MAX; interim++) {
        int rc = read_head(stream, &head, &data);
        if (rc < 0)
            return rc;
        if (head.status >= 200 || head.status == 101)
            return judge(stream, t, &head, data);
        bide_stream_consume(stream, head.size);
    }
    return bide_fail(BIDE_ELIMIT, "more than %d interim replies came", INTERIM_MAX);
}

int bide__tunnel_open(bide_stream *stream, struct tunnel *t)
{
    int rc = send_request(stream, t);
    if (rc == 0)
        rc = read_reply(stream, t);
    return rc < 0 && rc != BIDE_ECANCELED ? bide_within("CONNECT %.200s", t->target) : rc;
}
