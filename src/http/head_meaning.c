/* Content-Length, Transfer-Encoding, Connection, Expect, Host and the target, understood while
 * parsing.
 *
 * These decide where a message ends and whose it is.  A message that two readers could cut
 * differently is refused: both lengths at once, two lengths (a reply's may be equal), a list of
 * codings, "chunked" twice, a coding in HTTP/1.0, two Hosts, a target with another host than
 * Host. */
#include "http/head_meaning.h"

#include "http/authority.h"

#include <string.h>

static int note_length(struct head *head, struct text value)
{
    uint64_t length;
    if (!bide__text_number(value, &length) || length > INT64_MAX)
        return bide__head_refuse(head, 400, "Content-Length is not a number that fits");
    if (head->has_length && head->length != length)
        return bide__head_refuse(head, 400, "there are two different Content-Lengths");
    if (head->has_length && head->kind == HEAD_REQUEST)
        return bide__head_refuse(head, 400, "there is more than one Content-Length");
    head->has_length = true;
    head->length = length;
    return 0;
}

/* The next element of a list between commas, without the blanks around it. */
static struct text next_element(const char **at, const char *end)
{
    const char *start = *at, *comma = memchr(start, ',', (size_t)(end - start));
    const char *stop = comma ? comma : end;
    *at = comma ? comma + 1 : NULL;
    while (start < stop && (*start == ' ' || *start == '\t'))
        start++;
    while (stop > start && (stop[-1] == ' ' || stop[-1] == '\t'))
        stop--;
    return text_of(start, (size_t)(stop - start));
}

/* A list that ends in chunked, once, has an end that could be found: it is only not implemented.
 * Any other has none. */
static uint16_t answer_to_codings(struct text value)
{
    const char *at = value.at;
    for (;;) {
        struct text element = next_element(&at, value.at + value.size);
        bool chunked = bide__text_is_caseless(element, "chunked");
        if (element.size == 0 || chunked != !at)
            return 400;
        if (chunked)
            return 501;
    }
}

static int note_coding(struct head *head, struct text value)
{
    if (head->chunked)
        return bide__head_refuse(head, 400, "there is more than one Transfer-Encoding");
    if (!bide__text_is_caseless(value, "chunked"))
        return bide__head_refuse(head, answer_to_codings(value),
                                 "the Transfer-Encoding is not chunked alone");
    head->chunked = true;
    return 0;
}

static void note_word(struct head *head, struct text word)
{
    if (bide__text_is_caseless(word, "close"))
        head->close = true;
    else if (bide__text_is_caseless(word, "keep-alive"))
        head->keep_alive = true;
    else if (bide__text_is_caseless(word, "upgrade"))
        head->upgrade = true;
}

/* A list of words between commas; empty ones are legal. */
static void note_connection(struct head *head, struct text value)
{
    const char *at = value.at, *end = value.at + value.size;
    while (at < end) {
        const char *start = at;
        at = bide__chars_skip(at, end, CHAR_TOKEN);
        if (at > start)
            note_word(head, text_of(start, (size_t)(at - start)));
        else
            at++;
    }
}

static int note_host(struct head *head, struct text value, bool first)
{
    if (!first)
        return bide__head_refuse(head, 400, "there is more than one Host header");
    if (bide__host_check(value))
        return bide__head_refuse(head, 400, "the Host header is not a host and a port");
    return 0;
}

int bide__head_note(struct head *head, const char *buf, const struct field *field)
{
    struct text value = head_value(buf, field);
    bool first = head->first[field->header] == 0;
    if (first)
        head->first[field->header] = (uint8_t)head->count;
    switch (field->header) {
    case HEADER_CONTENT_LENGTH:
        return note_length(head, value);
    case HEADER_TRANSFER_ENCODING:
        return note_coding(head, value);
    case HEADER_CONNECTION:
        note_connection(head, value);
        return 0;
    case HEADER_EXPECT:
        head->expects_other |= value.size > 0 && !bide__text_is_caseless(value, "100-continue");
        return 0;
    case HEADER_HOST:
        return head->kind == HEAD_REQUEST ? note_host(head, value, first) : 0;
    }
    return 0;
}

/* ---- the target ---- */

/* What "http://host:port/path" has between its slashes; at NULL: it is no such URL. */
static struct text target_authority(struct text target)
{
    size_t start = 0, size = 0;
    if (target.size >= 7 && bide__text_is_caseless(text_of(target.at, 7), "http://"))
        start = 7;
    else if (target.size >= 8 && bide__text_is_caseless(text_of(target.at, 8), "https://"))
        start = 8;
    else
        return text_of(NULL, 0);
    const char *at = target.at + start, *end = target.at + target.size;
    while (at + size < end && at[size] != '/' && at[size] != '?')
        size++;
    return text_of(at, size);
}

/* Nobody tunnels here, but what is no CONNECT at all is told from what could be one. */
static int check_connect(struct head *head, struct text target)
{
    struct text port;
    const char *why = bide__authority_check(target, &port);
    if (why || port.size == 0)
        return bide__head_refuse(head, 400, "CONNECT wants host and port, and nothing else");
    return 0;
}

int bide__head_check_target(struct head *head, const char *buf)
{
    struct text target = head_target(head, buf), authority, port;
    if (head->method_known == METHOD_CONNECT)
        return check_connect(head, target);
    if (target.at[0] == '/')
        return 0;
    if (target.size == 1 && target.at[0] == '*' && head->method_known == METHOD_OPTIONS)
        return 0;
    authority = target_authority(target);
    if (!authority.at)
        return bide__head_refuse(head, 400, "the request's target does not begin with /");
    if (bide__authority_check(authority, &port))
        return bide__head_refuse(head, 400, "the target's host is not a host and a port");
    return 0;
}

static bool same_host(struct text a, struct text b)
{
    for (size_t i = 0; i < a.size && a.size == b.size; i++)
        if (char_lower(a.at[i]) != char_lower(b.at[i]))
            return false;
    return a.size == b.size;
}

/* The target's host is the one that counts, but whoever looks at Host would act for the other. */
static int judge_hosts(struct head *head, const char *buf)
{
    struct text authority = target_authority(head_target(head, buf));
    struct text host = head_get(head, buf, HEADER_HOST);
    if (authority.at && host.at && !same_host(authority, host))
        return bide__head_refuse(head, 400, "the target's host is not the Host header's");
    return 0;
}

/* ---- the whole ---- */

static int judge_request(struct head *head, const char *buf)
{
    if (head->minor == 1 && !head->first[HEADER_HOST])
        return bide__head_refuse(head, 400, "the request has no Host header");
    if (head->method_known == METHOD_CONNECT)
        return bide__head_refuse(head, 501, "this server makes no tunnels");
    if (head->expects_other && head->minor == 1)
        return bide__head_refuse(head, 417, "the request expects what nobody here can do");
    return buf[head->target] == '/' ? 0 : judge_hosts(head, buf);
}

int bide__head_judge(struct head *head, const char *buf)
{
    if (head->chunked && head->has_length)
        return bide__head_refuse(head, 400, "both Content-Length and Transfer-Encoding are there");
    if (head->chunked && head->minor == 0)
        return bide__head_refuse(head, 400, "an HTTP/1.0 message has a Transfer-Encoding");
    return head->kind == HEAD_REQUEST ? judge_request(head, buf) : 0;
}
