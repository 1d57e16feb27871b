/* Server-sent events (HTML standard, 9.2): each is one write, so that it leaves at once. */
#include "base/memory.h"
#include "http/heap_writer.h"
#include "web/request.h"

#include <bide/respond.h>
#include <math.h>

/* The head, before the first one.  Proxies like nginx would gather events until there are many. */
static int begin(bide_request *req)
{
    static const char *const headers[][2] = {
        { "Content-Type", "text/event-stream" }, { "Cache-Control", "no-cache" },
        { "X-Accel-Buffering", "no" },
    };
    int rc = 0;
    if (req->responded != NOT_YET)
        return 0;
    for (size_t i = 0; rc == 0 && i < sizeof headers / sizeof *headers; i++)
        if (!bide_respond_header_get(req, headers[i][0]))
            rc = bide_respond_header(req, headers[i][0], headers[i][1]);
    return rc < 0 ? rc : bide_respond_start(req, 200);
}

static void put_line(struct writer *w, const char *field, const char *value, size_t size)
{
    writer_put(w, field, strlen(field));
    writer_put(w, value, size);
    writer_literal(w, "\n");
}

/* Each line of it; LF, CR and CRLF end one. */
static void put_data(struct writer *w, const char *data)
{
    for (;;) {
        size_t size = strcspn(data, "\r\n");
        put_line(w, "data: ", data, size);
        data += size;
        if (!*data)
            return;
        data += data[0] == '\r' && data[1] == '\n' ? 2 : 1;
    }
}

static bool is_one_line(const char *text)
{
    return !text || !text[strcspn(text, "\r\n")];
}

static int check(const struct bide_respond_event_opts *o)
{
    if (!is_one_line(o->type) || !is_one_line(o->id))
        return bide_fail(BIDE_EINVAL, "event: a line end in its type or id");
    if (isnan(o->retry) || o->retry < 0 || o->retry > 1e9)
        return bide_fail(BIDE_EINVAL, "event: retry is no number of seconds");
    return 0;
}

static void put_event(struct writer *w, const struct bide_respond_event_opts *o)
{
    if (o->type)
        put_line(w, "event: ", o->type, strlen(o->type));
    if (o->id)
        put_line(w, "id: ", o->id, strlen(o->id));
    if (o->retry > 0) {
        writer_literal(w, "retry: ");
        bide__writer_number(w, (uint64_t)ceil(o->retry * 1000));
        writer_literal(w, "\n");
    }
    if (o->data)
        put_data(w, o->data);
    writer_literal(w, "\n");
}

int bide_respond_event_opts(bide_request *req, const struct bide_respond_event_opts *opts)
{
    struct writer w = bide__heap_writer();
    int rc = check(opts);
    if (rc == 0)
        rc = begin(req);
    if (rc < 0)
        return rc;
    put_event(&w, opts);
    struct text event = bide__heap_writer_end(&w, "an event");
    if (!event.at)
        return bide_errcode();
    rc = bide_respond_write(req, event.at, event.size);
    bide__free((char *)(uintptr_t)event.at);
    return rc;
}

int bide_respond_event_ping(bide_request *req)
{
    int rc = begin(req);
    return rc < 0 ? rc : bide_respond_write(req, ":\n\n", 3);
}
