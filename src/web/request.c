/* Reading a request's head into its struct, and what can be asked about it. */
#include "web/request.h"

#include "base/memory.h"
#include "http/framing.h"
#include "http/percent.h"
#include "http/trailers.h"
#include "web/body_forms.h"
#include "web/exchange.h"
#include "web/kept.h"

#include <string.h>

static const struct bide_pair no_pairs[] = { { NULL, NULL } };

/* The path's part of the target, also of "http://host/path". */
static struct text raw_path(const char *target)
{
    if (target[0] != '/') {
        const char *authority = strstr(target, "://");
        const char *path = authority ? strpbrk(authority + 3, "/?") : NULL;
        target = path && *path == '/' ? path : "/";
    }
    return text_of(target, (size_t)(strchrnul(target, '?') - target));
}

static void end_texts(const struct head *head, char *text)
{
    text[head->method + head->method_size] = '\0';
    text[head->target + head->target_size] = '\0';
    for (unsigned i = 0; i < head->count; i++) {
        const struct field *field = &head->fields[i];
        text[field->name + field->name_size] = '\0';
        text[field->value + field->value_size] = '\0';
    }
}

int bide__request_read(struct bide_request *req, const char *data)
{
    struct framing framing;
    bide__framing_of_request(&framing, &req->head);
    req->keep_alive = framing.keep_alive;
    bide__body_start(&req->body, &framing);
    req->body.chunked.keep_trailers = true;
    req->text = bide__scratch_copy(&req->scratch, data, req->head.size);
    if (!req->text)
        return 500;
    end_texts(&req->head, req->text);
    req->target = req->text + req->head.target;
    if (req->target[0] != '*' && req->head.method_known != METHOD_CONNECT)
        req->raw = raw_path(req->target);
    return 0;
}

/* Most requests have none of these. */
static void free_if_any(void *memory)
{
    if (memory)
        bide__free(memory);
}

void bide__request_end(struct bide_request *req)
{
    bide__body_forms_end(req);
    bide__kept_end(req->kept);
    bide__disconnect_forget(req);
    bide__body_end(&req->body);
    bide__scratch_end(&req->scratch);
    bide__whole_end(&req->whole);
    free_if_any(req->held.type);
    free_if_any(req->held.data);
    if (req->compressing.encoder || req->compressing.coded)
        bide__compressing_end(&req->compressing);
}

const char *bide_request_method(const bide_request *req)
{
    return req->text + req->head.method;
}

/* The list or text is part of the request; making it late does not change what was asked. */
static bide_request *mine(const bide_request *req)
{
    return (bide_request *)(uintptr_t)req;
}

const char *bide_request_path(const bide_request *req)
{
    if (req->path)
        return req->path;
    char *path = bide__scratch_take(&mine(req)->scratch, req->raw.size + 1);
    if (!path)
        return "";
    ssize_t size = bide__percent_decode(path, req->raw, false);
    if (size < 0) {             /* it cannot be: as it came */
        memcpy(path, req->raw.at, req->raw.size);
        size = (ssize_t)req->raw.size;
    }
    path[size] = '\0';
    return mine(req)->path = path;
}

/* A decoded copy; a piece that cannot be decoded stays as it came. */
static const char *decoded(bide_request *req, const char *at, size_t size)
{
    char *out = bide__scratch_take(&req->scratch, size + 1);
    if (!out)
        return NULL;
    ssize_t length = bide__percent_decode(out, text_of(at, size), true);
    if (length < 0) {
        memcpy(out, at, size);
        length = (ssize_t)size;
    }
    out[length] = '\0';
    return out;
}

/* One "name=value" of the query; false: out of memory. */
static bool read_pair(bide_request *req, struct bide_pair *pair, const char *at, size_t size)
{
    const char *equals = memchr(at, '=', size);
    size_t name_size = equals ? (size_t)(equals - at) : size;
    pair->name = decoded(req, at, name_size);
    pair->value = equals ? decoded(req, equals + 1, size - name_size - 1) : "";
    return pair->name && pair->value;
}

static const struct bide_pair *read_query(bide_request *req)
{
    const char *at = strchr(req->target, '?');
    size_t count = 2, used = 0;
    for (const char *c = at; c && *c; c++)
        count += *c == '&';
    struct bide_pair *pairs = bide__scratch_take(&req->scratch, count * sizeof *pairs);
    if (!pairs)
        return no_pairs;
    while (at && *at) {
        size_t size = strcspn(++at, "&");
        if (size > 0 && read_pair(req, &pairs[used], at, size))
            used++;
        at += size;
    }
    pairs[used] = no_pairs[0];
    return req->query = pairs;
}

const struct bide_pair *bide_request_queries(const bide_request *req)
{
    return req->query ? req->query : read_query(mine(req));
}

const char *bide_request_query(const bide_request *req, const char *name)
{
    const struct bide_pair *pair = bide_request_queries(req);
    for (; pair->name; pair++)
        if (strcmp(pair->name, name) == 0)
            return pair->value;
    return NULL;
}

const char *bide_request_header(const bide_request *req, const char *name)
{
    return bide__head_find(&req->head, req->text, name).at;
}

const struct bide_pair *bide_request_headers(const bide_request *req)
{
    if (req->headers)
        return req->headers;
    struct bide_pair *pairs = bide__scratch_take(&mine(req)->scratch,
                                                 (req->head.count + 1u) * sizeof *pairs);
    if (!pairs)
        return no_pairs;
    for (unsigned i = 0; i < req->head.count; i++) {
        pairs[i].name = req->text + req->head.fields[i].name;
        pairs[i].value = req->text + req->head.fields[i].value;
    }
    pairs[req->head.count] = no_pairs[0];
    return mine(req)->headers = pairs;
}

const char *bide_request_target(const bide_request *req)
{
    return req->target;
}

/* RFC 9110 6.2: the version is the sender's, and one that is higher than ours means ours. */
const char *bide_request_version(const bide_request *req)
{
    return req->head.minor == 0 ? "HTTP/1.0" : req->exchange->ops->version;
}

const struct bide_pair *bide_request_trailers(const bide_request *req)
{
    if (!req->trailers_in && req->body.done && req->body.chunked.kept > 0)
        mine(req)->trailers_in = bide__trailers_read(&req->body.chunked, &mine(req)->scratch);
    return req->trailers_in ? req->trailers_in : no_pairs;
}

bool bide_request_disconnected(const bide_request *req)
{
    return req->gone;
}

bool bide_request_stopping(const bide_request *req)
{
    return req->worker->stopping;
}

bide_worker *bide_request_worker(const bide_request *req)
{
    return req->worker;
}

void *bide_request_state(const bide_request *req)
{
    return req->app->state;
}
