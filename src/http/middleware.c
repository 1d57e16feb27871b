/* Middlewares: each is called with the request and calls the next; the innermost is the try
 * itself.
 *
 * A response that has been handed out is whose it was handed to, so the call gets a new one, blank,
 * for what comes next: it may be asked to send its request again.  Without middlewares none of this
 * happens. */
#include "http/call.h"

#include "base/memory.h"
#include "http/write.h"

#include <string.h>

static struct call *call_of(bide_client_request *req)
{
    return (struct call *)(void *)req;
}

static const struct call *call_in(const bide_client_request *req)
{
    return (const struct call *)(const void *)req;
}

/* The response leaves the call, which goes on with a blank one for the same URL. */
static bide_response *hand_out(struct call *call)
{
    bide_response *r = call->response;
    const char *url = bide__call_current_url(call);
    if (bide__call_new_response(call) == 0 && bide__call_read_url(call, url) == 0)
        return r;
    if (r != call->response)
        bide_response_close(r);
    return NULL;
}

/* Frees those of that name, or all. */
static void drop_own(struct call *call, const char *name)
{
    for (struct own_header **at = &call->own; *at;) {
        struct own_header *own = *at;
        if (name && !bide__text_is_caseless(text_of(own->name, strlen(own->name)), name)) {
            at = &own->next;
            continue;
        }
        *at = own->next;
        bide__free(own);
    }
}

bide_response *bide_client_next(bide_client_request *req)
{
    struct call *call = call_of(req);
    const struct bide_middleware *next = &call->session->o.middlewares[call->depth];
    if (!next->fn) {
        int rc = bide__call_rewind_body(call);  /* it may be asked for once more */
        return rc < 0 || bide__call_try(call) < 0 ? NULL : hand_out(call);
    }
    call->depth++;
    bide_response *r = next->fn(req, next->arg);    /* waits: through a middleware */
    call->depth--;
    return r;
}

/* What the last request has left goes, and this one's URL stays until the next. */
static int begin(struct call *call)
{
    size_t size = strlen(call->response->url) + 1;
    drop_own(call, NULL);
    bide__free(call->shown);
    call->shown = bide__alloc(size);
    if (!call->shown)
        return bide_fail(BIDE_ENOMEM, "out of memory for a URL");
    memcpy(call->shown, call->response->url, size);
    return 0;
}

int bide__call_pass(struct call *call)
{
    if (!call->session->o.middlewares)
        return bide__call_try(call);
    if (begin(call) < 0)
        return BIDE_ENOMEM;
    bide_response *r = bide_client_next((bide_client_request *)(void *)call);
    if (!r)
        return bide_errcode();
    call->blank = call->response;
    call->response = r;
    return 0;
}

const char *bide_client_request_method(const bide_client_request *req)
{
    return call_in(req)->method.at;
}

const char *bide_client_request_url(const bide_client_request *req)
{
    return call_in(req)->shown;
}

const struct own_header *bide__call_own_header(const struct call *call, const char *name)
{
    for (const struct own_header *own = call->own; own; own = own->next)
        if (bide__text_is_caseless(text_of(own->name, strlen(own->name)), name))
            return own;
    return NULL;
}

const char *bide_client_request_header(const bide_client_request *req, const char *name)
{
    const struct call *call = call_in(req);
    const struct own_header *own = bide__call_own_header(call, name);
    if (own)
        return own->value;
    for (const struct bide_pair *pair = call->opts->headers; pair && pair->name; pair++)
        if (bide__text_is_caseless(text_of(pair->name, strlen(pair->name)), name))
            return pair->value;
    return NULL;
}

int bide_client_request_set_header(bide_client_request *req, const char *name, const char *value)
{
    struct call *call = call_of(req);
    char space[1];
    struct writer w = { .at = space };
    size_t name_size = strlen(name) + 1, value_size = value ? strlen(value) + 1 : 0;
    bide__write_field(&w, text_of(name, name_size - 1), text_of(value ? value : "",
                                                                value ? value_size - 1 : 0));
    if (w.code == BIDE_EINVAL)
        return bide_fail(BIDE_EINVAL, "header: %s", w.why);
    struct own_header *own = bide__alloc(sizeof *own + name_size + value_size);
    if (!own)
        return bide_fail(BIDE_ENOMEM, "out of memory for a header");
    memcpy(own->name, name, name_size);
    own->value = value ? memcpy(own->name + name_size, value, value_size) : NULL;
    drop_own(call, name);
    own->next = call->own;
    call->own = own;
    return 0;
}

void bide__call_end(struct call *call)
{
    drop_own(call, NULL);
    bide__free(call->shown);
    bide__free(call->moved);
    bide__source_close(call->source);
    bide__free(call->inner);
    bide__auth_unref(call->auth);
    while (call->hops) {
        struct hop *hop = call->hops;
        call->hops = hop->next;
        bide__free(hop);
    }
}
