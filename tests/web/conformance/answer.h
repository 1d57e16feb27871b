/* Reading answers strictly: by the RFC's text, with none of the library's code. */
#ifndef CONFORMANCE_ANSWER_H
#define CONFORMANCE_ANSWER_H
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct answer {
    int status;
    size_t size;                /* of all of it */
    bool closes, chunked;
    long length;                /* -1: none was given */
    unsigned dates;
    const char *wrong;          /* NULL: nothing */
};

static bool fail_answer(struct answer *a, const char *wrong)
{
    a->wrong = wrong;
    return false;
}

static bool is_name(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)line[i]) && line[i] != '-')
            return false;
    return size > 0;
}

static bool is_value(const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)at[i] < ' ' || at[i] == 0x7f)
            return false;
    return size == 0 || (at[0] != ' ' && at[size - 1] != ' ');
}

static bool value_is(const char *value, size_t size, const char *word)
{
    return size == strlen(word) && strncasecmp(value, word, size) == 0;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", and nothing else (RFC 9110 5.6.7). */
static bool is_date(const char *value, size_t size)
{
    static const char form[] = "Aaa, 00 Aaa 0000 00:00:00 GMT";
    for (size_t i = 0; i < sizeof form - 1 && size == sizeof form - 1; i++) {
        bool fits = form[i] == '0' ? isdigit((unsigned char)value[i])
                    : i == 0 || i == 8 ? isupper((unsigned char)value[i])
                    : form[i] == 'a' ? islower((unsigned char)value[i])
                                     : value[i] == form[i];
        if (!fits)
            return false;
    }
    return size == sizeof form - 1;
}

static bool note_header(struct answer *a, const char *line, size_t name, const char *value,
                        size_t size)
{
    if (value_is(line, name, "Date")) {
        a->dates++;
        if (!is_date(value, size))
            return fail_answer(a, "a date in another form");
    } else if (value_is(line, name, "Content-Length")) {
        if (a->length >= 0)
            return fail_answer(a, "two lengths");
        if (size == 0 || size > 9 || strspn(value, "0123456789") != size)
            return fail_answer(a, "a length that is no number");
        a->length = strtol(value, NULL, 10);
    } else if (value_is(line, name, "Transfer-Encoding")) {
        if (a->chunked || !value_is(value, size, "chunked"))
            return fail_answer(a, "a coding other than chunked, once");
        a->chunked = true;
    } else if (value_is(line, name, "Connection")) {
        a->closes |= value_is(value, size, "close");
    }
    return true;
}

static bool read_header(struct answer *a, const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size);
    size_t name = colon ? (size_t)(colon - line) : 0;
    if (!colon || name + 2 > size || colon[1] != ' ' || !is_name(line, name) ||
        !is_value(colon + 2, size - name - 2))
        return fail_answer(a, "a line that is no header");
    return note_header(a, line, name, colon + 2, size - name - 2);
}

static bool read_status(struct answer *a, const char *line, size_t size)
{
    if (size < 14 || strncmp(line, "HTTP/1.1 ", 9) != 0 || !isdigit((unsigned char)line[9]) ||
        !isdigit((unsigned char)line[10]) || !isdigit((unsigned char)line[11]) ||
        line[12] != ' ' || !is_value(line + 13, size - 13))
        return fail_answer(a, "no status line");
    a->status = atoi(line + 9);
    return true;
}

/* What the head as a whole may not say. */
static bool judge_head(struct answer *a)
{
    bool bodiless = a->status < 200 || a->status == 204;
    if (bodiless && (a->chunked || a->length >= 0))
        return fail_answer(a, "a length or a coding where there is no body");
    if (a->chunked && a->length >= 0)
        return fail_answer(a, "both a length and a coding");
    if (a->status >= 200 && a->dates != 1)
        return fail_answer(a, "not exactly one date");
    return true;
}

static bool read_chunks(struct answer *a, const char *text, size_t size)
{
    for (;;) {
        char *end;
        if (a->size >= size || !isxdigit((unsigned char)text[a->size]))
            return fail_answer(a, "a chunk without a size");
        size_t chunk = strtoul(text + a->size, &end, 16);
        a->size = (size_t)(end - text) + 2 + chunk + 2;
        if (a->size > size || strncmp(end, "\r\n", 2) != 0 ||
            strncmp(text + a->size - 2, "\r\n", 2) != 0)
            return fail_answer(a, "a chunk without its ends");
        if (chunk == 0)
            return true;
    }
}

/* The answer that text, which has a NUL behind it, begins with. */
static bool read_answer(struct answer *a, const char *text, size_t size, bool headless)
{
    *a = (struct answer){ .length = -1 };
    for (const char *line = text, *end; ; line = end + 2) {
        end = strstr(line, "\r\n");
        if (!end)
            return fail_answer(a, "a head that does not end");
        size_t length = (size_t)(end - line);
        a->size = (size_t)(end + 2 - text);
        if (line > text && length == 0)
            break;
        if (line == text ? !read_status(a, line, length) : !read_header(a, line, length))
            return false;
    }
    if (!judge_head(a))
        return false;
    if (headless || a->status < 200 || a->status == 204 || a->status == 304)
        return true;
    if (a->chunked)
        return read_chunks(a, text, size);
    if (a->length < 0 && !a->closes)
        return fail_answer(a, "a body whose end nobody knows");
    a->size = a->length < 0 ? size : a->size + (size_t)a->length;
    return a->size <= size || fail_answer(a, "a body that is too short");
}

#endif
