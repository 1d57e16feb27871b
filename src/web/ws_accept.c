/* A request becomes a WebSocket: what it asks is checked, and answered with 101.
 *
 * The WebSocket is the request's: whoever ran the handler ends it. */
#include "web/ws_accept.h"

#include "base/memory.h"
#include "http/ws_handshake.h"
#include "web/exchange.h"

#include <bide/error.h>
#include <bide/respond.h>

#include <string.h>

enum { ANSWER_MAX = 200 };

/* ---- what was asked ---- */

static unsigned count_fields(const bide_request *req, const char *name)
{
    unsigned count = 0;
    for (unsigned i = 0; i < req->head.count; i++)
        count += bide__text_is_caseless(head_name(req->text, &req->head.fields[i]), name);
    return count;
}

static struct ws_asked read_asked(const bide_request *req)
{
    const struct head *head = &req->head;
    struct ws_asked a = {
        .is_get = head->method_known == METHOD_GET && head->minor == 1,
        .upgrades = head->upgrade,
        .upgrade = head_get(head, req->text, HEADER_UPGRADE),
        .key = bide__head_find(head, req->text, "Sec-WebSocket-Key"),
        .version = bide__head_find(head, req->text, "Sec-WebSocket-Version"),
        .host = head_get(head, req->text, HEADER_HOST),
        .origin = bide__head_find(head, req->text, "Origin"),
    };
    if (count_fields(req, "Sec-WebSocket-Key") > 1)
        a.key = text_of("", 0);
    if (count_fields(req, "Origin") > 1)
        a.origin = text_of("", 0);      /* nobody's */
    return a;
}

bool bide_ws_asked(const bide_request *req)
{
    if (!req || !req->text)
        return false;
    struct ws_asked asked = read_asked(req);
    return asked.is_get && asked.upgrades && bide__ws_upgrade_is(asked.upgrade);
}

static int refuse(bide_request *req, int status, const char *why)
{
    if (status == 426) {
        bide_ignore(bide_respond_header(req, "Upgrade", "websocket"));
        bide_ignore(bide_respond_header(req, "Sec-WebSocket-Version", "13"));
    }
    req->status = status;       /* the client's fault: no matter for the log */
    int rc = bide_respond_error(req, status, "%s", why);
    return rc < 0 ? rc : bide_fail(BIDE_EWS, "WebSocket: %s", why);
}

/* ---- what is agreed on ---- */

/* What several lines offer, as one list. */
static struct text all_offered(bide_request *req)
{
    struct writer w;
    bide__scratch_write(&req->scratch, &w);
    for (unsigned i = 0; i < req->head.count; i++) {
        const struct field *field = &req->head.fields[i];
        if (!bide__text_is_caseless(head_name(req->text, field), "Sec-WebSocket-Protocol"))
            continue;
        writer_put(&w, req->text + field->value, field->value_size);
        writer_literal(&w, ",");
    }
    if (w.code < 0)
        return text_of("", 0);
    bide__scratch_keep(&req->scratch, &w);
    return text_of(w.at, w.size);
}

/* 0; 400: it is no list of extensions. */
static int choose_params(const bide_request *req, const struct bide_ws_opts *o,
                         struct ws_params *params)
{
    if (!o->deflate || !bide__ws_deflate_is_there())
        return 0;
    for (unsigned i = 0; i < req->head.count; i++) {
        const struct field *field = &req->head.fields[i];
        if (bide__text_is_caseless(head_name(req->text, field), "Sec-WebSocket-Extensions") &&
            bide__ws_params_choose(params, head_value(req->text, field), o->no_context) < 0)
            return 400;
    }
    return 0;
}

static int add_header(bide_request *req, const char *name, struct text value)
{
    char text[ANSWER_MAX];
    if (value.size >= sizeof text)
        return bide_fail(BIDE_EINVAL, "accept: %s is longer than %d bytes", name, ANSWER_MAX);
    memcpy(text, value.at, value.size);
    text[value.size] = '\0';
    return bide_respond_header(req, name, text);
}

static int add_headers(bide_request *req, struct text key, struct text protocol,
                       const struct ws_params *params)
{
    char accept[WS_ACCEPT_SIZE], space[ANSWER_MAX];
    struct writer w = { .at = space, .room = sizeof space };
    bide__ws_accept(accept, key);
    int rc = bide_respond_header(req, "Upgrade", "websocket");
    if (rc == 0)
        rc = add_header(req, "Sec-WebSocket-Accept", text_of(accept, sizeof accept));
    if (rc == 0 && protocol.at)
        rc = add_header(req, "Sec-WebSocket-Protocol", protocol);
    if (rc == 0 && params->deflate) {
        bide__ws_params_answer(&w, params);
        rc = add_header(req, "Sec-WebSocket-Extensions", text_of(space, w.size));
    }
    return rc;
}

/* ---- the whole ---- */

static int keep_protocol(struct bide_ws *ws, struct text protocol)
{
    struct ws_facts *facts = protocol.at ? bide__ws_facts(ws) : NULL;
    if (!protocol.at)
        return 0;
    if (facts)
        facts->protocol = bide__copy_text(protocol.at, protocol.size);
    return facts && facts->protocol ? 0 : bide_fail(BIDE_ENOMEM, "out of memory for a WebSocket");
}

BIDE_WAITS static int switch_over(bide_request *req, struct bide_ws *ws, struct text key,
                                  struct text protocol, const struct ws_params *params)
{
    int rc = keep_protocol(ws, protocol);
    if (rc == 0)
        rc = add_headers(req, key, protocol, params);
    if (rc < 0)
        return rc;
    ws->stream = bide__exchange_upgrade(req);
    return ws->stream ? 0 : bide_errcode();
}

struct bide_ws *bide__ws_accept_as(bide_request *req, const struct bide_ws_opts *o,
                                   const struct ws_settings *settings)
{
    struct ws_asked asked = read_asked(req);
    struct ws_params params = { 0 };
    const char *why = "Sec-WebSocket-Extensions is no list of extensions";
    struct text protocol = text_of(NULL, 0);
    int status = bide__ws_check(&asked, o->origins, &why);
    if (status == 0)
        status = choose_params(req, o, &params);
    if (status != 0) {
        bide_ignore(refuse(req, status, why));
        return NULL;
    }
    if (o->protocols)
        protocol = bide__ws_protocol_choose(o->protocols, all_offered(req));
    struct bide_ws *ws = settings ? bide__ws_new(NULL, settings, &params)
                                  : bide__ws_new_own(NULL, o, true, &params);
    if (!ws)
        return NULL;
    ws->request = req;
    if (ws->settings->frame_timeout <= 0)
        ws->frame_timeout = (float)req->worker->serving->slow;
    if (switch_over(req, ws, asked.key, protocol, &params) == 0)
        return req->ws = ws;
    bide__ws_free(ws);
    return NULL;
}

bide_ws *bide_ws_accept_opts(const struct bide_ws_opts *opts)
{
    bide_request *req = opts->request;
    if (!req)
        return NULL;
    if (bide__enter() < 0)
        return NULL;
    if (req->ws || bide_respond_given(req)) {
        bide_fail(BIDE_EINVAL, "accept: this request has been answered already");
        return NULL;
    }
    return bide__ws_accept_as(req, opts, NULL);
}
