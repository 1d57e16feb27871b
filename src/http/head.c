/* The parser of heads: finds a line's end, then reads the line in one pass.
 *
 * Everything that a later step needs to know about framing is decided here while
 * the header is at hand (head_meaning.c); every rule that two parsers could see
 * differently ends in a refusal. */
#include "http/head.h"

#include "bide/error.h"
#include "http/head_meaning.h"
#include "http/head_memo.h"

#include <string.h>

void bide__head_start(struct head *head, enum head_kind kind, const struct head_limits *limits)
{
    static const struct head_limits defaults = { HEAD_SIZE, HEAD_LINE, HEAD_COUNT };
    size_t size = limits && limits->size ? limits->size : defaults.size;
    size_t line = limits && limits->line ? limits->line : defaults.line;
    size_t count = limits && limits->count ? limits->count : defaults.count;
    memset(head, 0, offsetof(struct head, fields));
    head->kind = (uint8_t)kind;
    head->size_max = (uint16_t)(size < HEAD_SIZE_MAX ? size : HEAD_SIZE_MAX);
    head->line_max = (uint16_t)(line < HEAD_SIZE_MAX ? line : HEAD_SIZE_MAX);
    head->count_max = (uint16_t)(count < HEAD_COUNT_MAX ? count : HEAD_COUNT_MAX);
}

int bide__head_refuse(struct head *head, uint16_t answer, const char *why)
{
    head->answer = answer;
    head->why = why;
    return BIDE_EHTTP;
}

static int too_large(struct head *head, uint16_t answer, const char *why)
{
    bide__head_refuse(head, answer, why);
    return BIDE_ELIMIT;
}

/* "HTTP/1.0" or "HTTP/1.1", in exactly these eight bytes.  A client of 1.2 would have to be treated
 * as one of 1.1; a server of 1.2 there is none. */
static int read_version(struct head *head, struct text text)
{
    if (text.size != 8 || memcmp(text.at, "HTTP/", 5) != 0 || text.at[6] != '.' ||
        !char_is(text.at[5], CHAR_DIGIT) || !char_is(text.at[7], CHAR_DIGIT))
        return bide__head_refuse(head, 400, "the start line has no HTTP version");
    if (text.at[5] != '1' || (text.at[7] > '1' && head->kind == HEAD_RESPONSE))
        return bide__head_refuse(head, 505, "the HTTP version is neither 1.0 nor 1.1");
    head->minor = text.at[7] != '0';
    return 0;
}

/* "GET /path HTTP/1.1": three words, one space between them. */
static int read_request_line(struct head *head, const char *buf, const char *end)
{
    const char *at = buf + head->line;
    bool gets = end - at > 4 && memcmp(at, "GET ", 4) == 0;     /* as most do */
    const char *stop = gets ? at + 3 : bide__chars_skip(at, end, CHAR_TOKEN);
    if (stop == at || stop == end || *stop != ' ')
        return bide__head_refuse(head, 400, "the request line has no proper method");
    head->method = head->line;
    head->method_size = (uint16_t)(stop - at);
    head->method_known = gets ? METHOD_GET : (uint8_t)bide__method_of(head_method(head, buf));
    at = stop + 1;
    stop = bide__chars_skip(at, end, CHAR_TARGET);
    if (stop == end || *stop != ' ')
        return bide__head_refuse(head, 400, "the request's target has a forbidden character");
    head->target = (uint16_t)(at - buf);
    head->target_size = (uint16_t)(stop - at);
    if (stop == at)
        return bide__head_refuse(head, 400, "the request has no target");
    int rc = read_version(head, text_of(stop + 1, (size_t)(end - stop) - 1));
    if (rc < 0 || (*at == '/' && head->method_known != METHOD_CONNECT))
        return rc;
    return bide__head_check_target(head, buf);
}

/* "HTTP/1.1 200 OK".  Servers leave out the reason, many the space before it too;
 * neither can be mistaken for something else. */
static int read_status_line(struct head *head, const char *buf, const char *end)
{
    const char *at = buf + head->line;
    if (end - at < 12 || at[8] != ' ')
        return bide__head_refuse(head, 502, "the reply does not begin with HTTP/1.x and a status");
    int rc = read_version(head, text_of(at, 8));
    if (rc < 0)
        return rc;
    uint64_t status;
    if (!bide__text_number(text_of(at + 9, 3), &status) || status < 100)
        return bide__head_refuse(head, 502, "the reply's status is no number from 100 to 999");
    at += 12;
    if (at < end && *at++ != ' ')
        return bide__head_refuse(head, 502, "the reply's status is no number from 100 to 999");
    if (bide__chars_skip_field(at, end) < end)
        return bide__head_refuse(head, 502, "the reply's reason has a control character in it");
    head->status = (uint16_t)status;
    head->reason = (uint16_t)(at - buf);
    head->reason_size = (uint16_t)(end - at);
    return 0;
}

/* Why the name of a header did not end in its colon. */
static int refuse_name(struct head *head, const char *buf, const char *at, const char *end)
{
    if (at == buf + head->line && at < end && (*at == ' ' || *at == '\t'))
        return bide__head_refuse(head, 400, "a header is folded over two lines");
    if (at == end)
        return bide__head_refuse(head, 400, "a header line has no colon");
    if (*at == ' ' || *at == '\t')
        return bide__head_refuse(head, 400, "a header has a space before its colon");
    if (*at == ':')
        return bide__head_refuse(head, 400, "a header has no name");
    return bide__head_refuse(head, 400, "a header's name has a forbidden character in it");
}

/* One "Name: value" line, whose CRLF begins at `end`. */
static int read_field(struct head *head, const char *buf, const char *end)
{
    if (head->count >= head->count_max)
        return too_large(head, 431, "there are too many headers");
    const char *start = buf + head->line;
    const char *at = bide__chars_skip(start, end, CHAR_TOKEN);
    if (at == start || at == end || *at != ':')
        return refuse_name(head, buf, at, end);
    struct field *field = &head->fields[head->count];
    field->name = head->line;
    field->name_size = (uint16_t)(at - start);
    at++;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if (bide__chars_skip_field(at, end) < end)
        return bide__head_refuse(head, 400, "a header's value has a control character in it");
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    field->value = (uint16_t)(at - buf);
    field->value_size = (uint16_t)(end - at);
    field->header = (uint8_t)bide__header_of(head_name(buf, field));
    head->count++;
    return field->header ? bide__head_note(head, buf, field) : 0;
}

/* Which word of the start line is it that does not end? */
static int line_too_long(struct head *head, const char *buf)
{
    if (head->kind == HEAD_REQUEST && !memchr(buf + head->line, ' ', head->line_max))
        return too_large(head, 501, "the method is longer than any");
    return too_large(head, 414, "the start line is too long");
}

/* Reads the line whose LF is at buf + lf.  1: it was the empty one at the end. */
static int read_line(struct head *head, const char *buf, uint16_t lf)
{
    if (!head->started && lf - head->line > head->line_max)
        return line_too_long(head, buf);
    if (lf == head->line || buf[lf - 1] != '\r')
        return bide__head_refuse(head, 400, "a line ends in LF without CR");
    const char *end = buf + lf - 1;
    bool empty = end == buf + head->line;
    if (head->started)
        return empty ? 1 : read_field(head, buf, end);
    if (empty && head->kind == HEAD_REQUEST && head->line == 0)
        return 0;               /* one stray CRLF after a body is common and harmless */
    head->started = true;
    return head->kind == HEAD_REQUEST ? read_request_line(head, buf, end)
                                      : read_status_line(head, buf, end);
}

/* No further line end in sight: is it still allowed to come? */
static int want_more(struct head *head, const char *buf, size_t size)
{
    if (!head->started && size - head->line > head->line_max)
        return line_too_long(head, buf);
    if (size > head->size_max)
        return too_large(head, 431, "the head is too large");
    head->scanned = (uint16_t)size;
    return 0;
}

/* Behind the start line. */
static bool recall(struct head *head, const char *buf, size_t size)
{
    if (head->started && head->count == 0)
        head->recalled = bide__memo_recall(head->memo, head, buf, size);
    return head->recalled;
}

int bide__head_parse(struct head *head, const char *buf, size_t size)
{
    for (;;) {
        size_t seen = size > head->size_max ? head->size_max : size;
        const char *lf = memchr(buf + head->scanned, '\n', seen - head->scanned);
        if (!lf)
            return want_more(head, buf, size);
        uint16_t at = (uint16_t)(lf - buf);
        int rc = read_line(head, buf, at);
        if (rc < 0)
            return rc;
        head->line = head->scanned = (uint16_t)(at + 1);
        if (rc > 0)
            break;
        if (head->memo && recall(head, buf, size))
            break;
    }
    head->size = head->line;
    int rc = bide__head_judge(head, buf);
    if (rc == 0 && head->memo && !head->recalled)
        bide__memo_keep(head->memo, head, buf);
    return rc < 0 ? rc : head->size;
}

struct text bide__head_find(const struct head *head, const char *buf, const char *name)
{
    for (unsigned i = 0; i < head->count; i++)
        if (bide__text_is_caseless(head_name(buf, &head->fields[i]), name))
            return head_value(buf, &head->fields[i]);
    return text_of(NULL, 0);
}
