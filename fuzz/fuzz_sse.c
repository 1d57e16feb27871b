/* Events and lines: the same ones however the bytes are cut.  Byte 0 chooses the cuts. */
#include "fuzz.h"

#include "http/lines.h"
#include "http/sse.h"

#include <string.h>

struct result {
    ssize_t rc;
    size_t count, size;
    uint32_t sum;
};

static void add(struct result *r, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        r->sum = r->sum * 31 + (uint8_t)text[i];
    r->sum = r->sum * 31 + 257;
    r->size += size;
}

static void add_event(struct result *r, const struct bide_sse_event *event)
{
    MUST(event->data && event->id && event->data[event->data_size] == '\0');
    MUST(event->retry < 0 || event->retry >= 0);
    add(r, event->type, strlen(event->type));
    add(r, event->data, event->data_size);
    add(r, event->id, strlen(event->id));
    r->count++;
}

static struct result events(const char *text, size_t size, size_t step)
{
    struct sse s = { .max = 256 };
    struct result r = { 0 };
    for (size_t used = 0; used < size; used += (size_t)r.rc) {
        struct bide_sse_event event;
        size_t piece = size - used < step ? size - used : step;
        r.rc = bide__sse_take(&s, text + used, piece, &event);
        if (r.rc < 0) {
            MUST(s.why);
            break;
        }
        MUST(r.rc > 0 && (size_t)r.rc <= piece);
        MUST(event.type || (size_t)r.rc == piece);
        if (event.type)
            add_event(&r, &event);
    }
    bide__sse_end(&s);
    r.rc = r.rc < 0 ? r.rc : 0;
    return r;
}

static struct result lines(const char *text, size_t size, size_t step)
{
    struct lines l = { .max = 64 };
    struct result r = { 0 };
    struct line line;
    size_t whole = 0;
    for (size_t used = 0; used < size; used += (size_t)r.rc) {
        size_t piece = size - used < step ? size - used : step;
        r.rc = bide__lines_take(&l, text + used, piece, &line);
        if (r.rc < 0)
            break;
        MUST(r.rc > 0 && (size_t)r.rc <= piece);
        if (line.text) {
            MUST(line.text[line.size] == '\0' && !memchr(line.text, '\n', line.size));
            add(&r, line.text, line.size);
            whole += line.whole;
            r.count++;
        }
    }
    if (r.rc >= 0)
        r.rc = bide__lines_last(&l, &line);
    if (r.rc == 0 && line.text)
        add(&r, line.text, line.size);
    MUST(r.rc < 0 || whole + (line.text ? line.size : 0) == size);
    bide__lines_end(&l);
    return r;
}

static void same(struct result a, struct result b)
{
    MUST(a.rc == b.rc && a.count == b.count && a.size == b.size && a.sum == b.sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    size_t step = (size_t)data[0] % 40 + 1;
    struct result whole = events(text, size - 1, SIZE_MAX), parts = events(text, size - 1, step);
    same(whole, parts);
    same(lines(text, size - 1, SIZE_MAX), lines(text, size - 1, step));
    return 0;
}
