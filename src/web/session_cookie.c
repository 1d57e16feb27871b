/* What is remembered of a client, kept by the client.
 *
 * The session is read when it is first asked for, and sent again only if it has changed, is half
 * over, or was signed by an old key; so a request that does not ask costs nothing. */
#include "base/memory.h"
#include "http/heap_writer.h"
#include "http/set_cookie.h"
#include "http/wall.h"
#include "web/request.h"
#include "web/secret.h"
#include "web/session_value.h"

#include <bide/log.h>
#include <bide/middleware.h>
#include <bide/respond.h>

#include <math.h>
#include <stdio.h>

enum { SESSION_NAME_MAX = 100, KEYS_MAX = 16, MAX_AGE = 14 * 86400 };
#define HOST_PREFIX "__Host-"

struct session_cookie {
    char *keys[KEYS_MAX + 1];   /* ended by NULL */
    char name[sizeof HOST_PREFIX + SESSION_NAME_MAX];   /* with the prefix */
    double max_age;
    bool browser;
    enum bide_same_site same_site;
};

/* One request's. */
struct session {
    const struct session_cookie *cookie;
    bide_json *json;
    char *sent;                 /* the document as the client has it; NULL: it has none */
    bool stale;                 /* what it has is to be sent anew */
    bool had_cookie;            /* good or not */
};

static const char session_key[1];       /* its address: where a request keeps its session */

static bool is_secure(const bide_request *req)
{
    return strcmp(bide_request_scheme(req), "https") == 0;
}

/* No other host of the domain can set one with the prefix; browsers take it over https only. */
static const char *name_for(const bide_request *req, const struct session_cookie *c)
{
    return is_secure(req) ? c->name : c->name + sizeof HOST_PREFIX - 1;
}

static void drop_session(void *arg)
{
    struct session *s = arg;
    bide_json_free(s->json);
    bide__free(s->sent);
    bide__free(s);
}

/* ---- reading ---- */

/* A document that was parsed cannot be changed, so its members go into a new one. */
static bool copy_members(bide_json *to, const bide_json *from)
{
    if (bide_json_type(from) != BIDE_JSON_OBJECT)
        return false;
    for (const bide_json *item = NULL; (item = bide_json_next(from, item));)
        bide_json_set_copy(to, bide_json_name(item), item);
    return true;
}

static int read_value(bide_request *req, struct session *s, const char *name, const char *text)
{
    struct session_value value;
    int64_t now = wall_now();
    char *out = bide__alloc(strlen(text) + 1);
    if (!out)
        return bide_fail(BIDE_ENOMEM, "out of memory for a session");
    (void)req;
    s->had_cookie = true;
    if (bide__session_value_read(&value, (const char *const *)s->cookie->keys, name,
                                 text_from(text), out) && value.expires > now) {
        bide_auto(json) parsed = bide_json_parse(value.document.at, value.document.size);
        out[value.document.size] = '\0';
        s->stale = value.key > 0 || (double)(value.expires - now) < s->cookie->max_age / 2;
        if (copy_members(s->json, parsed)) {
            s->sent = out;
            return 0;
        }
    }
    bide__free(out);
    return 0;
}

static int load(bide_request *req, struct session *s)
{
    const char *name = name_for(req, s->cookie), *text = bide_request_cookie(req, name);
    s->json = bide_json_new();
    if (!s->json)
        return bide_errcode();
    return text ? read_value(req, s, name, text) : 0;
}

static struct session *find(bide_request *req)
{
    struct session *s = bide_request_get(req, session_key);
    if (!s)
        bide_fail(BIDE_EINVAL, "session: no bide_use_session() is around this handler");
    return s;
}

bide_json *bide_request_session(bide_request *req)
{
    struct session *s = find(req);
    if (!s || (!s->json && load(req, s) < 0))
        return NULL;
    return s->json;
}

bide_json *bide_request_session_new(bide_request *req)
{
    struct session *s = find(req);
    bide_json *fresh = s ? bide_json_new() : NULL;
    if (!fresh)
        return NULL;
    if (!s->json)
        s->had_cookie = bide_request_cookie(req, name_for(req, s->cookie)) != NULL;
    bide_json_free(s->json);
    s->json = fresh;
    bide__free(s->sent);
    s->sent = NULL;
    s->stale = false;
    return fresh;
}

/* ---- sending ---- */

static int set_cookie(bide_request *req, const struct session_cookie *c, const char *value)
{
    double age = !*value ? -1 : c->browser ? 0 : c->max_age;
    return bide_respond_cookie(req, name_for(req, c), value, .max_age = age,
                               .same_site = c->same_site);
}

static int send_document(bide_request *req, struct session *s, struct text document)
{
    const struct session_cookie *c = s->cookie;
    struct writer w = bide__heap_writer();
    int rc = bide__session_value_write(&w, c->keys[0], name_for(req, c), document,
                                       wall_now() + (int64_t)ceil(c->max_age));
    if (rc == 0)
        rc = set_cookie(req, c, w.at);
    bide__free(w.at);
    return rc;
}

static bool is_empty(const char *document)
{
    return strcmp(document, "{}") == 0;
}

/* What the client shall have: sends it unless it has that already. */
static int update(bide_request *req, struct session *s, char *document, size_t size)
{
    int rc = 0;
    bool none = is_empty(document);
    if (none && s->had_cookie)
        rc = set_cookie(req, s->cookie, "");
    else if (!none && (s->stale || !s->sent || strcmp(s->sent, document) != 0))
        rc = send_document(req, s, text_of(document, size));
    if (rc < 0)
        return rc;
    bide__free(s->sent);
    s->sent = none ? NULL : document;
    s->had_cookie = !none;
    s->stale = false;
    return none;
}

int bide_request_session_save(bide_request *req)
{
    size_t size;
    struct session *s = find(req);
    if (!s || !s->json)
        return s ? 0 : bide_errcode();
    char *document = bide_json_write(s->json, &size);
    if (!document)
        return bide_errcode();
    int rc = update(req, s, document, size);
    if (rc != 0)
        bide_json_text_free(document);          /* else it is the session's */
    return rc < 0 ? bide_within("session") : 0;
}

/* ---- the middleware ---- */

/* An answer whose session could not be sent must not look as if it had been. */
static int save_or_fail(bide_request *req)
{
    int rc = bide_request_session_save(req);
    if (rc == 0)
        return 0;
    BIDE_KEEP_ERROR(why);
    bide_respond_reset(req);
    return rc;
}

/* waits: in the rest of the chain */
BIDE_WAITS static int run(bide_request *req)
{
    struct session *s = bide__zalloc(sizeof *s);
    if (!s)
        return bide_fail(BIDE_ENOMEM, "out of memory for a session");
    s->cookie = bide_middleware_arg(req);
    int rc = bide_request_set(req, session_key, s, drop_session);
    if (rc == 0)
        rc = bide_next(req);
    if (rc < 0 || !s->json || req->responded == STREAMING || req->responded == DONE)
        return rc;
    return save_or_fail(req);
}

static void drop(void *arg)
{
    struct session_cookie *c = arg;
    for (char **key = c->keys; *key; key++)
        bide__free(*key);
    bide__free(c);
}

static int copy_keys(struct session_cookie *c, const char *const *keys)
{
    size_t count = 0;
    for (; keys && keys[count]; count++) {
        if (count == KEYS_MAX || strlen(keys[count]) < SECRET_KEY_MIN)
            return bide_fail(BIDE_EINVAL, "session: at most %d keys, of %d bytes and more",
                             KEYS_MAX, SECRET_KEY_MIN);
        c->keys[count] = bide__copy_text(keys[count], strlen(keys[count]));
        if (!c->keys[count])
            return bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
    }
    return count > 0 ? 0 : bide_fail(BIDE_EINVAL, "session: no key");
}

static int read_options(struct session_cookie *c, const struct bide_session_cookie_opts *o)
{
    const char *name = o->name ? o->name : "session", *end = name + strlen(name);
    if (!bide__signing_is_there())
        return bide_fail(-ENOSYS, "session: signing needs OpenSSL, which is not built in");
    if (name == end || end - name > SESSION_NAME_MAX ||
        bide__chars_skip(name, end, CHAR_TOKEN) != end)
        return bide_fail(BIDE_EINVAL, "session: %.60s is no name of a cookie", name);
    if (!(o->max_age >= 0) || o->max_age > COOKIE_AGE_MAX)
        return bide_fail(BIDE_EINVAL, "session: max_age is to be 1 to %d", COOKIE_AGE_MAX);
    snprintf(c->name, sizeof c->name, HOST_PREFIX "%s", name);
    c->max_age = o->max_age > 0 ? o->max_age : MAX_AGE;
    c->browser = o->browser;
    c->same_site = o->same_site;
    return copy_keys(c, o->keys);
}

int bide_use_session_opts(bide_app *app, const struct bide_session_cookie_opts *opts)
{
    struct session_cookie *c = bide__zalloc(sizeof *c);
    if (!c)
        return bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
    int rc = read_options(c, opts);
    if (rc == 0)
        return bide_use_with(app, run, c, drop);
    drop(c);
    return rc;
}
