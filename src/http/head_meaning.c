/* Content-Length, Transfer-Encoding, Connection and Host, understood while parsing.
 *
 * These four decide where a message ends and whose it is.  A message that two
 * readers could cut differently is refused: both lengths at once, two lengths that
 * differ, a coding list, "chunked" twice, a coding in HTTP/1.0, two Hosts. */
#include "http/head_meaning.h"

#include <string.h>

static int note_length(struct head *head, struct text value)
{
    uint64_t length;
    if (!bide__text_number(value, &length) || length > INT64_MAX)
        return bide__head_refuse(head, 400, "Content-Length is not a number that fits");
    if (head->has_length && head->length != length)
        return bide__head_refuse(head, 400, "there are two different Content-Lengths");
    head->has_length = true;
    head->length = length;
    return 0;
}

static int note_coding(struct head *head, struct text value)
{
    if (head->chunked)
        return bide__head_refuse(head, 400, "there is more than one Transfer-Encoding");
    if (!bide__text_is_caseless(value, "chunked"))
        return bide__head_refuse(head, 501, "the Transfer-Encoding is not chunked alone");
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

/* Host and port: what a name, an address or brackets are made of.  Anything else
 * ('/', '@', ',', a space) might be routed by the next reader somewhere else. */
static int note_host(struct head *head, struct text value, bool first)
{
    if (!first)
        return bide__head_refuse(head, 400, "there is more than one Host header");
    for (size_t i = 0; i < value.size; i++)
        if (!char_is(value.at[i], CHAR_HOST) && !strchr(":[]~%", value.at[i]))
            return bide__head_refuse(head, 400, "the Host header has a forbidden character");
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
    case HEADER_HOST:
        return head->kind == HEAD_REQUEST ? note_host(head, value, first) : 0;
    }
    return 0;
}

int bide__head_judge(struct head *head)
{
    if (head->chunked && head->has_length)
        return bide__head_refuse(head, 400, "both Content-Length and Transfer-Encoding are there");
    if (head->chunked && head->minor == 0)
        return bide__head_refuse(head, 400, "an HTTP/1.0 message has a Transfer-Encoding");
    if (head->kind == HEAD_REQUEST && head->minor == 1 && !head->first[HEADER_HOST])
        return bide__head_refuse(head, 400, "the request has no Host header");
    return 0;
}
