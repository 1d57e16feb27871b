/* A response's life, and what it tells without waiting. */
#include "http/response_body.h"

#include "base/memory.h"
#include "http/call.h"
#include "io/stream.h"

#include <string.h>

struct bide_response *bide__response_new(struct bide_session *s)
{
    struct bide_response *r = s->spare;
    if (r) {
        s->spare = r->next_spare;
        s->spare_count--;
    } else {
        r = bide__alloc(sizeof *r);
        if (!r) {
            bide_fail(BIDE_ENOMEM, "out of memory for a response");
            return NULL;
        }
    }
    memset(r, 0, offsetof(struct bide_response, head));
    r->session = s;
    s->users++;
    bide__scratch_start(&r->scratch, r->space, sizeof r->space);
    return r;
}

void bide__response_free_spares(struct bide_session *s)
{
    while (s->spare) {
        struct bide_response *r = s->spare;
        s->spare = r->next_spare;
        bide__free(r);
    }
}

void bide__response_drop(struct bide_response *r)
{
    if (r->connection)
        bide__pool_give(r->connection, false);
    r->connection = NULL;
}

/* The last piece of a large body of known length comes past the stream's buffer, and ends where the
 * length says: what else is there, is still with the system. */
static bool is_at_its_end(const struct bide_response *r, bide_stream *stream)
{
    return r->body.kind != BODY_LENGTH || r->body.length < BUFFER_ROOM ||
           !bide_stream_readable(stream);
}

int bide__response_finish(struct bide_response *r)
{
    struct connection *connection = r->connection;
    if (!connection)
        return 0;
    bool more = bide_stream_buffered(connection->stream) > 0;
    r->connection = NULL;
    bide__pool_give(connection, r->keep_alive && !more && is_at_its_end(r, connection->stream));
    if (more)
        return bide_fail(BIDE_EHTTP, "the server sent more bytes than its reply has");
    r->over = true;
    bide__coded_free(r->coded);
    r->coded = NULL;
    bide__response_tell_end(r);
    return 0;
}

/* ---- trace ---- */

void bide__response_trace(struct bide_response *r, enum bide_trace_kind kind, const char *text,
                          int64_t number)
{
    session_trace(r->session, r->call, kind, text, number);
}

void bide__response_tell_end(struct bide_response *r)
{
    if (!r->handed_out || r->told)
        return;
    r->told = true;
    bide__response_trace(r, BIDE_TRACE_END, NULL, 0);
}

void bide__response_hand_out(struct bide_response *r)
{
    r->handed_out = true;
    if (!r->connection)
        bide__response_tell_end(r);
}

/* ---- extras ---- */

struct extras *bide__response_extras(struct bide_response *r)
{
    if (r->extras)
        return r->extras;
    struct extras *extras = bide__scratch_take(&r->scratch, sizeof *extras);
    if (extras)
        memset(extras, 0, sizeof *extras);
    else
        bide_fail(BIDE_ENOMEM, "out of memory for reading a response");
    return r->extras = extras;
}

static void free_extras(struct extras *extras)
{
    bide__lines_end(&extras->lines);
    bide__sse_end(&extras->sse);
    bide__free(extras->text_memory);
    bide_json_free(extras->json);
}

/* ---- ends ---- */

int bide__response_within(const struct bide_response *r)
{
    char method[8] = "request", url[121] = "";
    struct text name = bide__method_name((enum method)r->asked);
    if (name.size > 0)
        for (size_t i = 0; i <= name.size; i++)
            method[i] = char_lower(name.at[i]);
    /* It may be what makes the URL bad: no line of a log shall end in it. */
    for (size_t i = 0; r->url && r->url[i] && i < sizeof url - 1; i++) {
        url[i] = char_is(r->url[i], CHAR_FIELD) ? r->url[i] : '?';
        url[i + 1] = '\0';
    }
    return bide_within("%s %s", method, url);
}

void bide_response_close(bide_response *r)
{
    if (!r)
        return;
    struct bide_session *s = r->session;
    if (r->connection) {
        bool whole = r->keep_alive && bide__body_skip(&r->body, r->connection->stream) &&
                     bide_stream_buffered(r->connection->stream) == 0 &&
                     is_at_its_end(r, r->connection->stream);
        bide__pool_give(r->connection, whole);
        bide__response_tell_end(r);
    }
    if (r->extras)
        free_extras(r->extras);
    bide__coded_free(r->coded);
    bide__body_end(&r->body);
    bide__scratch_end(&r->scratch);
    bide__whole_end(&r->whole);
    if (s->spare_count < SESSION_SPARE_MAX) {
        r->next_spare = s->spare;
        s->spare = r;
        s->spare_count++;
    } else {
        bide__free(r);
    }
    bide__session_release(s);
}

int bide_response_status(const bide_response *r)
{
    return r ? r->head.status : bide_errcode();
}

const char *bide_response_reason(const bide_response *r)
{
    return r ? r->text + r->head.reason : NULL;
}

int bide_response_check(const bide_response *r)
{
    if (!r)
        return bide_errcode();
    if (r->head.status < 400)
        return 0;
    bide_fail(BIDE_EHTTP, "%d %.80s", r->head.status, bide_response_reason(r));
    return bide__response_within(r);
}

const char *bide_response_header(const bide_response *r, const char *name)
{
    return r && name ? bide__head_find(&r->head, r->text, name).at : NULL;
}

/* The field whose value lies at `before`, and then the next of that name. */
const char *bide_response_header_next(const bide_response *r, const char *name,
                                      const char *before)
{
    bool passed = false;
    if (!r || !name || !before)
        return NULL;
    for (unsigned i = 0; i < r->head.count; i++) {
        const struct field *field = &r->head.fields[i];
        const char *value = r->text + field->value;
        if (passed && bide__text_is_caseless(head_name(r->text, field), name))
            return value;
        passed |= value == before;
    }
    return NULL;
}

int64_t bide_response_length(const bide_response *r)
{
    if (!r)
        return bide_errcode();
    return r->head.has_length ? (int64_t)r->head.length : -1;
}

int bide_response_version(const bide_response *r)
{
    return r ? r->head.minor : bide_errcode();
}

const char *bide_response_type(const bide_response *r)
{
    if (!r || r->type)
        return r ? r->type : NULL;
    struct text value = head_get(&r->head, r->text, HEADER_CONTENT_TYPE);
    size_t size = 0;
    while (size < value.size && value.at[size] != ';' && value.at[size] != ' ' &&
           value.at[size] != '\t')
        size++;
    /* Made late, as the list of headers is: that does not change what the response is. */
    struct bide_response *mine = (struct bide_response *)(uintptr_t)r;
    char *type = size > 0 ? bide__scratch_copy(&mine->scratch, value.at, size) : NULL;
    for (char *c = type; c && *c; c++)
        *c = char_lower(*c);
    return mine->type = type ? type : "";
}

const struct bide_pair *bide_response_headers(const bide_response *r)
{
    static const struct bide_pair none[] = { { NULL, NULL } };
    if (!r)
        return NULL;
    if (r->pairs)
        return r->pairs;
    struct bide_response *mine = (struct bide_response *)(uintptr_t)r;
    struct bide_pair *pairs = bide__scratch_take(&mine->scratch,
                                                 (r->head.count + 1u) * sizeof *pairs);
    if (!pairs)
        return none;
    for (unsigned i = 0; i < r->head.count; i++) {
        pairs[i].name = r->text + r->head.fields[i].name;
        pairs[i].value = r->text + r->head.fields[i].value;
    }
    pairs[r->head.count] = (struct bide_pair){ NULL, NULL };
    mine->pairs = pairs;
    return pairs;
}

const char *bide_response_url(const bide_response *r)
{
    return r ? r->url : NULL;
}

/* ---- history ---- */

int bide__response_keep_history(struct bide_response *r, const struct hop *hops)
{
    size_t count = 0;
    for (const struct hop *hop = hops; hop; hop = hop->next)
        count++;
    if (count == 0)
        return 0;
    struct bide_hop *to = bide__scratch_take(&r->scratch, (count + 1) * sizeof *to);
    r->history = to;
    for (; hops && to; hops = hops->next, to++) {
        to->status = hops->status;
        to->url = bide__scratch_copy(&r->scratch, hops->url, strlen(hops->url));
        if (!to->url)
            to = NULL;
    }
    if (!to)
        return bide_fail(BIDE_ENOMEM, "out of memory for the redirects that were followed");
    *to = (struct bide_hop){ 0, NULL };
    return 0;
}

const struct bide_hop *bide_response_history(const bide_response *r)
{
    static const struct bide_hop none[] = { { 0, NULL } };
    return r && r->history ? r->history : none;
}
