/* Services that want to know who asks: Basic (RFC 7617), Bearer (RFC 6750), Digest (RFC 7616). */
#include "web/demo.h"

#include "http/base64.h"
#include "http/challenge.h"
#include "http/digest.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REALM "demo"
#define NONCE "a-nonce-of-the-demo"

/* What comes behind a scheme's name in Authorization; NULL: it is not there. */
static const char *given(const bide_request *req, const char *scheme)
{
    const char *value = bide_request_header(req, "Authorization");
    size_t size = strlen(scheme);
    if (!value || strncasecmp(value, scheme, size) != 0 || value[size] != ' ')
        return NULL;
    return value + size + strspn(value + size, " ");
}

static int refuse(bide_request *req)
{
    return bide_respond_text(req, 401, "who are you?\n");
}

static int welcome(bide_request *req, const char *member, const char *value)
{
    bide_json *j = bide_json_new();
    bide_json_set(j, "authenticated", bide_value((bool)true));
    bide__demo_set(j, member, value);
    return bide__demo_json(req, 200, j);
}

static int basic(bide_request *req)
{
    const char *user = bide_request_param(req, "user"), *code = given(req, "Basic");
    const char *both = bide__demo_print(req, "%s:%s", user, bide_request_param(req, "password"));
    struct writer w;
    if (!both)
        return bide_errcode();
    struct text text = text_of(both, strlen(both));
    bide__scratch_write(&req->scratch, &w);
    bide__base64_write(&w, &text, 1);
    if (w.code == 0 && code && bide__text_is(text_of(w.at, w.size), code))
        return welcome(req, "user", user);
    int rc = bide_respond_header(req, "WWW-Authenticate", "Basic realm=\"" REALM "\"");
    return rc < 0 ? rc : refuse(req);
}

/* Any token will do. */
static int bearer(bide_request *req)
{
    const char *token = given(req, "Bearer");
    if (token && *token)
        return welcome(req, "token", token);
    int rc = bide_respond_header(req, "WWW-Authenticate", "Bearer realm=\"" REALM "\"");
    return rc < 0 ? rc : refuse(req);
}

/* ---- digest ---- */

/* A parameter without its backslashes; empty if it is not there. */
static struct text part(bide_request *req, const struct challenge *c, const char *name)
{
    const struct parameter *p = bide__challenge_find(c, name);
    char *out = p ? bide__scratch_take(&req->scratch, p->value.size + 1) : NULL;
    ssize_t size = out ? bide__parameter_text(p, out, p->value.size + 1) : -1;
    return size < 0 ? text_of("", 0) : text_of(out, (size_t)size);
}

static bool same(struct text a, struct text b)
{
    return a.size == b.size && memcmp(a.at, b.at, a.size) == 0;
}

/* What this user would answer to our challenge; false: the answer is to another. */
static bool expect(bide_request *req, const struct challenge *c, struct digest *d)
{
    char count[9] = "";
    const char *user = bide_request_param(req, "user");
    const char *password = bide_request_param(req, "password");
    struct text digits = part(req, c, "nc"), algorithm = part(req, c, "algorithm");
    memcpy(count, digits.at, digits.size < 9 ? digits.size : 0);
    *d = (struct digest){
        .hash = bide__text_is_caseless(algorithm, "SHA-256") ? DIGEST_SHA256 : DIGEST_MD5,
        .qop = bide__text_is_caseless(part(req, c, "qop"), "auth") ? DIGEST_AUTH : DIGEST_PLAIN,
        .count = (uint32_t)strtoul(count, NULL, 16),
        .user = text_of(user, strlen(user)), .password = text_of(password, strlen(password)),
        .realm = part(req, c, "realm"), .nonce = part(req, c, "nonce"),
        .cnonce = part(req, c, "cnonce"), .target = part(req, c, "uri"),
        .method = text_of(bide_request_method(req), strlen(bide_request_method(req))),
    };
    return bide__text_is(d->nonce, NONCE) && bide__text_is(d->realm, REALM) &&
           bide__text_is(d->target, req->target) && same(part(req, c, "username"), d->user);
}

static bool is_right(bide_request *req)
{
    char wanted[DIGEST_HEX_SIZE];
    struct challenge c;
    struct digest d;
    const char *why, *value = bide_request_header(req, "Authorization");
    if (!value || !given(req, "Digest"))
        return false;
    struct reader r = reader_of(text_of(value, strlen(value)));
    return bide__challenge_next(&r, &c) == 1 && expect(req, &c, &d) &&
           bide__digest_response(&d, wanted, &why) == 0 &&
           bide__text_is(part(req, &c, "response"), wanted);
}

static int digest(bide_request *req)
{
    static const char *const challenges[] = {
#define CHALLENGE(hash) "Digest realm=\"" REALM "\", qop=\"auth\", algorithm=" hash ", nonce=\"" \
    NONCE "\", opaque=\"of-no-meaning\""
        CHALLENGE("SHA-256"), CHALLENGE("MD5"),
#undef CHALLENGE
    };
    if (!bide__digest_is_there())
        return bide_respond_text(req, 501, "hashes are not built in\n");
    if (is_right(req))
        return welcome(req, "user", bide_request_param(req, "user"));
    for (size_t i = 0; i < sizeof challenges / sizeof *challenges; i++)
        if (bide_respond_header(req, "WWW-Authenticate", challenges[i]) < 0)
            return bide_errcode();
    return refuse(req);
}

const struct demo_route bide__demo_auth[] = {
    { "*", "/basic-auth/{user}/{password}", basic }, { "*", "/bearer", bearer },
    { "*", "/digest-auth/{user}/{password}", digest }, { NULL, NULL, NULL },
};
