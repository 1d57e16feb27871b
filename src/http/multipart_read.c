/* A state machine over bytes, of which payload is the only one that is searched and not stepped.
 *
 * A delimiter begins with CR and has no other one in it.  So a match that breaks off needs no going
 * back: what was matched is payload, and it may begin anew with the byte that broke it.  The bytes
 * themselves need not be kept, for they are those of the delimiter. */
#include "http/multipart_read.h"

#include "base/memory.h"

#include <bide/error.h>
#include <bide/http.h>

#include <string.h>

enum state {
    PREAMBLE,                   /* before the first boundary */
    PAYLOAD,
    BEHIND,                     /* right behind a boundary */
    DASH,                       /* and a '-' */
    PADDING,                    /* and blanks */
    LINE_FEED,                  /* and a CR */
    HEAD,
    OVER,                       /* the closing boundary has come */
};

static int refuse(struct multipart_reader *r, int code, const char *why)
{
    r->why = why;
    return code;
}

int bide__multipart_read_start(struct multipart_reader *r, struct text boundary,
                               const struct multipart_limits *limits)
{
    *r = (struct multipart_reader){ .limits = limits ? *limits : (struct multipart_limits){ 0 } };
    struct multipart_limits *l = &r->limits;
    l->head = l->head ? l->head : MULTIPART_HEAD_MAX;
    l->count = l->count ? l->count : MULTIPART_COUNT_MAX;
    l->parts = l->parts ? l->parts : MULTIPART_PARTS_MAX;
    l->preamble = l->preamble ? l->preamble : MULTIPART_PREAMBLE_MAX;
    if (boundary.size == 0 || boundary.size > BOUNDARY_MAX ||
        memchr(boundary.at, '\r', boundary.size) || memchr(boundary.at, '\n', boundary.size))
        return refuse(r, BIDE_EHTTP, "the boundary is none");
    memcpy(r->delimiter, "\r\n--", 4);
    memcpy(r->delimiter + 4, boundary.at, boundary.size);
    r->delimiter_size = 4 + boundary.size;
    r->matched = r->before = 2; /* the first one may do without CRLF before it */
    return 0;
}

/* ---- a part's headers ---- */

static int gather(struct multipart_reader *r, const char *at, size_t size)
{
    if (size > r->limits.head || r->head_size > r->limits.head - size)
        return refuse(r, BIDE_ELIMIT, "a part's headers are larger than the limit");
    if (size > r->head_room - r->head_size) {
        size_t room = 2 * (r->head_size + size) + 128;
        char *more = bide__resize(r->head, room);
        if (!more)
            return refuse(r, BIDE_ENOMEM, "out of memory for a part's headers");
        r->head = more;
        r->head_room = room;
    }
    memcpy(r->head + r->head_size, at, size);
    r->head_size += size;
    return 0;
}

static size_t count_lines(const struct multipart_reader *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->head_size; i++)
        count += r->head[i] == '\n';
    return count;
}

/* "Name: value" without its CRLF; ends both with a NUL, in place. */
static bool read_field(char *at, char *end, struct bide_pair *pair)
{
    char *colon = memchr(at, ':', (size_t)(end - at));
    if (!colon || colon == at || bide__chars_skip(at, colon, CHAR_TOKEN) != colon)
        return false;
    char *value = colon + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (bide__chars_skip_field(value, end) != end)
        return false;
    *colon = *end = '\0';
    *pair = (struct bide_pair){ at, value };
    return true;
}

/* The head is whole: lines with CRLF, the last of which is empty. */
static int read_head(struct multipart_reader *r)
{
    size_t count = count_lines(r) - 1, n = 0;
    if (count > r->limits.count)
        return refuse(r, BIDE_ELIMIT, "a part has more headers than the limit");
    bide__free(r->headers);
    r->headers = bide__zalloc((count + 1) * sizeof *r->headers);
    if (!r->headers)
        return refuse(r, BIDE_ENOMEM, "out of memory for a part's headers");
    for (char *at = r->head, *end = at + r->head_size - 2; at < end; n++) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!read_field(at, stop - 1, &r->headers[n]))
            return refuse(r, BIDE_EHTTP, "a part's header is none");
        at = stop + 1;
    }
    return 0;
}

static bool head_is_whole(const struct multipart_reader *r)
{
    const char *end = r->head + r->head_size;
    return (r->head_size == 2 && memcmp(r->head, "\r\n", 2) == 0) ||
           (r->head_size >= 4 && memcmp(end - 4, "\r\n\r\n", 4) == 0);
}

/* Takes a line, or what there is of one. */
static ssize_t take_head(struct multipart_reader *r, const char *at, size_t size,
                         enum multipart_item *item)
{
    const char *end = memchr(at, '\n', size);
    size_t used = end ? (size_t)(end - at) + 1 : size;
    int rc = gather(r, at, used);
    if (rc < 0 || !end)
        return rc < 0 ? rc : (ssize_t)used;
    if (r->head_size < 2 || r->head[r->head_size - 2] != '\r')
        return refuse(r, BIDE_EHTTP, "a line of a part's headers ends in LF without CR");
    if (!head_is_whole(r))
        return (ssize_t)used;
    rc = read_head(r);
    if (rc < 0)
        return rc;
    r->state = PAYLOAD;
    r->in_part = true;
    r->matched = r->before = 2; /* of an empty part the delimiter begins with its head's end */
    *item = MULTIPART_HEAD;
    return (ssize_t)used;
}

/* ---- boundaries ---- */

static int count_preamble(struct multipart_reader *r, size_t size)
{
    r->preamble += size;
    return r->preamble > r->limits.preamble
        ? refuse(r, BIDE_ELIMIT, "what stands before the first boundary is larger than the limit")
        : 0;
}

/* Hands out payload, or throws it away where it is none. */
static int give(struct multipart_reader *r, struct text text, enum multipart_item *item,
                struct text *data)
{
    if (!r->in_part)
        return count_preamble(r, text.size);
    *item = MULTIPART_DATA;
    *data = text;
    return 0;
}

/* The delimiter is whole: the part, if there was one, has ended. */
static void end_part(struct multipart_reader *r, enum multipart_item *item)
{
    if (r->in_part)
        *item = MULTIPART_PART_END;
    r->in_part = false;
    r->state = BEHIND;
    r->matched = r->before = r->padding = 0;
}

/* What is held back is no delimiter: it is payload, but for the CRLF of the line before. */
static int give_held(struct multipart_reader *r, enum multipart_item *item, struct text *data)
{
    struct text held = text_of(r->delimiter + r->before, r->matched - r->before);
    r->matched = r->before = 0;
    return held.size ? give(r, held, item, data) : 0;
}

/* How many bytes from `at` on are as the delimiter has them from `from` on. */
static size_t agree(const struct multipart_reader *r, size_t from, const char *at, const char *end)
{
    size_t n = 0;
    while (at + n < end && from + n < r->delimiter_size && at[n] == r->delimiter[from + n])
        n++;
    return n;
}

/* Where a delimiter begins, whole or cut off by the end of the piece; else the end. */
static const char *find_delimiter(const struct multipart_reader *r, const char *at, const char *end)
{
    while (at < end && (at = memchr(at, '\r', (size_t)(end - at)))) {
        size_t n = agree(r, 0, at, end);
        if (n == r->delimiter_size || at + n == end)
            return at;
        at += n;
    }
    return end;
}

/* Goes on with a delimiter that has begun. */
static ssize_t match(struct multipart_reader *r, const char *at, size_t size,
                     enum multipart_item *item, struct text *data)
{
    size_t n = agree(r, r->matched, at, at + size);
    r->matched += n;
    if (r->matched == r->delimiter_size)
        end_part(r, item);
    else if (n < size) {
        int rc = give_held(r, item, data);
        return rc < 0 ? rc : (ssize_t)n;
    }
    return (ssize_t)n;
}

/* Payload up to a delimiter, or the delimiter. */
static ssize_t search(struct multipart_reader *r, const char *at, size_t size,
                      enum multipart_item *item, struct text *data)
{
    if (r->matched)
        return match(r, at, size, item, data);
    const char *stop = find_delimiter(r, at, at + size);
    if (stop == at)
        return match(r, at, size, item, data);
    int rc = give(r, text_of(at, (size_t)(stop - at)), item, data);
    return rc < 0 ? rc : stop - at;
}

/* One byte behind a boundary. */
static int pass(struct multipart_reader *r, char c, enum multipart_item *item)
{
    bool blank = c == ' ' || c == '\t';
    if (r->state == BEHIND && c == '-') {
        r->state = DASH;
    } else if (r->state == DASH && c == '-') {
        r->state = OVER;
        *item = MULTIPART_END;
    } else if ((r->state == BEHIND || r->state == PADDING) && (blank || c == '\r')) {
        r->state = blank ? PADDING : LINE_FEED;
        if (++r->padding > r->limits.head)
            return refuse(r, BIDE_ELIMIT, "the blanks behind a boundary are more than the limit");
    } else if (r->state == LINE_FEED && c == '\n') {
        r->state = HEAD;
        r->head_size = 0;
        if (++r->parts > r->limits.parts)
            return refuse(r, BIDE_ELIMIT, "there are more parts than the limit");
    } else {
        return refuse(r, BIDE_EHTTP, "something stands behind a boundary");
    }
    return 0;
}

static ssize_t step(struct multipart_reader *r, const char *at, size_t size,
                    enum multipart_item *item, struct text *data)
{
    switch (r->state) {
    case PREAMBLE:
    case PAYLOAD:
        return search(r, at, size, item, data);
    case HEAD:
        return take_head(r, at, size, item);
    case OVER:
        return (ssize_t)size;
    }
    int rc = pass(r, *at, item);
    return rc < 0 ? rc : 1;
}

ssize_t bide__multipart_read_take(struct multipart_reader *r, const char *at, size_t size,
                                  enum multipart_item *item, struct text *data)
{
    size_t used = 0;
    *item = MULTIPART_NOTHING;
    *data = text_of(NULL, 0);
    while (used < size && *item == MULTIPART_NOTHING) {
        ssize_t n = step(r, at + used, size - used, item, data);
        if (n < 0)
            return n;
        used += (size_t)n;
    }
    return (ssize_t)used;
}

int bide__multipart_read_last(struct multipart_reader *r)
{
    return r->state == OVER ? 0 : refuse(r, BIDE_EEOF, "the body was cut short between its parts");
}

void bide__multipart_read_end(struct multipart_reader *r)
{
    bide__free(r->head);
    bide__free(r->headers);
    r->head = NULL;
    r->headers = NULL;
}
