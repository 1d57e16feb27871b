/* Listening to challenges and deciding: what is offered, what we can do, and whether it helps. */
#include "http/auth.h"

#include "base/memory.h"
#include "bide/error.h"
#include "http/challenge.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

void bide__auth_start(struct auth *a, enum auth_scheme scheme)
{
    *a = (struct auth){ .owners = 1, .scheme = scheme };
}

static void forget(struct auth_digest *d)
{
    bide__free(d->memory);
    *d = (struct auth_digest){ .memory = NULL };
}

void bide__auth_end(struct auth *a)
{
    forget(&a->digest);
    forget(&a->heard_digest);
}

static bool has_control(const char *text)
{
    for (; text && *text; text++)
        if ((uint8_t)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

static bool is_bearer(const char *token)
{
    const char *at = token;
    while (char_is(*at, CHAR_HOST) || (*at && strchr("~+/", *at)))
        at++;
    bool any = at > token;
    while (*at == '=')
        at++;
    return any && *at == '\0';
}

static int refuse(const char **why, const char *sentence)
{
    *why = sentence;
    return BIDE_EINVAL;
}

int bide__credentials_check(const struct credentials *c, enum auth_scheme scheme,
                            const char **why)
{
    if (scheme == AUTH_BEARER && !c->bearer)
        return refuse(why, "there is no bearer token");
    if (c->bearer)
        return is_bearer(c->bearer) ? 0 : refuse(why, "the bearer token has a character in it "
                                                      "that no token has");
    if (!c->user)
        return refuse(why, "there is no user name");
    if (has_control(c->user) || has_control(c->password))
        return refuse(why, "the user name or password has a control character in it");
    if (scheme == AUTH_BASIC && strchr(c->user, ':'))
        return refuse(why, "the user name has a colon in it, which Basic cannot say");
    return 0;
}

/* A nonce of our own; without random bytes, early at boot, the clock must do. */
static void draw(char out[33])
{
    unsigned char bytes[16] = { 0 };
    struct timespec now;
    if (getrandom(bytes, sizeof bytes, GRND_NONBLOCK) != sizeof bytes) {
        clock_gettime(CLOCK_REALTIME, &now);
        memcpy(bytes, &now.tv_nsec, sizeof now.tv_nsec);
        memcpy(bytes + 8, &now.tv_sec, sizeof now.tv_sec);
    }
    for (unsigned i = 0; i < sizeof bytes; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[32] = '\0';
}

/* Reads "auth,auth-int"; false: neither is in it. */
static bool read_qop(struct auth_digest *d, const struct parameter *p)
{
    const char *at = p->value.at, *end = at + p->value.size;
    while (at < end) {
        const char *stop = bide__chars_skip(at, end, CHAR_TOKEN);
        struct text word = text_of(at, (size_t)(stop - at));
        d->auth = d->auth || bide__text_is_caseless(word, "auth");
        d->auth_int = d->auth_int || bide__text_is_caseless(word, "auth-int");
        at = stop + (stop < end);
    }
    return d->auth || d->auth_int;
}

static bool read_algorithm(struct auth_digest *d, const struct parameter *p)
{
    static const char *const names[] = { "MD5", "SHA-256", "SHA-512-256" };
    static const char *const session_names[] = { "MD5-sess", "SHA-256-sess", "SHA-512-256-sess" };
    d->has_algorithm = true;
    for (unsigned i = 0; i < 3; i++) {
        d->session = bide__parameter_is(p, session_names[i]);
        d->hash = (enum digest_hash)i;
        if (d->session || bide__parameter_is(p, names[i]))
            return true;
    }
    return false;
}

/* Copies a parameter's text to *to, which goes past it. */
static struct text copy(char **to, const struct parameter *p)
{
    if (!p)
        return text_of(NULL, 0);
    char *start = *to;
    ssize_t size = bide__parameter_text(p, start, p->value.size + 1);
    *to += size + 1;
    return text_of(start, (size_t)size);
}

static size_t room_for(const struct parameter *p)
{
    return p ? p->value.size + 1 : 1;
}

static bool copy_texts(struct auth_digest *d, const struct parameter *realm,
                       const struct parameter *nonce, const struct parameter *opaque)
{
    char *to = bide__alloc(room_for(realm) + room_for(nonce) + room_for(opaque));
    if (!to)
        return false;
    d->memory = to;
    d->realm = copy(&to, realm);
    d->nonce = copy(&to, nonce);
    d->opaque = copy(&to, opaque);
    d->has_opaque = opaque != NULL;
    return true;
}

static bool is_true(const struct parameter *p)
{
    return p && bide__parameter_is(p, "true");
}

static bool fits(const struct parameter *p)
{
    return !p || p->value.size <= AUTH_TEXT_MAX;
}

/* False: we cannot answer that one. */
static bool read_digest(struct auth_digest *d, const struct challenge *c)
{
    const struct parameter *realm = bide__challenge_find(c, "realm");
    const struct parameter *nonce = bide__challenge_find(c, "nonce");
    const struct parameter *opaque = bide__challenge_find(c, "opaque");
    const struct parameter *qop = bide__challenge_find(c, "qop");
    const struct parameter *algorithm = bide__challenge_find(c, "algorithm");
    const struct parameter *charset = bide__challenge_find(c, "charset");
    *d = (struct auth_digest){ .memory = NULL };
    if (!realm || !nonce || !fits(realm) || !fits(nonce) || !fits(opaque) ||
        (qop && !read_qop(d, qop)) || (algorithm && !read_algorithm(d, algorithm)))
        return false;
    d->userhash = is_true(bide__challenge_find(c, "userhash"));
    d->utf8 = charset && bide__parameter_is(charset, "UTF-8");
    draw(d->cnonce);
    return copy_texts(d, realm, nonce, opaque);
}

static bool same(struct text a, struct text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

void bide__auth_begin(struct auth *a)
{
    a->heard = AUTH_NONE;
    a->stale = a->changed = false;
    forget(&a->heard_digest);
}

static void hear_digest(struct auth *a, const struct challenge *c)
{
    struct auth_digest d;
    if (a->heard == AUTH_BASIC && !bide__digest_is_there())
        return;
    if (!read_digest(&d, c))
        return;
    if (a->heard == AUTH_DIGEST && a->heard_digest.hash >= d.hash) {
        forget(&d);
        return;
    }
    forget(&a->heard_digest);
    a->heard_digest = d;
    a->heard = AUTH_DIGEST;
    a->stale = is_true(bide__challenge_find(c, "stale"));
    a->changed = !same(d.nonce, a->digest.nonce);
}

void bide__auth_hear(struct auth *a, const struct credentials *c, struct text value)
{
    struct reader r = reader_of(value);
    struct challenge challenge;
    while (bide__challenge_next(&r, &challenge) > 0) {
        if (c->bearer)
            a->heard = bide__text_is_caseless(challenge.scheme, "Bearer") ? AUTH_BEARER : a->heard;
        else if (bide__text_is_caseless(challenge.scheme, "Digest"))
            hear_digest(a, &challenge);
        else if (bide__text_is_caseless(challenge.scheme, "Basic") &&
                 (a->heard == AUTH_NONE || !bide__digest_is_there()) &&
                 !c->digest && c->user && !strchr(c->user, ':'))
            a->heard = AUTH_BASIC;
    }
}

/* Was it said already, in the same way, in vain? */
static bool is_in_vain(const struct auth *a, unsigned refused)
{
    if (refused == 0)
        return false;
    if (refused >= AUTH_TRIES_MAX)
        return true;
    if (a->heard != a->scheme)
        return false;
    if (a->heard != AUTH_DIGEST || !a->changed)
        return true;
    return !a->stale && !(a->proven && refused == 1);
}

bool bide__auth_decide(struct auth *a, unsigned refused)
{
    bool in_vain = is_in_vain(a, refused);
    if (a->heard == AUTH_NONE)
        return false;
    a->scheme = a->heard;
    if (a->heard == AUTH_DIGEST) {
        forget(&a->digest);
        a->digest = a->heard_digest;
        a->heard_digest = (struct auth_digest){ .memory = NULL };
    }
    return !in_vain;
}

void bide__auth_worked(struct auth *a)
{
    a->proven = true;
}

void bide__auth_info(struct auth *a, struct text value)
{
    struct reader r = reader_of(value);
    struct challenge info;
    if (a->scheme != AUTH_DIGEST || bide__challenge_parameters(&r, &info) <= 0)
        return;
    const struct parameter *next = bide__challenge_find(&info, "nextnonce");
    if (!next || !fits(next))
        return;
    struct auth_digest d = a->digest;
    struct parameter realm = { .value = d.realm }, opaque = { .value = d.opaque };
    if (!copy_texts(&d, &realm, next, a->digest.has_opaque ? &opaque : NULL))
        return;
    d.count = 0;
    draw(d.cnonce);
    forget(&a->digest);
    a->digest = d;
}
