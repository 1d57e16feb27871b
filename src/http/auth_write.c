/* The header's value, and what a session remembers of whom. */
#include "http/auth.h"

#include "base/memory.h"
#include "bide/error.h"
#include "http/base64.h"
#include "http/percent.h"

#include <stdio.h>
#include <string.h>

static struct text word(const char *text)
{
    return text_of(text ? text : "", text ? strlen(text) : 0);
}

static void write_basic(const struct credentials *c, struct writer *w)
{
    writer_literal(w, "Basic ");
    bide__base64_write(w, (struct text[]){ word(c->user), word(":"), word(c->password) }, 3);
}

/* name="text", with what needs it escaped. */
static void write_quoted(struct writer *w, const char *name, struct text text)
{
    writer_put(w, name, strlen(name));
    writer_literal(w, "=\"");
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            writer_literal(w, "\\");
        writer_put(w, &text.at[i], 1);
    }
    writer_literal(w, "\"");
}

static bool is_ascii(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((uint8_t)text.at[i] >= 0x80)
            return false;
    return true;
}

static void write_user(struct writer *w, const struct auth_digest *known, const struct digest *d)
{
    char hash[DIGEST_HEX_SIZE];
    const char *why = NULL;
    if (known->userhash) {
        int rc = bide__digest_userhash(d, hash, &why);
        if (rc < 0)
            bide__writer_fail(w, rc, why);
        else
            write_quoted(w, "username", word(hash));
    } else if (known->utf8 && !is_ascii(d->user)) {
        writer_literal(w, "username*=UTF-8''");
        bide__percent_write(w, d->user);
    } else {
        write_quoted(w, "username", d->user);
    }
}

static void write_rest(struct writer *w, const struct auth_digest *known, const struct digest *d,
                       const char *response)
{
    static const char *const names[] = { "MD5", "SHA-256", "SHA-512-256" };
    char text[64];
    write_quoted(w, ", realm", d->realm);
    write_quoted(w, ", nonce", d->nonce);
    write_quoted(w, ", uri", d->target);
    write_quoted(w, ", response", word(response));
    if (known->has_algorithm) {
        snprintf(text, sizeof text, ", algorithm=%s%s", names[d->hash], d->session ? "-sess" : "");
        writer_put(w, text, strlen(text));
    }
    if (d->qop != DIGEST_PLAIN) {
        snprintf(text, sizeof text, ", qop=%s, nc=%08x",
                 d->qop == DIGEST_AUTH ? "auth" : "auth-int", (unsigned)d->count);
        writer_put(w, text, strlen(text));
    }
    if (d->qop != DIGEST_PLAIN || d->session)
        write_quoted(w, ", cnonce", d->cnonce);
    if (known->has_opaque)
        write_quoted(w, ", opaque", known->opaque);
    if (known->userhash)
        writer_literal(w, ", userhash=true");
}

static enum digest_qop qop_of(const struct auth_digest *known)
{
    if (known->auth)
        return DIGEST_AUTH;
    return known->auth_int ? DIGEST_AUTH_INT : DIGEST_PLAIN;
}

static void write_digest(struct auth_digest *known, const struct credentials *c,
                         const struct auth_request *request, struct writer *w)
{
    struct digest d = {
        .hash = known->hash, .qop = qop_of(known), .session = known->session,
        .count = ++known->count, .user = word(c->user), .realm = known->realm,
        .password = word(c->password), .nonce = known->nonce, .cnonce = word(known->cnonce),
        .method = request->method, .target = request->target, .body = request->body,
    };
    char response[DIGEST_HEX_SIZE];
    const char *why = NULL;
    if (d.qop == DIGEST_AUTH_INT && !request->body_known) {
        bide__writer_fail(w, BIDE_EINVAL, "the server wants the body in the digest (auth-int), "
                                          "so it must be in memory");
        return;
    }
    int rc = bide__digest_response(&d, response, &why);
    if (rc < 0) {
        bide__writer_fail(w, rc, why);
        return;
    }
    writer_literal(w, "Digest ");
    write_user(w, known, &d);
    write_rest(w, known, &d, response);
}

bool bide__auth_write(struct auth *a, const struct credentials *c,
                      const struct auth_request *request, struct writer *w)
{
    const char *why = NULL;
    if (a->scheme == AUTH_NONE)
        return false;
    if (bide__credentials_check(c, a->scheme, &why) < 0) {
        bide__writer_fail(w, BIDE_EINVAL, why);
    } else if (a->scheme == AUTH_BEARER) {
        writer_literal(w, "Bearer ");
        writer_put(w, c->bearer, strlen(c->bearer));
    } else if (a->scheme == AUTH_BASIC) {
        write_basic(c, w);
    } else {
        write_digest(&a->digest, c, request, w);
    }
    return true;
}

void bide__auth_unref(struct auth *a)
{
    if (!a || --a->owners > 0)
        return;
    bide__auth_end(a);
    bide__free(a);
}

static void drop(void *auth)
{
    bide__auth_unref(auth);
}

/* The key of a table entry: who at what, and how: a password that is never to be sent must not
 * meet an entry for which it is. */
static char *make_key(const char *key, const struct credentials *c, size_t *size)
{
    const char *user = c->bearer ? c->bearer : c->user ? c->user : "";
    size_t key_size = strlen(key) + 1, user_size = strlen(user);
    char *text = bide__alloc(key_size + user_size + 1);
    if (!text)
        return NULL;
    memcpy(text, key, key_size);
    memcpy(text + key_size, user, user_size);
    text[key_size + user_size] = c->bearer ? 'b' : c->digest ? 'd' : 'u';
    *size = key_size + user_size + 1;
    return text;
}

static struct auth *add(struct auth_cache *cache, const char *key, size_t size,
                        enum auth_scheme scheme)
{
    struct auth *a = bide__alloc(sizeof *a);
    if (!a) {
        bide_fail(BIDE_ENOMEM, "authentication: out of memory");
        return NULL;
    }
    bide__auth_start(a, scheme);
    if (bide_strmap_count(cache->all) >= AUTH_KEPT_MAX) {
        uint64_t at = 0;
        size_t oldest_size;
        const char *oldest = bide_strmap_next_sized(cache->all, &at, &oldest_size, NULL);
        bide_strmap_remove_sized(cache->all, oldest, oldest_size);
    }
    if (bide_strmap_set_sized(cache->all, key, size, a) >= 0)
        return a;
    bide__auth_unref(a);
    return NULL;
}

struct auth *bide__auth_get(struct auth_cache *cache, const char *key,
                            const struct credentials *c, enum auth_scheme scheme)
{
    size_t size = 0;
    if (!cache->all && !(cache->all = bide_strmap_new(.drop = drop)))
        return NULL;
    char *full = make_key(key, c, &size);
    if (!full) {
        bide_fail(BIDE_ENOMEM, "authentication: out of memory");
        return NULL;
    }
    struct auth *a = bide_strmap_get_sized(cache->all, full, size);
    if (!a)
        a = add(cache, full, size, scheme);
    if (a)
        a->owners++;
    bide__free(full);
    return a;
}

void bide__auth_cache_end(struct auth_cache *cache)
{
    bide_strmap_free(cache->all);
    cache->all = NULL;
}
