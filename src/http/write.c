/* The writers, and the table of reasons. */
#include "http/write.h"

#include "bide/error.h"

int bide__writer_fail(struct writer *w, int code, const char *why)
{
    if (w->code == 0) {
        w->code = code;
        w->why = why;
    }
    return w->code;
}

bool bide__writer_grow(struct writer *w, size_t more)
{
    if (w->code < 0)
        return false;
    if (!w->grow) {
        bide__writer_fail(w, BIDE_ELIMIT, "the head is too large");
        return false;
    }
    if (!w->grow(w, more)) {
        bide__writer_fail(w, BIDE_ENOMEM, "out of memory for the head");
        return false;
    }
    return true;
}

static __attribute__((noinline)) void write_large(struct writer *w, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    writer_put(w, digits + at, sizeof digits - at);
}

/* Statuses aside, most are small. */
void bide__writer_number(struct writer *w, uint64_t number)
{
    unsigned small = (unsigned)number;
    if (number >= 100 || w->room - w->size < 2) {
        write_large(w, number);
        return;
    }
    char *to = w->at + w->size;
    if (small >= 10)
        *to++ = (char)('0' + small / 10);
    *to++ = (char)('0' + small % 10);
    w->size = (size_t)(to - w->at);
}

static bool all_are(struct text text, int kinds)
{
    const char *end = text.at + text.size;
    return bide__chars_skip(text.at, end, kinds) == end;
}

void bide__write_request_line(struct writer *w, struct text method, struct text path,
                              struct text query)
{
    if (method.size == 0 || !all_are(method, CHAR_TOKEN)) {
        bide__writer_fail(w, BIDE_EINVAL, "the method is no word that HTTP allows");
        return;
    }
    if (path.size == 0 || !all_are(path, CHAR_TARGET) ||
        (query.at && !all_are(query, CHAR_TARGET))) {
        bide__writer_fail(w, BIDE_EINVAL, "the path has a forbidden character in it");
        return;
    }
    char *to = writer_room(w, method.size + path.size + query.size + 13);
    if (!to)
        return;
    memcpy(to, method.at, method.size);
    to += method.size;
    *to++ = ' ';
    memcpy(to, path.at, path.size);
    to += path.size;
    if (query.at) {
        *to++ = '?';
        memcpy(to, query.at, query.size);
        to += query.size;
    }
    memcpy(to, " HTTP/1.1\r\n", 11);
    w->size = (size_t)(to + 11 - w->at);
}

void bide__write_status_line(struct writer *w, int status)
{
    if (status < 100 || status > 999) {
        bide__writer_fail(w, BIDE_EINVAL, "the status is no number from 100 to 999");
        return;
    }
    const char *reason = bide__status_reason(status);
    writer_literal(w, "HTTP/1.1 ");
    bide__writer_number(w, (uint64_t)status);
    writer_literal(w, " ");
    writer_put(w, reason, strlen(reason));
    writer_literal(w, "\r\n");
}

void bide__write_field(struct writer *w, struct text name, struct text value)
{
    if (name.size == 0 || !all_are(name, CHAR_TOKEN)) {
        bide__writer_fail(w, BIDE_EINVAL, "a header's name is no word that HTTP allows");
        return;
    }
    if (bide__chars_skip_field(value.at, value.at + value.size) < value.at + value.size) {
        bide__writer_fail(w, BIDE_EINVAL, "a header's value has a control character in it");
        return;
    }
    char *to = writer_room(w, name.size + value.size + 4);
    if (!to)
        return;
    memcpy(to, name.at, name.size);
    to += name.size;
    *to++ = ':';
    *to++ = ' ';
    if (value.size > 0)
        memcpy(to, value.at, value.size);
    to += value.size;
    *to++ = '\r';
    *to++ = '\n';
    w->size = (size_t)(to - w->at);
}

void bide__write_number_field(struct writer *w, const char *name, uint64_t value)
{
    writer_put(w, name, strlen(name));
    writer_literal(w, ": ");
    bide__writer_number(w, value);
    writer_literal(w, "\r\n");
}

int bide__write_end(struct writer *w)
{
    writer_literal(w, "\r\n");
    return w->code;
}

#define REASONS_(X) \
    X(100, "Continue") X(101, "Switching Protocols") X(102, "Processing") \
    X(103, "Early Hints") X(200, "OK") X(201, "Created") X(202, "Accepted") \
    X(203, "Non-Authoritative Information") X(204, "No Content") X(205, "Reset Content") \
    X(206, "Partial Content") X(207, "Multi-Status") X(300, "Multiple Choices") \
    X(301, "Moved Permanently") X(302, "Found") X(303, "See Other") X(304, "Not Modified") \
    X(305, "Use Proxy") X(307, "Temporary Redirect") X(308, "Permanent Redirect") \
    X(400, "Bad Request") X(401, "Unauthorized") X(402, "Payment Required") \
    X(403, "Forbidden") X(404, "Not Found") X(405, "Method Not Allowed") \
    X(406, "Not Acceptable") X(407, "Proxy Authentication Required") \
    X(408, "Request Timeout") X(409, "Conflict") X(410, "Gone") X(411, "Length Required") \
    X(412, "Precondition Failed") X(413, "Content Too Large") X(414, "URI Too Long") \
    X(415, "Unsupported Media Type") X(416, "Range Not Satisfiable") \
    X(417, "Expectation Failed") X(421, "Misdirected Request") \
    X(422, "Unprocessable Content") X(423, "Locked") X(424, "Failed Dependency") \
    X(425, "Too Early") X(426, "Upgrade Required") X(428, "Precondition Required") \
    X(429, "Too Many Requests") X(431, "Request Header Fields Too Large") \
    X(451, "Unavailable For Legal Reasons") X(500, "Internal Server Error") \
    X(501, "Not Implemented") X(502, "Bad Gateway") X(503, "Service Unavailable") \
    X(504, "Gateway Timeout") X(505, "HTTP Version Not Supported") \
    X(507, "Insufficient Storage") X(511, "Network Authentication Required")

const char *bide__status_reason(int status)
{
    switch (status) {
#define REASON_CASE_(number, text) case number: return text;
    REASONS_(REASON_CASE_)
    }
    return "";
}
