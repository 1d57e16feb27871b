/* Opening and closing. */
#include "http/session.h"

#include "base/memory.h"
#include "http/response.h"
#include "http/timeouts.h"
#include "http/write.h"

#include <bide/run.h>

#include <math.h>
#include <string.h>

/* ---- headers sent with every request ---- */

static bool is_named(const struct bide_pair *pairs, const char *name)
{
    for (; pairs && pairs->name; pairs++)
        if (bide__text_is_caseless(text_of(pairs->name, strlen(pairs->name)), name))
            return true;
    return false;
}

static bool copy_pair(struct bide_pair *to, const char *name, const char *value)
{
    to->name = bide__copy_text(name, strlen(name));
    to->value = bide__copy_text(value, strlen(value));
    return to->name && to->value;
}

static void free_headers(struct bide_pair *headers)
{
    for (struct bide_pair *pair = headers; pair && (pair->name || pair->value); pair++) {
        bide__free((void *)(uintptr_t)pair->name);
        bide__free((void *)(uintptr_t)pair->value);
    }
    bide__free(headers);
}

/* Writes them into nothing: only to hear whether they may be written. */
static int check_headers(const struct bide_pair *headers)
{
    char space[1];
    struct writer w = { .at = space };
    for (; headers->name; headers++) {
        bide__write_field(&w, text_of(headers->name, strlen(headers->name)),
                          text_of(headers->value, strlen(headers->value)));
        if (w.code == BIDE_EINVAL)
            return bide_fail(BIDE_EINVAL, "session: %s", w.why);
        w.code = 0;
    }
    return 0;
}

static int set_headers(struct bide_session *s, const struct bide_session_opts *o)
{
    size_t count = 1, at = 0;
    if (is_named(o->headers, "Content-Length") || is_named(o->headers, "Transfer-Encoding"))
        return bide_fail(BIDE_EINVAL, "session: how long a body is, is not for .headers to say");
    for (const struct bide_pair *pair = o->headers; pair && pair->name; pair++)
        count++;
    s->headers = bide__zalloc((count + 1) * sizeof *s->headers);
    if (!s->headers)
        return bide_fail(BIDE_ENOMEM, "out of memory for a session");
    if (!is_named(o->headers, "User-Agent") &&
        !copy_pair(&s->headers[at++], "User-Agent",
                   o->user_agent ? o->user_agent : "bide/" BIDE_VERSION))
        return bide_fail(BIDE_ENOMEM, "out of memory for a session");
    for (const struct bide_pair *pair = o->headers; pair && pair->name; pair++) {
        if (!pair->value)
            return bide_fail(BIDE_EINVAL, "session: the header %s has no value", pair->name);
        if (!copy_pair(&s->headers[at++], pair->name, pair->value))
            return bide_fail(BIDE_ENOMEM, "out of memory for a session");
    }
    return check_headers(s->headers);
}

/* ---- the rest of the options ---- */

static int set_base(struct bide_session *s, const char *text)
{
    const char *why;
    if (!text)
        return 0;
    s->base_text = bide__copy_text(text, strlen(text));
    if (!s->base_text)
        return bide_fail(BIDE_ENOMEM, "out of memory for a session");
    if (bide__url_parse(&s->base, s->base_text, strlen(text), &why) < 0)
        return bide_fail(BIDE_EURL, "base_url %.100s: %s", text, why);
    return 0;
}

static int set_options(struct bide_session *s, const struct bide_session_opts *o)
{
    static const struct bide_timeouts defaults = {
        .pool = BIDE_FOREVER, .dns = BIDE_FOREVER, .connect = 30, .first_byte = BIDE_FOREVER,
        .idle = BIDE_FOREVER, .total = 300,
    };
    if (isnan(o->keep_alive) || o->keep_alive < 0)
        return bide_fail(BIDE_EINVAL, "session: keep_alive is not a time");
    s->pool.limit = o->limit ? o->limit : SESSION_LIMIT;
    s->pool.limit_per_host = o->limit_per_host ? o->limit_per_host : s->pool.limit;
    s->pool.keep_alive = o->keep_alive > 0 ? o->keep_alive : 15;
    s->limits.size = o->header_max && o->header_max < HEAD_SIZE_MAX ? o->header_max : HEAD_SIZE_MAX;
    s->body_max = o->body_max ? o->body_max : SESSION_BODY_MAX;
    return bide__timeouts_merge(&s->timeouts, &defaults, &o->timeouts, o->timeout);
}

static void free_session(struct bide_session *s)
{
    bide__pool_free(&s->pool);
    bide__response_free_spares(s);
    free_headers(s->headers);
    bide__free(s->base_text);
    bide__free(s);
}

bide_session *bide_session_open_opts(const struct bide_session_opts *opts)
{
    struct bide_session *s = bide__zalloc(sizeof *s);
    if (!s) {
        bide_fail(BIDE_ENOMEM, "out of memory for a session");
        return NULL;
    }
    s->users = 1;
    s->random = (uint64_t)(uintptr_t)s ^ (uint64_t)(bide_now() * 1e9);
    int rc = set_options(s, opts);
    if (rc == 0)
        rc = set_base(s, opts->base_url);
    if (rc == 0)
        rc = set_headers(s, opts);
    if (rc == 0 && bide__pool_open(&s->pool) < 0)
        rc = bide_fail(BIDE_ENOMEM, "out of memory for a session");
    if (rc == 0)
        return s;
    free_session(s);
    return NULL;
}

/* ---- visits ---- */

void bide__session_enter(struct bide_session *s, struct visit *visit, bide_scope *scope)
{
    visit->scope = scope;
    visit->ended = false;
    visit->prev = NULL;
    visit->next = s->visits;
    if (s->visits)
        s->visits->prev = visit;
    s->visits = visit;
}

int bide__session_leave(struct bide_session *s, struct visit *visit, int rc)
{
    *(visit->prev ? &visit->prev->next : &s->visits) = visit->next;
    if (visit->next)
        visit->next->prev = visit->prev;
    if (visit->ended && rc == BIDE_ECANCELED)
        return bide_fail(BIDE_ECLOSED, "the session was closed");
    return rc;
}

void bide__session_release(struct bide_session *s)
{
    if (--s->users == 0)
        free_session(s);
}

void bide_session_close(bide_session *s)
{
    if (!s || s->closed)
        return;
    s->closed = true;
    bide__pool_close(&s->pool);
    for (struct visit *visit = s->visits; visit; visit = visit->next) {
        visit->ended = true;
        bide_scope_cancel(visit->scope);
    }
    bide__session_release(s);
}
