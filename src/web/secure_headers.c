/* Headers that keep browsers from doing what most applications never want.  They are worked out
 * once; each answer gets what fits its scheme. */
#include "base/memory.h"
#include "web/lasting.h"

#include <bide/middleware.h>
#include <bide/respond.h>

enum { HEADERS = 8, HSTS = 1 };

struct secure_headers {
    char *values[HEADERS];      /* NULL: left out */
};

static const struct {
    const char *name, *usual;
} headers[HEADERS] = {
    { "Content-Security-Policy", "default-src 'self'; base-uri 'self'; form-action 'self'; "
                                 "frame-ancestors 'self'; object-src 'none'" },
    [HSTS] = { "Strict-Transport-Security", "max-age=31536000" },
    { "Referrer-Policy", "strict-origin-when-cross-origin" },
    { "X-Frame-Options", "SAMEORIGIN" },
    { "X-Content-Type-Options", "nosniff" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Permissions-Policy", "" },
};

/* waits: in the rest of the chain */
BIDE_WAITS static int run(bide_request *req)
{
    const struct secure_headers *s = bide_middleware_arg(req);
    bool secure = strcmp(bide_request_scheme(req), "https") == 0;
    for (size_t i = 0; i < HEADERS; i++) {
        if (!s->values[i] || (i == HSTS && !secure))
            continue;           /* over http a browser must not heed it (RFC 6797, 8.1) */
        int rc = bide__respond_lasting(req, headers[i].name, s->values[i]);
        if (rc < 0)
            return rc;
    }
    return bide_next(req);
}

static void drop(void *arg)
{
    struct secure_headers *s = arg;
    for (size_t i = 0; i < HEADERS; i++)
        bide__free(s->values[i]);
    bide__free(s);
}

static int take(char **to, const char *value, size_t which)
{
    value = value ? value : headers[which].usual;
    size_t size = strlen(value);
    if (size == 0)
        return 0;
    if (bide__chars_skip_field(value, value + size) != value + size)
        return bide_fail(BIDE_EINVAL, "header %s: not a legal value", headers[which].name);
    *to = bide__copy_text(value, size);
    return *to ? 0 : bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
}

int bide_use_secure_headers_opts(bide_app *app, const struct bide_secure_headers_opts *o)
{
    const char *const given[HEADERS] = {
        o->content_security_policy, o->strict_transport_security, o->referrer_policy,
        o->frame_options, o->content_type_options, o->opener_policy, o->resource_policy,
        o->permissions_policy,
    };
    struct secure_headers *s = bide__zalloc(sizeof *s);
    int rc = s ? 0 : bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
    for (size_t i = 0; rc == 0 && i < HEADERS; i++)
        rc = take(&s->values[i], given[i], i);
    if (rc == 0)
        return bide_use_with(app, run, s, drop);
    if (s)
        drop(s);
    return rc;
}
