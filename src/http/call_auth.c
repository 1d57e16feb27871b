/* Who asks: the call's credentials, those in its URL, the session's, or the netrc's, in this order.
 *
 * Each is for one origin.  What is learned there (a Digest nonce) is kept by the session, so that
 * the next request need not be refused first. */
#include "http/call.h"

#include "base/memory.h"
#include "http/netrc.h"
#include "http/percent.h"
#include "http/session_options.h"

#include <string.h>

static bool is_given(const struct bide_auth *auth)
{
    return auth->user || auth->bearer;
}

static struct credentials take(const struct bide_auth *auth)
{
    return (struct credentials){ .user = auth->user, .password = auth->password,
                                 .bearer = auth->bearer, .digest = auth->digest };
}

/* Does the program say itself who asks? */
static bool is_said_already(const struct call *call)
{
    static const char name[] = "Authorization";
    if (bide__call_own_header(call, name))
        return true;
    if (call->crossed)
        return false;           /* those headers stay behind */
    for (const struct bide_pair *pair = call->opts->headers; pair && pair->name; pair++)
        if (bide__text_is_caseless(text_of(pair->name, strlen(pair->name)), name))
            return true;
    if (call->session->has_secrets)
        for (const struct bide_pair *pair = call->session->headers; pair->name; pair++)
            if (bide__text_is_caseless(text_of(pair->name, strlen(pair->name)), name))
                return true;
    return false;
}

/* A part of the URL, decoded; NULL: it cannot be. */
static const char *decode(struct call *call, struct text part)
{
    char *text = bide__scratch_copy(&call->response->scratch, part.at ? part.at : "", part.size);
    ssize_t size = text ? bide__percent_decode(text, text_of(text, part.size), false) : -1;
    if (size < 0) {
        bide_fail(text ? BIDE_EURL : BIDE_ENOMEM, "the URL's user or password has a NUL in it");
        return NULL;
    }
    text[size] = '\0';
    return text;
}

static int take_from_url(struct call *call)
{
    call->credentials.user = decode(call, call->url.user);
    if (!call->credentials.user)
        return bide_errcode();
    call->credentials.password = decode(call, call->url.password);
    return call->credentials.password ? 0 : bide_errcode();
}

/* The session's are for its base's origin; without a base, for where each call begins. */
static bool are_sessions(const struct call *call)
{
    const struct bide_session *s = call->session;
    if (!is_given(&s->o.auth))
        return false;
    return s->o.base_url ? strcmp(s->base.origin, call->url.origin) == 0 : !call->crossed;
}

/* The file is read once, when it is first asked for. */
BIDE_WAITS static int load_netrc(struct bide_session *s)
{
    size_t size;
    if (s->netrc)
        return 0;
    char *text = bide__netrc_load(&size);
    if (!text)
        return bide_errcode();
    if (s->netrc)
        bide__free(text);       /* another call was faster */
    else
        s->netrc = text;
    return 0;
}

/* Copies of what was found, so that the large struct is not kept. */
static int keep_login(struct call *call, const struct netrc_login *found)
{
    struct scratch *scratch = &call->response->scratch;
    const char *user = bide__scratch_copy(scratch, found->login, strlen(found->login));
    const char *password = bide__scratch_copy(scratch, found->password, strlen(found->password));
    if (!user || !password)
        return bide_fail(BIDE_ENOMEM, "out of memory for credentials");
    call->credentials = (struct credentials){ .user = user, .password = password };
    return 0;
}

BIDE_WAITS static int take_from_netrc(struct call *call)
{
    struct bide_session *s = call->session;
    struct text host = url_host(&call->url);
    char name[URL_HOST_MAX + 1];
    size_t line;
    const char *why;
    int rc = load_netrc(s);
    if (rc < 0 || !*s->netrc)
        return rc;
    if (call->url.bracketed)
        host = text_of(host.at + 1, host.size - 2);
    memcpy(name, host.at, host.size);
    name[host.size] = '\0';
    struct netrc_login *found = bide__alloc(sizeof *found);
    if (!found)
        return bide_fail(BIDE_ENOMEM, "out of memory for credentials");
    rc = bide__netrc_find(text_of(s->netrc, strlen(s->netrc)), name, NULL, found, &line, &why);
    if (rc > 0)
        rc = keep_login(call, found);
    else if (rc < 0)
        bide_fail(rc, "netrc: line %zu: %s", line, why);
    bide__free(found);
    return rc;
}

static int remember(struct call *call)
{
    const struct credentials *c = &call->credentials;
    enum auth_scheme scheme = c->bearer ? AUTH_BEARER : c->digest ? AUTH_NONE : AUTH_BASIC;
    const char *why;
    int rc = bide__credentials_check(c, scheme, &why);
    if (rc < 0)
        return bide_fail(rc, "auth: %s", why);
    call->auth = bide__auth_get(&call->session->auths, call->url.origin, c, scheme);
    return call->auth ? 0 : bide_errcode();
}

int bide__call_find_credentials(struct call *call)
{
    int rc = 0;
    bide__auth_unref(call->auth);
    call->auth = NULL;
    call->credentials = (struct credentials){ .user = NULL };
    if (is_said_already(call))
        return 0;
    if (!call->crossed && is_given(&call->opts->auth))
        call->credentials = take(&call->opts->auth);
    else if (call->url.user.at)
        rc = take_from_url(call);
    else if (are_sessions(call))
        call->credentials = take(&call->session->o.auth);
    else if (call->session->o.trust_env && (call->url.secure || !call->crossed))
        rc = take_from_netrc(call);     /* nobody sends us away to say it in the clear */
    if (rc < 0 || (!call->credentials.user && !call->credentials.bearer))
        return rc;
    return remember(call);
}

/* Before the head is begun, for both are written into the same memory. */
struct text bide__call_target(struct call *call, struct text path, struct text query)
{
    struct writer w;
    if (!query.at || !call->auth || call->auth->scheme != AUTH_DIGEST)
        return path;
    bide__scratch_write(&call->response->scratch, &w);
    writer_put(&w, path.at, path.size);
    writer_literal(&w, "?");
    writer_put(&w, query.at, query.size);
    bide__scratch_keep(&call->response->scratch, &w);
    return w.code < 0 ? path : text_of(w.at, w.size);
}

void bide__call_write_auth(struct call *call, struct writer *w, struct text target)
{
    const struct auth_request request = {
        .method = call->method, .target = target,
        .body = call_data(call), .body_known = !call_source(call),
    };
    size_t before = w->size;
    writer_literal(w, "Authorization: ");
    call->said = bide__auth_write(call->auth, &call->credentials, &request, w);
    if (call->said)
        writer_literal(w, "\r\n");
    else
        w->size = before;
}

bool bide__call_is_challenged(struct call *call)
{
    const bide_response *r = call->response;
    struct auth *auth = call->auth;
    if (!auth)
        return false;
    if (r->head.status != 401) {
        bide__auth_worked(auth);
        for (unsigned i = 0; i < r->head.count; i++)
            if (bide__text_is_caseless(head_name(r->text, &r->head.fields[i]),
                                       "authentication-info"))
                bide__auth_info(auth, head_value(r->text, &r->head.fields[i]));
        return false;
    }
    call->refused += call->said;
    bide__auth_begin(auth);
    for (unsigned i = 0; i < r->head.count; i++)
        if (bide__text_is_caseless(head_name(r->text, &r->head.fields[i]), "www-authenticate"))
            bide__auth_hear(auth, &call->credentials, head_value(r->text, &r->head.fields[i]));
    return bide__auth_decide(auth, call->refused);
}
