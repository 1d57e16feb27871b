/* Where a request came from and where it was sent to: client, scheme, host; by the connection and
 * the request itself, or by a trusted proxy's words. */
#include "http/authority.h"
#include "web/forwarded.h"
#include "web/exchange.h"
#include "web/request_id.h"

#include <string.h>
#include <strings.h>

static bide_request *mine(const bide_request *req)
{
    return (bide_request *)(uintptr_t)req;
}

static const char *kept(bide_request *req, struct text text)
{
    const char *copy = bide__scratch_copy(&req->scratch, text.at, text.size);
    return copy ? copy : "";
}

/* What stands in "http://example.org:8080/path", else in Host. */
static struct text told_host(const bide_request *req)
{
    const char *target = req->target, *scheme = *target == '/' ? NULL : strstr(target, "://");
    if (scheme)
        return text_of(scheme + 3, strcspn(scheme + 3, "/?"));
    if (req->head.method_known == METHOD_CONNECT)
        return text_from(target);
    return head_get(&req->head, req->text, HEADER_HOST);
}

/* ---- a proxy's ---- */

/* Calls read for each field of that name, in order: false as soon as it does. */
static bool each_field(const bide_request *req, const char *name, struct hops *hops,
                       bool (*read)(struct hops *hops, struct text value))
{
    for (unsigned i = 0; i < req->head.count; i++) {
        const struct field *field = &req->head.fields[i];
        if (bide__text_is_caseless(head_name(req->text, field), name) &&
            !read(hops, head_value(req->text, field)))
            return false;
    }
    return true;
}

static bool read_for(struct hops *hops, struct text value)
{
    bide__forwarded_for_read(hops, value);
    return true;
}

/* Of a list beside X-Forwarded-For: the entry at the client's place if there are as many, else the
 * last, which the nearest proxy wrote. */
static struct text beside(const bide_request *req, const char *name, size_t place, size_t count)
{
    const char *value = bide_request_header(req, name);
    size_t all = 0;
    if (!value)
        return text_of(NULL, 0);
    struct text found = bide__forwarded_item(text_from(value), place, &all);
    return all == count ? found : bide__forwarded_item(text_from(value), all - 1, &all);
}

static void take_proto(bide_request *req, struct text proto)
{
    if (proto.at && bide__text_is_caseless(proto, "https"))
        req->scheme = "https";
    else if (proto.at && bide__text_is_caseless(proto, "http"))
        req->scheme = "http";
}

static void take_host(bide_request *req, struct text host)
{
    if (host.at && host.size > 0 && !bide__host_check(host))
        req->host = kept(req, host);
}

static void take_client(bide_request *req, const struct hops *hops, size_t client)
{
    char text[ADDRESS_TEXT];
    if (client == hops->count)
        return;
    bide__ip_write(text, &hop_at(hops, client)->from);
    req->remote = kept(req, text_from(text));
}

static bool names_any(const bide_request *req)
{
    return bide_request_header(req, "X-Forwarded-For") ||
           bide_request_header(req, "X-Forwarded-Proto") ||
           bide_request_header(req, "X-Forwarded-Host");
}

static void hear_x(bide_request *req, const struct networks *trusted)
{
    struct hops hops = { .count = 0 };
    each_field(req, "X-Forwarded-For", &hops, read_for);
    size_t client = bide__hops_client(&hops, trusted);
    take_client(req, &hops, client);
    take_proto(req, beside(req, "X-Forwarded-Proto", client, hops.count));
    take_host(req, beside(req, "X-Forwarded-Host", client, hops.count));
}

static void hear_forwarded(bide_request *req, const struct networks *trusted)
{
    struct hops hops = { .count = 0 };
    if (!each_field(req, "Forwarded", &hops, bide__forwarded_read) || hops.count == 0)
        return;
    size_t client = bide__hops_client(&hops, trusted);
    take_client(req, &hops, client);
    for (size_t i = hops.count; i > 0 && (i - 1 >= client || i == hops.count); i--) {
        take_proto(req, hop_at(&hops, i - 1)->proto);
        take_host(req, hop_at(&hops, i - 1)->host);
    }
}

static bool is_trusted(const bide_request *req, const struct networks *trusted)
{
    struct ip ip;
    if (!trusted)
        return false;
    if (strcmp(req->remote, "unix") == 0)
        return trusted->unix_too;
    return bide__ip_read(&ip, text_from(req->remote)) && bide__networks_have(trusted, &ip);
}

/* All of it at once, when some of it is first asked for. */
static void read_origin(bide_request *req)
{
    const struct networks *trusted = req->worker->serving->trusted;
    struct text host = req->text ? told_host(req) : text_of(NULL, 0);
    req->remote = bide__exchange_peer(req);
    req->scheme = bide__exchange_secure(req) ? "https" : "http";
    req->host = host.at ? kept(req, host) : "";
    req->proxied = req->text && is_trusted(req, trusted);
    if (!req->proxied)
        return;
    if (!trusted->forwarded && names_any(req))
        hear_x(req, trusted);
    else
        hear_forwarded(req, trusted);
}

/* ---- asked for ---- */

static const bide_request *known(const bide_request *req)
{
    if (!req->remote)
        read_origin(mine(req));
    return req;
}

const char *bide_request_remote(const bide_request *req)
{
    return known(req)->remote;
}

const char *bide_request_scheme(const bide_request *req)
{
    return known(req)->scheme;
}

const char *bide_request_host(const bide_request *req)
{
    return known(req)->host;
}

bool bide__request_is_proxied(const bide_request *req)
{
    return known(req)->proxied;
}

/* Path and query, also of "http://host/path?query". */
static const char *local_part(const bide_request *req)
{
    const char *scheme = *req->target == '/' ? NULL : strstr(req->target, "://");
    if (scheme)
        return scheme + 3 + strcspn(scheme + 3, "/?");
    return *req->target == '/' ? req->target : "";
}

const char *bide_request_url(const bide_request *req)
{
    struct writer w;
    const char *scheme = bide_request_scheme(req), *host = bide_request_host(req);
    const char *local = local_part(req);
    if (req->url)
        return req->url;
    bide__scratch_write(&mine(req)->scratch, &w);
    if (*host) {
        writer_put(&w, scheme, strlen(scheme));
        writer_literal(&w, "://");
        writer_put(&w, host, strlen(host));
    }
    if (*local == '?')
        writer_literal(&w, "/");
    writer_put(&w, local, strlen(local));
    writer_put(&w, "", 1);
    if (w.code < 0)
        return "";
    bide__scratch_keep(&mine(req)->scratch, &w);
    return mine(req)->url = w.at;
}
