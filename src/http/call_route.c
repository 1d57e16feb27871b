/* Which way a call's requests go: what the session says, and what the call says instead. */
#include "http/call.h"

#include "tls/tls.h"

#include <stdlib.h>
#include <string.h>

/* The sentence does not repeat the proxy's URL, in which there may be a password. */
static int read_proxy(struct proxy *proxy, const char *text, const char *whose)
{
    const char *why;
    if (!proxy)
        return bide_fail(BIDE_ENOMEM, "out of memory for a proxy");
    int rc = bide__proxy_parse(proxy, text, strlen(text), &why);
    return rc < 0 ? bide_fail(rc, "%s: %s", whose, why) : 0;
}

int bide__session_set_ways(struct bide_session *s)
{
    const struct bide_session_opts *o = &s->o;
    s->pool.force_close = o->force_close;
    s->pool.insecure = o->insecure;
    s->pool.tls = bide__tls_ref(o->tls);
    if (!o->proxy || !*o->proxy)
        return 0;
    s->pool.proxy = bide__scratch_take(&s->memory, sizeof *s->pool.proxy);
    return read_proxy(s->pool.proxy, o->proxy, "session: proxy");
}

static int set_proxy(struct call *call, const char *text, const char *whose)
{
    struct proxy *proxy = NULL;
    call->route.special = true;
    if (*text) {
        proxy = bide__scratch_take(&call->response->scratch, sizeof *proxy);
        if (read_proxy(proxy, text, whose) < 0)
            return bide_errcode();
    }
    call->route.proxy = proxy;
    return 0;
}

static int choose_proxy(struct call *call)
{
    const bide_session *s = call->session;
    call->route.proxy = s->pool.proxy;
    if (call->opts->proxy)
        return set_proxy(call, call->opts->proxy, "proxy");
    if (s->o.proxy || !s->o.trust_env || call->route.unix_path)
        return 0;
    const char *text = bide__proxy_from_environment(getenv, &call->url);
    return text ? set_proxy(call, text, "the environment's proxy") : 0;
}

int bide__call_find_route(struct call *call)
{
    const struct bide_session_opts *so = &call->session->o;
    const struct bide_fetch_opts *o = call->opts;
    /* A name that was given for one server says nothing of where it sends us. */
    const char *name = call->crossed ? NULL : o->server_name;
    call->route = (struct route){
        .url = &call->url, .proxy_headers = so->proxy_headers, .tls = o->tls, .server_name = name,
        .unix_path = o->unix_path ? o->unix_path : so->unix_path,
        .local_address = so->local_address, .family = so->family,
        .tunnels = call->upgrades,
        .special = o->tls || name || o->unix_path || call->upgrades,
    };
    return choose_proxy(call);
}
