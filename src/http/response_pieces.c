/* A body that is read piece by piece: as it comes, in lines, as events.
 *
 * All three look at it in place.  Lines and events are put together in memory of their own, so what
 * they are made of is taken at once; a chunk is taken when the next call comes. */
#include "http/response_body.h"

/* ---- chunks ---- */

ssize_t bide__response_step_chunk(struct bide_response *r, struct wanted *wanted, double idle)
{
    ssize_t there = bide__response_peek(r, &wanted->chunk, idle);
    if (there > 0)
        r->pending = (size_t)there;
    return there;
}

ssize_t bide_response_chunk(bide_response *r, const char **data)
{
    struct wanted wanted = { .kind = WANT_CHUNK, .chunk = "" };
    if (!r)
        return bide_errcode();
    ssize_t size = bide__response_run(r, &wanted);
    *data = size > 0 ? wanted.chunk : "";
    return size;
}

/* ---- lines ---- */

/* What cannot be put together is not read any further. */
static int refuse(struct bide_response *r, int code, const char *why)
{
    r->body.broken = true;
    return bide_fail(code, "the body: %s", why);
}

ssize_t bide__response_step_line(struct bide_response *r, struct wanted *wanted, double idle)
{
    struct lines *lines = &r->extras->lines;
    for (;;) {
        const char *data;
        struct line line;
        ssize_t there = bide__response_peek(r, &data, idle);
        if (there < 0)
            return there;
        ssize_t used = there > 0 ? bide__lines_take(lines, data, (size_t)there, &line)
                                 : bide__lines_last(lines, &line);
        if (used < 0)
            return refuse(r, (int)used, lines->why);
        if (there > 0)
            bide__response_consume(r, (size_t)used);
        wanted->line = line.text;
        if (line.text || there == 0)
            return line.text ? (ssize_t)line.whole : 0;
    }
}

/* The last line, whose end is the body's, may be left when the connection is gone already. */
static ssize_t last_line(struct bide_response *r, char **text)
{
    struct line line;
    if (!r->over || !r->extras || bide__lines_last(&r->extras->lines, &line) < 0 || !line.text)
        return 0;
    *text = line.text;
    return (ssize_t)line.whole;
}

ssize_t bide_response_line(bide_response *r, char **line)
{
    struct wanted wanted = { .kind = WANT_LINE };
    if (!r)
        return bide_errcode();
    if (!bide__response_extras(r))
        return BIDE_ENOMEM;
    ssize_t size = bide__response_run(r, &wanted);
    *line = size > 0 ? wanted.line : NULL;
    return size == 0 ? last_line(r, line) : size;
}

/* ---- events ---- */

ssize_t bide__response_step_event(struct bide_response *r, struct wanted *wanted, double idle)
{
    struct sse *sse = &r->extras->sse;
    for (;;) {
        const char *data;
        ssize_t there = bide__response_peek(r, &data, idle);
        if (there <= 0)
            return there;
        ssize_t used = bide__sse_take(sse, data, (size_t)there, wanted->event);
        if (used < 0)
            return refuse(r, (int)used, sse->why);
        bide__response_consume(r, (size_t)used);
        if (wanted->event->type)
            return 1;
    }
}

int bide_response_event(bide_response *r, struct bide_sse_event *event)
{
    struct wanted wanted = { .kind = WANT_EVENT, .event = event };
    if (!r)
        return bide_errcode();
    if (!bide__response_extras(r))
        return BIDE_ENOMEM;
    return (int)bide__response_run(r, &wanted);
}
