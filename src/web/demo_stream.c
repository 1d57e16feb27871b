/* Services whose answers come piece by piece, some of them never to their end. */
#include "web/demo.h"


#include <bide/task.h>

#include <stdio.h>
#include <string.h>

enum { PIECES_MAX = 1000000 };

/* How many, and how long before each but the first. */
struct pace {
    long count;
    double delay;
};

static bool read_delay(const bide_request *req, double *delay)
{
    *delay = 0;
    return bide__demo_seconds(bide_request_query(req, "delay"), delay);
}

/* Sends a short text, after its delay. */
BIDE_WAITS static int send_text(bide_request *req, const char *text, int size, double delay)
{
    int rc = delay > 0 ? bide_sleep(delay) : 0;
    return rc < 0 ? rc : bide_respond_write(req, text, (size_t)size);
}

/* Lines of JSON. */
static int lines(bide_request *req)
{
    char line[80];
    struct pace pace;
    const char *text = bide_request_param(req, "count");
    if (!bide__demo_number(text, 0, PIECES_MAX, &pace.count) || !read_delay(req, &pace.delay))
        return bide__demo_bad(req, text);
    int rc = bide_respond_header(req, "Content-Type", "application/x-ndjson");
    if (rc == 0 && pace.count == 0)
        rc = bide_respond_write(req, "", 0);
    for (long i = 1; rc == 0 && i <= pace.count; i++)
        rc = send_text(req, line, snprintf(line, sizeof line, "{\"line\":%ld,\"of\":%ld}\n", i,
                                           pace.count), i > 1 ? pace.delay : 0);
    return rc;
}

/* Server-sent events; goes on behind the one that Last-Event-ID names. */
static int events(bide_request *req)
{
    char event[120];
    long last = 0;
    struct pace pace = { .count = 3 };
    const char *seen = bide_request_header(req, "Last-Event-ID");
    if (!bide__demo_query(req, "count", 0, PIECES_MAX, &pace.count) ||
        !read_delay(req, &pace.delay) || (seen && !bide__demo_number(seen, 0, PIECES_MAX, &last)))
        return bide__demo_bad(req, "count, delay or Last-Event-ID");
    int rc = bide_respond_header(req, "Content-Type", "text/event-stream");
    if (rc == 0)
        rc = bide_respond_write(req, "retry: 1000\n\n", 13);
    for (long i = last + 1; rc == 0 && i <= pace.count; i++)
        rc = send_text(req, event, snprintf(event, sizeof event, "id: %ld\nevent: tick\n"
                                            "data: {\"tick\":%ld}\n\n", i, i),
                       i > last + 1 ? pace.delay : 0);
    return rc;
}

/* So many bytes, one by one, in so many seconds. */
static int drip(bide_request *req)
{
    long count = 10;
    double duration = 2;
    if (!bide__demo_query(req, "bytes", 1, PIECES_MAX, &count) ||
        !bide__demo_seconds(bide_request_query(req, "duration"), &duration))
        return bide__demo_bad(req, "bytes or duration");
    const char *length = bide__demo_print(req, "%ld", count);
    int rc = length ? bide_respond_header(req, "Content-Length", length) : bide_errcode();
    for (long i = 0; rc == 0 && i < count; i++)
        rc = send_text(req, "*", 1, i > 0 ? duration / (double)(count - 1) : 0);
    return rc;
}

/* Half of what was announced, and no more; ?chunked=1: without having been announced. */
static int cut_short(bide_request *req)
{
    long chunked = 0;
    if (!bide__demo_query(req, "chunked", 0, 1, &chunked))
        return bide__demo_bad(req, "chunked");
    int rc = chunked ? 0 : bide_respond_header(req, "Content-Length", "1000");
    if (rc == 0)
        rc = bide__demo_letters(req, 0, 500);
    return rc < 0 ? rc : bide__demo_cut(req);
}

/* A body in chunks, and a header behind it (RFC 9112, section 7.1.2). */
static int trailers(bide_request *req)
{
    int rc = bide_respond_header(req, "Trailer", "X-Letters");
    if (rc == 0)
        rc = bide_respond_write(req, "abc\n", 4);
    return rc < 0 ? rc : bide_respond_trailer(req, "X-Letters", "3");
}

const struct demo_route bide__demo_stream[] = {
    { "GET", "/stream/{count}", lines }, { "GET", "/events", events }, { "GET", "/drip", drip },
    { "GET", "/close", cut_short }, { "GET", "/trailers", trailers }, { NULL, NULL, NULL },
};
