/* Services that tell the request back: as a whole, or one thing of it. */
#include "web/demo.h"
#include "web/exchange.h"

#include "base/memory.h"
#include "http/base64.h"
#include "http/charset.h"
#include "http/query.h"

#include <string.h>

static void set_base64(bide_json *j, bide_request *req, struct text body)
{
    struct writer w;
    bide__scratch_write(&req->scratch, &w);
    bide__base64_write(&w, &body, 1);
    if (w.code < 0)
        bide__demo_spoil(j);
    else
        bide_json_set(j, "base64", bide_value_sized(w.at, w.size));
}

/* As text if it is one, else in base64. */
static void set_body(bide_json *j, bide_request *req, struct text body)
{
    struct text text, none = { NULL, 0 };
    char *memory;
    int rc = bide__charset_decode(body, none, NULL, SIZE_MAX, &text, &memory);
    if (rc == 0 && !memory)
        bide_json_set(j, "body", bide_value_sized(body.at, body.size));
    else
        set_base64(j, req, body);
    bide__free(memory);
}

/* What a document says; null if it is none. */
static void set_document(bide_json *j, const char *text, size_t size)
{
    bide_json *document = bide_json_parse(text, size);
    if (document)
        bide_json_set_copy(j, "json", document);
    else
        bide_json_set(j, "json", BIDE_NULL);
    bide_json_free(document);
}

static int echo(bide_request *req)
{
    size_t size;
    const char *body = bide_request_text(req, &size);
    if (!body)
        return bide_errcode();
    bide_json *j = bide__demo_told(req);
    if (size > 0)
        set_body(j, req, text_of(body, size));
    if (bide__demo_is_type(req, "application/x-www-form-urlencoded"))
        bide__demo_set_pairs(j, "form", bide__query_read(&req->scratch, text_of(body, size)));
    if (bide__demo_is_type(req, "application/json"))
        set_document(j, body, size);
    bide__demo_set_parts(j, req, body, size);
    return bide__demo_json(req, 200, j);
}

static int headers(bide_request *req)
{
    bide_json *j = bide_json_new();
    bide__demo_set_pairs(j, "headers", bide_request_headers(req));
    return bide__demo_json(req, 200, j);
}

static int user_agent(bide_request *req)
{
    bide_json *j = bide_json_new();
    const char *agent = bide_request_header(req, "User-Agent");
    bide__demo_set(j, "user-agent", agent ? agent : "");
    return bide__demo_json(req, 200, j);
}

static int ip(bide_request *req)
{
    bide_json *j = bide_json_new();
    bide__demo_set(j, "ip", bide__exchange_peer(req));
    return bide__demo_json(req, 200, j);
}

/* Answers with the headers that its query says. */
static int response_headers(bide_request *req)
{
    const struct bide_pair *pairs = bide__demo_pairs(req);
    for (const struct bide_pair *pair = pairs; pair && pair->name; pair++)
        if (bide_respond_header(req, pair->name, pair->value) < 0)
            return bide_respond_text(req, 400, "%s: not a header that can be sent\n", pair->name);
    bide_json *j = bide_json_new();
    bide__demo_set_pairs(j, "headers", pairs);
    return bide__demo_json(req, 200, j);
}

const struct demo_route bide__demo_echo[] = {
    { "GET", "/get", echo }, { "POST", "/post", echo }, { "PUT", "/put", echo },
    { "PATCH", "/patch", echo }, { "DELETE", "/delete", echo }, { "*", "/anything", echo },
    { "*", "/anything/{name}", echo }, { "GET", "/headers", headers }, { "GET", "/ip", ip },
    { "GET", "/user-agent", user_agent }, { "GET", "/response-headers", response_headers },
    { NULL, NULL, NULL },
};
