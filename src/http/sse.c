/* A line that lies whole in what was handed over is read in place; only data are copied. */
#include "http/sse.h"

#include "base/memory.h"

#include <bide/error.h>

#include <string.h>

static const char too_large[] = "an event is larger than the limit";
static const char mark[] = "\xef\xbb\xbf";     /* U+FEFF */

/* ---- texts that grow ---- */

static int refuse(struct sse *s, int code, const char *why)
{
    s->why = why;
    return code;
}

static bool is_too_large(const struct sse *s, size_t size, size_t more)
{
    size_t max = s->max ? s->max : SSE_EVENT_MAX;
    return more > max || size > max - more;
}

/* Appends, and keeps room for a NUL. */
static int append(struct sse *s, struct sse_text *text, const char *at, size_t size)
{
    if (is_too_large(s, text->size, size))
        return refuse(s, BIDE_ELIMIT, too_large);
    if (size + 1 > text->room - text->size) {
        size_t room = 2 * (text->size + size) + 64;
        char *more = bide__resize(text->at, room);
        if (!more)
            return refuse(s, BIDE_ENOMEM, "out of memory for an event");
        text->at = more;
        text->room = room;
    }
    if (size > 0)
        memcpy(text->at + text->size, at, size);
    text->size += size;
    text->at[text->size] = '\0';
    return 0;
}

static int replace(struct sse *s, struct sse_text *text, struct text by)
{
    text->size = 0;
    return append(s, text, by.at, by.size);
}

/* ---- fields ---- */

static int add_data(struct sse *s, struct text value)
{
    int rc = append(s, &s->data, value.at, value.size);
    return rc < 0 ? rc : append(s, &s->data, "\n", 1);
}

static void set_retry(struct sse *s, struct text value)
{
    uint64_t number;
    if (bide__text_number(value, &number)) {
        s->retry_ms = number;
        s->has_retry = true;
    }
}

static int take_field(struct sse *s, struct text name, struct text value)
{
    if (bide__text_is(name, "data"))
        return add_data(s, value);
    if (bide__text_is(name, "event"))
        return replace(s, &s->type, value);
    if (bide__text_is(name, "id") && !(value.size && memchr(value.at, '\0', value.size)))
        return replace(s, &s->id, value);
    if (bide__text_is(name, "retry"))
        set_retry(s, value);
    return 0;
}

/* A line that is not empty. */
static int take_line(struct sse *s, struct text line)
{
    const char *colon = memchr(line.at, ':', line.size);
    if (!colon)
        return take_field(s, line, text_of("", 0));
    if (colon == line.at)
        return 0;               /* a comment */
    const char *value = colon + 1, *end = line.at + line.size;
    if (value < end && *value == ' ')
        value++;
    return take_field(s, text_of(line.at, (size_t)(colon - line.at)),
                      text_of(value, (size_t)(end - value)));
}

/* ---- events ---- */

static const char *words(const struct sse_text *text, const char *otherwise)
{
    return text->size ? text->at : otherwise;
}

/* An empty line: is there an event? */
static bool dispatch(struct sse *s, struct bide_sse_event *event)
{
    if (s->data.size == 0) {
        s->type.size = 0;
        return false;
    }
    s->data.at[--s->data.size] = '\0';
    *event = (struct bide_sse_event){
        .type = words(&s->type, "message"), .data = s->data.at, .data_size = s->data.size,
        .id = words(&s->id, ""), .retry = s->has_retry ? (double)s->retry_ms / 1000 : -1,
    };
    return s->given = true;
}

/* Skips a byte order mark at the stream's very beginning; it may be cut. */
static int pass_mark(struct sse *s, const char *at, size_t size, size_t *used)
{
    while (!s->begun && *used < size) {
        if (at[*used] == mark[s->line.size] && s->line.size < 3) {
            int rc = append(s, &s->line, &at[(*used)++], 1);
            if (rc < 0)
                return rc;
            s->begun = s->line.size == 3;
            if (s->begun)
                s->line.size = 0;
        } else {
            s->begun = true;    /* it was none: what was taken begins the first line */
        }
    }
    return 0;
}

static const char *find_end(const char *at, const char *end)
{
    const char *lf = memchr(at, '\n', (size_t)(end - at));
    const char *cr = memchr(at, '\r', (size_t)((lf ? lf : end) - at));
    return cr ? cr : lf;
}

/* One line, or the rest of the piece: 1: it ended an event. */
static int step(struct sse *s, const char *at, const char *end, size_t *used,
                struct bide_sse_event *event)
{
    const char *stop = find_end(at, end);
    struct text line = text_of(at, (size_t)((stop ? stop : end) - at));
    *used += line.size + (stop ? 1 : 0);
    if (is_too_large(s, s->line.size, line.size))
        return refuse(s, BIDE_ELIMIT, too_large);
    if (!stop || s->line.size) {
        int rc = append(s, &s->line, line.at, line.size);
        if (rc < 0 || !stop)
            return rc;
        line = text_of(s->line.at, s->line.size);
        s->line.size = 0;
    }
    s->after_cr = *stop == '\r';
    return line.size ? take_line(s, line) : dispatch(s, event);
}

static void forget(struct sse *s)
{
    if (s->given)
        s->data.size = s->type.size = 0;
    s->given = false;
}

ssize_t bide__sse_take(struct sse *s, const char *at, size_t size, struct bide_sse_event *event)
{
    size_t used = 0;
    forget(s);
    event->type = NULL;
    int rc = pass_mark(s, at, size, &used);
    while (rc == 0 && used < size) {
        if (s->after_cr && at[used] == '\n')
            used++;
        s->after_cr = false;
        if (used < size)
            rc = step(s, at + used, at + size, &used, event);
    }
    return rc < 0 ? rc : (ssize_t)used;
}

void bide__sse_end(struct sse *s)
{
    bide__free(s->line.at);
    bide__free(s->data.at);
    bide__free(s->type.at);
    bide__free(s->id.at);
    *s = (struct sse){ 0 };
}
