/* Setting a cookie (RFC 6265bis, 4.1): strictly what all browsers read the same way.  What one of
 * them would throw away (too large, a promise in the name that is not kept) is refused here, where
 * somebody is told. */
#include "web/cookie.h"

#include "http/set_cookie.h"
#include "web/request.h"

#include <math.h>

static int refuse(const char *name, const char *why)
{
    return bide_fail(BIDE_EINVAL, "cookie %.60s: %s", name, why);
}

static bool is_value(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text == 0x7f || strchr("\",;\\", *text))
            return false;
    return true;
}

/* Of an attribute: no end of it. */
static bool is_attribute(const char *text)
{
    for (; text && *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f || *text == ';')
            return false;
    return true;
}

static bool begins(const char *name, const char *prefix)
{
    for (; *prefix; name++, prefix++)
        if (char_lower(*name) != *prefix)
            return false;
    return true;
}

static int check_texts(const char *name, const struct bide_respond_cookie_opts *o)
{
    const char *end = name + strlen(name);
    if (name == end || bide__chars_skip(name, end, CHAR_TOKEN) != end)
        return refuse(name, "its name is no word that HTTP allows");
    if (!o->value || !is_value(o->value))
        return refuse(name, "its value has a character that may not stand there");
    if (!is_attribute(o->path) || !is_attribute(o->domain) || (o->path && o->path[0] != '/'))
        return refuse(name, "its path or domain is none");
    if (isnan(o->max_age))
        return refuse(name, "max_age is no number");
    if (strlen(name) + strlen(o->value) > COOKIE_SIZE_MAX)
        return bide_fail(BIDE_ELIMIT, "cookie %.60s: more than %d bytes, which no browser keeps",
                         name, COOKIE_SIZE_MAX);
    return 0;
}

/* Names that promise something, and attributes that need https. */
static int check_promises(const char *name, const struct bide_respond_cookie_opts *o, bool secure)
{
    if (!secure && (begins(name, "__host-") || begins(name, "__secure-")))
        return refuse(name, "a name like this is for https");
    if (begins(name, "__host-") && (o->domain || (o->path && strcmp(o->path, "/") != 0)))
        return refuse(name, "a name like this allows no domain, and no path but /");
    if (!secure && o->same_site == BIDE_SAME_SITE_NONE)
        return refuse(name, "SameSite=None is for https");
    if (!secure && o->partitioned)
        return refuse(name, "Partitioned is for https");
    return 0;
}

static void put(struct writer *w, const char *name, const char *value)
{
    writer_put(w, name, strlen(name));
    writer_put(w, value, strlen(value));
}

static void put_age(struct writer *w, double age)
{
    if (age == 0)
        return;
    writer_literal(w, "; Max-Age=");
    if (age < 0)                /* for old browsers too */
        writer_literal(w, "0; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    else
        bide__writer_number(w, age < COOKIE_AGE_MAX ? (uint64_t)ceil(age) : COOKIE_AGE_MAX);
}

int bide__cookie_write(struct writer *w, const char *name,
                       const struct bide_respond_cookie_opts *o, bool secure)
{
    static const char *const sites[] = { "Lax", "None", "Lax", "Strict" };
    int rc = check_texts(name, o);
    if (rc == 0)
        rc = check_promises(name, o, secure);
    if (rc < 0)
        return rc;
    put(w, name, "=");
    put(w, o->value, "; Path=");
    put(w, o->path ? o->path : "/", "");
    if (o->domain)
        put(w, "; Domain=", o->domain);
    put_age(w, o->max_age);
    if (secure)
        writer_literal(w, "; Secure");
    if (!o->script)
        writer_literal(w, "; HttpOnly");
    put(w, "; SameSite=", sites[o->same_site & 3]);
    if (o->partitioned)
        writer_literal(w, "; Partitioned");
    writer_put(w, "", 1);
    return w->code < 0 ? bide_fail(w->code, "cookie %.60s: %s", name, w->why) : 0;
}

int bide_respond_cookie_opts(bide_request *req, const char *name,
                             const struct bide_respond_cookie_opts *opts)
{
    struct writer w;
    bool secure = opts->secure || strcmp(bide_request_scheme(req), "https") == 0;
    bide__scratch_write(&req->scratch, &w);
    int rc = bide__cookie_write(&w, name, opts, secure);
    if (rc < 0)
        return rc;
    bide__scratch_keep(&req->scratch, &w);
    return bide_respond_header(req, "Set-Cookie", w.at);
}
