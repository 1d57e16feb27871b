/* A whole call against a server that says anything: it ends, within its time; what it says does not
 * depend on how the body is read; and a body that has a length has it.  Byte 0: the method, and how
 * the bytes come; byte 1: how the body is read. */
#include "fuzz.h"

#include "base/memory.h"
#include "http/call.h"

#include <bide/group.h>
#include <bide/http.h>
#include <string.h>

enum { BODY_MAX = 1 << 20, TOTAL = 60 };
static const char place[] = "http://a.example/";

struct input { const char *bytes; size_t size; bool head, slowly; unsigned how; };
struct outcome { int code; size_t size; uint32_t sum; };

/* ---- the server's side ---- */

struct server { bide_stream *stream; const struct input *input; };

static int serve(void *arg)
{
    struct server *server = arg;
    const struct input *input = server->input;
    size_t piece = input->slowly ? input->size / 50 + 1 : SIZE_MAX;
    char request[64];
    int rc = (int)bide_read(server->stream, request, sizeof request);
    for (size_t at = 0; rc > 0 && at < input->size; at += piece) {
        size_t left = input->size - at;
        if (input->slowly && bide_sleep(0.01) < 0)
            break;
        if (bide_write(server->stream, input->bytes + at, left < piece ? left : piece) < 0)
            break;
        if (!input->slowly)
            break;
    }
    bide_stream_close(server->stream);
    return 0;
}

/* Puts our end of a pair into the pool, as a connection that was kept. */
static void keep(bide_session *session, bide_stream *stream)
{
    struct url url;
    const char *why;
    MUST(bide__url_parse(&url, place, sizeof place - 1, &why) == 0);
    struct route route = { .url = &url };
    struct connection *c = bide__pool_take(&session->pool, &route, false);
    MUST(c && !c->stream);
    c->stream = stream;
    bide__pool_give(c, true);
}

/* ---- the client's ---- */

static void count(struct outcome *o, const char *bytes, size_t size)
{
    o->size += size;
    for (size_t i = 0; i < size; i++)
        o->sum = o->sum * 31 + (uint8_t)bytes[i];
}

static ssize_t read_by_pieces(bide_response *r, unsigned how, struct outcome *o)
{
    char bytes[256];
    const char *data;
    char *line;
    struct bide_sse_event event;
    ssize_t got;
    do {
        switch (how % 5) {
        case 0:
            got = bide_response_read(r, bytes, how % sizeof bytes + 1);
            data = bytes;
            break;
        case 1:
        case 2:
            got = bide_response_chunk(r, &data);
            break;
        case 3:
            got = bide_response_line(r, &line);
            break;
        default:
            got = bide_response_event(r, &event);
            break;
        }
        if (got > 0 && how % 5 < 3)
            count(o, data, (size_t)got);
    } while (got > 0 && o->size <= BODY_MAX);
    return got;
}

static void look_at(bide_response *r)
{
    MUST(bide_response_status(r) >= 200 && bide_response_status(r) <= 999);
    MUST(bide_response_type(r) && bide_response_reason(r) && bide_response_trailers(r));
    for (const struct bide_pair *pair = bide_response_headers(r); pair->name; pair++)
        MUST(strlen(pair->name) + strlen(pair->value) < 65536);
    bide_ignore(bide_response_link(r, "next"));
}

static struct outcome hear(bide_response *r, bool whole, unsigned how)
{
    struct outcome o = { 0 };
    if (!r) {
        o.code = bide_errcode();
        return o;
    }
    look_at(r);
    if (whole) {
        const char *bytes = bide_response_bytes(r, &o.size);
        o.code = bytes ? 0 : bide_errcode();
        size_t size = bytes ? o.size : 0;
        o.size = 0;
        count(&o, bytes, size);
        MUST(!bytes || bide_response_text(r, NULL));
    } else {
        o.code = (int)read_by_pieces(r, how, &o);
    }
    bool plain = !bide_response_header(r, "content-encoding");
    int64_t length = bide_response_length(r);
    bool none = bide_response_status(r) == 204 || bide_response_status(r) == 304;
    if (o.code == 0 && (whole || how % 5 < 3) && plain && length >= 0 && !none && o.size > 0)
        MUST(o.size == (size_t)length);
    return o;
}

struct trial { const struct input *input; bool whole; struct outcome outcome; };

static int ask(void *arg)
{
    struct trial *trial = arg;
    bide_stream *ends[2];
    bide_auto(session) session = bide_session_open(.no_redirects = true, .body_max = BODY_MAX,
                                                   .retry.no_resend = true, .timeout = TOTAL);
    MUST(session && bide_stream_pair(ends) == 0);
    keep(session, ends[0]);
    struct server server = { ends[1], trial->input };
    double start = bide_now();
    BIDE_GROUP(group);
    bide_spawn(group, serve, &server);
    bide_response *r = bide_fetch(session, trial->input->head ? "HEAD" : "GET", place);
    trial->outcome = hear(r, trial->whole, trial->input->how);
    if (trial->outcome.code < 0)
        MUST(bide_errmsg()[0] && bide_errcode() != BIDE_EUNKNOWN);
    bide_response_close(r);
    MUST(bide_now() - start < TOTAL + 1);
    bool told = trial->whole || trial->input->how % 5 < 3;      /* what is no event may be a body */
    MUST(!told || bide_session_connections(session) <= (trial->outcome.code == 0));
    bide_session_close(bide_steal(session));
    bide_ignore(bide_group_wait(group));
    return 0;
}

static struct outcome run(const struct input *input, bool whole)
{
    struct trial trial = { .input = input, .whole = whole };
    MUST(bide_run(ask, &trial, .jumping_clock = true) == 0);
    return trial.outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct input input = { .bytes = (const char *)data + 2, .size = size - 2,
                           .head = data[0] & 1, .slowly = data[0] & 2, .how = data[1] };
    struct outcome whole = run(&input, true), pieces = run(&input, false);
    if (input.how % 5 >= 3 || whole.code == BIDE_ELIMIT || pieces.size > BODY_MAX)
        return 0;               /* lines and events have limits and rules of their own */
    MUST((whole.code == 0) == (pieces.code == 0));
    MUST(whole.code != 0 || (whole.size == pieces.size && whole.sum == pieces.sum));
    return 0;
}
