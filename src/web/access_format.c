/* The letters are aiohttp's, and those of Apache's that mean something here, so that patterns of
 * either can be taken over.  What a client sent is escaped as in the common form. */
#include "web/access_format.h"

#include "base/memory.h"
#include "web/request.h"

#include <bide/request.h>
#include <bide/respond.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A letter, or one behind the name in braces. */
struct directive {
    char letter;
    bool named;                 /* "%{Name}i" */
    void (*write)(struct writer *w, bide_request *req, const struct access *a, const char *name);
};

/* Fixed text, or a directive. */
struct piece {
    const struct directive *directive;  /* NULL: fixed text */
    struct text text;           /* that, or the name; in `copy` */
};

struct access_format {
    char *copy;                 /* the pattern; names in it are ended by NULs */
    size_t count;
    struct piece pieces[];
};

/* ---- directives ---- */

#define DIRECTIVE(name, ...) \
    static void name(struct writer *w, bide_request *req, const struct access *a, \
                     const char *header) \
    { \
        (void)req, (void)a, (void)header; \
        __VA_ARGS__; \
    }

static void write_text(struct writer *w, const char *text)
{
    bide__access_text(w, text ? text_from(text) : text_of(NULL, 0));
}

static void write_time(struct writer *w, const struct access *a)
{
    writer_literal(w, "[");
    bide__access_time(w, a);
    writer_literal(w, "]");
}

static void write_path(struct writer *w, struct text target)
{
    const char *query = target.at ? memchr(target.at, '?', target.size) : NULL;
    bide__access_text(w, query ? text_of(target.at, (size_t)(query - target.at)) : target);
}

static void write_seconds(struct writer *w, const char *format, double seconds)
{
    char text[64];
    snprintf(text, sizeof text, format, seconds);
    writer_put(w, text, strlen(text));
}

/* "-" where there was no body, as Apache has it. */
static void write_size(struct writer *w, uint64_t bytes)
{
    if (bytes > 0)
        bide__writer_number(w, bytes);
    else
        writer_literal(w, "-");
}

DIRECTIVE(remote, bide__access_text(w, a->remote))
DIRECTIVE(nobody, writer_literal(w, "-"))
DIRECTIVE(moment, write_time(w, a))
DIRECTIVE(process, bide__writer_number(w, (uint64_t)getpid()))
DIRECTIVE(line, bide__access_request(w, a))
DIRECTIVE(status, bide__writer_number(w, (uint64_t)a->status))
DIRECTIVE(size, write_size(w, a->bytes))
DIRECTIVE(size_or_zero, bide__writer_number(w, a->bytes))
DIRECTIVE(seconds, bide__writer_number(w, (uint64_t)a->seconds))
DIRECTIVE(precisely, write_seconds(w, "%.6f", a->seconds))
DIRECTIVE(microseconds, write_seconds(w, "%.0f", a->seconds * 1e6))
DIRECTIVE(method, bide__access_text(w, a->method))
DIRECTIVE(path, write_path(w, a->target))
DIRECTIVE(version, bide__access_text(w, a->version))
DIRECTIVE(host, bide__access_text(w, a->host))
DIRECTIVE(route, bide__access_text(w, a->route))
DIRECTIVE(id, bide__access_text(w, a->id))
DIRECTIVE(asked, write_text(w, req->text ? bide_request_header(req, header) : NULL))
DIRECTIVE(answered, write_text(w, bide_respond_header_get(req, header)))
DIRECTIVE(environment, write_text(w, getenv(header)))

static const struct directive known[] = {
    { 'a', false, remote }, { 'h', false, remote }, { 'l', false, nobody }, { 'u', false, nobody },
    { 't', false, moment }, { 'P', false, process }, { 'r', false, line }, { 's', false, status },
    { 'b', false, size }, { 'B', false, size_or_zero }, { 'T', false, seconds },
    { 'D', false, microseconds }, { 'm', false, method }, { 'U', false, path },
    { 'H', false, version }, { 'v', false, host }, { 'R', false, route }, { 'L', false, id },
    { 'i', true, asked }, { 'o', true, answered }, { 'e', true, environment },
};
static const struct directive precise = { 'T', false, precisely };

/* ---- taking a pattern apart ---- */

static int refuse(const char *pattern, size_t at, const char *why)
{
    return bide_fail(BIDE_EINVAL, "access format: %s, at byte %zu of '%.80s'", why, at, pattern);
}

static const struct directive *find(char letter, bool named)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].letter == letter && known[i].named == named)
            return &known[i];
    return NULL;
}

/* The directive behind a '%', and where the pattern goes on; NULL: what is wrong is in *why. */
static char *read_directive(char *percent, struct piece *piece, const char **why)
{
    char *at = percent + 1, *name = NULL;
    if (*at == '{') {
        name = at + 1;
        at = strchr(name, '}');
        *why = "expected %{NAME} and a letter";
        if (!at || at == name)
            return NULL;
        piece->text = text_of(name, (size_t)(at - name));
        *at++ = '\0';
    }
    at += *at == '>';           /* Apache's "of the last request": there is one */
    piece->directive = find(*at, name != NULL);
    *why = "there is no such directive";
    if (!piece->directive)
        return NULL;
    if (piece->directive->write == seconds && at[1] == 'f') {
        piece->directive = &precise;
        at++;
    }
    return at + 1;
}

/* Text up to the next directive.  "%%" is a percent sign. */
static char *read_fixed(char *at, struct piece *piece)
{
    size_t size = *at == '%' ? 1 : strcspn(at, "%");
    piece->text = text_of(at, size);
    return at + size + (*at == '%');
}

static int take_apart(struct access_format *format, const char *pattern)
{
    const char *why = NULL;
    char *next;
    for (char *at = format->copy; *at; at = next) {
        struct piece *piece = &format->pieces[format->count++];
        bool fixed = *at != '%' || at[1] == '%';
        next = fixed ? read_fixed(at, piece) : read_directive(at, piece, &why);
        if (!next)
            return refuse(pattern, (size_t)(at - format->copy), why);
    }
    return 0;
}

/* A line has to stay one. */
static int check(const char *pattern)
{
    size_t size = strlen(pattern);
    const char *end = strpbrk(pattern, "\r\n");
    if (size == 0 || size > ACCESS_FORMAT_MAX)
        return bide_fail(BIDE_EINVAL, "access format: %zu bytes; 1 to %d", size,
                         ACCESS_FORMAT_MAX);
    return end ? refuse(pattern, (size_t)(end - pattern), "a line end") : 0;
}

struct access_format *bide__access_format_read(const char *pattern)
{
    if (check(pattern) < 0)
        return NULL;
    size_t size = strlen(pattern);
    struct access_format *format = bide__zalloc(sizeof *format + size * sizeof *format->pieces);
    if (format)
        format->copy = bide__copy_text(pattern, size);
    if (!format || !format->copy)
        bide_fail(BIDE_ENOMEM, "out of memory for an access format");
    else if (take_apart(format, pattern) == 0)
        return format;
    bide__access_format_free(format);
    return NULL;
}

void bide__access_format_free(struct access_format *format)
{
    if (format)
        bide__free(format->copy);
    bide__free(format);
}

/* ---- filling it in ---- */

/* does not wait: what directives read is there */
void bide__access_format_write(struct writer *w, const struct access_format *format,
                               bide_request *req, const struct access *access)
{
    for (size_t i = 0; i < format->count; i++) {
        const struct piece *piece = &format->pieces[i];
        if (piece->directive)
            piece->directive->write(w, req, access, piece->text.at);
        else
            writer_put(w, piece->text.at, piece->text.size);
    }
}
