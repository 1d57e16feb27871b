/* A multipart body on its way: delimiters, heads and bodies of parts, one after the other.
 *
 * A file is looked up when the sending begins, for its size, and opened when its turn comes, so a
 * form of a thousand files holds one descriptor.  It must then still have that size. */
#include "http/multipart.h"

#include "base/memory.h"
#include "http/source.h"

#include <bide/dir.h>

#include <inttypes.h>
#include <string.h>

/* What comes next of the current part; behind the last part there is no head. */
enum stage { DASHES, BOUNDARY, LINE_END, HEAD, BODY, DONE };

struct multipart_source {
    struct source source;       /* first */
    bide_multipart *multipart;
    struct part *part;          /* NULL: the closing delimiter, and the end */
    size_t index;               /* of part */
    enum stage stage;
    size_t at;                  /* bytes of the stage's text that have been given */
    struct source *body;        /* of the part, while it is in BODY and not in memory */
    int64_t sizes[];            /* of the parts, as announced */
};

static struct multipart_source *multipart_of(struct source *s)
{
    return (struct multipart_source *)(void *)s;
}

/* ---- sizes ---- */

BIDE_WAITS static int file_size(const char *path, int64_t *size)
{
    struct stat st;
    int rc = bide_stat(path, &st);
    if (rc < 0)
        return rc;
    if (S_ISDIR(st.st_mode))
        return bide_fail(-EISDIR, "%s: %s", path, bide_strerror(-EISDIR));
    *size = S_ISREG(st.st_mode) ? st.st_size : -1;
    if (*size != 0)
        return 0;
    struct source *s = bide__source_of_file(path);      /* empty, or of /proc */
    if (!s)
        return bide_errcode();
    *size = s->size;
    bide__source_close(s);
    return 0;
}

BIDE_WAITS static int inner_size(bide_multipart *inner, int64_t *size)
{
    struct source *s = bide__source_of_multipart(inner);
    if (!s)
        return bide_errcode();
    *size = s->size;
    bide__source_close(s);
    return 0;
}

BIDE_WAITS static int part_size(const struct part *part, int64_t *size)
{
    if (part->kind == PART_FILE)
        return file_size(part->copy, size);
    if (part->kind == PART_MULTIPART)
        return inner_size(part->multipart, size);
    if (part->begun)
        return bide_fail(BIDE_EINVAL, "it has been sent already, and cannot be had again");
    *size = part->kind == PART_MEMORY ? (int64_t)part->memory.size : part->size;
    return 0;
}

static bool add_size(int64_t *sum, int64_t more)
{
    return more >= 0 && !__builtin_add_overflow(*sum, more, sum);
}

/* Each delimiter is "\r\n--" boundary "\r\n", the first without its CRLF, the last with two dashes
 * more. */
BIDE_WAITS static int measure(struct multipart_source *ms)
{
    bide_multipart *m = ms->multipart;
    int64_t sum = (int64_t)((m->boundary.size + 6) * (m->count + 1) + 2 - 2);
    bool known = true;
    size_t i = 0;
    for (struct part *part = m->first; part; part = part->next, i++) {
        int rc = part_size(part, &ms->sizes[i]);
        if (rc < 0)
            return bide_within("multipart: part %zu", i + 1);
        known = known && add_size(&sum, ms->sizes[i]) && add_size(&sum, (int64_t)part->head.size);
    }
    ms->source.size = known ? sum : -1;
    return 0;
}

/* ---- reading ---- */

/* What is to be given now, if that lies in memory. */
static bool in_memory(const struct multipart_source *ms, struct text *text)
{
    bool first = ms->part == ms->multipart->first;
    switch (ms->stage) {
    case DASHES:
        *text = first ? text_of("--", 2) : text_of("\r\n--", 4);
        return true;
    case BOUNDARY:
        *text = ms->multipart->boundary;
        return true;
    case LINE_END:
        *text = ms->part ? text_of("\r\n", 2) : text_of("--\r\n", 4);
        return true;
    case HEAD:
        *text = ms->part->head;
        return true;
    case BODY:
        *text = ms->part->memory;
        return ms->part->kind == PART_MEMORY;
    case DONE:
        break;
    }
    return false;
}

static void go_on(struct multipart_source *ms)
{
    ms->at = 0;
    if (ms->stage == LINE_END && !ms->part) {
        ms->stage = DONE;
    } else if (ms->stage == BODY) {
        ms->part = ms->part->next;
        ms->index++;
        ms->stage = DASHES;
    } else {
        ms->stage++;
    }
}

static size_t copy_some(struct multipart_source *ms, struct text text, char *to, size_t size)
{
    size_t left = text.size - ms->at, n = size < left ? size : left;
    if (n > 0)
        memcpy(to, text.at + ms->at, n);
    ms->at += n;
    if (n == left)
        go_on(ms);
    return n;
}

BIDE_WAITS static struct source *open_body(struct multipart_source *ms)
{
    struct part *part = ms->part;
    struct source *s = NULL;
    switch (part->kind) {
    case PART_FILE:
        s = bide__source_of_file(part->copy);
        break;
    case PART_STREAM:
        s = bide__source_of_stream(part->stream, part->size);
        break;
    case PART_CALLBACK:
        s = bide__source_of_callback(part->fn, part->arg, part->size);
        break;
    case PART_MULTIPART:
        s = bide__source_of_multipart(part->multipart);
        break;
    case PART_MEMORY:
        break;
    }
    int64_t size = ms->sizes[ms->index];
    if (s && size >= 0 && s->size != size) {
        bide_fail(s->size > size ? BIDE_ELIMIT : BIDE_EEOF, "%s has changed from %" PRId64 " to %"
                  PRId64 " bytes since they were announced", s->name, size, s->size);
        bide__source_close(s);
        return NULL;
    }
    if (s && s->once)
        ms->source.once = true;
    part->begun = part->begun || part->kind == PART_STREAM || part->kind == PART_CALLBACK;
    return s;
}

static void close_body(struct multipart_source *ms)
{
    bide__source_close(ms->body);
    ms->body = NULL;
}

BIDE_WAITS static ssize_t read_body(struct multipart_source *ms, char *to, size_t size)
{
    if (!ms->body)
        ms->body = open_body(ms);
    if (!ms->body)
        return bide_errcode();
    ssize_t n = bide__source_read(ms->body, to, size);
    if (n == 0) {
        close_body(ms);
        go_on(ms);
    }
    return n;
}

/* What is at hand does not wait for what may take long. */
static bool is_slow(const struct multipart_source *ms)
{
    return ms->part->kind != PART_FILE || (ms->body && ms->body->ops->slow);
}

static ssize_t multipart_read(struct source *s, void *buf, size_t size)
{
    struct multipart_source *ms = multipart_of(s);
    char *to = buf;
    size_t got = 0;
    while (got < size && ms->stage != DONE) {
        struct text text;
        if (in_memory(ms, &text)) {
            got += copy_some(ms, text, to + got, size - got);
            continue;
        }
        if (got > 0 && is_slow(ms))
            break;
        ssize_t n = read_body(ms, to + got, size - got);
        if (n < 0)
            return n == BIDE_ECANCELED ? n : bide_within("multipart: part %zu", ms->index + 1);
        got += (size_t)n;
    }
    return (ssize_t)got;
}

/* ---- its life ---- */

static void begin(struct multipart_source *ms)
{
    ms->part = ms->multipart->first;
    ms->index = 0;
    ms->stage = DASHES;
    ms->at = 0;
}

/* Also the files' sizes: they may be others by now. */
static int multipart_rewind(struct source *s)
{
    struct multipart_source *ms = multipart_of(s);
    close_body(ms);
    begin(ms);
    return measure(ms);
}

static void multipart_close(struct source *s)
{
    close_body(multipart_of(s));
    multipart_of(s)->multipart->senders--;
    bide__free(s);
}

static const struct source_ops ops = {
    .read = multipart_read, .rewind = multipart_rewind, .close = multipart_close,
};

struct source *bide__source_of_multipart(bide_multipart *m)
{
    if (m->error.code) {
        bide_fail(m->error.code, "%s", m->error.text);
        return NULL;
    }
    struct multipart_source *ms = bide__zalloc(sizeof *ms + m->count * sizeof *ms->sizes);
    if (!ms) {
        bide_fail(BIDE_ENOMEM, "out of memory for a multipart body");
        return NULL;
    }
    ms->source = (struct source){ .ops = &ops, .type = m->type, .name = "the body" };
    ms->multipart = m;
    m->senders++;
    begin(ms);
    if (measure(ms) == 0)
        return &ms->source;
    multipart_close(&ms->source);
    return NULL;
}
