/* Following a redirect (RFC 9110, section 15.4; the Fetch standard, "HTTP-redirect fetch").
 *
 * What may go along depends on where it leads: to another origin no credentials go, and what a
 * changed method has no use for, the body and the headers that describe it, stays behind.  Who
 * asks is not for a server to say: a user in its redirect would have us say something to others,
 * with a name and a password of its choice. */
#include "http/call.h"

#include "base/memory.h"
#include "http/heap_writer.h"

#include <string.h>

/* A URL may be met so often in one chain before that is taken for a loop: some servers send one
 * back to the same place once, with a cookie. */
enum { SAME_URL_MAX = 2 };

bool bide__call_is_redirected(const struct call *call)
{
    const bide_response *r = call->response;
    int status = r->head.status;
    if (call->opts->no_redirects || call->session->o.no_redirects)
        return false;
    if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308)
        return false;
    return head_get(&r->head, r->text, HEADER_LOCATION).at != NULL;
}

/* 303 asks for the result by GET; 301 and 302 of a POST are followed by GET, for historical
 * reasons. */
static void change_method(struct call *call, int status)
{
    bool to_get = status == 303 ? call->known != METHOD_HEAD && call->known != METHOD_GET
                                : (status == 301 || status == 302) && call->known == METHOD_POST;
    if (!to_get)
        return;
    call->method = bide__method_name(METHOD_GET);
    call->known = METHOD_GET;
    call->bodiless = true;
}

static int add_hop(struct call *call)
{
    const bide_response *r = call->response;
    size_t size = strlen(r->url) + 1;
    struct hop *hop = bide__alloc(sizeof *hop + size);
    if (!hop)
        return bide_fail(BIDE_ENOMEM, "out of memory for a redirect");
    hop->next = NULL;
    hop->status = r->head.status;
    memcpy(hop->url, r->url, size);
    *call->last_hop = hop;
    call->last_hop = &hop->next;
    return 0;
}

static int check_count(struct call *call)
{
    int max = call->opts->redirect_max ? call->opts->redirect_max : call->session->o.redirect_max;
    if (call->report.redirects < (unsigned)max)
        return 0;
    return bide_fail(BIDE_EHTTP, "more than %d redirects", max);
}

static int check_loop(const struct call *call)
{
    int met = 0;
    for (const struct hop *hop = call->hops; hop; hop = hop->next)
        met += strcmp(hop->url, call->response->url) == 0;
    return met > SAME_URL_MAX ? bide_fail(BIDE_EHTTP, "its redirects lead in a circle") : 0;
}

/* Where it leads, in memory of its own. */
static char *resolve(struct call *call)
{
    const bide_response *r = call->response;
    struct text to = head_get(&r->head, r->text, HEADER_LOCATION);
    size_t room = url_join_room(&call->url, to.size);
    const char *why;
    char *url = bide__alloc(room);
    if (!url) {
        bide_fail(BIDE_ENOMEM, "out of memory for a redirect");
        return NULL;
    }
    if (bide__url_join(&call->url, to.at, to.size, url, room, &why) >= 0)
        return url;
    bide_fail(BIDE_EURL, "the redirect leads to no URL: %s", why);
    bide__free(url);
    return NULL;
}

static bool is_same_origin(const struct url *url, const char *origin)
{
    return strcmp(url->origin, origin) == 0;
}

/* The user of our URL, within its origin, instead of one that the redirect names. */
static char *put_user(const struct call *call, char *text)
{
    struct url url;
    const char *why;
    if (bide__url_parse(&url, text, strlen(text), &why) < 0)
        return text;            /* it is told later */
    bool ours = is_same_origin(&url, call->url.origin);
    struct text user = ours ? call->url.user : text_of(NULL, 0);
    if (!user.at && !url.user.at)
        return text;
    url.user = user;
    url.password = ours ? call->url.password : user;
    struct writer w = bide__heap_writer();
    bide__url_write(&w, &url, 0);
    writer_put(&w, "", 1);
    char *whole = (char *)(uintptr_t)bide__heap_writer_end(&w, "a redirect").at;
    bide__free(text);
    return whole;
}

/* The next request's URL; what must not go there is left out from now on. */
BIDE_WAITS static int go(struct call *call, const char *url)
{
    char origin[URL_ORIGIN_SIZE];
    memcpy(origin, call->url.origin, call->url.origin_size + 1u);
    int rc = bide__call_renew(call, url);
    if (rc < 0)
        return rc == BIDE_EURL ? bide_within("redirect") : rc;
    if (!call->crossed && !is_same_origin(&call->url, origin)) {
        call->crossed = true;
        rc = bide__call_find_route(call);
    }
    return rc < 0 ? rc : check_loop(call);
}

int bide__call_redirect(struct call *call)
{
    int status = call->response->head.status;
    int rc = check_count(call);
    if (rc == 0)
        rc = add_hop(call);
    char *url = rc == 0 ? resolve(call) : NULL;
    if (url)
        url = put_user(call, url);
    if (!url)
        return bide_errcode();
    char shown[URL_SHOWN_SIZE];
    call_trace(call, BIDE_TRACE_REDIRECT, strchr(url, '@') ? bide__url_show(shown, url) : url,
               status);
    change_method(call, status);
    call->phase = "redirect";
    call->report.redirects++;
    rc = go(call, url);
    bide__free(call->moved);
    call->moved = url;
    return rc;
}
