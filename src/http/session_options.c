/* Options are copied as they are; then every pointer among them is made to point to a copy. */
#include "http/session_options.h"

#include "http/coding.h"
#include "http/timeouts.h"
#include "http/write.h"

#include <math.h>
#include <string.h>

static int no_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory for a session");
}

/* *text, unless it is NULL, becomes a copy of what it points to. */
static int keep(struct bide_session *s, const char **text)
{
    if (!*text)
        return 0;
    *text = bide__scratch_copy(&s->memory, *text, strlen(*text));
    return *text ? 0 : no_memory();
}

static size_t count_pairs(const struct bide_pair *pairs)
{
    size_t count = 0;
    while (pairs && pairs[count].name)
        count++;
    return count;
}

static struct bide_pair *new_pairs(struct bide_session *s, size_t count)
{
    struct bide_pair *pairs = bide__scratch_take(&s->memory, (count + 1) * sizeof *pairs);
    if (pairs)
        memset(pairs, 0, (count + 1) * sizeof *pairs);
    else
        no_memory();
    return pairs;
}

static int keep_pair(struct bide_session *s, struct bide_pair *to, const char *name,
                     const char *value)
{
    *to = (struct bide_pair){ name, value };
    int rc = keep(s, &to->name);
    return rc < 0 ? rc : keep(s, &to->value);
}

/* The same for a list; NULL stays NULL. */
static int keep_pairs(struct bide_session *s, const struct bide_pair **pairs)
{
    const struct bide_pair *from = *pairs;
    if (!from)
        return 0;
    struct bide_pair *to = new_pairs(s, count_pairs(from));
    *pairs = to;
    if (!to)
        return BIDE_ENOMEM;
    for (; from->name; from++, to++)
        if (keep_pair(s, to, from->name, from->value) < 0)
            return BIDE_ENOMEM;
    return 0;
}

/* ---- headers sent with every request ---- */

static bool is_named(const struct bide_pair *pairs, const char *name)
{
    for (; pairs && pairs->name; pairs++)
        if (bide__text_is_caseless(text_from(pairs->name), name))
            return true;
    return false;
}

bool bide__header_is_secret(const char *name)
{
    return bide__text_is_caseless(text_from(name), "authorization") ||
           bide__text_is_caseless(text_from(name), "cookie") ||
           bide__text_is_caseless(text_from(name), "proxy-authorization");
}

/* Writes them into nothing: only to hear whether they may be written. */
static int check_headers(const struct bide_pair *headers)
{
    char space[1];
    struct writer w = { .at = space };
    for (; headers->name; headers++) {
        bide__write_field(&w, text_from(headers->name), text_from(headers->value));
        if (w.code == BIDE_EINVAL)
            return bide_fail(BIDE_EINVAL, "session: %s", w.why);
        w.code = 0;
    }
    return 0;
}

/* What is sent unless the program names it itself, also to leave it out. */
static int add_defaults(struct bide_session *s, struct bide_pair **at)
{
    const struct bide_pair defaults[] = {
        { "Accept", "*/*" },
        { "User-Agent", s->o.user_agent ? s->o.user_agent : "bide/" BIDE_VERSION },
        { "Accept-Encoding", s->o.no_decoding ? NULL : bide__coding_accept() },
    };
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        if (defaults[i].value && !is_named(s->o.headers, defaults[i].name) &&
            keep_pair(s, (*at)++, defaults[i].name, defaults[i].value) < 0)
            return BIDE_ENOMEM;
    return 0;
}

static int set_headers(struct bide_session *s)
{
    const struct bide_pair *from = s->o.headers;
    if (is_named(from, "Content-Length") || is_named(from, "Transfer-Encoding"))
        return bide_fail(BIDE_EINVAL, "session: how long a body is, is not for .headers to say");
    struct bide_pair *at = s->headers = new_pairs(s, count_pairs(from) + 4);
    if (!at || add_defaults(s, &at) < 0)
        return BIDE_ENOMEM;
    for (; from && from->name; from++) {
        if (!from->value)
            continue;           /* it only leaves a default out */
        if (keep_pair(s, at++, from->name, from->value) < 0)
            return BIDE_ENOMEM;
        s->has_secrets |= bide__header_is_secret(from->name) ||
                          bide__text_is_caseless(text_from(from->name), "host");
    }
    return check_headers(s->headers);
}

/* ---- the rest ---- */

/* A base is pasted as other URLs are. */
static int set_base(struct bide_session *s)
{
    const char *why;
    char shown[URL_SHOWN_SIZE];
    struct writer w;
    if (!s->o.base_url)
        return 0;
    bide__scratch_write(&s->memory, &w);
    ssize_t size = bide__url_resolve(&w, NULL, text_from(s->o.base_url), URL_DROP_FRAGMENT, &why);
    if (size >= 0) {
        bide__scratch_keep(&s->memory, &w);
        s->o.base_url = w.at;
        size = bide__url_parse(&s->base, w.at, (size_t)size, &why);
    }
    if (size >= 0)
        return 0;
    return bide_fail((int)size, "base_url %s: %s", bide__url_show(shown, s->o.base_url), why);
}

static int keep_texts(struct bide_session *s)
{
    const char **texts[] = {
        &s->o.user_agent, &s->o.auth.user, &s->o.auth.password, &s->o.auth.bearer, &s->o.proxy,
        &s->o.unix_path, &s->o.local_address,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (keep(s, texts[i]) < 0)
            return BIDE_ENOMEM;
    int rc = keep_pairs(s, &s->o.query);
    return rc < 0 ? rc : keep_pairs(s, &s->o.proxy_headers);
}

static int keep_lists(struct bide_session *s)
{
    size_t count = 0;
    const int *statuses = s->o.retry.statuses;
    if (statuses) {
        while (statuses[count++])
            ;
        int *copy = bide__scratch_take(&s->memory, count * sizeof *copy);
        if (!copy)
            return no_memory();
        s->o.retry.statuses = memcpy(copy, statuses, count * sizeof *copy);
    }
    if (s->o.middlewares) {
        const struct bide_middleware *from = s->o.middlewares;
        for (count = 0; from[count++].fn;)
            ;
        struct bide_middleware *copy = bide__scratch_take(&s->memory, count * sizeof *copy);
        if (!copy)
            return no_memory();
        s->o.middlewares = memcpy(copy, from, count * sizeof *copy);
    }
    return 0;
}

static int check_numbers(const struct bide_session_opts *o)
{
    if (isnan(o->keep_alive) || o->keep_alive < 0)
        return bide_fail(BIDE_EINVAL, "session: keep_alive is not a time");
    if (o->redirect_max < 0 || o->retry.retries < 0)
        return bide_fail(BIDE_EINVAL, "session: %s is negative",
                         o->redirect_max < 0 ? "redirect_max" : "retry.retries");
    if (isnan(o->inflate_max) || o->inflate_max < 0)
        return bide_fail(BIDE_EINVAL, "session: inflate_max is not a number of times");
    return 0;
}

static int set_numbers(struct bide_session *s)
{
    static const struct bide_timeouts defaults = {
        .pool = BIDE_FOREVER, .dns = BIDE_FOREVER, .connect = 30, .proxy = 30, .tls = 30,
        .send = BIDE_FOREVER, .first_byte = BIDE_FOREVER, .idle = BIDE_FOREVER, .total = 300,
    };
    struct bide_session_opts *o = &s->o;
    struct bide_timeouts given = o->timeouts;
    int rc = check_numbers(o);
    if (rc < 0)
        return rc;
    s->pool.limit = o->limit ? o->limit : SESSION_LIMIT;
    s->pool.limit_per_host = o->limit_per_host ? o->limit_per_host : s->pool.limit;
    s->pool.keep_alive = o->keep_alive > 0 ? o->keep_alive : 15;
    s->limits.size = o->header_max && o->header_max < HEAD_SIZE_MAX ? o->header_max : HEAD_SIZE_MAX;
    o->body_max = o->body_max ? o->body_max : SESSION_BODY_MAX;
    o->redirect_max = o->redirect_max ? o->redirect_max : SESSION_REDIRECT_MAX;
    return bide__timeouts_merge(&o->timeouts, &defaults, &given, o->timeout);
}

int bide__session_take_options(struct bide_session *s, const struct bide_session_opts *opts)
{
    s->o = *opts;
    int rc = set_numbers(s);
    if (rc == 0)
        rc = keep_texts(s);
    if (rc == 0)
        rc = keep_lists(s);
    if (rc == 0)
        rc = set_base(s);
    if (rc == 0)
        rc = bide__session_set_ways(s);
    return rc == 0 ? set_headers(s) : rc;
}
