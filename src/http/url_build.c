/* Building a URL of parts.
 *
 * The parts are written one behind the other, each encoded so that it cannot end early, and the
 * whole goes through the same reader as any pasted text. */
#include "http/percent.h"
#include "http/query.h"
#include "http/url_object.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static int check(const struct bide_url_build_opts *o)
{
    if (!o->from && !o->host)
        return bide_fail(BIDE_EINVAL, "build a URL: no host given");
    if (o->scheme && strcasecmp(o->scheme, "http") != 0 && strcasecmp(o->scheme, "https") != 0)
        return bide_fail(BIDE_EURL, "build a URL: the scheme is neither http nor https");
    if (o->port < 0 || o->port > 65535)
        return bide_fail(BIDE_EINVAL, "build a URL: port %d is not from 1 to 65535", o->port);
    if (o->host && strpbrk(o->host, "/?#@%\\"))
        return bide_fail(BIDE_EURL, "build a URL: the host has a character in it that no name has");
    for (const char *const *at = o->segments; at && *at; at++)
        if (strcmp(*at, ".") == 0 || strcmp(*at, "..") == 0)
            return bide_fail(BIDE_EINVAL, "build a URL: the segment %s means another one", *at);
    return 0;
}

static void write_user(struct writer *w, const struct bide_url_build_opts *o)
{
    const char *user = o->user ? o->user : bide_url_user(o->from);
    const char *password = o->password ? o->password : bide_url_password(o->from);
    if (o->user && !*o->user)
        password = NULL;
    bool any = user && *user;
    if (any)
        bide__percent_write(w, text_from(user));
    if (password && *password) {
        writer_literal(w, ":");
        bide__percent_write(w, text_from(password));
        any = true;
    }
    if (any)
        writer_literal(w, "@");
}

/* The port as from has it: its scheme's own is not taken along to another scheme. */
static int port_of(const struct bide_url_build_opts *o)
{
    if (o->port || !o->from)
        return o->port;
    const struct url *url = &o->from->url;
    return url->port == (url->secure ? 443 : 80) ? 0 : url->port;
}

static void write_host(struct writer *w, const struct bide_url_build_opts *o)
{
    const char *host = o->host ? o->host : bide_url_host(o->from);
    size_t size = strlen(host);
    bool bare = strchr(host, ':') && *host != '[';
    if (*host == '[' && host[size - 1] != ']')
        bide__writer_fail(w, BIDE_EURL, "the host has something behind its ]");
    if (bare)
        writer_literal(w, "[");
    writer_put(w, host, size);
    if (bare)
        writer_literal(w, "]");
    if (port_of(o) > 0) {
        writer_literal(w, ":");
        bide__writer_number(w, (uint64_t)port_of(o));
    }
}

static void write_path(struct writer *w, const struct bide_url_build_opts *o)
{
    const char *path = o->path ? o->path : o->from ? bide_url_path(o->from) : "/";
    if (*path != '/')
        writer_literal(w, "/");
    bide__percent_write_loosely(w, text_from(path), CHAR_PATH);
    for (const char *const *at = o->segments; at && *at; at++) {
        if (w->code == 0 && w->at[w->size - 1] != '/')
            writer_literal(w, "/");
        bide__percent_write(w, text_from(*at));
    }
}

static void write_query(struct writer *w, const struct bide_url_build_opts *o)
{
    const char *old = o->query ? NULL : bide_url_query(o->from);
    bool any = o->query && o->query->name, more = o->add && o->add->name;
    if (!old && !any && !more)
        return;
    writer_literal(w, "?");
    size_t start = w->size;
    if (old)
        writer_put(w, old, strlen(old));
    else
        bide__query_write(w, o->query, true, false);
    bide__query_write(w, o->add, w->size == start, false);
}

static void write_all(struct writer *w, const struct bide_url_build_opts *o)
{
    const char *scheme = o->scheme ? o->scheme : o->from ? bide_url_scheme(o->from) : "http";
    const char *fragment = o->fragment ? o->fragment : bide_url_fragment(o->from);
    writer_put(w, scheme, strlen(scheme));
    writer_literal(w, "://");
    write_user(w, o);
    write_host(w, o);
    write_path(w, o);
    write_query(w, o);
    if (fragment && *fragment) {
        writer_literal(w, "#");
        bide__percent_write_loosely(w, text_from(fragment), CHAR_QUERY);
    }
}

bide_url *bide_url_build_opts(const struct bide_url_build_opts *opts)
{
    char first[1024];
    struct scratch scratch;
    struct writer w;
    bide_url *u = NULL;
    if (check(opts) < 0)
        return NULL;
    bide__scratch_start(&scratch, first, sizeof first);
    bide__scratch_write(&scratch, &w);
    write_all(&w, opts);
    if (w.code < 0)
        bide_fail(w.code, "build a URL: %s", w.code == BIDE_ENOMEM ? "out of memory" : w.why);
    else if (!(u = bide__url_new(NULL, text_of(w.at, w.size), 0)))
        bide_within("build a URL");
    bide__scratch_end(&scratch);
    return u;
}
