/* The head of an HTTP/1 message: its start line and headers, parsed in place.
 *
 * The parser is strict (RFC 9112): lines end in CRLF and nothing else, names are tokens with the
 * colon right behind them, values hold no control characters, lines are not folded, the version is
 * 1.0 or 1.1 (a request's may be higher).  It never copies and never writes: results are offsets
 * from the beginning of the head, so the buffer may move while the head is still arriving.
 *
 * It may be called after every read with all bytes so far.  A line is judged once
 * its end has arrived, and no byte is looked at more than twice: once for the
 * line's end, once for what it says.  So the verdict does not depend on how the
 * bytes were cut. */
#ifndef BIDE_HTTP_HEAD_H
#define BIDE_HTTP_HEAD_H

#include "http/chars.h"
#include "http/method.h"

enum {
    HEAD_SIZE_MAX = 65535,      /* offsets are 16 bits; limits can only be lower */
    HEAD_COUNT_MAX = 128,
    HEAD_SIZE = 32768,          /* the defaults: of the whole head, */
    HEAD_LINE = 8192,           /* of the start line, */
    HEAD_COUNT = 100,           /* and how many headers */
};

/* Zero means the default; more than the maximum means the maximum. */
struct head_limits {
    size_t size, line, count;
};

enum head_kind { HEAD_REQUEST, HEAD_RESPONSE };

struct field {
    uint16_t name, name_size, value, value_size;
    uint8_t header;             /* enum header */
};

/* What the fields say of the message. */
#define HEAD_FACTS_ { \
    uint64_t length;            /* of Content-Length */ \
    bool close, keep_alive, upgrade;    /* words of the Connection headers */ \
    bool chunked;               /* Transfer-Encoding: chunked, and nothing else */ \
    bool has_length; \
    bool expects_other;         /* Expect says something else than 100-continue */ \
    uint8_t first[HEADER_COUNT];        /* index + 1 of the first such field */ \
}
struct head_facts HEAD_FACTS_;

struct head_memo;

struct head {
    /* results, complete once bide__head_parse has returned > 0 */
    uint16_t size;              /* with the empty line at its end */
    uint16_t count;             /* of fields */
    uint16_t status;            /* response: 100 to 999 */
    uint16_t method, method_size, target, target_size;      /* request */
    uint16_t reason, reason_size;                           /* response */
    uint8_t minor;              /* HTTP/1.<minor>: 0 or 1 */
    uint8_t kind;               /* enum head_kind */
    uint8_t method_known;       /* enum method */
    bool recalled;              /* its fields were, from the memo */
    union {
        struct head_facts facts;
        struct HEAD_FACTS_;
    };
    /* after a refusal */
    const char *why;            /* a static sentence */
    uint16_t answer;            /* the status a server should answer with */
    /* how far the parser is */
    uint16_t line, scanned;     /* start of the current line; searched up to here */
    bool started;               /* the start line has been read */
    uint16_t size_max, line_max, count_max;
    struct head_memo *memo;     /* blocks of fields that came before; NULL: none are kept */
    struct field fields[HEAD_COUNT_MAX];
};

/* Makes *head ready for a new message; limits NULL: the defaults. */
void bide__head_start(struct head *head, enum head_kind kind, const struct head_limits *limits);

/* Parses the `size` bytes at `buf`, which begin where the head begins.  Returns its size
 * when it is complete (what follows is the body), 0 when more is needed, or BIDE_EHTTP,
 * BIDE_ELIMIT with head->why and head->answer set. */
int bide__head_parse(struct head *head, const char *buf, size_t size);

/* The value of the first header of that name, in any case; at NULL: none. */
struct text bide__head_find(const struct head *head, const char *buf, const char *name);

static inline struct text head_name(const char *buf, const struct field *field)
{
    return text_of(buf + field->name, field->name_size);
}

static inline struct text head_value(const char *buf, const struct field *field)
{
    return text_of(buf + field->value, field->value_size);
}

/* The same for a well-known one, without a search. */
static inline struct text head_get(const struct head *head, const char *buf, enum header header)
{
    unsigned index = head->first[header];
    return index ? head_value(buf, &head->fields[index - 1]) : text_of(NULL, 0);
}

static inline struct text head_method(const struct head *head, const char *buf)
{
    return text_of(buf + head->method, head->method_size);
}

static inline struct text head_target(const struct head *head, const char *buf)
{
    return text_of(buf + head->target, head->target_size);
}

#endif
