/* What a call sends as its body, by its options.
 *
 * Plain bytes are sent from where they are.  Everything else becomes a source, which says how large
 * it is and of what type, and whether it can be had once more. */
#include "http/call.h"

#include "base/memory.h"

#include <bide/json.h>

#include <string.h>

static int count_bodies(const struct bide_fetch_opts *o)
{
    return (o->data != NULL) + (o->form != NULL) + (o->json != NULL) + (o->multipart != NULL) +
           (o->file != NULL) + (o->stream != NULL) + (o->source != NULL);
}

static struct source *of_json(const bide_json *json)
{
    size_t size;
    char *text = bide_json_write(json, &size);
    return bide__source_of_text(text, size, "application/json");
}

/* Bytes of the caller's, for a coding to read from. */
static struct source *of_data(struct call *call)
{
    call->inner = bide__alloc(sizeof *call->inner);
    if (call->inner)
        bide__source_in_memory(call->inner, call->opts->data, call->opts->data_size, NULL);
    else
        bide_fail(BIDE_ENOMEM, "out of memory for a request's body");
    return call->inner;
}

BIDE_WAITS static struct source *open_kind(struct call *call)
{
    const struct bide_fetch_opts *o = call->opts;
    int64_t length = o->data_length > 0 ? (int64_t)o->data_length : -1;
    if (o->form)
        return bide__source_of_form(o->form);
    if (o->json)
        return of_json(o->json);
    if (o->multipart)
        return bide__source_of_multipart(o->multipart);
    if (o->file)
        return bide__source_of_file(o->file);
    if (o->stream)
        return bide__source_of_stream(o->stream, length);
    if (o->source)
        return bide__source_of_callback(o->source, o->source_arg, length);
    return of_data(call);
}

int bide__call_open_body(struct call *call)
{
    const struct bide_fetch_opts *o = call->opts;
    int count = count_bodies(o);
    if (count > 1)
        return bide_fail(BIDE_EINVAL, "the request has more than one body");
    if (o->data_length > INT64_MAX)
        return bide_fail(BIDE_EINVAL, "data_length is too large");
    if (count == 0 || (o->data && !o->compress))
        return 0;
    struct source *source = open_kind(call);
    if (source && o->compress)
        source = bide__source_of_coding(source, o->compress);
    call->source = source;
    return source ? 0 : bide_errcode();
}

int bide__call_rewind_body(struct call *call)
{
    return call->source && !call->bodiless ? bide__source_rewind(call->source) : 0;
}
