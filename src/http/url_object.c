/* bide_url: made, asked, freed.
 *
 * All parts are made at once, so that asking cannot fail and any thread may ask. */
#include "http/url_object.h"

#include "base/memory.h"
#include "http/idna.h"
#include "http/percent.h"
#include "http/query.h"

#include <string.h>

/* ---- making ---- */

static char *copy(bide_url *u, struct text text)
{
    return bide__scratch_copy(&u->scratch, text.at, text.size);
}

/* A copy without percent-codes; one that hides a NUL stays as it is. */
static const char *decode(bide_url *u, struct text text)
{
    char *out = copy(u, text);
    ssize_t size = out ? bide__percent_decode(out, text, false) : -1;
    if (size >= 0)
        out[size] = '\0';
    else if (out)
        memcpy(out, text.at, text.size);
    return out;
}

static const char *redact(bide_url *u)
{
    struct writer w;
    if (!u->url.user.at)
        return u->text;
    bide__scratch_write(&u->scratch, &w);
    bide__url_write(&w, &u->url, URL_DROP_USER);
    writer_put(&w, "", 1);
    if (w.code < 0)
        return NULL;
    bide__scratch_keep(&u->scratch, &w);
    return w.at;
}

static const char *for_people(bide_url *u)
{
    char name[4 * IDNA_SIZE];
    if (!strstr(u->host, "xn--") || !bide__idna_to_unicode(name, sizeof name, u->host))
        return u->host;
    return copy(u, text_of(name, strlen(name)));
}

static bool fill_authority(bide_url *u)
{
    const struct url *url = &u->url;
    struct text host = url_host(url), field = url_host_field(url);
    if (url->bracketed)
        host = text_of(host.at + 1, host.size - 2);
    u->scheme = url->secure ? "https" : "http";
    u->host = copy(u, host);
    u->host_unicode = u->host ? for_people(u) : NULL;
    u->origin = copy(u, text_of(url->origin, url->scheme_size + field.size));
    u->user = url->user.at && url->user.size > 0 ? decode(u, url->user) : NULL;
    u->password = url->password.at ? decode(u, url->password) : NULL;
    return u->host && u->host_unicode && u->origin && (u->user || url->user.size == 0) &&
           (u->password || !url->password.at);
}

static bool fill_target(bide_url *u)
{
    const struct url *url = &u->url;
    size_t size = url->path.size + (url->query.at ? url->query.size + 1 : 0);
    u->path = copy(u, url->path);
    u->target = u->path;
    if (url->query.at) {
        u->query = copy(u, url->query);
        u->target = copy(u, text_of(url->path.at, size));
    }
    if (url->fragment.at)
        u->fragment = copy(u, url->fragment);
    u->params = bide__query_read(&u->scratch, url->query);
    return u->path && u->target && u->params && (u->query || !url->query.at) &&
           (u->fragment || !url->fragment.at);
}

static int fill(bide_url *u, const struct url *base, struct text text, int flags)
{
    const char *why;
    struct writer w;
    bide__scratch_write(&u->scratch, &w);
    ssize_t rc = bide__url_resolve(&w, base, text, flags, &why);
    if (rc >= 0) {
        bide__scratch_keep(&u->scratch, &w);
        u->text = w.at;
        rc = bide__url_parse(&u->url, w.at, (size_t)rc, &why);
    }
    if (rc < 0)
        return bide_fail((int)rc, "%s", why);
    u->redacted = redact(u);
    if (!u->redacted || !fill_authority(u) || !fill_target(u))
        return bide_fail(BIDE_ENOMEM, "out of memory for a URL");
    return 0;
}

bide_url *bide__url_new(const struct url *base, struct text text, int flags)
{
    bide_url *u = bide__alloc(sizeof *u);
    if (!u) {
        bide_fail(BIDE_ENOMEM, "out of memory for a URL");
        return NULL;
    }
    memset(u, 0, offsetof(struct bide_url, first));
    bide__scratch_start(&u->scratch, u->first, sizeof u->first);
    if (fill(u, base, text, flags) == 0)
        return u;
    bide_url_free(u);
    return NULL;
}

static bide_url *make(const struct url *base, const char *text, int flags)
{
    char shown[URL_SHOWN_SIZE];
    if (!text) {
        bide_fail(BIDE_EINVAL, "url: no text given");
        return NULL;
    }
    bide_url *u = bide__url_new(base, text_of(text, strlen(text)), flags);
    if (!u)
        bide_within("%s", *bide__url_show(shown, text) ? shown : "an empty URL");
    return u;
}

bide_url *bide_url_parse_opts(const struct bide_url_parse_opts *opts)
{
    return make(NULL, opts->text, opts->guess_scheme ? URL_GUESS_SCHEME : 0);
}

bide_url *bide_url_join(const bide_url *base, const char *reference)
{
    return base ? make(&base->url, reference, 0) : NULL;
}

void bide_url_free(bide_url *u)
{
    if (!u)
        return;
    bide__scratch_end(&u->scratch);
    bide__free(u);
}

/* ---- asking ---- */

#define PART(name) \
    const char *bide_url_##name(const bide_url *u) \
    { \
        return u ? u->name : NULL; \
    }

PART(text)
PART(redacted)
PART(scheme)
PART(user)
PART(password)
PART(host)
PART(host_unicode)
PART(path)
PART(query)
PART(fragment)
PART(target)
PART(origin)

int bide_url_port(const bide_url *u)
{
    return u ? u->url.port : bide_errcode();
}

bool bide_url_same_origin(const bide_url *a, const bide_url *b)
{
    return a && b && strcmp(a->url.origin, b->url.origin) == 0;
}

const struct bide_pair *bide_url_params(const bide_url *u)
{
    return u ? u->params : NULL;
}

const char *bide_url_param(const bide_url *u, const char *name)
{
    for (const struct bide_pair *pair = bide_url_params(u); pair && pair->name; pair++)
        if (strcmp(pair->name, name) == 0)
            return pair->value;
    return NULL;
}

/* ---- percent-codes ---- */

ssize_t bide_percent_encode(char *out, size_t room, const char *text)
{
    struct text words = text_of(text, strlen(text));
    struct writer w = { .at = out, .room = room };
    if (bide__percent_size(words) >= room)
        return bide_fail(BIDE_ELIMIT, "percent-encoding needs more than %zu bytes", room);
    bide__percent_write(&w, words);
    out[w.size] = '\0';
    return (ssize_t)w.size;
}

ssize_t bide_percent_decode(char *out, size_t room, const char *text)
{
    size_t size = strlen(text);
    if (size >= room)
        return bide_fail(BIDE_ELIMIT, "percent-decoding may need more than %zu bytes", room);
    ssize_t rc = bide__percent_decode(out, text_of(text, size), false);
    if (rc < 0)
        return bide_fail(BIDE_EURL, "a %% without two hexadecimal digits, or %%00");
    out[rc] = '\0';
    return rc;
}
