/* The client's side of the handshake, over the session's own way of making connections: cookies,
 * headers, credentials, proxies and TLS are those of any request. */
#include "web/ws.h"

#include "base/memory.h"
#include "http/random_bytes.h"
#include "http/response.h"
#include "http/upgrade.h"
#include "http/url.h"
#include "http/ws_handshake.h"

#include <bide/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OFFER_MAX = 200, OUR_HEADERS = 6 };

/* One handshake. */
struct dial {
    const struct bide_ws_opts *opts;
    char key[WS_KEY_SIZE + 1];
    char offer[OFFER_MAX];      /* of permessage-deflate */
    char *url;                  /* with http: for ws: */
    struct bide_pair *headers;
};

/* ---- the request ---- */

/* What the handshake says itself is not for .headers. */
static const char *find_reserved(const struct bide_pair *pair)
{
    static const char *const names[] = {
        "Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions",
    };
    for (; pair && pair->name; pair++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (bide__text_is_caseless(text_from(pair->name), names[i]))
                return names[i];
    return NULL;
}

static int check_options(const struct bide_ws_opts *o)
{
    const char *reserved = find_reserved(o->headers);
    if (!o->url)
        return bide_fail(BIDE_EINVAL, "ws_connect: no URL given");
    if (o->protocols && !bide__ws_protocols_are(o->protocols))
        return bide_fail(BIDE_EINVAL, "ws_connect: '%.80s' is no list of protocols", o->protocols);
    if (reserved)
        return bide_fail(BIDE_EINVAL, "ws_connect: %s is not for .headers to say", reserved);
    return 0;
}

static int no_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory for a WebSocket");
}

/* "ws:" and "wss:" are "http:" and "https:" to the client. */
static char *http_url(const char *url)
{
    bool is_ws = bide__text_is_caseless(text_of(url, strnlen(url, 3)), "ws:");
    bool is_wss = bide__text_is_caseless(text_of(url, strnlen(url, 4)), "wss:");
    const char *scheme = is_ws ? "http:" : is_wss ? "https:" : "";
    const char *rest = url + (is_ws ? 3 : is_wss ? 4 : 0);
    size_t size = strlen(scheme) + strlen(rest) + 1;
    char *text = bide__alloc(size);
    if (text)
        snprintf(text, size, "%s%s", scheme, rest);
    return text;
}

static void write_offer(struct dial *d)
{
    struct writer w = { .at = d->offer, .room = OFFER_MAX - 1 };
    bide__ws_params_offer(&w, d->opts->no_context);
    d->offer[w.size] = '\0';
}

static int write_headers(struct dial *d)
{
    const struct bide_ws_opts *o = d->opts;
    size_t count = 0;
    while (o->headers && o->headers[count].name)
        count++;
    struct bide_pair *to = bide__alloc((count + OUR_HEADERS + 1) * sizeof *to);
    if (!to)
        return no_memory();
    d->headers = to;
    *to++ = (struct bide_pair){ "Upgrade", "websocket" };
    *to++ = (struct bide_pair){ "Connection", "Upgrade" };
    *to++ = (struct bide_pair){ "Sec-WebSocket-Key", d->key };
    *to++ = (struct bide_pair){ "Sec-WebSocket-Version", "13" };
    if (o->protocols)
        *to++ = (struct bide_pair){ "Sec-WebSocket-Protocol", o->protocols };
    if (d->offer[0])
        *to++ = (struct bide_pair){ "Sec-WebSocket-Extensions", d->offer };
    for (size_t i = 0; i < count; i++)
        *to++ = o->headers[i];
    *to = (struct bide_pair){ NULL, NULL };
    return 0;
}

static int prepare(struct dial *d)
{
    uint8_t random[16];
    int rc = check_options(d->opts);
    if (rc < 0)
        return rc;
    bide__random_bytes(random, sizeof random);
    bide__ws_key(d->key, random);
    if (d->opts->deflate && bide__ws_deflate_is_there())
        write_offer(d);
    d->url = http_url(d->opts->url);
    return d->url ? write_headers(d) : no_memory();
}

/* ---- the answer ---- */

static int refuse(const struct dial *d, const char *why)
{
    char shown[URL_SHOWN_SIZE];
    return bide_fail(BIDE_EWS, "%s: %s", bide__url_show(shown, d->opts->url), why);
}

static int check_protocol(const struct dial *d, const bide_response *r)
{
    const char *said = bide_response_header(r, "Sec-WebSocket-Protocol");
    if (!said)
        return 0;
    if (bide_response_header_next(r, "Sec-WebSocket-Protocol", said))
        return refuse(d, "the server chose more than one protocol");
    if (!bide__ws_protocol_is(d->opts->protocols, text_from(said)))
        return refuse(d, "the server chose a protocol that was not offered");
    return 0;
}

static int agree(const struct dial *d, const bide_response *r, struct ws_params *params)
{
    const char *why, *name = "Sec-WebSocket-Extensions";
    for (const char *said = bide_response_header(r, name); said;
         said = bide_response_header_next(r, name, said))
        if (bide__ws_params_agree(params, text_from(said), d->offer[0], d->opts->no_context,
                                  &why) < 0)
            return refuse(d, why);
    return 0;
}

static int check_answer(const struct dial *d, const bide_response *r, struct ws_params *params)
{
    const char *accepted = bide_response_header(r, "Sec-WebSocket-Accept");
    const char *upgrade = bide_response_header(r, "Upgrade");
    char expected[WS_ACCEPT_SIZE + 1] = { 0 }, why[160];
    bide__ws_accept(expected, text_from(d->key));
    if (r->head.status != 101) {
        snprintf(why, sizeof why, "the server answered %d %.80s", r->head.status,
                 bide_response_reason(r));
        return refuse(d, why);
    }
    if (!upgrade || !bide__ws_upgrade_is(text_from(upgrade)) || !r->head.upgrade)
        return refuse(d, "the server changed to another protocol than WebSocket");
    if (!accepted || strcmp(accepted, expected) != 0 ||
        bide_response_header_next(r, "Sec-WebSocket-Accept", accepted))
        return refuse(d, "the server's Sec-WebSocket-Accept does not answer our key");
    int rc = check_protocol(d, r);
    return rc < 0 ? rc : agree(d, r, params);
}

/* ---- the whole ---- */

static int keep_facts(struct bide_ws *ws, const bide_response *r)
{
    const char *protocol = bide_response_header(r, "Sec-WebSocket-Protocol");
    struct ws_facts *facts = bide__ws_facts(ws);
    if (!facts)
        return BIDE_ENOMEM;
    if (protocol && !(facts->protocol = bide__copy_text(protocol, strlen(protocol))))
        return no_memory();
    facts->owns_stream = true;
    return 0;
}

static struct bide_ws *take_over(const struct dial *d, bide_response *r)
{
    struct ws_params params = { 0 };
    if (check_answer(d, r, &params) < 0)
        return NULL;
    bide_stream *stream = bide__response_take_stream(r);
    struct bide_ws *ws = bide__ws_new_own(stream, d->opts, false, &params);
    if (ws && keep_facts(ws, r) == 0)
        return ws;
    bide_ws_close(ws);
    bide_stream_close(stream);
    return NULL;
}

BIDE_WAITS static struct bide_ws *dial(bide_session *session, struct dial *d)
{
    const struct bide_fetch_opts fetch = {
        .abi_ = sizeof fetch, .url = d->url, .headers = d->headers, .timeout = d->opts->timeout,
        .no_redirects = !d->opts->redirects, .no_decoding = true,
    };
    bide_auto(response) r = bide__fetch_upgrade(session, &fetch);
    return r ? take_over(d, r) : NULL;
}

bide_ws *bide_ws_connect_opts(bide_session *session, const struct bide_ws_opts *opts)
{
    struct dial d = { .opts = opts };
    struct ws_settings unused;
    if (!session)
        return NULL;
    int rc = bide__ws_settings(&unused, opts, "ws_connect");
    if (rc == 0)
        rc = prepare(&d);
    struct bide_ws *ws = rc == 0 ? dial(session, &d) : NULL;
    bide__free(d.url);
    bide__free(d.headers);
    return ws;
}
